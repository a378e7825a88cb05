from odoo import api, fields, models
from odoo.fields import Command


class LegalBillingCheck(models.AbstractModel):
    _inherit = "legal.billing.check"

    @api.model
    def _get_einvoice_problems(self, matters):
        """By Odoo's own export checks, on a bill of one line of fees that is nowhere
        stored. Matters that are alike in all that those look at are looked at once; for
        most payers there is nothing to look at."""
        problems = super()._get_einvoice_problems(matters)
        known = {}
        # sudo: whoever bills the matter; the checks give sentences
        for matter in matters.sudo():
            payer = matter.billing_partner_id.with_company(matter.company_id)
            by_peppol = matter.bill_channel_ids._has("peppol")
            edi_format = payer.commercial_partner_id.invoice_edi_format
            if not (edi_format or by_peppol):
                continue
            product = self.env["legal.bill.maker"]._get_fee_product(matter)
            key = (
                payer,
                matter.company_id,
                matter.billing_currency_id,
                product,
                by_peppol,
                bool(matter.client_reference),
            )
            if key not in known:
                known[key] = self._check_next_einvoice(matter, product)
            if known[key]:
                problems[matter.sudo(False)] = known[key]
        return problems

    @api.model
    def _check_next_einvoice(self, matter, product):
        """
        :return: sentences
        :rtype: list
        """
        company = matter.company_id
        maker = self.env["legal.bill.maker"].with_company(company).sudo()
        payer = matter.billing_partner_id
        position = self.env["account.fiscal.position"].with_company(company)
        position = position.sudo()._get_fiscal_position(payer)
        taxes = position.map_tax(product.taxes_id._filter_taxes_by_company(company))
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .new(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "journal_id": maker._get_journal(matter).id,
                    "partner_id": payer.id,
                    "fiscal_position_id": position.id,
                    "currency_id": (
                        matter.billing_currency_id or company.currency_id
                    ).id,
                    "invoice_date": fields.Date.context_today(self),
                    "name": "/",
                    "ref": matter.client_reference,
                    "matter_ids": [Command.set(matter.ids)],
                    "bill_channel_ids": [Command.set(matter.bill_channel_ids.ids)],
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "display_type": "product",
                                "product_id": product.id,
                                "name": product.name,
                                "quantity": 1,
                                "price_unit": 100.0,
                                "tax_ids": [Command.set(taxes.ids)],
                            }
                        )
                    ],
                }
            )
        )
        return move._check_einvoice(move._get_einvoice_format())
