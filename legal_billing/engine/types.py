"""The frozen values that the engine takes and returns.

Amounts are ``Decimal`` in the matter's billing currency, net of tax unless a name
says gross. ``rounding`` is the currency's step (0.01, 0.05, 1, 0.001). Nothing here
knows of records or a database; models translate.
"""

import datetime
from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)

Kind = Literal["time", "disbursement"]
Behavior = Literal["bill", "no_charge", "hide"]
Scope = Literal["fees", "disbursements", "both"]
PeriodKind = Literal["month", "quarter", "year"]
QuoteRule = Literal["wip", "quote", "lower", "higher", "sum"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One WIP entry as the pricing sees it.

    :param id: identity and last tie-breaker (lower first)
    :param amount: value, net of tax, as it is to be charged; negative for a correction
    :param group: what becomes one bill line (product, taxes); compared by value
    :param exempt: a disbursement whose type carries no tax of ours (C-13)
    :param standard: value as it was recorded, before anybody edited it for a bill;
        ``None``: nobody did
    :param hours: billed time, for arrangements that count it
    """

    id: int
    kind: Kind
    amount: Decimal
    group: Hashable = None
    behavior: Behavior = "bill"
    exempt: bool = False
    date: datetime.date | None = None
    standard: Decimal | None = None
    hours: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted amount (net).

    :param name: what it is called in reasons and in the log; a ``cap`` holds for an
        interim bill too, a ``contingency`` is owed without any work
    :param already_billed: what in-scope bills took of it: 0 when the quote holds per
        bill, else the net on draft, approved and finalized bills less credits (C-1)
    """

    amount: Decimal
    rule: QuoteRule = "lower"
    scope: Scope = "fees"
    already_billed: Decimal = ZERO
    name: Literal["quote", "cap", "contingency"] = "quote"


@dataclass(frozen=True, slots=True)
class Abatement:
    """A percentage off the fees above a threshold of the matter's life.

    :param above: the threshold, net
    :param already_billed: net fees on draft, approved and finalized bills less credits
    """

    percent: Decimal
    above: Decimal = ZERO
    already_billed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a subscription.

    :param is_due: its fee is billed now; else another bill has it
    :param hours: that the fee includes
    :param used: hours of it that other bills took
    """

    start: datetime.date
    end: datetime.date
    is_due: bool = True
    hours: Decimal = ZERO
    used: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Subscription:
    """A fee per period that includes hours.

    :param amount: of one period, net
    :param periods: those that are due and those whose hours may be left, oldest first
    :param carry_over: hours that a period leaves may be used in later ones
    """

    amount: Decimal
    periods: tuple[Period, ...] = ()
    carry_over: bool = False


@dataclass(frozen=True, slots=True)
class Instalment:
    """A fixed fee that is due on this bill."""

    id: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """How one bill is priced.

    :param fee_group: line group of amounts that no entry carries, and of instalments
    :param quote: applied unless there are instalments or an interim amount
    :param waits: code of the reason why nothing is billed yet under this arrangement
    :param blended_rate: the fees are billable hours × this rate
    :param subscription: fee per period, stands beside the work above its hours
    :param abatement: taken off the fees after the discount
    :param instalments: due instalments; the in-scope entries are consumed by them
    :param instalment_scope: which entries the instalments stand for
    :param discount_value: percent (10 = 10 %) or a fixed net amount; fees only
    :param fee_override: the agreed fee total of this bill, after the discount
    :param minimum: smallest net to bill (C-7); ``None``: no minimum
    :param force: a row forced by hand or a final bill: no minimum, a zero bill and a
        bill over a quote that is used up are allowed
    :param interim: bill only this much net of fees, leave the rest as WIP (C-3)
    """

    rounding: Decimal = Decimal("0.01")
    fee_group: Hashable = None
    waits: str | None = None
    blended_rate: Decimal | None = None
    subscription: Subscription | None = None
    abatement: Abatement | None = None
    quote: Quote | None = None
    instalments: tuple[Instalment, ...] = ()
    instalment_scope: Scope = "fees"
    discount_type: Literal["none", "percent", "fixed"] = "none"
    discount_value: Decimal = ZERO
    fee_override: Decimal | None = None
    adjustment_display: Literal["discount", "hidden"] = "hidden"
    minimum: Decimal | None = None
    force: bool = False
    interim: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricedEntry:
    """An entry as billed. ``value`` is its WIP value, ``quoted`` after arrangement,
    quote or instalment, ``billed`` after discount and agreed fee (what the firm earns on
    it).
    Entries that the bill does not take (interim) are not returned, except the one that
    was split: ``value`` is then the part that is billed and ``split_off`` the value that
    stays WIP (together the entry's)."""

    id: int
    value: Decimal
    quoted: Decimal
    billed: Decimal
    split_off: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Line:
    """One generated bill line: quantity 1 × ``amount`` (C-10).

    ``kind``: ``fee``, ``disbursement``, ``instalment``, ``subscription`` (the fee of a
    period), ``quote`` (a sum quote's own line), ``adjustment`` (shown difference to the
    standard value), ``discount``, ``abatement``, ``on_account`` (before the work is
    done).

    ``entry_ids`` are the ``bill`` entries whose value is in the line, each in one line.
    """

    kind: Literal[
        "fee",
        "disbursement",
        "instalment",
        "subscription",
        "quote",
        "adjustment",
        "discount",
        "abatement",
        "on_account",
    ]
    group: Hashable
    amount: Decimal
    entry_ids: tuple[int, ...] = ()
    instalment_id: int | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of value to be logged: ``step`` is ``blended``, ``subscription``, the name
    of the quote, ``instalment``, ``discount``, ``abatement`` or ``agreed``; ``amount`` is
    after − before."""

    step: str
    before: Decimal
    after: Decimal

    @property
    def amount(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no bill (``blocking``) or what to warn of. ``values`` holds the
    figures for the sentence that the models build, by name."""

    code: str
    blocking: bool
    values: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class PricedBill:
    """All of a bill's money before tax.

    ``fees`` and ``disbursements`` are what is billed (discount included in fees);
    ``net`` is their sum and the sum of ``lines``. The strip of a draft reads::

        standard_fees + standard_disbursements + edit_effect
            + quote_effect - discount + agreed_effect == net

    ``standard_…`` are of all entries that the bill takes, as they were recorded;
    ``value_…`` of those that are charged, as they were edited. ``edit_effect`` is what
    lies between: edits and entries that are not charged. ``quote_effect`` is that of the
    arrangement, too. ``discount`` is positive, and ``abatement`` a part of it.
    ``periods`` are those of a subscription with the hours that this bill takes of each as
    ``used``; ``has_fee`` says that a fee is owed whatever the work. ``no_charge`` is the
    value of the no-charge and hidden entries, which are consumed at nothing.
    ``unattributed`` is the part of ``fees`` that no entry carries; the responsible
    lawyer is credited with it (C-3): Σ ``entries.billed`` + ``unattributed`` = net.
    """

    entries: tuple[PricedEntry, ...] = ()
    lines: tuple[Line, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())
    standard_fees: Decimal = ZERO
    standard_disbursements: Decimal = ZERO
    value_fees: Decimal = ZERO
    value_disbursements: Decimal = ZERO
    quote_effect: Decimal = ZERO
    discount: Decimal = ZERO
    abatement: Decimal = ZERO
    agreed_effect: Decimal = ZERO
    fees: Decimal = ZERO
    disbursements: Decimal = ZERO
    no_charge: Decimal = ZERO
    unattributed: Decimal = ZERO
    periods: tuple[Period, ...] = ()
    has_fee: bool = False

    @property
    def net(self) -> Decimal:
        return self.fees + self.disbursements

    @property
    def edit_effect(self) -> Decimal:
        """What edits, and entries that are not charged, make of the standard value."""
        value = self.value_fees + self.value_disbursements
        return value - self.standard_fees - self.standard_disbursements

    @property
    def write_down(self) -> Decimal:
        """What the firm gives up against standard values (negative: a gain)."""
        return self.standard_fees + self.standard_disbursements - self.net

    @property
    def is_billable(self) -> bool:
        return not any(reason.blocking for reason in self.reasons)

    @property
    def blocking_reason(self) -> Reason | None:
        """The one reason why there is no bill, if there is none."""
        return next((reason for reason in self.reasons if reason.blocking), None)
