"""One amount over many bills, by a rule."""

import datetime
from collections.abc import Sequence
from decimal import Decimal

from .bill_number import parse_number
from .elements import ordered, payable
from .exact import NO_MATCH, Match, match_exactly
from .money import from_steps, spread, to_steps
from .types import ZERO
from .types_payment import Allocation, Apportionment, Bill, Elements, Rule

LAST = datetime.date.max


def apportion(
    amount: Decimal,
    bills: Sequence[Bill],
    rule: Rule,
    today: datetime.date | None = None,
) -> Apportionment:
    """Spread a payment over bills.

    The worked example: bills A and B, oldest first, a payment of 350.

    >>> elements = ("exempt", "taxable", "anticipated", "costs")
    >>> def bill(id, *amounts):
    ...     parts = tuple(zip(elements, map(Decimal, amounts)))
    ...     return Bill(id, Decimal(sum(amounts)), elements=parts)
    >>> bills = [bill(1, 50, 120, 60, 240), bill(2, 0, 60, 0, 480)]
    >>> def paid(mode, amount=350, **options):
    ...     result = apportion(Decimal(amount), bills, Rule(mode, **options))
    ...     return [str(result.amount_of(id)) for id in (1, 2)]
    >>> paid("bill")
    ['350.00', '0']
    >>> paid("element")
    ['290.00', '60.00']
    >>> paid("proportional")
    ['162.87', '187.13']
    >>> paid("bill", 1100), apportion(Decimal(1100), bills, Rule()).surplus
    (['470.00', '540.00'], Decimal('90.00'))

    How it works:

    * What a bill may get is its payable amount (C-19), never more; an amount typed
      above it is for :func:`split_overpayment`.
    * Credit notes among the bills are used up first and add to the amount.
    * With ``match_exact_first`` (C-21), bills that the amount pays exactly are looked
      for: one bill, all bills, all past due, a combination of the 25 oldest. Only one
      combination is taken; several are returned as ``solutions`` and the mode decides.
    * *bill* (C-14): bills in order, each in full, the last one in part.
    * *element* (C-15): the first element of all bills in order, then the second …
    * *proportional* (C-16): over the bills by payable, then inside each bill by
      outstanding element. Two stages: one over all elements at once gives other cents.
    * Inside a bill of the other modes, elements are paid in order.

    The result depends on neither the order of ``bills`` nor on anything but the
    arguments. Bills that get nothing have no allocation.

    :param amount: the payment, not negative; rounded to the currency step
    :param today: day on which bills are past due; without it that step is left out
    :raises ValueError: for a negative amount, for a bill given twice, or for elements
        that do not add up to the bill's outstanding amount
    """
    if amount < 0:
        raise ValueError(f"the amount must not be negative: {amount}")
    bills = sort_bills(bills, rule)
    _check_bills(bills)
    caps = [to_steps(payable_of(bill, rule), rule.rounding) for bill in bills]
    open_caps = [max(cap, 0) for cap in caps]
    credits = [min(cap, 0) for cap in caps]
    left = to_steps(amount, rule.rounding) - sum(credits)

    match = NO_MATCH
    if rule.match_exact_first and left > 0:
        match = match_exactly(left, open_caps, _ages(bills), _past_due(bills, today))
    parts, elements = _spread_by_rule(left, bills, open_caps, rule, match)
    allocations = tuple(
        _allocate(bill, part + credit, elements.get(index), rule)
        for index, (bill, part, credit) in enumerate(
            zip(bills, parts, credits, strict=True)
        )
        if part + credit
    )
    surplus = from_steps(left - sum(parts), rule.rounding)
    is_credit = rule.allow_overpayment and surplus > 0 and parts == open_caps
    matters = {bill.matter for bill in bills}
    return Apportionment(
        allocations=allocations,
        surplus=surplus,
        credit=surplus if is_credit else ZERO,
        credit_matter=matters.pop() if is_credit and len(matters) == 1 else None,
        exact=match.kind,
        solutions=tuple(tuple(bills[i].id for i in s) for s in match.solutions),
        solution_count=match.count,
    )


def split_overpayment(amount: Decimal, payable: Decimal) -> tuple[Decimal, Decimal]:
    """Split an amount typed on one bill into what the bill takes and what becomes a
    credit of its matter (C-20). The bill keeps an open part that is not payable."""
    to_bill = min(amount, payable)
    return to_bill, amount - to_bill


def split_in_bill(amount: Decimal, bill: Bill, rule: Rule) -> Elements:
    """Return what an amount typed on one bill pays of its elements: in order, or
    proportionally where that is the mode.

    :raises ValueError: if the amount is more than is outstanding
    """
    _check_bills([bill])
    steps = to_steps(amount, rule.rounding)
    outstanding = to_steps(bill.outstanding, rule.rounding)
    if steps * outstanding < 0 or abs(steps) > abs(outstanding):
        raise ValueError(f"{amount} is more than is outstanding, {bill.outstanding}")
    return _allocate(bill, steps, None, rule).elements


def payable_of(bill: Bill, rule: Rule) -> Decimal:
    """Return what the rule may allot to a bill (C-19), at most what is outstanding."""
    amount = payable(
        bill.outstanding,
        bill.disputed if bill.payable is None else ZERO,
        bill.reserved if bill.payable is None else ZERO,
        bill.blocked,
        rule.include_blocked,
    )
    if bill.payable is None:
        return amount
    if amount < 0:
        return max(amount, min(bill.payable, ZERO))
    return min(amount, max(bill.payable, ZERO))


# --- order


def sort_bills(bills: Sequence[Bill], rule: Rule) -> list[Bill]:
    """Return the bills in the order in which the rule pays them (C-22).

    Dates that are missing come last. Ties: bill date, prefix of the number, number,
    id. A bill is one unit even with several instalments.
    """
    keys = {
        "due_date": lambda bill: (bill.due or LAST,),
        "bill_date": lambda bill: (),
        "number": lambda bill: parse_number(bill.number),
        "amount": lambda bill: (payable_of(bill, rule),),
    }
    if rule.bill_order not in keys or rule.mode not in (
        "bill",
        "element",
        "proportional",
    ):
        raise ValueError(f"unknown mode or order: {rule.mode!r}, {rule.bill_order!r}")
    key = keys[rule.bill_order]
    return sorted(bills, key=lambda bill: key(bill) + _tie_key(bill))


def _tie_key(bill: Bill) -> tuple:
    return (bill.date or LAST, *parse_number(bill.number), bill.id)


def _ages(bills: Sequence[Bill]) -> list[int]:
    """Return the positions of the bills, oldest first."""
    return sorted(
        range(len(bills)),
        key=lambda i: (bills[i].due or LAST, *_tie_key(bills[i])),
    )


def _past_due(bills: Sequence[Bill], today: datetime.date | None) -> set[int]:
    if today is None:
        return set()
    return {i for i, bill in enumerate(bills) if bill.due and bill.due < today}


def _check_bills(bills: Sequence[Bill]) -> None:
    if len({bill.id for bill in bills}) != len(bills):
        raise ValueError("the same bill is given twice")
    for bill in bills:
        amounts = [amount for _name, amount in bill.elements]
        if amounts and (
            sum(amounts) != bill.outstanding
            or any(amount * bill.outstanding < 0 for amount in amounts)
        ):
            raise ValueError(f"the elements of bill {bill.id} are not its outstanding")


# --- modes, in steps


def _spread_by_rule(
    left: int, bills: Sequence[Bill], caps: Sequence[int], rule: Rule, match: Match
) -> tuple[list[int], dict[int, list[int]]]:
    """Return what each bill gets, and of which elements where the mode says so."""
    if match.chosen is not None:
        return [cap if i in match.chosen else 0 for i, cap in enumerate(caps)], {}
    if rule.mode == "element":
        return _by_element(left, bills, caps, rule)
    if rule.mode == "proportional":
        return _proportionally(left, caps), {}
    return _bill_by_bill(left, caps, rule.allow_partial), {}


def _bill_by_bill(left: int, caps: Sequence[int], allow_partial: bool) -> list[int]:
    """C-14. Without part payments the amount stops at the first bill it cannot pay."""
    parts = [0] * len(caps)
    for index, cap in enumerate(caps):
        if cap > left and not allow_partial:
            break
        parts[index] = min(cap, left)
        left -= parts[index]
    return parts


def _by_element(
    left: int, bills: Sequence[Bill], caps: Sequence[int], rule: Rule
) -> tuple[list[int], dict[int, list[int]]]:
    """C-15. Return what each bill gets, and of which elements.

    Bills that came without elements are paid after all elements, in order.
    """
    names = list(dict.fromkeys(name for bill in bills for name, _ in bill.elements))
    parts = [0] * len(bills)
    taken = {
        i: [0] * len(bill.elements)
        for i, bill in enumerate(bills)
        if bill.elements and caps[i]
    }
    for position in ordered(names, rule.element_order):
        for index, paid in taken.items():
            for k, (name, amount) in enumerate(bills[index].elements):
                if name == names[position]:
                    room = min(caps[index] - parts[index], left)
                    paid[k] = min(to_steps(amount, rule.rounding), room)
                    parts[index] += paid[k]
                    left -= paid[k]
    for index, cap in enumerate(caps):
        if index not in taken:
            parts[index] = min(cap, left)
            left -= parts[index]
    return parts, taken


def _proportionally(left: int, caps: Sequence[int]) -> list[int]:
    """C-16, first stage."""
    return spread(left, caps) if left < sum(caps) else list(caps)


def _allocate(
    bill: Bill, steps: int, elements: list[int] | None, rule: Rule
) -> Allocation:
    """Return a bill's allocation, with its elements by the rule unless they are given
    (C-14, and the second stage of C-16). A credit note's are negative, like itself."""
    amount = from_steps(steps, rule.rounding)
    if not bill.elements:
        return Allocation(bill.id, amount)
    if steps < 0 or elements is None:
        names = [name for name, _amount in bill.elements]
        sign = -1 if steps < 0 else 1
        open_steps = [sign * to_steps(a, rule.rounding) for _n, a in bill.elements]
        if rule.mode == "proportional" and sum(open_steps):
            elements = spread(sign * steps, open_steps)
        else:
            elements, left = [0] * len(names), sign * steps
            for index in ordered(names, rule.element_order):
                elements[index] = min(open_steps[index], left)
                left -= elements[index]
        elements = [sign * value for value in elements]
    return Allocation(
        bill.id,
        amount,
        tuple(
            (name, from_steps(value, rule.rounding))
            for (name, _amount), value in zip(bill.elements, elements, strict=True)
        ),
    )
