from . import legal_bill_operation
from . import legal_billing_run_confirm
from . import legal_wip_operation
from . import legal_matter_bill
from . import legal_matter_close
from . import legal_rate_enquiry
