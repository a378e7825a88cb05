from . import legal_money_request
from . import legal_payment
from . import legal_trust_transaction
from . import payment_provider
from . import payment_transaction
