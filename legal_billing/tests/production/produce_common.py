import io
import re

from pypdf import PdfReader

from odoo.fields import Command

from ..common import LegalBillingCommon

MAIL_LOGGER = "odoo.addons.mail.models.mail_mail"


class ProduceCommon(LegalBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller.partner_id.email = "biller@firm.example"
        cls.company.email = "office@firm.example"

    def _make_bill(self, name="Matter", approve=True, **vals):
        """An approved bill of 300.00 plus tax.

        :rtype: account.move
        """
        matter = self._create_matter(name=name, **vals)
        self._create_time(matter, 1.0)
        bill = self._bill(matter)
        return self._approve(bill) if approve else bill

    def _make_partner(self, name, email=None):
        return self.env["res.partner"].create({"name": name, "email": email})

    def _produce(self, bills, role="biller"):
        """Produce and give back the run.

        :rtype: legal.billing.run
        """
        self._as(bills, role).action_produce_bills()
        return self.env["legal.billing.run"].search(
            [("operation", "=", "produce")], order="id desc", limit=1
        )

    def _send_queue(self):
        """Work off the mail queue as the cron does."""
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()

    def _read_pages(self, pdf):
        return [
            re.sub(r"\s+", " ", page.extract_text())
            for page in PdfReader(io.BytesIO(pdf)).pages
        ]

    def _email_by_hand(self, bill, partners):
        """Send the bill with Odoo's own window, to these instead of its recipients."""
        action = self._as(bill, "biller").action_email_bill()
        window = (
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
            .create({})
        )
        window.sending_methods = ["email"]  # not chosen for a bill without recipients
        window.mail_partner_ids = [Command.set(partners.ids)]
        window.action_send_and_print()
        self._send_queue()
