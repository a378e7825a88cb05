from odoo import models

from ...exceptions import MatterOptionError
from ...tools import open_window


class ProjectProject(models.Model):
    """Billing one matter by hand."""

    _inherit = "project.project"

    def action_bill_matter(self):
        """Open the single-matter bill: unbilled entries to tick, the cut-off and, when
        quote and WIP differ, the choice between them.

        :return: the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise MatterOptionError: if the matter cannot be billed at all
        """
        self.ensure_one()
        self.env["account.move"]._check_role("biller", "manager")
        self._check_can_be_billed()
        wizard = self.env["legal.matter.bill"].create({"matter_id": self.id})
        return open_window(
            wizard, self.env._("Bill %(matter)s", matter=self.display_name)
        )

    def action_close_matter(self):
        """Open the guided check before a matter is closed for billing.

        :return: the window
        :rtype: dict
        """
        self.ensure_one()
        self.env["account.move"]._check_role("biller", "manager")
        self.check_access("read")
        wizard = self.env["legal.matter.close"].create({"matter_id": self.id})
        return open_window(
            wizard, self.env._("Close %(matter)s", matter=self.display_name)
        )

    def _check_closed_by_guide(self):
        """One click closes a matter on which nothing waits to be billed; else the
        guided check shows what is open and how to clear it.

        :raise MatterOptionError: naming the matters
        """
        waiting = self.filtered(
            lambda m: (
                m.billing_status != "closed"
                and (m.unbilled_count or m.draft_bill_count)
            )
        )
        if waiting:
            raise MatterOptionError(
                self.env._(
                    "%(names)s still has unbilled WIP or a draft bill. The button Close "
                    "shows what is open and where to clear it.",
                    names=", ".join(waiting.mapped("display_name")),
                )
            )

    def action_reopen_matter(self):
        """Open a closed matter for billing again.

        :return: True
        """
        self.env["account.move"]._check_role("biller", "manager")
        self.write({"billing_status": "active"})
        return True

    def _check_can_be_billed(self):
        """Options that stand against any bill, by hand too.

        :raise MatterOptionError: naming the matter and the way out
        """
        self.ensure_one()
        problems = {
            "not_matter": not self.is_matter,
            "not_billable": not self.is_billable,
            "closed": self.billing_status == "closed",
            "no_payer": not self.billing_partner_id,
            "payer_archived": not self.billing_partner_id.active,
        }
        texts = {
            "not_matter": self.env._("%(name)s is a project, not a matter."),
            "not_billable": self.env._(
                "%(name)s is not billable: change its billing options first."
            ),
            "closed": self.env._(
                "%(name)s is closed for billing: open it again first."
            ),
            "no_payer": self.env._(
                "%(name)s has nobody who is billed: choose a client or a payer first."
            ),
            "payer_archived": self.env._(
                "%(name)s: its payer %(payer)s is archived. Unarchive the contact, or "
                "choose another payer in the billing options."
            ),
        }
        for code, stands in problems.items():
            if stands:
                payer = self.billing_partner_id.display_name
                raise MatterOptionError(
                    texts[code] % {"name": self.display_name, "payer": payer}
                )
