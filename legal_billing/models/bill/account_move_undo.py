from odoo import fields, models

#: Steps of the log of adjustments that only a person takes.
HAND_STEPS = ("entry", "removed", "added")


class AccountMove(models.Model):
    """What people did to a draft after a run had made it."""

    _inherit = "account.move"

    def _get_touches(self):
        """What was done by hand to these drafts since they were made.

        :return: ``{bill: sentence}`` of those that were touched
        :rtype: dict
        """
        log = self.env["legal.bill.adjustment"]
        groups = log.sudo()._read_group(  # names of who edited
            [("bill_id", "in", self.ids), ("step", "in", HAND_STEPS)],
            ["bill_id"],
            ["user_id:recordset"],
        )
        edits = dict(groups)
        touches = {}
        for bill in self:
            reasons = bill._get_touch_reasons(edits.get(bill))
            if reasons:
                touches[bill] = ", ".join(reasons)
        return touches

    def _get_touch_reasons(self, editors):
        """Why one draft is not as the run made it; extend to add reasons.

        :param res.users editors: who changed, added or removed entries
        :rtype: list
        """
        self.ensure_one()
        reasons = []
        if self.posted_before:
            reasons.append(self.env._("it was approved and reverted"))
        if self.is_fee_overridden:
            reasons.append(self.env._("its fees are set to an agreed amount"))
        if any(
            line.display_type == "product" and not line.legal_line_kind
            for line in self.invoice_line_ids
        ):
            reasons.append(self.env._("it has lines made by hand"))
        if editors:
            names = ", ".join(editors.mapped("name"))
            reasons.append(self.env._("its entries were changed by %s", names))
        if self.bill_text:
            reasons.append(self.env._("it has a text of its own"))
        if reasons:
            return reasons
        entries_sudo = self.sudo().wip_line_ids  # only when and by whom
        edited = entries_sudo.filtered(lambda e: e.write_date > self.create_date)
        if edited:
            names = ", ".join(edited.write_uid.mapped("name"))
            reasons.append(self.env._("its entries were edited by %s", names))
        elif self.write_date > self.create_date:
            reasons.append(
                self.env._(
                    "it was edited by %(user)s on %(date)s",
                    user=self.sudo().write_uid.name,
                    date=fields.Date.to_string(self.write_date.date()),
                )
            )
        return reasons
