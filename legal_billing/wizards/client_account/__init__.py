from . import legal_trust_report
from . import legal_trust_retain
from . import legal_trust_reverse
