from collections import defaultdict

from odoo import models

from ...tools import companies_fit, is_making_bills
from .res_partner import CUSTOMER_RANKS

#: Kept for the time of one call, where core keeps its own cache of sequences: not in
#: the context, which goes to everything that the call makes.
NUMBER_FORMATS = "legal_billing.number_formats"


#: What core computes of an entry before it is made, none of it by looking at its items.
PRECOMPUTED = {
    "company_id",
    "currency_id",
    "date",
    "delivery_date",
    "fiscal_position_id",
    "invoice_currency_rate",
    "invoice_payment_term_id",
    "journal_id",
    "partner_shipping_id",
    "taxable_supply_date",
}


class AccountMove(models.Model):
    """Posting many bills at a time: what core looks up for every move, and what is the
    same for all of them, is looked up once. The results are those of core."""

    _inherit = "account.move"

    # --- numbers

    def _compute_name(self):
        """Bills that are posted together share one look at the last number."""
        data = self.env.cr.precommit.data
        if len(self) < 2 or NUMBER_FORMATS in data or not self._has_core_numbering():
            return super()._compute_name()
        data[NUMBER_FORMATS] = {}
        try:
            return super()._compute_name()
        finally:
            data.pop(NUMBER_FORMATS, None)

    def _get_next_sequence_format(self):
        """The numbers that a chunk takes follow each other: after the first of a
        journal, date and kind, the last number is the one just given, which core's
        ``_locked_increment`` holds."""
        formats = self.env.cr.precommit.data.get(NUMBER_FORMATS)
        if formats is None or not self.matter_ids:
            return super()._get_next_sequence_format()
        key = self._get_number_format_key()
        if key not in formats:
            # what is put down and counted on is core's own
            formats[key] = super()._get_next_sequence_format()
        number_format, values = formats[key]
        return number_format, dict(values)

    def _get_number_format_key(self):
        """What decides the number's format and the number before, in core.

        :rtype: tuple
        """
        self.ensure_one()
        journal = self.journal_id
        return (
            journal.id,
            self.date,
            self.move_type,
            bool(self.origin_payment_id),
            journal.is_self_billing and self.partner_id.commercial_partner_id.id,
        )

    def _has_core_numbering(self):
        """Whether core alone decides the numbers: another addon's rule may look at
        more than the key does, and is then asked for every bill.

        :rtype: bool
        """
        return all(
            getattr(type(self), name).__module__.startswith("odoo.addons.account.")
            for name in (
                "_get_last_sequence",
                "_get_last_sequence_domain",
                "_get_starting_sequence",
                "_get_sequence_format_param",
                "_set_next_sequence",
                "_locked_increment",
            )
        )

    # --- making

    def _add_precomputed_values(self, vals_list):
        """Core makes a record of each entry and of all its items to compute a few fields
        of the entry: without the items, unless another addon's field may look at them."""
        names = {name for name, field in self._fields.items() if field.precompute}
        aside = []
        if is_making_bills(self.env) and names <= PRECOMPUTED:
            aside = [(vals, vals.pop("line_ids", [])) for vals in vals_list]
        result = super()._add_precomputed_values(vals_list)
        for vals, commands in aside:
            if commands:
                vals["line_ids"] = commands
        return result

    def _check_company(self, fnames=None):
        """For new drafts core's answer is found for all moves together, and in the same
        way; where it is not plainly yes, core checks and refuses as ever."""
        if is_making_bills(self.env) and companies_fit(self, fnames):
            return
        super()._check_company(fnames)

    # --- posting

    def _post(self, soft=True):
        """While bills are posted together, core's rises of the payers' rank are summed
        up and written once: `res.partner._increase_rank` looks at the sum, and so does
        `write` here to know that bills are being posted."""
        data = self.env.cr.precommit.data
        if len(self) < 2 or CUSTOMER_RANKS in data or self != self._get_bills():
            return super()._post(soft)
        ranks = data[CUSTOMER_RANKS] = defaultdict(int)
        try:
            posted = super()._post(soft)
        finally:
            data.pop(CUSTOMER_RANKS, None)
        self.env["res.partner"]._increase_ranks_together("customer_rank", ranks)
        return posted

    def write(self, vals):
        """Core compares all lines before and after each write, and makes those that
        follow from others anew. Posting moves no amount."""
        posting = CUSTOMER_RANKS in self.env.cr.precommit.data and vals.keys() == {
            "state",
            "posted_before",
        }
        if posting and self == self._get_bills():
            self = self.with_context(skip_invoice_sync=True)
        if vals.get("state") == "draft":
            # core looks at the items bill by bill: read them together before
            self.line_ids.fetch(["tax_ids", "tax_tag_ids"])
        return super().write(vals)
