from . import legal_bill_write_off_make
from . import legal_bill_write_off_undo
