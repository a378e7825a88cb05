"""Receipts by timekeeper: who earned what was received for fees (C-26)."""

from collections.abc import Sequence
from decimal import Decimal

from .money import CENT, from_steps, spread, to_steps
from .types import ZERO


def fee_receipt_net(
    received: Decimal,
    fee_gross: Decimal,
    fee_tax: Decimal,
    received_before: Decimal = ZERO,
    rounding: Decimal = CENT,
) -> Decimal:
    """Return what was received for fees, net of the tax in it.

    The net of all receipts so far less the net of those before, so that the receipts
    of a bill paid in full add up to its net fees exactly.

    >>> fee_receipt_net(Decimal(90), Decimal(90), Decimal(15))
    Decimal('75.00')

    :param received: gross received for the fee element
    :param fee_gross: the whole fee element, gross
    :param fee_tax: the tax in it
    :param received_before: gross received for it earlier
    """
    if not fee_gross:
        return ZERO

    def net_of(gross: Decimal) -> int:
        return to_steps(gross * (fee_gross - fee_tax) / fee_gross, rounding)

    steps = net_of(received_before + received) - net_of(received_before)
    return from_steps(steps, rounding)


def share_receipt(
    net: Decimal,
    billed: Sequence[tuple[int | None, Decimal]],
    to_responsible: bool = False,
    rounding: Decimal = CENT,
) -> tuple[tuple[int | None, Decimal], ...]:
    """Share a net fee receipt over the entries by what was billed on them.

    >>> [(entry, str(share)) for entry, share in share_receipt(
    ...     Decimal(75), [(1, Decimal(600)), (2, Decimal(400))])]
    [(1, '45.00'), (2, '30.00')]

    :param billed: entry id and billed amount, ties to the lower id; ``None`` is what
        no entry carries and stands for the responsible lawyer
    :param to_responsible: all to the responsible lawyer, the other way to share
    :return: id and share of each that gets something; Σ shares = ``net``
    """
    steps = to_steps(net, rounding)
    rows = sorted(billed, key=lambda row: (row[0] is None, row[0] or 0))
    weights = [to_steps(amount, rounding) for _id, amount in rows]
    if to_responsible or sum(weights) <= 0:
        rows, parts = [(None, ZERO)], [steps]
    else:
        parts = spread(steps, weights)
    return tuple(
        (entry_id, from_steps(part, rounding))
        for (entry_id, _amount), part in zip(rows, parts, strict=True)
        if part
    )
