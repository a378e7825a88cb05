from collections import Counter
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate, format_date

_lt = LazyTranslate(__name__)

#: How many times the recorded rate a rate is remarked on.
HIGH_RATE = 3
#: Fees in percent of the standard that are remarked on: below, and above.
REALISED = (50, 150)


@dataclass(frozen=True)
class Look:
    """A remark on a draft: short for the list, and what the window says of several."""

    text: str
    help: str
    phrase: str


#: What is worth a look before a draft is approved, by code.
LOOKS = {
    "realised": Look(
        _lt("realised"),
        _lt("The fees are far from the standard value of the entries."),
        _lt("realised below 50 % or above 150 % of the standard"),
    ),
    "zero_rate": Look(
        _lt("zero rate"),
        _lt("Time with a rate is charged at 0.00 an hour."),
        _lt("with time at a rate of 0.00"),
    ),
    "high_rate": Look(
        _lt("high rate"),
        _lt(
            "Time is charged at more than three times the rate that it was recorded at."
        ),
        _lt("with time at more than three times its rate"),
    ),
    "later_work": Look(
        _lt("later work"),
        _lt("It has work dated after the bill."),
        _lt("with work dated after the bill"),
    ),
    "estimate": Look(
        _lt("estimate"),
        _lt("What the client was told that the matter would cost is nearly used."),
        _lt("near the estimate that the client was given, or above it"),
    ),
    "future": Look(
        _lt("future date"),
        _lt("The bill's date is still to come."),
        _lt("dated in the future"),
    ),
}


class AccountMove(models.Model):
    """What is worth a look before a draft is approved. It blocks nothing."""

    _inherit = "account.move"

    def _get_looks(self):
        """What stands out of these drafts, by one statement.

        :return: ``{bill: codes}`` of ``LOOKS``, in their order; others are missing
        :rtype: dict
        """
        drafts = self.filtered(
            lambda bill: (
                bill.billing_stage == "draft" and bill.move_type == "out_invoice"
            )
        )
        entries = drafts._read_entry_looks()
        today = fields.Date.context_today(self)
        low, high = REALISED
        looks = {}
        for bill in drafts:
            zero_rate, high_rate, last_day = entries.get(bill.id, (0, 0, None))
            day = bill.invoice_date
            found = {
                "realised": bill.standard_fees and not low <= bill.realisation <= high,
                "zero_rate": zero_rate,
                "high_rate": high_rate,
                "later_work": day and last_day and last_day > day,
                "estimate": any(bill.matter_ids.mapped("is_near_estimate")),
                "future": day and day > today,
            }
            codes = [code for code in LOOKS if found[code]]
            if codes:
                looks[bill] = codes
        return looks

    def _read_entry_looks(self):
        """
        :return: ``{bill id: (entries at no rate, at a high one, last day)}``
        :rtype: dict
        """
        ids = self.ids
        if not ids:
            return {}
        self.env["account.analytic.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT bill_id,
                       COUNT(*) FILTER (
                           WHERE is_charged AND bill_rate = 0 AND standard_amount != 0),
                       COUNT(*) FILTER (
                           WHERE is_charged AND unit_amount * standard_amount > 0
                           AND bill_rate > %s * standard_amount / unit_amount),
                       MAX(date)
                  FROM (SELECT *, wip_type = 'time' AND bill_behavior = 'bill'
                               AND bill_quantity != 0 AS is_charged
                          FROM account_analytic_line
                         WHERE bill_id IN %s) entry
              GROUP BY bill_id
                """,
                HIGH_RATE,
                tuple(ids),
            )
        )
        return {bill_id: figures for bill_id, *figures in rows}

    def _get_look_flags(self, codes):
        """Remarks of the list on one draft.

        :param list codes: of ``LOOKS``
        :rtype: list
        """
        self.ensure_one()
        flags = []
        for code in codes:
            text = self.env._(LOOKS[code].text)
            if code == "realised":
                text = f"{text} {self.realisation:.0f} %"
            flags.append(
                {"text": text, "tone": "warning", "help": self.env._(LOOKS[code].help)}
            )
        return flags

    def _get_approval_looks(self):
        """What is worth a look before these drafts are approved together.

        :return: pairs of a phrase and the bills that it is said of
        :rtype: list
        """
        nothing = self.browse()
        of_code = dict.fromkeys(LOOKS, nothing)
        for bill, codes in self._get_looks().items():
            for code in codes:
                of_code[code] |= bill
        found = [
            (
                self.env._("with nobody to send to and no printed copy"),
                self.filtered("is_unsent"),
            ),
            (
                self.env._("that add up to zero"),
                self.filtered(lambda b: b.currency_id.is_zero(b.amount_total)),
            ),
            *(
                (self.env._(LOOKS[code].phrase), bills)
                for code, bills in of_code.items()
            ),
            self._get_other_months(),
            (
                self.env._("that are with their reviewer, or were returned"),
                self.filtered(lambda b: b.review_state in ("review", "returned")),
            ),
            (self.env._("that no reviewer saw"), self._get_never_reviewed()),
            (
                self.env._("with new work in progress that is not on them"),
                self.filtered("new_wip_count"),
            ),
        ]
        return [(phrase, bills) for phrase, bills in found if bills]

    def _get_other_months(self):
        """Those that are dated in another month than most of them.

        :return: a phrase and the bills
        :rtype: tuple
        """
        months = Counter(
            fields.Date.start_of(bill.invoice_date, "month")
            for bill in self
            if bill.invoice_date
        )
        if len(months) < 2:
            return "", self.browse()
        [(usual, _count)] = months.most_common(1)
        others = self.filtered(
            lambda bill: (
                bill.invoice_date
                and fields.Date.start_of(bill.invoice_date, "month") != usual
            )
        )
        month = format_date(self.env, usual, date_format="MMMM y")
        return self.env._("not dated in %s, as the others are", month), others

    def _get_never_reviewed(self):
        """Those that nobody was asked to review, in a firm where drafts are reviewed.

        :rtype: account.move
        """
        unseen = self.filtered(
            lambda bill: bill.billing_stage == "draft" and not bill.review_state
        )
        if unseen and not self._has_reviews():
            return self.browse()
        return unseen

    @api.model
    def _has_reviews(self):
        """Whether drafts are reviewed in the user's companies at all.

        :rtype: bool
        """
        return bool(
            self.search_count(
                Domain("review_state", "!=", False)
                & Domain("company_id", "in", self.env.companies.ids),
                limit=1,
            )
        )
