import base64

from odoo import models

from ...tools import make_file_name


class LegalBillShare(models.Model):
    """The copy that a payer gets of a bill that names him."""

    _inherit = "legal.bill.share"

    def action_preview_copy(self):
        """Show the paper that this payer gets.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        bill = self.bill_id
        bill.check_access("read")
        if self not in bill._get_copies_to_send():
            return bill.action_preview_bills()
        pdf = bill._render_copies([(bill, self)])[bill.id, self.id]
        preview = self.env["legal.bill.preview"].create(
            {
                "name": self._get_paper_name(),
                "content": base64.b64encode(
                    bill._stamp(pdf) if bill.state == "draft" else pdf
                ),
            }
        )
        return preview._open()

    def _get_recipients(self):
        """Who gets the copy by e-mail, archived partners included.

        :rtype: res.partner
        """
        return self.with_context(active_test=False).recipient_ids.sudo(False)

    def _get_copies(self):
        """How often the copy is printed.

        :rtype: int
        """
        return int(self.print_copies or 0)

    def _get_paper_name(self):
        """
        :return: name of its file
        :rtype: str
        """
        self.ensure_one()
        return (
            make_file_name(
                self.env._(
                    "%(bill)s copy for %(payer)s",
                    bill=self.bill_id._get_short_name().replace("/", "-"),
                    payer=self.partner_id.display_name,
                )
            )
            + ".pdf"
        )
