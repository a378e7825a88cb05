from . import test_payment_client_account
from . import test_trust_books
from . import test_trust_delivery
from . import test_trust_movement
from . import test_trust_race
from . import test_trust_reconciliation
from . import test_trust_rules
from . import test_trust_run
