from odoo import fields, models
from odoo.tools import format_amount

from ...tools import open_window


class LegalRate(models.Model):
    """What a new or changed rate would do to unbilled entries."""

    _inherit = "legal.rate"

    def get_rerate_offer(self):
        """Whether unbilled entries hold another rate than they would get now.

        :return: ``count`` of entries and the ``difference`` in words; nothing is done
        :rtype: dict
        """
        self.check_access("write")
        count, difference = 0, 0.0
        currency = self.company_id[:1].currency_id
        for rate in self:
            apply = self.env["legal.rate.apply"].new(rate._prepare_apply_vals())
            count += apply.entry_count
            difference += apply.difference
        return {
            "count": count,
            "difference": format_amount(self.env, difference, currency),
        }

    def action_rerate(self):
        """Open the window that puts this rate on unbilled entries, showing the
        difference first.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("write")
        apply = self.env["legal.rate.apply"].create(self._prepare_apply_vals())
        return open_window(apply, self.env._("Re-rate unbilled entries"))

    def _prepare_apply_vals(self):
        """Values of the window: the entries that this rate may hold for.

        :rtype: dict
        """
        self.ensure_one()
        entries = self.env["account.analytic.line"]
        oldest = entries.search(
            entries._get_unbilled_domain()
            & fields.Domain("company_id", "=", self.company_id.id)
            & fields.Domain("wip_type", "=", "time"),
            order="date",
            limit=1,
        )
        return {
            "date_from": self.date_from
            or oldest.date
            or fields.Date.context_today(self),
            "matter_id": self.matter_id.id,
            "partner_id": self.partner_id.id,
            "employee_id": self.employee_id.id,
            "grade": self.grade,
            "company_id": self.company_id.id,
        }
