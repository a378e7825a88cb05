from . import test_bill_write_off
