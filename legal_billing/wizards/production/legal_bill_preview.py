from urllib.parse import quote

from odoo import fields, models

from ...tools import make_file_name


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
        name = quote(make_file_name(self.name))  # it is a part of an address
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{name}.pdf",
            "target": "new",
        }
