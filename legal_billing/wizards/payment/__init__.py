from . import account_payment_register
from . import legal_payment_combination
from . import legal_payment_credit
from . import legal_payment_day
from . import legal_remittance
from . import legal_payment_reverse
