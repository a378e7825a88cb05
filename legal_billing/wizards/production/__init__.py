from . import account_move_send_batch_wizard
from . import legal_bill_preview
from . import legal_bill_produce
