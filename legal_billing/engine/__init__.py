"""Money arithmetic and billing rules: pure functions over frozen values.

No ORM, no database, no float: models translate records into the types below, call,
and write the result back.
"""

from .amount_text import read_amount
from .apportion import (
    apportion,
    payable_of,
    sort_bills,
    split_in_bill,
    split_overpayment,
)
from .bill_number import parse_number
from .decimals import to_decimal
from .disbursement import cost_shares, disbursement_value, vendor_gross
from .elements import (
    Settlement,
    element_outstanding,
    gross_elements,
    payable,
    part_outstanding,
)
from .money import largest_remainder, round_money
from .on_account import Advance, Deduction, deduct_on_account
from .payers import Payer, hold_taxes, split_among_payers
from .plain import price_plain
from .price import price_bill
from .periods import list_periods
from .receipts import fee_receipt_net, share_receipt
from .remittance import Remittance, RemittanceLine, read_remittance
from .remittance_amount import Style, number_key, parse_amount
from .remittance_match import BillIndex, Match, OpenBill, spellings
from .remittance_table import split_text
from .shares import Share, settle_shares, share_bill
from .time import billable_units, time_value, units_to_hours
from .trust import (
    Movement,
    available_client_money,
    lowest_balance,
    retainer_ask,
    running_balances,
    transfer_limit,
)
from .types import (
    Abatement,
    Adjustment,
    Entry,
    Instalment,
    Line,
    Period,
    PricedBill,
    PricedEntry,
    Quote,
    Reason,
    Subscription,
    Terms,
)
from .types_payment import Allocation, Apportionment, Bill, Rule

__all__ = [
    "Abatement",
    "Adjustment",
    "Advance",
    "Allocation",
    "Apportionment",
    "Bill",
    "BillIndex",
    "Deduction",
    "Entry",
    "Instalment",
    "Line",
    "Match",
    "Movement",
    "OpenBill",
    "Payer",
    "Period",
    "PricedBill",
    "PricedEntry",
    "Quote",
    "Reason",
    "Remittance",
    "RemittanceLine",
    "Rule",
    "Settlement",
    "Share",
    "Style",
    "Subscription",
    "Terms",
    "apportion",
    "available_client_money",
    "billable_units",
    "cost_shares",
    "deduct_on_account",
    "disbursement_value",
    "element_outstanding",
    "fee_receipt_net",
    "gross_elements",
    "hold_taxes",
    "largest_remainder",
    "list_periods",
    "lowest_balance",
    "number_key",
    "parse_amount",
    "parse_number",
    "part_outstanding",
    "payable",
    "payable_of",
    "price_bill",
    "price_plain",
    "read_amount",
    "read_remittance",
    "retainer_ask",
    "round_money",
    "running_balances",
    "settle_shares",
    "share_bill",
    "share_receipt",
    "sort_bills",
    "spellings",
    "split_among_payers",
    "split_in_bill",
    "split_overpayment",
    "split_text",
    "time_value",
    "to_decimal",
    "transfer_limit",
    "units_to_hours",
    "vendor_gross",
]
