from . import legal_matter_bill
from . import legal_quote_excess
