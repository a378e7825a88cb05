from . import test_disbursement_match
from . import test_instalment
from . import test_net_of_tax
from . import test_rate_enquiry
from . import test_walls_wip
from . import test_wip
from . import test_wip_bulk
from . import test_wip_ledger
