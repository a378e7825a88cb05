from odoo import api, models


class LegalBillingCheck(models.AbstractModel):
    """What in the books would spoil a bill: Odoo takes archived accounts, taxes,
    journals and contacts into a draft without a word, and refuses, or forgets the tax, later.

    Answers are remembered per product, journal and payer in ``known``, so that a run of
    thousands of matters asks a handful of questions.
    """

    _name = "legal.billing.check"
    _description = "Checks before Billing"

    @api.model
    def _get_problem(self, row, known):
        """The first thing in the books that stands against a bill.

        :param MatterRow row: priced
        :param dict known: answers so far, of matters of one company; filled
        :return: reason code (or False) and the figures of its sentence
        :rtype: tuple
        """
        matter = row.matter
        questions = [
            (("journal", matter.bill_journal_id.id), self._check_journal, matter),
            *(
                (
                    ("payer", payer.id),
                    self._check_payer,
                    (matter, payer),
                )
                for payer in self._get_payers(matter)
            ),
        ]
        for product_id in dict.fromkeys(line.group[0] for line in row.priced.lines):
            product = self.env["product.product"].browse(product_id)
            key = ("product", product_id, matter.bill_journal_id.id)
            questions.append((key, self._check_product, (matter, product)))
        for key, method, subject in questions:
            if key not in known:
                known[key] = method(subject)
            if known[key][0]:
                return known[key]
        return False, {}

    @api.model
    def _get_einvoice_problems(self, matters):
        """What the network of their e-invoices would refuse of the next bills of these
        matters, as far as it is known before; an addon that knows the formats says.

        :param project.project matters:
        :return: ``{matter: sentences}``
        :rtype: dict
        """
        return {}

    @api.model
    def _check_journal(self, matter):
        journal = self.env["legal.bill.maker"]._get_own_journal(matter)
        if journal and not journal.active:
            return "journal_archived", {"journal": journal.display_name}
        return False, {}

    @api.model
    def _get_payers(self, matter):
        """Who is billed for a matter, and who is named on its bills.

        :rtype: res.partner
        """
        if not matter.payer_ids:
            return matter.billing_partner_id
        payers = matter.payer_ids.partner_id
        if matter._get_bill_payers() <= payers:
            return payers  # as they were read, all together
        return payers | matter._get_bill_payers()

    @api.model
    def _check_payer(self, subject):
        """Contact and receivable account of who is billed.

        :param tuple subject: matter and payer
        """
        matter, partner = subject
        partner = partner.with_company(matter.company_id)
        if not partner.active:
            return "payer_archived", {"payer": partner.display_name}
        account = partner.property_account_receivable_id
        if not account.active:
            return "receivable_archived", {
                "account": account.display_name or "",
                "payer": partner.display_name,
            }
        return False, {}

    @api.model
    def _check_product(self, subject):
        """Income account and taxes of a generated line.

        :param tuple subject: matter and product
        """
        matter, product = subject
        maker = self.env["legal.bill.maker"]
        account = maker._get_account(
            matter, product, self.env["account.fiscal.position"], raising=False
        )
        name = product.display_name or self.env._("The fee product")
        if not account:
            return "no_account", {"product": name}
        if not account.active:
            return "account_archived", {
                "account": account.display_name,
                "product": name,
            }
        if product.disbursement_treatment == "agent":
            taxes = product._get_agent_taxes(matter.company_id)
        else:
            taxes = product.with_context(
                active_test=False
            ).taxes_id._filter_taxes_by_company(matter.company_id)
        archived = taxes.filtered(lambda tax: not tax.active)
        if archived:
            return "tax_archived", {"tax": archived[0].name, "product": name}
        included = taxes.filtered("price_include")
        if included and product.disbursement_treatment != "agent":
            return "tax_included", {"tax": included[0].name, "product": name}
        default = matter.company_id._get_forgotten_tax(product)
        if default and not taxes:
            return "no_tax", {"tax": default.name, "product": name}
        accounts = taxes.flatten_taxes_hierarchy().invoice_repartition_line_ids
        dead = accounts.account_id.filtered(lambda account: not account.active)
        if dead:
            return "tax_account_archived", {
                "account": dead[0].display_name,
                "tax": taxes[0].name,
            }
        return False, {}
