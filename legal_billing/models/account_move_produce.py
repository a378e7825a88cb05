from odoo import models


class AccountMove(models.Model):
    """Producing bills: PDFs, e-mail, print; produced is not delivered."""

    _inherit = "account.move"
