"""Pricing of one bill: the only place where WIP becomes money to bill."""

from collections.abc import Sequence

from .arrangement import apply_blended_rate, apply_subscription
from .fees import apply_abatement, apply_agreed_fee, apply_discount
from .lines import build_lines
from .money import to_steps
from .quote import apply_instalments, apply_quote, quote_left
from .types import ZERO, Entry, Line, PricedBill, Terms
from .worksheet import Worksheet


def price_bill(entries: Sequence[Entry], terms: Terms) -> PricedBill:
    """Price a bill from its WIP entries and the matter's terms.

    Order, always: entry value → behavior → arrangement → quote or instalments →
    discount → abatement → agreed fee. All amounts are net of tax in the billing currency, every result a multiple
    of ``terms.rounding``, and the lines add up to the net exactly. The result does not
    depend on the order of ``entries`` and is the same for every caller.

    Usage::

        priced = price_bill(entries, Terms(discount_type="percent",
                                           discount_value=Decimal(10)))
        if priced.is_billable: ...          # else priced.blocking_reason

    How it works:

    * *interim* takes the oldest fees up to an amount, at standard value, and leaves
      the rest; it stands instead of the quote.
    * *arrangement* (C-35): a blended rate makes the time entries worth hours × rate
      together; a subscription bills the fee of each due period, and the work above its
      hours. Cap and contingent fee are quotes by another name.
    * *quote* (C-1 to C-4): the in-scope WIP goes to the target of the rule. Fees bear
      a reduction first, then taxable disbursements, never exempt ones; an increase is
      fees. *Instalments* stand instead of the quote and have the sum of the due
      instalments as target.
    * *discount* (C-5, C-6): on the fees after the quote, capped at them, rounded once
      on the total, split over the fee groups and inside them over the entries.
    * *abatement* (C-35): on the fees after the discount, as far as they are above the
      threshold of the matter's life.
    * *agreed fee* replaces the fees as they stand after the discount: it is spread
      over the time entries by their standard value, whatever quote and discount made
      of them, so that agreeing on the standard value gives the standard entries back.

    :param entries: all unbilled entries up to the cut-off, without the held ones
    :return: the priced bill; ``reasons`` has at most one blocking reason, of

        * the code of ``terms.waits``
        * ``nothing_to_bill``: no entries, no instalment, no agreed fee
        * ``nothing_chargeable``: only no-charge and hidden entries (C-8)
        * ``quote_used_up``, ``cap_used_up``, ``contingency_used_up`` (quote, above): not
          when forced
        * ``included``: all work is within the hours of a subscription that was billed
        * ``quote_below_disbursements``, ``cap_below_disbursements`` (quote,
          disbursements, short): C-2
        * ``negative`` (amount): "issue a credit note" (C-17)
        * ``zero``: not when forced
        * ``below_minimum`` (amount, minimum): C-7, not when forced or with instalments

        and warnings ``interim_applied`` (interim, left), ``quote_applied`` (quote,
        left, wip, billed) and the same of ``cap`` and ``contingency``,
        ``blended_applied`` (wip, billed), ``subscription_applied`` (fee, included,
        above), ``instalments_applied`` (instalments, wip), ``discount_applied``
        (discount, fees), ``abatement_applied`` (abatement, above), ``agreed_applied``
        (agreed, before) and, when forced, ``quote_used_up`` and ``zero``.
    :raises ValueError: for terms that make no sense, such as a negative discount
    """
    _check_terms(terms)
    sheet = Worksheet(entries, terms)
    nothing = _nothing_code(sheet, terms)
    if terms.waits:
        nothing = terms.waits
    if nothing:
        sheet.reasons.append(sheet.reason(nothing, blocking=True))
        return _result(sheet, terms, lines=())
    if terms.blended_rate is not None:
        apply_blended_rate(sheet, terms.blended_rate)
    elif terms.subscription:
        apply_subscription(sheet, terms.subscription)
    if terms.instalments:
        apply_instalments(sheet, terms.instalments, terms.instalment_scope)
    elif terms.quote and (terms.interim is None or terms.quote.name == "cap"):
        apply_quote(sheet, terms.quote, terms.force)
    sheet.billed = list(sheet.quoted)
    apply_discount(sheet, terms)
    if terms.abatement:
        apply_abatement(sheet, terms.abatement, terms.fee_override is not None)
    if terms.fee_override is not None:
        apply_agreed_fee(sheet, to_steps(terms.fee_override, terms.rounding))
    _check_net(sheet, terms)
    return _result(sheet, terms, build_lines(sheet, terms))


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
        "blended rate": terms.blended_rate or ZERO,
        "subscription": terms.subscription.amount if terms.subscription else ZERO,
        "abatement": terms.abatement.percent if terms.abatement else ZERO,
        "instalment": min((i.amount for i in terms.instalments), default=ZERO),
    }
    for name, amount in amounts.items():
        if amount < 0:
            raise ValueError(f"the {name} must not be negative: {amount}")


def _nothing_code(sheet: Worksheet, terms: Terms) -> str | None:
    """Return why there is nothing to price, if so (C-8, C-17)."""
    if terms.fee_override or sheet.fees or sheet.disbursements or _has_fee(terms):
        return None
    return "nothing_chargeable" if sheet.entries else "nothing_to_bill"


def _has_fee(terms: Terms) -> bool:
    """Whether a fee is owed whatever the work: an instalment, a period, an outcome."""
    quote, subscription = terms.quote, terms.subscription
    return bool(
        terms.instalments
        or (subscription and any(period.is_due for period in subscription.periods))
        or (
            quote
            and quote.name == "contingency"
            and quote_left(quote, terms.rounding) > 0
        )
    )


def _check_net(sheet: Worksheet, terms: Terms) -> None:
    """Add the reason why this net makes no bill, if so (C-7, C-17)."""
    if any(reason.blocking for reason in sheet.reasons):
        return
    net = sheet.fee_total() + sheet.sum_of(sheet.billed, sheet.disbursements)
    excused = terms.force or terms.minimum is None or _has_fee(terms)
    if net < 0:
        sheet.reasons.append(sheet.reason("negative", blocking=True, amount=net))
    elif net == 0:
        code = "included" if any(p.used for p in sheet.periods) else "zero"
        sheet.reasons.append(sheet.reason(code, blocking=not terms.force))
    elif not excused and sheet.money(net) < terms.minimum:
        minimum = to_steps(terms.minimum, sheet.rounding)
        sheet.reasons.append(
            sheet.reason("below_minimum", blocking=True, amount=net, minimum=minimum)
        )


def _result(sheet: Worksheet, terms: Terms, lines: tuple[Line, ...]) -> PricedBill:
    """Turn the worksheet into the frozen result."""
    money = sheet.money
    chargeable = sheet.fees + sheet.disbursements
    fees = sheet.sum_of(sheet.value, sheet.fees)
    disbursements = sheet.sum_of(sheet.value, sheet.disbursements)
    standard = {"time": 0, "disbursement": 0}
    for entry, steps in zip(sheet.entries, sheet.standard, strict=True):
        standard[entry.kind] += steps
    quoted = sheet.sum_of(sheet.quoted, chargeable) + sheet.extra
    abatement = sum(sheet.abatements.values())
    discount = sum(sheet.discounts.values()) + abatement
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
        abatement=money(abatement),
        agreed_effect=money(fee_total - before_agreed),
        fees=money(fee_total),
        disbursements=money(sheet.sum_of(sheet.billed, sheet.disbursements)),
        no_charge=money(sum(sheet.value) - fees - disbursements),
        unattributed=money(sheet.extra_billed),
        periods=sheet.periods,
        has_fee=_has_fee(terms),
    )
