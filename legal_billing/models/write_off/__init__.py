from . import legal_payment_allocation_write_off
from . import legal_bill_write_off
from . import legal_bill_write_off_post
from . import account_move_write_off
from . import account_partial_reconcile_write_off
from . import project_project_balance
from . import res_partner_balance
