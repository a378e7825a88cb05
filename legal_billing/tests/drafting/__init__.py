from . import test_agent_tax
from . import test_arithmetic
from . import test_first_bill
from . import test_fixed_taxes
from . import test_matter_bill
from . import test_quote_currency
from . import test_quote_excess
