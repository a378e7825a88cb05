from odoo import models


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "legal.wall.document"]

    _wall_document_fields = ("model", "res_id")
