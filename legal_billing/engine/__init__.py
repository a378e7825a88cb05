"""Money arithmetic and billing rules: pure functions over frozen values.

No ORM, no database, no float: models translate records into the types below, call,
and write the result back.
"""

from .decimals import to_decimal
from .money import largest_remainder, round_money
from .price import price_bill
from .time import billable_units, time_value, units_to_hours
from .types import (
    Adjustment,
    Entry,
    Instalment,
    Line,
    PricedBill,
    PricedEntry,
    Quote,
    Reason,
    Terms,
)

__all__ = [
    "Adjustment",
    "Entry",
    "Instalment",
    "Line",
    "PricedBill",
    "PricedEntry",
    "Quote",
    "Reason",
    "Terms",
    "billable_units",
    "largest_remainder",
    "price_bill",
    "round_money",
    "time_value",
    "to_decimal",
    "units_to_hours",
]
