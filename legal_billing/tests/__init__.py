from . import test_billing_cycle
from . import test_billing_run
from . import test_matter_bill
from . import test_matter_close
from . import test_matter_options
from . import test_rate_enquiry
from . import test_wip
from . import test_payment_rule
