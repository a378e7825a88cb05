from . import legal_bill_adjustment
from . import legal_bill_maker
from . import legal_bill_maker_price
from . import legal_bill_maker_items
from . import legal_bill_maker_lines
from . import legal_billing_check
