from . import legal_billing_run_confirm
from . import legal_billing_run_undo
