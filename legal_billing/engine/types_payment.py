"""The frozen values of payments: bills to pay, the rule, what it gives.

Amounts are ``Decimal`` in the bills' currency, gross, in multiples of
``Rule.rounding``. A slip pays bills of one currency.
"""

import datetime
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .money import CENT
from .types import ZERO

Mode = Literal["bill", "element", "proportional"]
BillOrder = Literal["due_date", "bill_date", "number", "amount"]

#: ``(element name, amount)`` pairs, in the bill's order of elements.
Elements = tuple[tuple[str, Decimal], ...]
#: The same of a bill over several matters: ``((element name, matter), amount)``.
Parts = tuple[tuple[tuple[str, Hashable], Decimal], ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """An open bill as a payment sees it.

    :param id: identity and last tie-breaker (lower first)
    :param outstanding: residual of its receivable lines; negative for a credit note
    :param payable: what a payment may take of it (C-19); ``None``: the outstanding
        amount less ``disputed`` and ``reserved``
    :param reserved: what *other* drafts of payments already hold of it
    :param blocked: takes no payment unless the rule includes blocked bills
    :param due: earliest open instalment; ``None`` sorts last
    :param elements: outstanding amount per element, Σ = ``outstanding`` (C-18); empty
        where nobody asks for elements
    """

    id: int
    outstanding: Decimal
    payable: Decimal | None = None
    matter: Hashable = None
    number: str = ""
    due: datetime.date | None = None
    date: datetime.date | None = None
    elements: Elements = ()
    disputed: Decimal = ZERO
    reserved: Decimal = ZERO
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """How an amount is spread over bills.

    :param mode: each bill in full, each element in full, or proportionally
    :param element_order: element names, first one first; elements that it does not
        name follow in the order of the bill
    :param match_exact_first: look for bills that the amount pays exactly (C-21)
    :param allow_partial: the last bill of mode ``bill`` may be paid in part; if not,
        the amount stops before it. The other modes pay parts by their nature
    :param allow_overpayment: what is left when all is paid becomes a credit (C-20)
    :param include_blocked: blocked bills take payments too
    """

    mode: Mode = "bill"
    bill_order: BillOrder = "due_date"
    element_order: tuple[str, ...] = ()
    match_exact_first: bool = False
    allow_partial: bool = True
    allow_overpayment: bool = False
    include_blocked: bool = False
    rounding: Decimal = CENT


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one bill gets; Σ ``elements`` = ``amount`` where the bill has elements."""

    bill_id: int
    amount: Decimal
    elements: Elements = ()


@dataclass(frozen=True, slots=True)
class Apportionment:
    """What the rule makes of an amount: Σ allocations + ``surplus`` = amount.

    :param allocations: bills that get something, in the order of payment
    :param surplus: what no bill takes
    :param credit: the part of it that the rule makes a credit of a matter: all of it,
        if overpayments are allowed and everything payable is paid; else 0, and a
        person must dispose of the surplus
    :param credit_matter: the matter of that credit, if all bills are of one
    :param exact: which exact match was found (C-21)
    :param solutions: combinations of bill ids that add up to the amount, when there
        is more than one (the first few)
    :param solution_count: how many there are in all
    """

    allocations: tuple[Allocation, ...] = ()
    surplus: Decimal = ZERO
    credit: Decimal = ZERO
    credit_matter: Hashable = None
    exact: Literal["bill", "all", "past_due", "combination"] | None = None
    solutions: tuple[tuple[int, ...], ...] = ()
    solution_count: int = 0

    @property
    def allocated(self) -> Decimal:
        return sum((row.amount for row in self.allocations), ZERO)

    def amount_of(self, bill_id: int) -> Decimal:
        """Return what a bill gets, 0 if nothing."""
        return next(
            (row.amount for row in self.allocations if row.bill_id == bill_id), ZERO
        )
