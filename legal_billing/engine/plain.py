"""The price of a bill that nothing changes: the sum of its entries."""

from collections.abc import Iterable
from decimal import Decimal

from .money import from_steps, to_steps
from .types import Behavior, Kind, PricedBill


def price_plain(
    amounts: Iterable[tuple[Kind, Behavior, Decimal, Decimal]],
    rounding: Decimal,
    minimum: Decimal | None = None,
) -> PricedBill | None:
    """Price a bill without quote, instalments, discount and agreed fee.

    The figures are those of :func:`.price_bill` with such terms, without its entries
    and lines: enough to show a row, at a tenth of the cost.

    :param amounts: kind, behavior, value and standard value (net of tax) of the entries,
        or of groups of them; each value a multiple of ``rounding``
    :param rounding: the currency's step
    :param minimum: smallest net to bill (C-7); ``None`` or 0: no minimum
    :return: ``None`` where there is no bill: nothing chargeable, a net that is not
        above 0 or below the minimum. :func:`.price_bill` says why
    """
    sums = {"time": 0, "disbursement": 0, "no_charge": 0}
    standard = {"time": 0, "disbursement": 0}
    for kind, behavior, amount, recorded in amounts:
        key = kind if behavior == "bill" else "no_charge"
        steps = to_steps(amount, rounding)
        sums[key] += steps
        standard[kind] += steps if recorded == amount else to_steps(recorded, rounding)
    net = sums["time"] + sums["disbursement"]
    if net <= 0 or (minimum and from_steps(net, rounding) < minimum):
        return None
    fees = from_steps(sums["time"], rounding)
    disbursements = from_steps(sums["disbursement"], rounding)
    return PricedBill(
        standard_fees=from_steps(standard["time"], rounding),
        standard_disbursements=from_steps(standard["disbursement"], rounding),
        value_fees=fees,
        value_disbursements=disbursements,
        fees=fees,
        disbursements=disbursements,
        no_charge=from_steps(sums["no_charge"], rounding),
    )
