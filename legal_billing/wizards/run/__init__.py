from . import legal_bill_operation
from . import legal_bill_produce
from . import legal_billing_run_confirm
from . import legal_billing_run_undo
