from copy import deepcopy

from odoo import models

from odoo.addons.account_edi_ubl_cii.models.account_edi_common import FloatFmt


class AccountEdiXmlUblBis3(models.AbstractModel):
    """Bills in Peppol BIS 3 and what descends from it, XRechnung among them."""

    _inherit = "account.edi.xml.ubl_bis3"

    def _add_invoice_header_nodes(self, document_node, vals):
        """References, matter and period of work, which Odoo's invoices do not have."""
        super()._add_invoice_header_nodes(document_node, vals)
        bill = vals["invoice"]
        if not bill._get_bills():
            return
        reference = bill._get_einvoice_reference()
        if reference:
            document_node["cac:OrderReference"]["cbc:ID"]["_text"] = reference
        buyer_reference = bill._get_einvoice_buyer_reference()
        # a public body's identifier, which is its address too, is Odoo's to say
        if buyer_reference and bill.commercial_partner_id.peppol_eas != "0204":
            document_node["cbc:BuyerReference"] = {"_text": buyer_reference}
        number = bill.sudo().matter_id.matter_number  # it is on the paper too
        if number:
            document_node["cac:ContractDocumentReference"] = {
                "cbc:ID": {"_text": number}
            }
            if vals["document_type"] == "invoice":  # a credit note has no place for it
                document_node["cac:ProjectReference"] = {"cbc:ID": {"_text": number}}
        if period := bill._get_einvoice_period():
            document_node["cac:InvoicePeriod"] = {
                "cbc:StartDate": {"_text": period[0]},
                "cbc:EndDate": {"_text": period[1]},
            }
        if origin := bill.reversed_entry_id:
            document_node["cac:BillingReference"] = {
                "cac:InvoiceDocumentReference": {
                    "cbc:ID": {"_text": origin.name},
                    "cbc:IssueDate": {"_text": origin.invoice_date},
                }
            }

    def _ubl_add_line_item_name_description_nodes(self, vals):
        """A discount is not called by the product that it reduces."""
        super()._ubl_add_line_item_name_description_nodes(vals)
        line = vals["line_vals"]["base_line"].get("record")
        if not line or line._name != "account.move.line":
            return
        if name := line._get_einvoice_name():
            node = vals["item_node"]
            node["cbc:Name"] = {"_text": name}
            if (node["cbc:Description"] or {}).get("_text") == name:
                node["cbc:Description"] = None

    def _add_invoice_line_nodes(self, document_node, vals):
        """Fees by timekeeper and rate, where the matter wants that."""
        super()._add_invoice_line_nodes(document_node, vals)
        if not vals["invoice"]._get_bills():
            return
        tags = self._get_tags_for_document_type(vals)
        nodes = document_node[tags["document_line"]]
        lines = [
            base_line.get("record")
            for base_line in vals["base_lines"]
            if not self._is_document_allowance_charge(base_line)
        ]
        split = []
        for line, node in zip(lines, nodes, strict=True):
            split += self._split_line_node(line, node, tags["line_quantity"])
        for number, node in enumerate(split, start=1):
            node["cbc:ID"] = {"_text": number}
        document_node[tags["document_line"]] = split

    def _split_line_node(self, line, node, quantity_tag):
        """
        :param line: invoice line behind the node, if any
        :param dict node: as Odoo made it
        :param str quantity_tag: of the document's type
        :return: nodes that add up to it
        :rtype: list
        """
        shares = []
        if line and line._name == "account.move.line":
            shares = line._get_einvoice_shares()
        if not shares:
            return [node]
        currency = line.currency_id
        result = []
        for name, hours, amount in shares:
            share = deepcopy(node)
            share[quantity_tag] = {
                "_text": hours or 1,
                "unitCode": "HUR" if hours else "C62",
            }
            share["cbc:LineExtensionAmount"]["_text"] = FloatFmt(
                amount, min_dp=currency.decimal_places
            )
            share["cac:Price"]["cbc:PriceAmount"]["_text"] = FloatFmt(
                amount / (hours or 1), min_dp=1, max_dp=6
            )
            item = share["cac:Item"]
            title = item["cbc:Name"]["_text"]
            item["cbc:Name"] = {"_text": f"{title}: {name}" if name else title}
            item["cbc:Description"] = None
            result.append(share)
        return result
