from odoo import api, fields, models


class AccountAnalyticLine(models.Model):
    """Buttons of the WIP list and of a draft's entries."""

    _inherit = "account.analytic.line"

    is_unticked = fields.Boolean(
        string="Not this time",
        compute="_compute_is_unticked",
        help="Unticked in the pre-bill that is open: it stays work in progress.",
    )

    @api.depends_context("legal_billing_run_line_id")
    def _compute_is_unticked(self):
        row = self.env["legal.billing.run.line"].browse(
            self.env.context.get("legal_billing_run_line_id")
        )
        unticked = row.unticked_ids
        for entry in self:
            entry.is_unticked = entry in unticked

    @api.model
    def action_new_disbursement(self):
        """Record a disbursement by hand: quantity × price.

        :rtype: dict
        """
        view = self.env.ref("legal_billing.wip_disbursement_view_form")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New disbursement"),
            "res_model": self._name,
            "views": [(view.id, "form")],
            "target": "new",
            "context": {
                "default_unit_amount": 1.0,
                "default_matter_id": self.env.context.get("default_matter_id"),
            },
        }

    def action_open_hold(self):
        """Ask until when, then hold.

        :rtype: dict
        """
        entries = self._get_wip_selection("hold")
        return self.env["legal.wip.operation"]._open("hold", entries)

    def action_open_split(self):
        """Ask for the value of the part, then split this entry.

        :rtype: dict
        """
        self.ensure_one()
        self.env["account.move"]._check_role("biller", "manager")
        return self.env["legal.wip.operation"]._open("split", self)

    def action_open_write_off(self):
        """Ask for the reason, then write off.

        :rtype: dict
        """
        self.env["account.move"]._check_role("manager", "biller")
        return self.env["legal.wip.operation"]._open("write_off", self)

    def action_open_write_down(self):
        """Ask for the amount and the reason, then take it off this entry.

        :rtype: dict
        """
        self.ensure_one()
        self.env["account.move"]._check_role("manager", "biller")
        return self.env["legal.wip.operation"]._open("write_down", self)

    def action_open_move(self):
        """Ask for the matter, then move.

        :rtype: dict
        """
        self.env["account.move"]._check_role("biller", "manager")
        return self.env["legal.wip.operation"]._open("move", self)

    def action_remove_from_bill(self):
        """Take the entry off its draft; it is unbilled again.

        :return: True
        """
        for bill, entries in self.grouped("bill_id").items():
            if bill:
                bill.action_remove_entries(entries)
        return True

    def action_hold_on_bill(self):
        """Take the entry off its draft and keep it out of bills until released.

        :return: True
        :raise RoleError: for users who neither bill nor review the draft
        """
        self._get_wip_selection("hold").write({"is_on_hold": True})
        return True

    def action_prebill(self):
        """Do to the entry what the pre-bill's button says, then look at its row again.

        The context says what: ``legal_billing_entry_action`` and
        ``legal_billing_run_line_id``.

        :return: True
        """
        row = self.env["legal.billing.run.line"].browse(
            self.env.context.get("legal_billing_run_line_id")
        )
        action = self.env.context["legal_billing_entry_action"]
        if action == "tick":
            return row.action_toggle_entry(self)
        actions = {
            "hold": self.action_hold,
            "release": self.action_release,
            "no_charge": self.action_no_charge,
            "charge": self.action_bill_normally,
        }
        actions[action]()
        if row.state in ("ready", "excluded"):
            row._refresh()
        return True

    def action_open_entry(self):
        """Open the entry in a window.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("WIP entry"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("legal_billing.wip_view_form").id, "form")],
            "target": "new",
        }

    def action_open_bill(self):
        """Open the bill of the entry.

        :rtype: dict
        """
        self.ensure_one()
        return self.bill_id.get_formview_action()
