"""What the firm gives up of a bill, with a payment or without, and what a client owes
in all. It calls the rooms up to ``payment`` and fills the hooks of that one; it has
none of its own."""

from . import legal_payment_allocation
from . import legal_bill_write_off
from . import legal_bill_write_off_post
from . import account_move
from . import account_partial_reconcile
from . import project_project
from . import res_partner
