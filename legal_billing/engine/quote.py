"""Quotes and instalments: what the in-scope work is billed at, and who bears it."""

from collections.abc import Sequence
from decimal import Decimal

from .money import spread, to_steps
from .types import ZERO, Instalment, Quote, Scope
from .worksheet import Worksheet


def quote_left(quote: Quote, rounding: Decimal) -> int:
    """Return what is left of a quote, in steps: Q less what is already billed (C-1).

    More credits than bills do not raise it above the quoted amount.
    """
    amount = to_steps(quote.amount, rounding)
    return max(0, amount - max(0, to_steps(quote.already_billed, rounding)))


def quote_target(rule: str, wip: int, left: int) -> int:
    """Return T of C-1, in steps: WIP is ``wip``, of the quote ``left`` is left."""
    if rule == "wip":
        return wip
    if rule == "quote":
        return left
    if rule == "lower":
        return min(wip, left)
    if rule == "higher":
        return max(wip, left)
    if rule == "sum":
        return wip + left
    raise ValueError(f"unknown quote rule {rule!r}")


def apply_quote(sheet: Worksheet, quote: Quote, force: bool) -> None:
    """Bring the in-scope entries to what the quote rule asks for (C-1 to C-4).

    The rule holds whether or not there is in-scope work: a bill of disbursements alone
    under a fee quote of rule ``quote`` bills the quote. A quote that is used up stops
    the bill, unless forced: then the work above it is written down. What a cap or an outcome left is told with every
    bill, of a quote only where it changes the bill.
    """
    fees, disbursements = sheet.in_scope(quote.scope)
    wip = sheet.sum_of(sheet.arranged, fees + disbursements)
    left = quote_left(quote, sheet.rounding)
    target = quote_target(quote.rule, wip, left)
    if target == wip and quote.name == "quote":
        return
    if quote.rule == "sum":
        sheet.extra = sheet.extra_billed = left
        sheet.has_quote_line = True
        short = 0
    else:
        short = bear_adjustment(sheet, target, fees, disbursements)
    sheet.log(quote.name, wip, target)
    quoted = to_steps(quote.amount, sheet.rounding)
    if quote.already_billed > ZERO and left == target == 0 and wip > 0:
        sheet.reasons.append(
            sheet.reason(f"{quote.name}_used_up", not force, quote=quoted, above=wip)
        )
    else:
        sheet.reasons.append(
            sheet.warning(
                f"{quote.name}_applied",
                quote=quoted,
                left=left,
                wip=wip,
                billed=target,
            )
        )
    _check_borne(sheet, target, disbursements, short, quote.name)


def apply_instalments(
    sheet: Worksheet, instalments: Sequence[Instalment], scope: Scope
) -> None:
    """Let the due instalments consume the in-scope entries, pro rata to their sum.

    Exempt disbursements among them keep their value, as under a quote (C-2).
    """
    fees, disbursements = sheet.in_scope(scope)
    sheet.covered = frozenset(fees + disbursements)
    wip = sheet.sum_of(sheet.arranged, fees + disbursements)
    target = sum(to_steps(i.amount, sheet.rounding) for i in instalments)
    short = bear_adjustment(sheet, target, fees, disbursements)
    sheet.extra_bears = scope == "disbursements"
    sheet.log("instalment", wip, target)
    sheet.reasons.append(
        sheet.warning("instalments_applied", instalments=target, wip=wip)
    )
    _check_borne(sheet, target, disbursements, short, "quote")


def bear_adjustment(
    sheet: Worksheet, target: int, fees: list[int], disbursements: list[int]
) -> int:
    """Bring the given entries to ``target`` by C-2 and return what nothing can bear.

    Fees bear first; then taxable disbursements; never exempt ones. An increase is
    always fees. Without fees to carry an increase it stays on no entry (C-3, C-4).
    """
    taxable = [i for i in disbursements if not sheet.entries[i].exempt]
    before = sheet.sum_of(sheet.arranged, fees + disbursements)
    in_fees = sheet.sum_of(sheet.arranged, fees)
    change = target - before
    if change >= 0:
        if in_fees > 0:
            _scale(sheet, fees, in_fees + change)
        else:
            sheet.extra = sheet.extra_billed = change
        return 0
    from_fees = min(-change, max(in_fees, 0))
    in_taxable = sheet.sum_of(sheet.arranged, taxable)
    from_taxable = min(-change - from_fees, max(in_taxable, 0))
    if from_fees:
        _scale(sheet, fees, in_fees - from_fees)
    if from_taxable:
        _scale(sheet, taxable, in_taxable - from_taxable)
    return -change - from_fees - from_taxable


def _scale(sheet: Worksheet, indexes: list[int], total: int) -> None:
    parts = spread(total, [sheet.arranged[index] for index in indexes])
    for index, part in zip(indexes, parts, strict=True):
        sheet.quoted[index] = part


def _check_borne(
    sheet: Worksheet, target: int, disbursements: list[int], short: int, name: str
) -> None:
    """Stop the bill if the reduction would hit disbursements paid for the client."""
    if short:
        exempt = [i for i in disbursements if sheet.entries[i].exempt]
        sheet.reasons.append(
            sheet.reason(
                f"{name}_below_disbursements",
                blocking=True,
                quote=target,
                disbursements=sheet.sum_of(sheet.arranged, exempt),
                short=short,
            )
        )
