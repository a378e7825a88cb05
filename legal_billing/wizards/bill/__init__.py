from . import legal_bill_credit
from . import legal_bill_dispute
from . import legal_bill_operation
from . import legal_bill_options
from . import legal_bill_review
from . import legal_on_account_bill
from . import legal_statement
