from odoo import models

from ...exceptions import BillStageError, ProtectedFieldError
from ...tools import is_changed

#: What is on our paper alone: it stays as it went out.
OWN_PAPER_FIELDS = {"bill_report_id", "bill_text", "cutoff_date"}
#: The stored paper itself.
PAPER_FIELDS = {
    "invoice_pdf_report_file",
    "invoice_pdf_report_id",
    "ubl_cii_xml_file",
    "ubl_cii_xml_id",
}
#: Core's fields on the paper that may be changed after a bill was approved.
CORE_PAPER_FIELDS = {
    "invoice_user_id",
    "narration",
    "partner_bank_id",
    "payment_reference",
    "ref",
}


class AccountMove(models.Model):
    """The stored PDF of an approved bill is what its fields say: it is made anew when
    they change before the bill went out, and they stay once it did."""

    _inherit = "account.move"

    def _check_frozen(self, vals=None):
        """Besides, the stored paper of a bill is written by producing it: what somebody
        leaves on a draft would be its paper once it is approved."""
        result = super()._check_frozen(vals)
        names = PAPER_FIELDS & vals.keys() if vals else ()
        if names and not self._is_internal():
            is_stored = any(vals[name] for name in names)
            bills = self._get_bills().filtered(
                lambda bill: is_stored or bill.state == "posted"
            )
            if bills:
                raise ProtectedFieldError(
                    self.env._(
                        "The paper of %(bills)s is stored by producing it, and stays as it "
                        "went out. Revert the bill, or use Credit and rebill.",
                        bills=", ".join(bill._get_short_name() for bill in bills),
                    )
                )
        return result

    def write(self, vals):
        """Papers are made anew, or stay, and deliveries are looked at again, as the
        fields behind them change."""
        names = (OWN_PAPER_FIELDS | CORE_PAPER_FIELDS) & vals.keys()
        changed = {
            bill: fields
            for bill in self._get_bills()
            if names
            and bill.state == "posted"
            and (fields := bill._get_changed_paper_fields(vals, names))
        }
        gone = {bill: fields for bill, fields in changed.items() if bill._went_out()}
        if not self._is_internal():
            self._check_paper_stays(gone)
        result = super().write(vals)
        stale = self.browse(bill.id for bill in changed if bill not in gone)
        stale.filtered("invoice_pdf_report_id")._forget_pdfs()
        self._follow_network(vals)
        if "recipient_ids" in vals or "bill_channel_ids" in vals:
            # sudo: the right to change the recipients was checked by the write
            bills_sudo = self._get_bills().sudo()
            # who is left may have it already
            bills_sudo.filtered("delivery_message_ids")._refresh_delivery()
        return result

    def _get_changed_paper_fields(self, vals, names):
        """Fields that get another value than they have.

        :rtype: list
        """
        self.ensure_one()
        return [
            self._fields[name]
            for name in sorted(names)
            if is_changed(self, name, vals[name])
        ]

    def _went_out(self):
        """Whether somebody may have this bill's paper.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.billing_stage == "finalized" or self.sudo().delivery_message_ids
        )

    def _check_paper_stays(self, changed):
        """
        :param dict changed: ``{bill: fields}`` of bills that went out
        :raise BillStageError: naming the bills and what of theirs stays
        """
        kept = {
            bill: [field for field in fields if field.name in OWN_PAPER_FIELDS]
            for bill, fields in changed.items()
        }
        kept = {bill: fields for bill, fields in kept.items() if fields}
        if not kept:
            return
        labels = {
            field._description_string(self.env)
            for fields in kept.values()
            for field in fields
        }
        raise BillStageError(
            self.env._(
                "%(bills)s went out as it is, so it keeps: %(fields)s. Revert it first, "
                "or use Credit and rebill once the client has it.",
                bills=", ".join(bill._get_short_name() for bill in kept),
                fields=", ".join(sorted(labels)),
            )
        )

    def _forget_pdfs(self):
        """Keep the stored PDFs as plain attachments, as core does on reset to draft:
        the next one to print or send a bill makes its PDF anew."""
        self._detach_attachments()
        self.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
