from . import test_online_payment
