"""The working paper of one bill: everything in currency steps, filled step by step."""

from collections.abc import Hashable, Sequence
from datetime import date
from decimal import Decimal

from .money import from_steps, spread, to_steps
from .types import ZERO, Adjustment, Entry, Period, PricedEntry, Reason, Scope, Terms


class Worksheet:
    """The entries of a bill and what each step of the pricing makes of them.

    Internal and mutable, one per call. Entries are sorted by id, so that nothing
    depends on the order in which they came; ``fees`` and ``disbursements`` are the
    indexes of the ``bill`` entries. Lists run parallel to ``entries``.

    :ivar value: WIP values; of a split entry, the part that is billed
    :ivar standard: the same as they were recorded
    :ivar arranged: after the arrangement; what a quote looks at and lines show
    :ivar quoted: after quote or instalment
    :ivar billed: after discount and agreed fee
    :ivar extra: the fee amount that no entry carries, as quoted
    :ivar extra_billed: the same after discount and agreed fee
    :ivar extra_bears: whether an agreed fee is shared with it
    :ivar covered: indexes of the entries that instalments or periods stand for
    :ivar discounts: discount per fee group, positive
    :ivar abatements: abatement per fee group, positive
    :ivar periods: of a subscription, as this bill uses them
    """

    __slots__ = (
        "abatements",
        "adjustments",
        "agreed",
        "arranged",
        "billed",
        "covered",
        "disbursements",
        "discounts",
        "entries",
        "extra",
        "extra_bears",
        "extra_billed",
        "fee_group",
        "fees",
        "has_quote_line",
        "periods",
        "quoted",
        "reasons",
        "rounding",
        "split_off",
        "standard",
        "value",
    )

    def __init__(self, entries: Sequence[Entry], terms: Terms) -> None:
        self.rounding = terms.rounding
        self.fee_group = terms.fee_group
        self.entries = sorted(entries, key=lambda entry: entry.id)
        self.value = [to_steps(e.amount, terms.rounding) for e in self.entries]
        self.standard = [
            value
            if entry.standard is None
            else to_steps(entry.standard, terms.rounding)
            for entry, value in zip(self.entries, self.value, strict=True)
        ]
        self.split_off: dict[int, int] = {}
        self.reasons: list[Reason] = []
        if terms.interim is not None:
            self._take_interim(to_steps(terms.interim, terms.rounding))
        self.fees: list[int] = []
        self.disbursements: list[int] = []
        for index, entry in enumerate(self.entries):
            if entry.behavior == "bill":
                kind = self.fees if entry.kind == "time" else self.disbursements
                kind.append(index)
        self.arranged = list(self.value)
        self.quoted = [0] * len(self.entries)
        for index in self.fees + self.disbursements:
            self.quoted[index] = self.value[index]
        self.billed = self.quoted
        self.extra = self.extra_billed = 0
        self.has_quote_line = self.agreed = self.extra_bears = False
        self.covered: frozenset[int] = frozenset()
        self.discounts: dict[Hashable, int] = {}
        self.abatements: dict[Hashable, int] = {}
        self.periods: tuple[Period, ...] = ()
        self.adjustments: list[Adjustment] = []

    def _take_interim(self, amount: int) -> None:
        """Keep the oldest time entries that make up ``amount``, splitting the last.

        Entries without a date come last. No-charge and hidden entries are taken as
        they come, up to the one that fills the amount; disbursements all stay.
        """
        left, untaken, split = amount, 0, None
        taken = {i for i, e in enumerate(self.entries) if e.kind != "time"}
        oldest_first = sorted(
            (i for i, e in enumerate(self.entries) if e.kind == "time"),
            key=lambda i: (self.entries[i].date or date.max, self.entries[i].id),
        )
        for index in oldest_first:
            value = self.value[index]
            is_billed = self.entries[index].behavior == "bill"
            if left <= 0:
                untaken += value if is_billed else 0
                continue
            taken.add(index)
            if is_billed and value > left:
                split = (self.entries[index].id, value - left)
                self.value[index] = left
                self.standard[index] = spread(
                    self.standard[index], [left, value - left]
                )[0]
                untaken += value - left
                left = 0
            elif is_billed:
                left -= value
        keep = sorted(taken)
        self.entries = [self.entries[i] for i in keep]
        self.value = [self.value[i] for i in keep]
        self.standard = [self.standard[i] for i in keep]
        if split:
            position = next(
                i for i, entry in enumerate(self.entries) if entry.id == split[0]
            )
            self.split_off[position] = split[1]
        self.reasons.append(
            self.warning("interim_applied", interim=amount, left=untaken)
        )

    # --- what the steps ask and note

    def in_scope(self, scope: Scope) -> tuple[list[int], list[int]]:
        """Return the fee and the disbursement entries that ``scope`` names."""
        return (
            self.fees if scope != "disbursements" else [],
            self.disbursements if scope != "fees" else [],
        )

    def group_of(self, index: int) -> Hashable:
        """Return the line group in which an entry's money is."""
        return self.fee_group if index in self.covered else self.entries[index].group

    def sum_of(self, values: list[int], indexes: Sequence[int]) -> int:
        return sum(values[index] for index in indexes)

    def fee_total(self) -> int:
        """Return the fees as they stand."""
        return self.sum_of(self.billed, self.fees) + self.extra_billed

    def money(self, steps: int) -> Decimal:
        return from_steps(steps, self.rounding)

    def log(self, step: str, before: int, after: int) -> None:
        """Note a change of value, if it is one."""
        if before != after:
            self.adjustments.append(
                Adjustment(step, self.money(before), self.money(after))
            )

    def reason(self, code: str, blocking: bool, **steps: int) -> Reason:
        values = tuple((name, self.money(value)) for name, value in steps.items())
        return Reason(code, blocking, values)

    def warning(self, code: str, **steps: int) -> Reason:
        return self.reason(code, blocking=False, **steps)

    def priced_entries(self) -> tuple[PricedEntry, ...]:
        money, split_off = self.money, self.split_off
        return tuple(
            PricedEntry(
                entry.id,
                money(self.value[i]),
                money(self.quoted[i]),
                money(self.billed[i]),
                money(split_off[i]) if i in split_off else ZERO,
            )
            for i, entry in enumerate(self.entries)
        )
