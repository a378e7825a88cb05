"""Pricing of one bill: the only place where WIP becomes money to bill."""

from collections.abc import Sequence

from .fees import apply_agreed_fee, apply_discount
from .lines import build_lines
from .money import to_steps
from .quote import apply_instalments, apply_quote
from .types import ZERO, Entry, Line, PricedBill, Terms
from .worksheet import Worksheet


def price_bill(entries: Sequence[Entry], terms: Terms) -> PricedBill:
    """Price a bill from its WIP entries and the matter's terms.

    Order, always: entry value → behavior → quote or instalments → discount → agreed
    fee. All amounts are net of tax in the billing currency, every result a multiple
    of ``terms.rounding``, and the lines add up to the net exactly. The result does not
    depend on the order of ``entries`` and is the same for every caller.

    Usage::

        priced = price_bill(entries, Terms(discount_type="percent",
                                           discount_value=Decimal(10)))
        if priced.is_billable: ...          # else priced.blocking_reason

    How it works:

    * *interim* takes the oldest fees up to an amount, at standard value, and leaves
      the rest; it stands instead of the quote.
    * *quote* (C-1 to C-4): the in-scope WIP goes to the target of the rule. Fees bear
      a reduction first, then taxable disbursements, never exempt ones; an increase is
      fees. *Instalments* stand instead of the quote and have the sum of the due
      instalments as target.
    * *discount* (C-5, C-6): on the fees after the quote, capped at them, rounded once
      on the total, split over the fee groups and inside them over the entries.
    * *agreed fee* replaces the fees as they stand after the discount: it is spread
      over the time entries by their standard value, whatever quote and discount made
      of them, so that agreeing on the standard value gives the standard entries back.

    :param entries: all unbilled entries up to the cut-off, without the held ones
    :return: the priced bill; ``reasons`` has at most one blocking reason, of

        * ``nothing_to_bill``: no entries, no instalment, no agreed fee
        * ``nothing_chargeable``: only no-charge and hidden entries (C-8)
        * ``quote_used_up`` (quote, above): not when forced
        * ``quote_below_disbursements`` (quote, disbursements, short): C-2
        * ``negative`` (amount): "issue a credit note" (C-17)
        * ``zero``: not when forced
        * ``below_minimum`` (amount, minimum): C-7, not when forced or with instalments

        and warnings ``interim_applied`` (interim, left), ``quote_applied`` (quote,
        left, wip, billed), ``instalments_applied`` (instalments, wip),
        ``discount_applied`` (discount, fees), ``agreed_applied`` (agreed, before)
        and, when forced, ``quote_used_up`` and ``zero``.
    :raises ValueError: for terms that make no sense, such as a negative discount
    """
    _check_terms(terms)
    sheet = Worksheet(entries, terms)
    nothing = _nothing_code(sheet, terms)
    if nothing:
        sheet.reasons.append(sheet.reason(nothing, blocking=True))
        return _result(sheet, lines=())
    if terms.instalments:
        apply_instalments(sheet, terms.instalments, terms.instalment_scope)
    elif terms.quote is not None and terms.interim is None:
        apply_quote(sheet, terms.quote, terms.force)
    sheet.billed = list(sheet.quoted)
    apply_discount(sheet, terms)
    if terms.fee_override is not None:
        apply_agreed_fee(sheet, to_steps(terms.fee_override, terms.rounding))
    _check_net(sheet, terms)
    return _result(sheet, build_lines(sheet, terms))


def _check_terms(terms: Terms) -> None:
    """Refuse terms that no bill can have; the models' constraints forbid them too."""
    if terms.rounding <= 0:
        raise ValueError("the currency's rounding must be positive")
    amounts = {
        "quote": terms.quote.amount if terms.quote else ZERO,
        "discount": terms.discount_value,
        "agreed fee": terms.fee_override or ZERO,
        "minimum": terms.minimum or ZERO,
        "interim amount": terms.interim or ZERO,
        "instalment": min((i.amount for i in terms.instalments), default=ZERO),
    }
    for name, amount in amounts.items():
        if amount < 0:
            raise ValueError(f"the {name} must not be negative: {amount}")


def _nothing_code(sheet: Worksheet, terms: Terms) -> str | None:
    """Return why there is nothing to price, if so (C-8, C-17)."""
    if terms.instalments or terms.fee_override or sheet.fees or sheet.disbursements:
        return None
    return "nothing_chargeable" if sheet.entries else "nothing_to_bill"


def _check_net(sheet: Worksheet, terms: Terms) -> None:
    """Add the reason why this net makes no bill, if so (C-7, C-17)."""
    if any(reason.blocking for reason in sheet.reasons):
        return
    net = sheet.fee_total() + sheet.sum_of(sheet.billed, sheet.disbursements)
    excused = terms.force or terms.instalments or terms.minimum is None
    if net < 0:
        sheet.reasons.append(sheet.reason("negative", blocking=True, amount=net))
    elif net == 0:
        sheet.reasons.append(sheet.reason("zero", blocking=not terms.force))
    elif not excused and sheet.money(net) < terms.minimum:
        minimum = to_steps(terms.minimum, sheet.rounding)
        sheet.reasons.append(
            sheet.reason("below_minimum", blocking=True, amount=net, minimum=minimum)
        )


def _result(sheet: Worksheet, lines: tuple[Line, ...]) -> PricedBill:
    """Turn the worksheet into the frozen result."""
    money = sheet.money
    chargeable = sheet.fees + sheet.disbursements
    fees = sheet.sum_of(sheet.value, sheet.fees)
    disbursements = sheet.sum_of(sheet.value, sheet.disbursements)
    standard = {"time": 0, "disbursement": 0}
    for entry, steps in zip(sheet.entries, sheet.standard, strict=True):
        standard[entry.kind] += steps
    quoted = sheet.sum_of(sheet.quoted, chargeable) + sheet.extra
    discount = sum(sheet.discounts.values())
    before_agreed = sheet.sum_of(sheet.quoted, sheet.fees) + sheet.extra - discount
    fee_total = sheet.fee_total()
    return PricedBill(
        entries=sheet.priced_entries(),
        lines=lines,
        adjustments=tuple(sheet.adjustments),
        reasons=tuple(sheet.reasons),
        standard_fees=money(standard["time"]),
        standard_disbursements=money(standard["disbursement"]),
        value_fees=money(fees),
        value_disbursements=money(disbursements),
        quote_effect=money(quoted - fees - disbursements),
        discount=money(discount),
        agreed_effect=money(fee_total - before_agreed),
        fees=money(fee_total),
        disbursements=money(sheet.sum_of(sheet.billed, sheet.disbursements)),
        no_charge=money(sum(sheet.value) - fees - disbursements),
        unattributed=money(sheet.extra_billed),
    )
