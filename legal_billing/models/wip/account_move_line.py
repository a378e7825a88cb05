from odoo import models

from ...tools import FROM_BOOKS


class AccountMoveLine(models.Model):
    """Items that costs come from."""

    _inherit = "account.move.line"

    def _is_cost_of_client(self):
        """Whether a disbursement comes from this item: a vendor bill's or receipt's
        line, an expense, or what a person booked by hand on a disbursement product.
        Write-offs, slips, discounts, exchange differences, allocations of overheads have
        none of these.

        :rtype: bool
        """
        self.ensure_one()
        move = self.move_id
        if move.is_purchase_document(include_receipts=True):
            return self.display_type == "product"
        if move.move_type != "entry" or self.account_id.internal_group != "expense":
            return False
        if "expense_id" in self._fields and self.expense_id:  # with hr_expense
            return True
        return self.product_id.legal_use == "disbursement" and move._may_bring_costs()

    def _create_analytic_lines(self):
        """Entries that the items make are the books', whoever posts them."""
        books = self.with_context(legal_billing_books=FROM_BOOKS)
        return super(AccountMoveLine, books)._create_analytic_lines()

    def _inverse_analytic_distribution(self):
        """Core deletes the entries of posted items and makes them anew."""
        books = self.with_context(legal_billing_books=FROM_BOOKS)
        return super(AccountMoveLine, books)._inverse_analytic_distribution()
