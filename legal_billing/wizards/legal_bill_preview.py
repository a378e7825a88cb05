from odoo import fields, models


class LegalBillPreview(models.TransientModel):
    """A PDF that a person looks at, gone with the next clean-up. Only who asked for it
    can open it."""

    _name = "legal.bill.preview"
    _description = "Preview of Bills"

    name = fields.Char(required=True)
    content = fields.Binary(required=True, attachment=True)

    def _open(self):
        """Open the PDF in another tab.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{self.name}.pdf",
            "target": "new",
        }
