from . import legal_disbursement_match
from . import legal_rate_enquiry
from . import legal_wip_operation
