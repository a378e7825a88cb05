"""Discount, abatement and agreed fee: what happens to the fees after quote and instalments."""

from collections.abc import Hashable

from .money import round_steps, spread, to_steps
from .types import Abatement, Terms
from .worksheet import Worksheet


def apply_discount(sheet: Worksheet, terms: Terms) -> None:
    """Take the discount off the fees, once per bill (C-5), group by group (C-6)."""
    fees = sheet.fee_total()
    if terms.discount_type == "none" or not terms.discount_value or fees <= 0:
        return
    if terms.discount_type == "percent":
        discount = round_steps(fees * terms.discount_value / 100)
    else:
        discount = to_steps(terms.discount_value, sheet.rounding)
    discount = min(discount, fees)
    if not discount:
        return
    sheet.discounts = _take_off(sheet, discount)
    sheet.log("discount", fees, fees - discount)
    if terms.fee_override is None:
        sheet.reasons.append(
            sheet.warning("discount_applied", discount=discount, fees=fees)
        )


def apply_abatement(sheet: Worksheet, abatement: Abatement, is_agreed: bool) -> None:
    """Take the percentage off those fees, as they are after the discount, that are above
    the threshold of the matter's life (C-35)."""
    fees = sheet.fee_total()
    before = max(0, to_steps(abatement.already_billed, sheet.rounding))
    above = min(fees, before + fees - to_steps(abatement.above, sheet.rounding))
    if above <= 0:
        return
    off = min(above, round_steps(above * abatement.percent / 100))
    if not off:
        return
    sheet.abatements = _take_off(sheet, off)
    sheet.log("abatement", fees, fees - off)
    if not is_agreed:
        sheet.reasons.append(
            sheet.warning("abatement_applied", abatement=off, above=above)
        )


def _take_off(sheet: Worksheet, amount: int) -> dict[Hashable, int]:
    """Take an amount off the fees, pro rata: over the groups, and inside each over its
    entries.

    :return: what each group bears
    """
    groups = _fee_groups(sheet)
    totals = [sum(weights) for _indexes, weights in groups.values()]
    shares = {}
    for (group, (indexes, weights)), share in zip(
        groups.items(), spread(amount, totals), strict=True
    ):
        if not share:
            continue
        shares[group] = share
        for index, part in zip(indexes, spread(share, weights), strict=True):
            if index is None:
                sheet.extra_billed -= part
            else:
                sheet.billed[index] -= part
    return shares


def _fee_groups(
    sheet: Worksheet,
) -> dict[Hashable, tuple[list[int | None], list[int]]]:
    """Return the fee entries by line group with their amounts; ``None`` is what no
    entry carries."""
    groups: dict[Hashable, tuple[list[int | None], list[int]]] = {}
    for index in sheet.fees:
        indexes, weights = groups.setdefault(sheet.group_of(index), ([], []))
        indexes.append(index)
        weights.append(sheet.billed[index])
    if sheet.extra_billed:
        indexes, weights = groups.setdefault(sheet.fee_group, ([], []))
        indexes.append(None)
        weights.append(sheet.extra_billed)
    return groups


def apply_agreed_fee(sheet: Worksheet, agreed: int) -> None:
    """Make ``agreed`` steps the fees of the bill, instead of all before it.

    They go to the time entries by standard value. Where instalments stand for the
    disbursements alone, what they hold beyond these is a fee beside the time, and
    bears its share.
    """
    before = sheet.fee_total()
    weights = [sheet.value[index] for index in sheet.fees]
    if sheet.extra_bears:
        weights.append(sheet.extra)
    parts = spread(agreed, weights) if sum(weights) > 0 else weights
    for index, part in zip(sheet.fees, parts, strict=False):
        sheet.billed[index] = part
    sheet.extra_billed = agreed - sum(parts[: len(sheet.fees)])
    sheet.agreed = True
    sheet.log("agreed", before, agreed)
    if before != agreed:
        sheet.reasons.append(
            sheet.warning("agreed_applied", agreed=agreed, before=before)
        )
