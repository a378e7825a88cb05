from odoo import models

#: Reasons that are looked at in the entries themselves.
ENTRY_REASONS = (
    "no_rate",
    "after_cutoff",
    "nothing_chargeable",
    "zero",
    "below_scope",
    "too_young",
)


class LegalBillingRunLine(models.Model):
    """The buttons that mend what holds a row back, or what made it fail."""

    _inherit = "legal.billing.run.line"

    def action_cure(self):
        """Do, or open, what makes this row billable.

        :return: an action, or True when it is done
        """
        self.ensure_one()
        self.run_id._check_biller()
        cure = self._get_cures().get(self.reason_code)
        return cure() if cure else super().action_cure()

    def _get_cures(self):
        """What the button does, by reason; extend to add cures.

        :rtype: dict
        """
        return {
            "left_out": self._refresh,
            "unticked": self._tick_all,
            "locked": self.action_retry,
            "changed": self.action_retry,
            "no_exchange_rate": self._open_currency,
            "no_account": self._open_product,
            "account_archived": self._open_income_account,
            "tax_archived": self._open_tax,
            "tax_account_archived": self._open_tax_account,
            "journal_archived": lambda: self._open(self._get_journal()),
            "receivable_archived": self._open_receivable,
            "payer_archived": lambda: self._open(self.payer_id),
        } | dict.fromkeys(ENTRY_REASONS, self.action_open_entries)

    def _tick_all(self):
        self.sudo().unticked_ids = False  # the role was checked by the action
        return self._refresh()

    # --- records of the books

    def _open(self, record):
        """Open a record in its form; the user's rights on it decide what he may do.

        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    def _open_currency(self):
        matter = self.matter_id.sudo()  # its own options
        return self._open(matter.billing_currency_id or self.currency_id)

    def _get_journal(self):
        return self.env["legal.bill.maker"]._get_own_journal(self.matter_id.sudo())

    def _get_problem_product(self):
        """The product whose account or tax is to be mended.

        :rtype: product.product
        """
        check = self.env["legal.billing.check"].sudo()
        maker = self.env["legal.bill.maker"].sudo()
        matter = self.matter_id.sudo()  # names of products and accounts
        products = maker._get_fee_product(matter) | self.entry_ids.sudo().product_id
        products |= matter.company_id.legal_disbursement_product_id
        return products.filtered(lambda p: check._check_product((matter, p))[0])[:1]

    def _open_product(self):
        return self._open(self._get_problem_product().product_tmpl_id)

    def _open_income_account(self):
        maker = self.env["legal.bill.maker"].sudo()
        account = maker._get_account(
            self.matter_id.sudo(),
            self._get_problem_product(),
            maker.env["account.fiscal.position"],
            raising=False,
        )
        return self._open(account)

    def _get_taxes(self):
        product = self._get_problem_product().with_context(active_test=False)
        return product.taxes_id._filter_taxes_by_company(self.company_id)

    def _open_tax(self):
        return self._open(self._get_taxes().filtered(lambda tax: not tax.active)[:1])

    def _open_tax_account(self):
        lines = self._get_taxes().flatten_taxes_hierarchy().invoice_repartition_line_ids
        dead = lines.account_id.filtered(lambda account: not account.active)
        return self._open(dead[:1])

    def _open_receivable(self):
        payer_sudo = self.payer_id.sudo().with_company(self.company_id)
        return self._open(payer_sudo.property_account_receivable_id)
