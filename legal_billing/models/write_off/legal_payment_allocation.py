from odoo import models
from odoo.fields import Command

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import fit_reference
from .write_off_entry import prepare_items


class LegalPaymentAllocation(models.Model):
    """Writing the rest of a bill off with a short payment."""

    _inherit = "legal.payment.allocation"

    def _get_write_off_problems(self, name):
        """What stands against writing this off on a slip: the rest of a bill that is
        paid short, up to the user's limit. All else is written off on the bill, by
        those who may.

        :param str name: of the bill
        :return: sentences
        :rtype: list
        """
        problems = []
        payment = self.payment_id
        if not self.reason:
            problems.append(
                self.env._("%(bill)s: say why the rest is written off", bill=name)
            )
        if self.amount < 0:
            problems.append(self.env._("%(bill)s: a write-off is positive", bill=name))
        if payment._get_source().is_held:
            problems.append(
                self.env._(
                    "%(bill)s: client money pays bills only and writes nothing off. An "
                    "approver uses Write off on the bill",
                    bill=name,
                )
            )
        elif not self._is_short_payment():
            problems.append(
                self.env._(
                    "%(bill)s gets no money on this payment, so there is no rest to "
                    "write off. An approver uses Write off on the bill",
                    bill=name,
                )
            )
        limit = self.env.user.sudo().legal_approval_limit  # of the user himself
        currency = self.company_id.currency_id
        amount = payment._convert_to_company(self.amount, self.currency_id)
        tolerance = self.company_id._get_write_off_tolerance(self.bill_id)
        before = payment._convert_to_company(
            self._get_written_off_before(), self.currency_id
        )
        if currency.compare_amounts(amount + before, tolerance) > 0:
            problems.append(
                self.env._(
                    "%(bill)s: writing %(amount)s off is over the %(tolerance)s that a "
                    "payment may write off of it%(before)s. Take the row off; an "
                    "approver uses Write off on the bill",
                    bill=name,
                    amount=currency.format_signed(amount),
                    tolerance=currency.format_signed(tolerance),
                    before=self.env._(
                        " (%(amount)s was written off by payments before)",
                        amount=currency.format_signed(before),
                    )
                    if before
                    else "",
                )
            )
        if limit and currency.compare_amounts(amount, limit) > 0:
            problems.append(
                self.env._(
                    "%(bill)s: writing %(amount)s off is over your limit of %(limit)s. "
                    "Take the row off; an approver uses Write off on the bill",
                    bill=name,
                    amount=currency.format_signed(amount),
                    limit=currency.format_signed(limit),
                )
            )
        return problems

    def _get_written_off_before(self):
        """What other slips wrote off of this row's bill.

        :rtype: float
        """
        rows_sudo = self.sudo().search(  # amounts only
            [
                ("bill_id", "=", self.bill_id.id),
                ("kind", "=", "write_off"),
                ("state", "=", "posted"),
                ("is_selected", "=", True),
                ("payment_id", "!=", self.payment_id._origin.id),
            ]
        )
        return sum(rows_sudo.mapped("amount"))

    def _is_short_payment(self):
        """Whether the bill of this write-off gets money on the same slip.

        :rtype: bool
        """
        return any(
            row.kind == "bill"
            and row.bill_id == self.bill_id
            and self.currency_id.compare_amounts(row.amount, row.overpayment_amount) > 0
            for row in self.payment_id._get_posting_rows()
        )

    def _post_write_offs(self):
        """Write the rest of these bills off: the net to the firm's write-off account,
        the tax in it taken back by the bill's own taxes.

        :return: the posted entry
        :rtype: account.move
        """
        payment = self.payment_id
        company = payment.company_id
        account = company._get_legal_write_off_account()
        line_vals, targets = [], []
        for row in self:
            lines = row._get_open_receivables()
            base_vals = row._prepare_write_off_vals(account)
            line_vals += [
                *base_vals,
                {
                    "name": row.bill_id.name,
                    "account_id": lines.account_id.id,
                    "partner_id": row.bill_id.commercial_partner_id.id,
                    "matter_id": row.matter_id.id,
                    "currency_id": row.currency_id.id,
                    "amount_currency": -row.amount,
                    "balance": -sum(vals["balance"] for vals in base_vals),
                },
            ]
            targets.append((len(line_vals) - 1, lines))
        self.env["account.analytic.distribution.model"]._complete_entry_items(
            company, line_vals
        )
        move = (
            self.env["account.move"]
            .with_company(company)
            .with_context(skip_invoice_sync=True)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": payment._get_entry_journal().id,
                    "company_id": company.id,
                    "date": payment.date,
                    "ref": fit_reference(
                        self.env._(
                            "Written off: %(text)s",
                            text="; ".join(
                                f"{row.bill_id.name}: {row.reason}" for row in self
                            ),
                        )
                    ),
                    "currency_id": payment.currency_id.id,
                    "legal_payment_id": payment.id,
                    "line_ids": [Command.create(vals) for vals in line_vals],
                }
            )
        )
        move._post(soft=False)
        payment._check_entry(move)
        created = move.line_ids.sorted("id")
        payment._reconcile([created[position] + lines for position, lines in targets])
        return move

    def _prepare_write_off_vals(self, account):
        """Debits of one write-off: net and tax per set of taxes of the bill.

        :rtype: list
        """
        self.ensure_one()
        currency = self.currency_id
        sets = {}
        for line in self.bill_id.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ):
            for taxes, gross in line._split_gross().items():
                if not self.company_id.legal_write_off_tax_relief:
                    taxes = taxes.browse()
                sets[taxes] = sets.get(taxes, 0.0) + gross
        sets = {taxes: total for taxes, total in sets.items() if total > 0}
        parts = engine.largest_remainder(
            to_decimal(self.amount),
            [to_decimal(total) for total in sets.values()],
            to_decimal(currency.rounding),
        )
        result = []
        for taxes, part in zip(sets, parts, strict=True):
            if part:
                result += prepare_items(
                    self.bill_id,
                    self.matter_id,
                    taxes,
                    float(part),
                    account,
                    f"{self.bill_id.name}: {self.reason}",
                    lambda amount: self.payment_id._convert_to_company(
                        amount, currency
                    ),
                )
        return result
