import base64
import uuid

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from odoo import fields, models

from ...exceptions import RequestError
from .legal_money_request import WAITING


class LegalMoneyRequest(models.Model):
    """The client's own page of a request. Whoever has its address looks at it: the
    token in it is made once, and known to those alone who may read the request."""

    _inherit = "legal.money.request"

    # --- its address

    def _compute_access_url(self):
        """A page of its own."""
        result = super()._compute_access_url()
        for request in self:
            request.access_url = f"/my/money-requests/{request.id}"
        return result

    def _portal_ensure_token(self):
        """The token is billing's own to write; it is read with the caller's rights.

        :rtype: str
        """
        self.check_access("read")
        if not self.access_token:
            self._internal().access_token = str(uuid.uuid4())
        return self.access_token

    def _get_page_address(self):
        """Where the client looks at it, from outside.

        :rtype: str
        """
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url()

    def _get_page_code(self):
        """That address as a QR code, for the paper: drawn in lines, sharp at any size.

        :return: data URI of a picture
        :rtype: str
        """
        code = QRCode(None, QRErrorCorrectLevel.L)
        code.addData(self._get_page_address())
        code.make()
        size = code.getModuleCount()
        path = "".join(
            f"M{column} {row}h1v1h-1z"
            for row in range(size)
            for column in range(size)
            if code.isDark(row, column)
        )
        picture = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
            f'width="{size * 8}" height="{size * 8}" shape-rendering="crispEdges">'
            f'<path d="{path}"/></svg>'
        )
        encoded = base64.b64encode(picture.encode()).decode()
        return f"data:image/svg+xml;base64,{encoded}"

    # --- actions

    def action_open_page(self):
        """Look at the page as the client does.

        :rtype: dict
        :raise RequestError: before it is saved
        """
        self.ensure_one()
        self.check_access("read")
        if not self.name:
            raise RequestError(self.env._("Save the request first."))
        return {
            "type": "ir.actions.act_url",
            "url": self.get_portal_url(),
            "target": "new",
        }

    # --- its content

    def _get_page(self):
        """What the page says. Call it as superuser, in the client's language.

        :rtype: dict
        """
        self.ensure_one()
        paper = self._get_paper()
        is_open = self.state in WAITING
        today = fields.Date.context_today(self)
        return {
            **paper,
            "is_open": is_open,
            "is_late": is_open and self.date_due < today,
            "bank": paper["bank"] if is_open else [],
        }

    def _get_page_paper(self):
        """The paper as it was sent, else as it would be.

        :return: PDF
        :rtype: bytes
        """
        self.ensure_one()
        return self.paper_id.raw or self._render_papers()
