"""Rounding and exact splits of money.

Inside the engine an amount is an integer number of *steps*, a step being the
currency's rounding (0.01, 0.05, 1, 0.001). Integers add up exactly and fast; they
become ``Decimal`` again where a result leaves the engine.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_steps(value: Decimal) -> int:
    """Round a number of steps half up, ties away from zero (as Odoo's currency)."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def to_steps(amount: Decimal, rounding: Decimal) -> int:
    """Return ``amount`` as a whole number of currency steps, rounded half up."""
    return int((amount / rounding).to_integral_value(ROUND_HALF_UP))


def from_steps(steps: int, rounding: Decimal) -> Decimal:
    """Return ``steps`` currency steps as an amount."""
    return steps * rounding


def round_money(amount: Decimal, rounding: Decimal = CENT) -> Decimal:
    """Round ``amount`` to the currency step, half away from zero.

    >>> round_money(Decimal("23.345"))
    Decimal('23.35')
    >>> round_money(Decimal("-0.125"), Decimal("0.05"))
    Decimal('-0.15')
    """
    return to_steps(amount, rounding) * rounding


def spread(
    total: int, weights: Sequence[int], *, ties_by_weight: bool = True
) -> list[int]:
    """Split ``total`` steps in proportion to ``weights`` by largest remainder.

    Each part is ``total × weight / Σ weights`` cut to whole steps, and the steps left
    over go one each to the largest remainders; ties to the larger weight (unless
    ``ties_by_weight`` is false), then to the lower index. The parts always add up to
    ``total``.

    Weights of both signs keep their signs (C-4): the remainders are those of the
    absolute values, so turning every sign turns every part. No part is ever more than
    a step off its exact share.

    :raises ValueError: if the weights add up to zero: there is no proportion
    """
    base = sum(weights)
    if not base:
        raise ValueError("weights add up to zero")
    parts, remainders = [], []
    for weight in weights:
        product = total * weight
        part, remainder = divmod(abs(product), abs(base))
        negative = (product < 0) != (base < 0)
        parts.append(-part if negative else part)
        remainders.append(-remainder if negative else remainder)
    left = total - sum(parts)
    if left:
        step = 1 if left > 0 else -1
        order = sorted(
            range(len(parts)),
            key=lambda i: (
                -step * remainders[i],
                -abs(weights[i]) if ties_by_weight else 0,
                i,
            ),
        )
        for i in order[: abs(left)]:
            parts[i] += step
    return parts


def spread_or_equal(total: int, weights: Sequence[int]) -> list[int]:
    """Like :func:`spread`, in equal parts where the weights add up to zero."""
    return spread(total, weights if sum(weights) else [1] * len(weights))


def largest_remainder(
    total: Decimal,
    weights: Sequence[Decimal],
    rounding: Decimal = CENT,
    ids: Sequence[int] | None = None,
) -> list[Decimal]:
    """Split an amount in proportion to ``weights``, in multiples of ``rounding``.

    C-3, C-4, C-23. See :func:`spread` for the rule. ``total`` is first rounded to the
    step; weights are any exact numbers (amounts, hours) and are not rounded.

    >>> third = Decimal("333.33")
    >>> [str(p) for p in largest_remainder(
    ...     Decimal(850), [third, third, Decimal("333.34")])]
    ['283.33', '283.33', '283.34']

    :param ids: identities that break ties instead of the index (lower first)
    :return: one amount per weight, in the order of ``weights``
    :raises ValueError: if the weights add up to zero
    """
    scale = Decimal(1).scaleb(min((w.as_tuple().exponent for w in weights), default=0))
    numbers = [int(weight / scale) for weight in weights]
    steps = to_steps(total, rounding)
    if ids is None:
        return [from_steps(part, rounding) for part in spread(steps, numbers)]
    order = sorted(range(len(numbers)), key=ids.__getitem__)
    parts = spread(steps, [numbers[i] for i in order])
    result = [Decimal(0)] * len(numbers)
    for i, part in zip(order, parts, strict=True):
        result[i] = from_steps(part, rounding)
    return result
