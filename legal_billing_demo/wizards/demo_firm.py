from odoo import fields, models
from odoo.exceptions import UserError

from ..generator import generate


class DemoFirm(models.TransientModel):
    """Asks how large the demo firm shall be, and makes it."""

    _name = "demo.firm"
    _description = "Demo Firm"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    matter_count = fields.Integer("Matters", required=True, default=60)
    entry_count = fields.Integer("Entries", required=True, default=1500)
    # bills take longest: all six months of them are more than a request may last
    month_count = fields.Integer("Months billed", required=True, default=2)
    seed = fields.Integer(
        required=True, default=1, help="The same seed makes the same firm."
    )

    _check_size = models.Constraint(
        "CHECK(matter_count BETWEEN 40 AND 10000"
        " AND entry_count BETWEEN 100 AND 1000000"
        " AND month_count BETWEEN 0 AND 6)",
        "A demo firm has 40 to 10,000 matters, 100 to 1,000,000 entries, and up to six "
        "months that were billed.",
    )

    def action_make(self):
        """Make the firm, in a company in which nobody has worked yet.

        :return: an action that opens Mass Billing anew
        :rtype: dict
        :raise UserError: if the company has matters or journal entries
        """
        self.ensure_one()
        if self._is_in_use():
            raise UserError(
                self.env._(
                    "%(company)s has matters or journal entries: the demo firm would "
                    "mix with them. Make it in a new database or a new company.",
                    company=self.company_id.name,
                )
            )
        generate(
            self.env,
            self.seed,
            self.matter_count,
            self.entry_count,
            company=self.company_id,
            history=self.month_count,
        )
        return {
            "type": "ir.actions.act_url",
            "url": "/odoo/mass-billing",
            "target": "self",
        }

    def _is_in_use(self):
        """Whether the company has matters or journal entries.

        :rtype: bool
        """
        # sudo: whoever administers the database need not see its books
        env_sudo = self.with_context(active_test=False).sudo().env
        mine = [("company_id", "=", self.company_id.id)]
        return bool(
            env_sudo["account.move"].search_count(mine, limit=1)
            or env_sudo["project.project"].search_count(
                [*mine, ("is_matter", "=", True)], limit=1
            )
        )
