from . import legal_payment
from . import payment_transaction
