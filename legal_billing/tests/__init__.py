from . import test_billing_cycle
from . import test_billing_run
from . import test_matter_options
from . import test_wip
