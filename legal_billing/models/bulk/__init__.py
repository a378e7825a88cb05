from . import account_analytic_account
from . import res_partner
from . import account_move_line
from . import account_move
