from . import account_analytic_account
from . import res_partner_rank
from . import account_move_line_bulk
from . import account_move_bulk
