"""The generated lines of a bill: few, quantity 1 × amount, their sum is the net."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from .money import spread_or_equal, to_steps
from .types import Line, Terms
from .worksheet import Worksheet


class _Group:
    """One group's money: at standard value, as billed, and whose it is."""

    __slots__ = ("amount", "ids", "standard")

    def __init__(self) -> None:
        self.standard = self.amount = 0
        self.ids: list[int] = []


def build_lines(sheet: Worksheet, terms: Terms) -> tuple[Line, ...]:
    """Return the lines: fees, sum quote, instalments or periods, fee adjustments,
    discounts, abatements, disbursements, their adjustments.

    With ``adjustment_display`` ``discount``, a total reduction by quote or agreed fee
    is shown: lines at standard value and one ``adjustment`` per group, in that group
    and so with its tax. An increase is never shown that way. An agreed fee stands for
    the discount too: there is no discount line beside it. Fees by a blended rate and the
    work above a subscription's hours are shown at what they cost under it.
    """
    values = sheet.billed if sheet.agreed else sheet.quoted
    extra = sheet.extra_billed if sheet.agreed else sheet.extra
    show = terms.adjustment_display == "discount"
    fees = _groups(sheet, values, (i for i in sheet.fees if i not in sheet.covered))
    loose = [i for i in sheet.disbursements if i not in sheet.covered]
    pool = extra + sheet.sum_of(values, list(sheet.covered)) if sheet.covered else extra

    change = sum(g.amount - g.standard for g in fees.values())
    whole = _whole_lines(sheet, terms)
    amounts = [to_steps(line.amount, sheet.rounding) for line in whole]
    gap = pool - sum(amounts) if whole else 0
    show_fees = show and change + gap < 0
    lines, differences = _group_lines(sheet, "fee", fees, show_fees)
    if whole:
        if show_fees and gap <= 0:
            differences[sheet.fee_group] = differences.get(sheet.fee_group, 0) + gap
        else:
            amounts = spread_or_equal(pool, amounts)
        ids = tuple(sheet.entries[index].id for index in sorted(sheet.covered))
        for line, amount in zip(whole, amounts, strict=True):
            lines.append(replace(line, amount=sheet.money(amount), entry_ids=ids))
            ids = ()  # the first one holds the consumed entries
    elif extra:
        kind = "quote" if sheet.has_quote_line and not sheet.agreed else "fee"
        lines.append(Line(kind, sheet.fee_group, sheet.money(extra)))
    lines += _signed_lines(sheet, "adjustment", differences)
    if not sheet.agreed:
        for kind, shares in (
            ("discount", sheet.discounts),
            ("abatement", sheet.abatements),
        ):
            taken_off = {group: -steps for group, steps in shares.items()}
            lines += _signed_lines(sheet, kind, taken_off)

    disbursements = _groups(sheet, values, loose)
    reduced = sum(g.amount - g.standard for g in disbursements.values()) < 0
    more, differences = _group_lines(
        sheet, "disbursement", disbursements, show and reduced
    )
    lines += more + _signed_lines(sheet, "adjustment", differences)
    return tuple(lines)


def _groups(
    sheet: Worksheet, values: Sequence[int], indexes: Iterable[int]
) -> dict[Hashable, _Group]:
    groups: dict[Hashable, _Group] = {}
    for index in indexes:
        entry = sheet.entries[index]
        group = groups.get(entry.group)
        if group is None:
            group = groups[entry.group] = _Group()
        group.standard += sheet.arranged[index]
        group.amount += values[index]
        group.ids.append(entry.id)
    return groups


def _group_lines(
    sheet: Worksheet, kind: str, groups: dict[Hashable, _Group], show: bool
) -> tuple[list[Line], dict[Hashable, int]]:
    """Return one line per group, and the differences that are still to be shown."""
    lines, differences = [], {}
    for key, group in groups.items():
        amount = group.standard if show else group.amount
        lines.append(Line(kind, key, sheet.money(amount), tuple(group.ids)))
        if show:
            differences[key] = group.amount - group.standard
    return lines, differences


def _whole_lines(sheet: Worksheet, terms: Terms) -> list[Line]:
    """Return the lines of amounts that are billed as such: due instalments, or due
    periods of a subscription."""
    lines = [
        Line("instalment", sheet.fee_group, i.amount, instalment_id=i.id)
        for i in terms.instalments
    ]
    if not lines and terms.subscription:
        lines = [
            Line(
                "subscription",
                sheet.fee_group,
                terms.subscription.amount,
                period=period,
            )
            for period in terms.subscription.periods
            if period.is_due
        ]
    return lines


def _signed_lines(
    sheet: Worksheet, kind: str, amounts: dict[Hashable, int]
) -> list[Line]:
    return [
        Line(kind, group, sheet.money(steps))
        for group, steps in amounts.items()
        if steps
    ]
