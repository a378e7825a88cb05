from odoo import api, models

from ...exceptions import MatterOptionError


class ProjectProject(models.Model):
    """Instalments make a matter one of fixed fee: they are never left aside."""

    _inherit = "project.project"

    @api.onchange("instalment_ids")
    def _onchange_instalment_ids(self):
        """Say at once what adding an instalment does to the arrangement."""
        if self.billing_arrangement == "fixed" or not self.instalment_ids:
            return None
        self.billing_arrangement = "fixed"
        return {
            "warning": {
                "title": self.env._("Fixed fee"),
                "message": self._get_fixed_fee_text(),
                "type": "notification",
            }
        }

    @api.model
    def _get_fixed_fee_text(self):
        return self.env._(
            "An instalment was added, so the arrangement is a fixed fee now: the work "
            "is billed with the instalments, not by the hour."
        )

    def _make_fixed(self):
        """Bill these matters by their instalments from now on, and say so."""
        # sudo: follows from an instalment that the user may make
        for matter in self.sudo().filtered(lambda m: m.billing_arrangement != "fixed"):
            matter.billing_arrangement = "fixed"
            matter.message_post(body=self._get_fixed_fee_text())

    def _check_option_changes(self, vals):
        """Refuse to go back to the hour while instalments wait to be billed.

        :raise MatterOptionError: naming matters and instalments
        """
        result = super()._check_option_changes(vals)
        if vals.get("billing_arrangement", "fixed") == "fixed":
            return result
        waiting = self.sudo().instalment_ids.filtered(lambda row: not row.bill_id)
        waiting = waiting.filtered(
            lambda row: row.matter_id.billing_arrangement == "fixed"
        )
        commands = vals.get("instalment_ids") or []
        deleted = {command[1] for command in commands if command[0] == 2}
        waiting = waiting.filtered(lambda row: row.id not in deleted)
        if waiting:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s is billed by instalments, and some are not billed yet: "
                    "%(names)s. Delete or bill them first; they would be left aside "
                    "otherwise.",
                    matters=", ".join(waiting.matter_id.mapped("display_name")),
                    names=", ".join(waiting.mapped("display_name")),
                )
            )
        return result
