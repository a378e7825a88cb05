"""One bill split among several payers: every line by shares, exact to the cent."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, from_steps, spread, to_steps

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Payer:
    """What one payer bears of a bill.

    ``share_type`` is ``percent`` of each line, ``amount`` net per bill, or
    ``remainder``: what the others leave. ``scope`` says of which lines (``all``,
    ``fees``, ``disbursements``). ``cap_left`` is what the payer bears at the most,
    ``None`` if that is not limited.
    """

    share_type: str
    value: Decimal = Decimal(0)
    scope: str = "all"
    cap_left: Decimal | None = None

    def bears(self, section: str) -> bool:
        """Whether lines of this section concern the payer."""
        return self.share_type != "remainder" and self.scope in ("all", section)


def split_among_payers(
    lines: Sequence[tuple[Decimal, str]],
    payers: Sequence[Payer],
    *,
    rounding: Decimal = CENT,
) -> list[list[Decimal]]:
    """Split each line of a bill among its payers (C-28, C-29).

    Amounts and shares above their cap are taken first, spread over the lines that they
    are of; then percents of each line, by largest remainder over the payers, ties to
    the lower sequence; the remainder payer has what is left. No share is of the other
    sign than its line, and those of a line add up to it.

    >>> [[str(part) for part in parts] for parts in split_among_payers(
    ...     [(Decimal(1000), "fees"), (Decimal("100.01"), "disbursements")],
    ...     [Payer("percent", Decimal(60)), Payer("remainder")])]
    [['600.00', '60.01'], ['400.00', '40.00']]

    70 %, of which 800.00 are left below the cap:

    >>> [[str(part) for part in parts] for parts in split_among_payers(
    ...     [(Decimal(1500), "fees")],
    ...     [Payer("percent", Decimal(70), cap_left=Decimal(800)),
    ...      Payer("remainder")])]
    [['800.00'], ['700.00']]

    :param lines: ``(net amount, section)``; the section is ``fees`` or
        ``disbursements``
    :param payers: in their order, exactly one of them for the remainder
    :return: of each payer, the share of each line
    :raises ValueError: unless one payer bears the remainder
    """
    remainder = [i for i, payer in enumerate(payers) if payer.share_type == "remainder"]
    if len(remainder) != 1:
        raise ValueError("exactly one payer bears the remainder")
    steps = [to_steps(amount, rounding) for amount, _section in lines]
    sections = [section for _amount, section in lines]
    caps = {
        i: max(0, to_steps(payer.cap_left, rounding))
        for i, payer in enumerate(payers)
        if payer.cap_left is not None and payer.share_type != "remainder"
    }
    fixed = {
        i: min(to_steps(payer.value, rounding), caps.get(i, sum(map(abs, steps))))
        for i, payer in enumerate(payers)
        if payer.share_type == "amount"
    }
    while True:
        shares = _split(steps, sections, payers, remainder[0], fixed)
        above = [i for i in caps if i not in fixed and sum(shares[i]) > caps[i]]
        if not above:
            break
        fixed[above[0]] = caps[above[0]]
    return [[from_steps(part, rounding) for part in parts] for parts in shares]


def _split(
    steps: Sequence[int],
    sections: Sequence[str],
    payers: Sequence[Payer],
    remainder: int,
    fixed: Mapping[int, int],
) -> list[list[int]]:
    """Split with these payers at an amount, the others at their percents."""
    shares = [[0] * len(steps) for _payer in payers]
    left = list(steps)
    for i in sorted(fixed):
        mine = [
            part if payers[i].bears(section) else 0
            for part, section in zip(left, sections, strict=True)
        ]
        amount = min(fixed[i], sum(mine))
        if amount > 0:
            shares[i] = spread(amount, mine)
            left = [a - b for a, b in zip(left, shares[i], strict=True)]
    percents = [
        i
        for i, payer in enumerate(payers)
        if payer.share_type == "percent" and i not in fixed
    ]
    for line, (whole, rest, section) in enumerate(
        zip(steps, left, sections, strict=True)
    ):
        if not rest:
            continue
        room = abs(rest) * HUNDRED
        weights = [Decimal(0)] * len(payers)
        for i in percents:
            if payers[i].bears(section):
                weights[i] = min(abs(whole) * max(payers[i].value, Decimal(0)), room)
                room -= weights[i]
        weights[remainder] = room
        parts = spread(rest, _as_integers(weights), ties_by_weight=False)
        for i, part in enumerate(parts):
            shares[i][line] += part
    return shares


def _as_integers(weights: Sequence[Decimal]) -> list[int]:
    scale = Decimal(1).scaleb(min(weight.as_tuple().exponent for weight in weights))
    return [int(weight / scale) for weight in weights]


def hold_taxes(
    whole: Mapping[Hashable, Decimal],
    parts: Sequence[Mapping[Hashable, Decimal]],
) -> list[dict[Hashable, Decimal]]:
    """Let the taxes of the bills of a set add up to those of the unsplit bill.

    The cents go to the last bill that has the tax: that of the remainder payer, if he
    bears some of it (C-28). ``parts`` are in the payers' order.

    >>> hold_taxes({"20 %": Decimal("0.03")}, [{"20 %": Decimal("0.02")}] * 2)[1]
    {'20 %': Decimal('0.01')}

    :param whole: tax of the unsplit bill, by any key
    :param parts: tax of each bill of the set, by the same keys
    :return: tax of each bill of the set
    """
    held = [dict(part) for part in parts]
    for key, amount in whole.items():
        owners = [part for part in held if key in part]
        if owners:
            owners[-1][key] += amount - sum(part[key] for part in owners)
    return held
