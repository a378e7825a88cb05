from contextlib import contextmanager

from odoo import api, models

from ...tools import Sign, companies_fit, is_internal, is_making_bills

#: Core's files, whose methods compute what new items are given here; that of sales
#: speaks of advances in companies that book in red.
CORE = (
    "odoo.addons.account.models.account_move_line",
    "odoo.addons.sale.models.account_move_line",
)
#: What a new item of a bill has by rules that its values answer, and core's method that
#: says the same by way of a record for each. Fields that another addon computes, or has
#: besides, are computed as ever.
COMPUTES = {
    "is_storno": "_compute_is_storno",
    "debit": "_compute_debit_credit",
    "credit": "_compute_debit_credit",
    "sequence": "_compute_sequence",
    "currency_id": "_compute_currency_id",
    "product_uom_id": "_compute_product_uom_id",
    "quantity": "_compute_quantity",
    "price_unit": "_compute_price_unit",
}
#: The same of what an item takes over from its entry and its tax.
RELATED = {
    "journal_id": "move_id.journal_id",
    "company_id": "move_id.company_id",
    "company_currency_id": "move_id.company_currency_id",
    "tax_line_id": "tax_repartition_line_id.tax_id",
    "tax_group_id": "tax_line_id.tax_group_id",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _create_analytic_lines(self):
        """Core asks the database for each line's analytic accounts: ask once."""
        if len(self.move_id) > 1 and self.move_id == self.move_id._get_bills():
            accounts = self.env["account.analytic.account"].browse(
                {
                    int(account_id)
                    for line in self
                    for key in line.analytic_distribution or {}
                    for account_id in key.split(",")
                }
            )
            existing = accounts.exists()
            self = self.with_context(
                legal_billing_existing=Sign("existing", set(existing.ids))
            )
        return super()._create_analytic_lines()

    def _check_company(self, fnames=None):
        """For items that billing itself writes core's answer is found for all of them
        together; where it is not plainly yes, core checks and refuses as ever."""
        if is_internal(self.env) and companies_fit(self, fnames):
            return
        super()._check_company(fnames)

    @api.model_create_multi
    def create(self, vals_list):
        """Items of our own entries have what they copy from the entry at once: core
        gives it to them afterwards, and updates each once more."""
        if is_internal(self.env):
            moves = self.env["account.move"]
            vals_list = [
                vals
                | {
                    "date": move.date,
                    "invoice_date": move.invoice_date,
                    "parent_state": move.state,
                }
                for vals in vals_list
                for move in moves.browse(vals["move_id"])
            ]
        return super().create(vals_list)

    def _add_precomputed_values(self, vals_list):
        """Items of many new bills say themselves most of what core would compute on a
        record made for each."""
        known = self._get_known_fields() if is_making_bills(self.env) else ()
        added = [self._add_known_values(vals, known) for vals in vals_list]
        result = super()._add_precomputed_values(vals_list)
        for vals, names in zip(vals_list, added, strict=True):
            # no person gave them: what follows from a value that is entered does not
            if names:
                vals.setdefault("__precomputed__", set()).update(
                    self._fields[name] for name in names
                )
        return result

    @api.model
    def _get_known_fields(self):
        """Fields whose values for a new item of a bill are core's alone.

        :rtype: set
        """
        kind = type(self)
        known = {
            name
            for name, method in COMPUTES.items()
            if getattr(kind, method).__module__ in CORE
            and self._fields[name].compute == method
        }
        return known | {
            name for name, path in RELATED.items() if self._fields[name].related == path
        }

    @api.model
    def _add_known_values(self, vals, known):
        """Complete the values of a product's or a tax's item.

        :param dict vals: of an item of a new bill, changed
        :param set known: of ``_get_known_fields``
        :return: names of what was added
        :rtype: list
        """
        kind = vals.get("display_type")
        if not known or kind not in ("product", "tax") or "balance" not in vals:
            return []
        move = self.env["account.move"].browse(vals["move_id"])
        company = move.company_id
        if company.account_storno or not move.is_sale_document():
            return []
        balance = company.currency_id.round(vals["balance"])
        tax_line = self.env["account.tax.repartition.line"].browse(
            vals.get("tax_repartition_line_id")
        )
        values = {
            "journal_id": move.journal_id.id,
            "company_id": company.id,
            "company_currency_id": company.currency_id.id,
            "tax_line_id": tax_line.tax_id.id,
            "tax_group_id": tax_line.tax_id.tax_group_id.id,
            "is_storno": False,
            "debit": max(balance, 0.0),
            "credit": max(-balance, 0.0),
            "currency_id": move.currency_id.id,
        }
        if kind == "tax" and not vals.get("product_id"):
            values |= {
                "sequence": 10000,
                "product_uom_id": False,
                "quantity": 0.0,
                "price_unit": 0.0,
            }
        added = [name for name in values if name in known and name not in vals]
        vals.update((name, values[name]) for name in added)
        return added

    @contextmanager
    def _sync_invoice(self, container):
        """Items of new bills have both their amounts: core need not look at each
        before and after to work out the one from the other."""
        if is_making_bills(self.env):
            container["records"] = container["records"].with_context(
                skip_invoice_line_sync=True
            )
        with super()._sync_invoice(container):
            yield
