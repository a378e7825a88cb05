from . import legal_billing_run
