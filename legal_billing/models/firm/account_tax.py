from odoo import api, models


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.constrains("price_include_override")
    def _check_legal_types_net_of_tax(self):
        """The taxes of fee and disbursement types stay on top of the price.

        :raise ConfigurationError: naming the products
        """
        included = self.filtered("price_include")
        if included:
            products_sudo = self.env["product.template"].sudo()  # whoever sees them
            products_sudo.search(
                [("legal_use", "!=", False), ("taxes_id", "in", included.ids)]
            )._check_net_of_tax()

    def _is_of_no_amount(self):
        """Whether these taxes add nothing, all together; a group by what is in it.

        :rtype: bool
        """
        return not any(
            tax.amount or tax.amount_type == "code"
            for tax in self.flatten_taxes_hierarchy()
        )

    def _is_withheld(self):
        """Whether this tax is kept back from the one who is paid, and paid to the state
        for him: charts have it as a share below nothing. A reverse charge is one tax
        whose halves cancel out; one of -100 % takes the base away, where only the tax
        is paid.

        :rtype: bool
        """
        self.ensure_one()
        return self.amount_type in ("percent", "division") and -100 < self.amount < 0

    def _get_excluded_twin(self):
        """The same tax, added to the price.

        :return: none where there is none
        :rtype: account.tax
        """
        self.ensure_one()
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("type_tax_use", "=", self.type_tax_use),
                ("amount_type", "=", self.amount_type),
                ("amount", "=", self.amount),
                ("tax_scope", "in", (self.tax_scope, "service", False)),
                ("tax_group_id", "=", self.tax_group_id.id),
                ("tax_exigibility", "=", self.tax_exigibility),
            ]
        ).filtered(lambda tax: not tax.price_include)[:1]

    def _without_fixed(self):
        """Those of these taxes that are shares of the price. The others are owed per
        piece, whatever it costs: no discount, adjustment or part of a credit has them
        (rule C-36). A group that holds both is opened.

        :rtype: account.tax
        """
        result = self.browse()
        for tax in self:
            leaves = tax.flatten_taxes_hierarchy()
            shares = leaves.filtered(lambda leaf: leaf._can_be_discounted())
            result |= tax if shares == leaves else shares
        return result
