from . import test_money_request
from . import test_money_request_bank
from . import test_money_request_page
from . import test_money_request_retainer
from . import test_money_request_send
from . import test_money_request_tours
