import re

from odoo import models
from odoo.exceptions import UserError

#: Identifies a public body in Germany, and stands in BT-10.
LEITWEG_ID = re.compile(r"\d{2,12}(-[A-Z0-9]{1,30})?-\d{2}")


class AccountMove(models.Model):
    """What the e-invoice of a bill says besides what Odoo knows, and what would be
    refused of it."""

    _inherit = "account.move"

    # --- content

    def _get_einvoice_reference(self):
        """What the client wants to read: of the bill, else of its matter.

        :rtype: str
        """
        self.ensure_one()
        bill = self.reversed_entry_id or self
        if bill.is_split:  # each payer has a reference of his own
            return bill.ref or ""
        # sudo: the reference is the client's. Matters on one bill have the same, or had
        references = set(bill.sudo().matter_ids.mapped("client_reference"))
        shared = references.pop() if len(references) == 1 else ""
        return shared or (self == bill and self.ref) or ""

    def _get_einvoice_buyer_reference(self):
        """The buyer reference (BT-10): a public body's own identifier where the contact
        has it, else the client's reference of the matter.

        :rtype: str
        """
        self.ensure_one()
        known = self.commercial_partner_id.ref or ""
        if LEITWEG_ID.fullmatch(known):
            return known
        return self._get_einvoice_reference() or known

    def _get_einvoice_period(self):
        """First and last day of the work that is billed (BT-73, BT-74).

        :return: two dates, or nothing
        :rtype: tuple
        """
        self.ensure_one()
        bill = self.reversed_entry_id or self
        bill_sudo = bill._get_split_heads().sudo()  # days, no words
        days = bill_sudo.wip_line_ids.mapped("date") or [
            self._fields["invoice_date"].to_date(row["date"])
            for row in bill_sudo.entries_snapshot or []
        ]
        return (min(days), max(days)) if days else ()

    # --- what would be refused

    def _get_einvoice_format(self):
        """The format that this bill has or would have; nothing for most clients.

        :rtype: str
        """
        self.ensure_one()
        return self.env["account.move.send"]._get_default_invoice_edi_format(self)

    def _get_einvoice_problems(self):
        """By Odoo's own export checks. Bills that are alike in all that those look at
        are looked at once."""
        problems = super()._get_einvoice_problems()
        known = {}
        for bill in self._get_bills():
            edi_format = bill._get_einvoice_format()
            if not edi_format:
                continue
            key = bill._get_einvoice_key(edi_format)
            if key not in known:
                known[key] = bill._check_einvoice(edi_format)
            if known[key]:
                problems[bill] = problems.get(bill, []) + known[key]
        return problems

    def _get_einvoice_key(self, edi_format):
        """What Odoo's checks look at, for one bill.

        :rtype: tuple
        """
        self.ensure_one()
        return (
            edi_format,
            self.company_id,
            self.partner_id,
            self.partner_shipping_id,
            self.partner_bank_id,
            self.fiscal_position_id,
            self.currency_id,
            self.move_type,
            bool(self._get_einvoice_buyer_reference()),
            frozenset(
                (line.tax_ids, bool(line.product_id or line.name))
                for line in self.invoice_line_ids
                if line.display_type == "product"
            ),
        )

    def _check_einvoice(self, edi_format):
        """
        :return: sentences of Odoo's export checks
        :rtype: list
        """
        self.ensure_one()
        # sudo: the checks read companies, banks and taxes, and give sentences
        bill_sudo = self.sudo()
        builder = bill_sudo.commercial_partner_id._get_edi_builder(edi_format)
        if builder is None or not bill_sudo._need_format_check(builder):
            return []
        try:
            _xml, errors = builder._export_invoice(bill_sudo)
        except UserError as error:
            errors = {str(error)}
        if bill_sudo.state == "draft":  # it gets its number when it is approved
            errors = errors - {builder._check_required_fields(bill_sudo, "name")}
        return sorted(str(error) for error in errors)

    def _need_format_check(self, builder):
        """Whether there is something to export; extend to leave formats out.

        :param builder: model of the format
        :rtype: bool
        """
        self.ensure_one()
        return bool(self.invoice_line_ids)
