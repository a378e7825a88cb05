from odoo import models


class AccountEdiXmlCii(models.AbstractModel):
    """Bills in Factur-X: what the templates of this addon print besides."""

    _inherit = "account.edi.xml.cii"

    def _export_invoice_vals(self, invoice):
        """References, matter, period of work, VAT in the company's currency, fees by
        timekeeper: all as values of the template."""
        vals = super()._export_invoice_vals(invoice)
        if not invoice._get_bills():
            return vals
        number = invoice.sudo().matter_id.matter_number  # it is on the paper too
        vals["buyer_reference"] = invoice._get_einvoice_buyer_reference()
        if reference := invoice._get_einvoice_reference():
            vals["purchase_order_reference"] = reference
        vals["contract_reference"] = number or vals["contract_reference"]
        vals["legal_project"] = number
        vals["legal_origin"] = invoice.reversed_entry_id
        if period := invoice._get_einvoice_period():
            vals["billing_start"], vals["billing_end"] = period
        company = invoice.company_id
        if invoice.currency_id != company.currency_id:
            vals["legal_tax_currency"] = company.currency_id
            vals["legal_tax_amount"] = abs(invoice.amount_tax_signed)
        rows = []
        for row in vals["invoice_line_vals_list"]:
            row["legal_name"] = row["line"]._get_einvoice_name()
            rows += self._split_line_vals(row)
        for index, row in enumerate(rows, start=1):
            row["index"] = index
        vals["invoice_line_vals_list"] = rows
        return vals

    def _split_line_vals(self, row):
        """
        :param dict row: of one invoice line, as Odoo made it
        :return: rows that add up to it
        :rtype: list
        """
        line = row["line"]
        result = []
        for name, hours, amount in line._get_einvoice_shares():
            title = line.product_id.name or line.name
            price = amount / (hours or 1)
            result.append(
                {
                    **row,
                    "legal_name": f"{title}: {name}" if name else title,
                    "legal_is_share": True,
                    "quantity": hours or 1,
                    "unece_uom_code": "HUR" if hours else "C62",
                    "gross_price_total_unit": price,
                    "price_subtotal_unit": price,
                    "line_total_amount": amount,
                }
            )
        return result or [row]
