from . import test_online_payment
from . import test_online_request
