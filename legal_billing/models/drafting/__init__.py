"""The arithmetic of a bill: ``legal.bill.maker`` takes WIP and options to the engine
and back to lines, taxes and items, for many matters at a time. It calls the rooms up to
``wip``. It has no hooks: what a bill is to hold besides goes into
``BillJob.extra_vals``."""

from . import legal_bill_adjustment
from . import legal_bill_share
from . import legal_bill_maker
from . import legal_bill_maker_price
from . import legal_bill_maker_arrangement
from . import legal_bill_maker_items
from . import legal_bill_maker_lines
from . import legal_bill_maker_on_account
from . import legal_bill_maker_split
from . import legal_bill_maker_shares
from . import legal_bill_maker_together
from . import legal_billing_check
