from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount

from .project_project_drafts import COPIED_OPTIONS


class AccountMove(models.Model):
    """What a change of its matter's options would do to a draft."""

    _inherit = "account.move"

    def _foresee_options(self, vals):
        """Effects of other options on these drafts. Nothing is written.

        :param dict vals: options of their matters, as for ``write``
        :return: ``{draft: effects in words}``
        :rtype: dict
        """
        result = {}
        for bill in self:
            matter = bill._get_priced_matter()
            changed = matter.new(vals, origin=matter)
            result[bill] = bill._describe_price_change(
                matter, changed
            ) + bill._describe_kept_options(changed, vals)
        return result

    def _foresee_net(self, matter):
        """Net amount of what billing makes of this draft's entries.

        :param project.project matter: as it is, or with other options
        :rtype: float
        """
        self.ensure_one()
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        rows = maker._load_rows(Domain("bill_id", "=", self.id))
        billed = maker._get_quote_billed(matter, exclude=self)
        priced = maker._price(
            matter,
            rows.get(matter._origin.id, []),
            self.instalment_ids,
            billed.get(matter._origin.id, 0.0),
            self.invoice_date,
            bill=self,
        )
        return float(priced.net)

    def _describe_price_change(self, matter, changed):
        """
        :param project.project matter: as it is
        :param project.project changed: with other options
        :rtype: list
        """
        before = self.amount_untaxed
        after = before + self._foresee_net(changed) - self._foresee_net(matter)
        if not self.currency_id.compare_amounts(before, after):
            return []
        return [
            self.env._(
                "is priced again: %(before)s → %(after)s",
                before=format_amount(self.env, before, self.currency_id),
                after=format_amount(self.env, after, self.currency_id),
            )
        ]

    def _describe_kept_options(self, changed, vals):
        """
        :param project.project changed: with other options
        :param dict vals: those that would change
        :rtype: list
        """
        self.ensure_one()
        return [
            self.env._(
                "keeps %(option)s: %(value)s",
                option=changed._get_option_label(field),
                value=changed._format_option(field, self[target]),
            )
            for field, target in COPIED_OPTIONS.items()
            if field in vals
            and not changed._is_same_option(field, self[target], changed[field])
        ]
