from odoo import api, fields, models

from ...exceptions import ConfigurationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    legal_use = fields.Selection(
        [("fee", "Fees"), ("disbursement", "Disbursement")],
        string="In legal billing",
        help="Fees: gives account and taxes of time. Disbursement: a type of cost "
        "that matters are charged with.",
    )
    disbursement_treatment = fields.Selection(
        [("agent", "As the client's agent"), ("principal", "As principal")],
        default="principal",
        help="Agent: passed on at the client's cost, gross, without our tax (a tax of "
        "0 % is kept, for e-invoices). Principal: net, with our tax and an "
        "optional markup.",
        string="Disbursement treatment",
    )
    legal_tax_exempt = fields.Boolean(
        string="Carries no tax on purpose",
        help="Runs then do not ask why these fees have no tax. For all fees of the firm: "
        "in the settings.",
    )
    disbursement_markup = fields.Float(
        string="Markup (%)",
        help="Added to the cost of disbursements charged as principal.",
    )

    @api.constrains("legal_use", "taxes_id", "disbursement_treatment")
    def _check_legal_taxes(self):
        if self.env.context.get("chart_template_load"):
            return  # core gives its default; the right tax follows at once
        self.filtered("legal_use")._check_net_of_tax()

    def _check_net_of_tax(self):
        """Generated bill lines carry net amounts: a tax that is included in the price
        would take its share out of them (rule C-12).

        :raise ConfigurationError: naming the products
        """
        included = self.filtered(
            lambda product: any(tax.price_include for tax in product.sudo().taxes_id)
        )
        if included:
            raise ConfigurationError(
                self.env._(
                    "WIP is net of tax, so fee and disbursement types cannot have a "
                    "tax that is included in the price: %(names)s. Choose a tax that "
                    "is added to the price.",
                    names=", ".join(included.mapped("display_name")),
                )
            )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _is_exempt(self, company):
        """Whether disbursements of this type carry no tax of ours (rule C-13): decided
        by the type's own taxes, before any fiscal position.

        :param res.company company: whose taxes count
        :rtype: bool
        """
        if self.disbursement_treatment == "agent":
            return True
        taxes = self.taxes_id._filter_taxes_by_company(company)
        return taxes._is_of_no_amount()

    def _get_agent_taxes(self, company, country=None):
        """Taxes of what is passed on as the client's agent: those of 0 % that the type
        names, else the company's; never one that adds to the cost (rule C-13).

        :param res.company company: whose taxes count
        :param res.country country: whose VAT the bill is under: core takes no taxes of
            others, and a tax of 0 % does not get lost; default: of any
        :rtype: account.tax
        """
        taxes = self.taxes_id._filter_taxes_by_company(company)
        taxes = (
            taxes.filtered(lambda tax: tax._is_of_no_amount())
            or company._get_agent_tax()
        )
        own = taxes.filtered(lambda tax: country in (None, tax.country_id))
        return own or (taxes and company._get_agent_tax_of(country))
