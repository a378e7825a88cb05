"""One bill that several owe: who owes how much of it, and who has paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from .money import CENT, from_steps, spread, to_steps
from .payers import Payer, split_among_payers


@dataclass(frozen=True)
class Share:
    """What one payer owes of a bill: ``net`` before anything that was paid on account,
    ``amount`` with tax, after it."""

    net: Decimal
    amount: Decimal


def share_bill(
    lines: Sequence[tuple[Decimal, str, Decimal]],
    payers: Sequence[Payer],
    *,
    total: Decimal,
    tax_bearer: int | None = None,
    ahead: Decimal = Decimal(0),
    addressee: int | None = None,
    rounding: Decimal = CENT,
) -> list[Share]:
    """Share one bill among those who owe it, in gross money (C-30).

    The net of the lines is split as if each payer had a bill of his own (C-28, C-29).
    The tax is owed by ``tax_bearer``, else along with each share, by largest remainder.
    What the addressee paid on account is off his own share first, then off those of
    the others, last payer first. Nobody owes less than nothing: what a discount or a
    cent would put below is off the largest share.

    Registered for VAT, the client owes an excess of 250.00 and all of the tax:

    >>> [str(share.amount) for share in share_bill(
    ...     [(Decimal(2000), "fees", Decimal(400))],
    ...     [Payer("amount", Decimal(250)), Payer("remainder")],
    ...     total=Decimal(2400), tax_bearer=0)]
    ['650.00', '1750.00']

    :param lines: ``(net amount, section, tax of the line)`` without what is deducted
    :param payers: in their order, exactly one of them for the remainder
    :param total: what is to be paid of the bill, with tax, after ``ahead``
    :param tax_bearer: index of the payer who owes all of the tax
    :param ahead: gross amount paid on account, positive
    :param addressee: index of the payer whom the bill is addressed to, if he is one
    :return: of each payer, his share; the amounts add up to ``total``
    :raises ValueError: unless one payer bears the remainder
    """
    parts = split_among_payers(
        [(net, section) for net, section, _tax in lines], payers, rounding=rounding
    )
    rest = next(i for i, payer in enumerate(payers) if payer.share_type == "remainder")
    nets = [sum(to_steps(part, rounding) for part in found) for found in parts]
    whole = to_steps(total, rounding) + to_steps(ahead, rounding)
    taxes = _share_tax(lines, parts, whole - sum(nets), rest, tax_bearer)
    owed = _without_negatives([net + tax for net, tax in zip(nets, taxes, strict=True)])
    order = [] if addressee is None else [addressee]
    order += [i for i in reversed(range(len(payers))) if i not in order]
    left = to_steps(ahead, rounding)
    for index in order:
        taken = max(0, min(left, owed[index]))
        owed[index] -= taken
        left -= taken
    owed[order[0]] -= left
    return [
        Share(from_steps(net, rounding), from_steps(amount, rounding))
        for net, amount in zip(nets, owed, strict=True)
    ]


def _share_tax(
    lines: Sequence[tuple[Decimal, str, Decimal]],
    parts: Sequence[Sequence[Decimal]],
    tax: int,
    rest: int,
    bearer: int | None,
) -> list[int]:
    """The tax of a bill by payer: of each line as its net is shared."""
    taxes = [0] * len(parts)
    if bearer is not None:
        taxes[bearer] = tax
        return taxes
    weights = [
        max(
            Fraction(0),
            sum(
                (
                    Fraction(part) * Fraction(line_tax) / Fraction(net)
                    for part, (net, _section, line_tax) in zip(
                        found, lines, strict=True
                    )
                    if net
                ),
                Fraction(0),
            ),
        )
        for found in parts
    ]
    common = lcm(*(weight.denominator for weight in weights))
    numbers = [int(weight * common) for weight in weights]
    if not sum(numbers):
        taxes[rest] = tax
        return taxes
    return spread(tax, numbers, ties_by_weight=False)


def _without_negatives(owed: Sequence[int]) -> list[int]:
    """Nobody owes less than nothing, as long as all together do not."""
    result = list(owed)
    if sum(result) < 0:
        return [-part for part in _without_negatives([-part for part in result])]
    for index, amount in enumerate(owed):
        if amount < 0:
            result[index] = 0
            for other in sorted(range(len(owed)), key=lambda i: (-owed[i], i)):
                taken = min(max(result[other], 0), -amount)
                result[other] -= taken
                amount += taken
    return result


def settle_shares(
    owed: Sequence[Decimal],
    credited: Decimal,
    paid: Sequence[tuple[int | None, Decimal]],
    *,
    rounding: Decimal = CENT,
) -> list[tuple[Decimal, Decimal]]:
    """What is left to owe of each share after credits, and what is paid of it.

    A credit of the bill lowers all shares in proportion. Money pays the share of whom
    it comes from; what exceeds that, and money of nobody on the bill, pays the others
    in their order. The order in which money came makes no difference.

    >>> owed = [Decimal(650), Decimal(1750)]
    >>> [(str(a), str(b)) for a, b in settle_shares(
    ...     owed, Decimal(240), [(0, Decimal(600)), (1, Decimal(1000))])]
    [('585.00', '585.00'), ('1575.00', '1015.00')]

    :param owed: amounts of :func:`share_bill`
    :param credited: what credit notes took of the bill, positive
    :param paid: ``(index of the payer or None, amount)``
    :return: ``(amount, paid)`` of each share; amounts add up to Σ owed − credited,
        paid to Σ paid
    """
    amounts = [to_steps(amount, rounding) for amount in owed]
    credit = to_steps(credited, rounding)
    if credit and sum(amounts):
        taken = spread(credit, amounts)
        amounts = [a - b for a, b in zip(amounts, taken, strict=True)]
    given = [0] * len(amounts)
    surplus = 0
    for index, amount in paid:
        if index is None:
            surplus += to_steps(amount, rounding)
        else:
            given[index] += to_steps(amount, rounding)
    result = [min(a, b) for a, b in zip(given, amounts, strict=True)]
    surplus += sum(given) - sum(result)
    for index, amount in enumerate(amounts):
        more = min(surplus, amount - result[index])
        result[index] += more
        surplus -= more
    if result:
        result[-1] += surplus
    return [
        (from_steps(amount, rounding), from_steps(part, rounding))
        for amount, part in zip(amounts, result, strict=True)
    ]
