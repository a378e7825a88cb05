from odoo import fields, models


class LegalBillWriteOffUndo(models.TransientModel):
    """Asks why write-offs are taken back."""

    _name = "legal.bill.write.off.undo"
    _description = "Take back Write-offs"

    write_off_ids = fields.Many2many(
        "legal.bill.write.off",
        "legal_bill_write_off_undo_rel",
        "undo_id",
        "row_id",
        string="Write-offs",
    )
    reason = fields.Char()

    def action_take_back(self):
        """Take the write-offs back.

        :rtype: dict
        """
        self.ensure_one()
        self.write_off_ids.action_take_back(self.reason or "")
        return {"type": "ir.actions.act_window_close"}
