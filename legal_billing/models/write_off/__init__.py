from . import legal_payment_allocation
from . import legal_bill_write_off
from . import legal_bill_write_off_post
from . import account_move
from . import account_partial_reconcile
from . import project_project
from . import res_partner
