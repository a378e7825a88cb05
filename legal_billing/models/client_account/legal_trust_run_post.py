from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools import COLLECTION, INTERNAL


class LegalTrustRun(models.Model):
    """Paying the matters of a run, and one bank movement for all of them."""

    _inherit = "legal.trust.run"

    def _pay_matter(self, matter, lines):
        """One payment of the matter's lines, in a savepoint of its own.

        :return: the posted payment, or none with the reason on the lines
        :rtype: legal.payment
        """
        lines_internal = lines.sudo().with_context(legal_billing_internal=INTERNAL)
        try:
            with self.env.cr.savepoint():
                # sudo: the preparer of the run is the payment's; posting is checked
                payments_sudo = self.env["legal.payment"].sudo()
                payment = payments_sudo.with_context(
                    legal_billing_internal=INTERNAL
                ).create(self._prepare_payment_vals(matter, lines))
                payment.with_env(self.env).action_post()
        except UserError as error:  # ours, and core's: accounts, locks
            lines_internal.write({"state": "failed", "message": str(error)})
            return self.env["legal.payment"]
        lines_internal.write(
            {"state": "done", "message": False, "payment_id": payment.id}
        )
        return payment.with_env(self.env)

    def _prepare_payment_vals(self, matter, lines):
        return {
            "source": "client_account",
            "company_id": self.company_id.id,
            "client_journal_id": self.client_journal_id.id,
            "journal_id": self.office_journal_id.id,
            "matter_id": matter.id,
            "received_from_id": matter.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount": self.currency_id.round(sum(lines.mapped("amount"))),
            "date": self.date,
            "memo": self.memo,
            "client_money_prepared_by_id": self.prepared_by_id.id,
            "allocation_ids": [
                Command.create(
                    {
                        "bill_id": line.bill_id.id,
                        "amount": line.amount,
                        "is_manual": True,
                    }
                )
                for line in lines
            ],
        }

    def _collect_bank_items(self, payments):
        """Gather the open bank items of both sides, so that one statement line on each
        bank account matches the whole run.

        :param legal.payment payments: posted
        """
        movements = payments.sudo().trust_transaction_ids
        client_items = movements.move_id.line_ids.filtered(
            lambda line: line.account_id != self.company_id.legal_trust_account_id
        )
        office_items = self.env["account.move.line"].sudo()
        for payment in payments.sudo().account_payment_id:
            office_items |= payment._seek_for_lines()[0]
        for items in (client_items, office_items):
            items = items.filtered(
                lambda item: item.account_id.reconcile and not item.reconciled
            )
            if len(items) > 1 and len(items.account_id) == 1:
                self._collect(items)

    def _collect(self, items):
        moves = self.env["account.move"].with_context(
            legal_billing_trust_collection=COLLECTION
        )
        move = moves.create(
            {
                "move_type": "entry",
                "journal_id": items.journal_id.id,
                "company_id": self.company_id.id,
                "date": self.date,
                "ref": self.name,
                "line_ids": [
                    *(
                        Command.create(self._prepare_collection_vals(item))
                        for item in items
                    ),
                    Command.create(
                        {
                            "account_id": items.account_id.id,
                            "name": self.env._(
                                "%(run)s: transfer to office", run=self.name
                            ),
                            "currency_id": items[0].currency_id.id,
                            "amount_currency": sum(items.mapped("amount_currency")),
                            "balance": sum(items.mapped("balance")),
                        }
                    ),
                ],
            }
        )
        move._post(soft=False)
        mirrored = move.line_ids.sorted("id")[:-1]
        self.env["account.move.line"]._reconcile_plan(
            [item + mirror for item, mirror in zip(items, mirrored, strict=True)]
        )
        self.collection_move_ids = [Command.link(move.id)]

    def _prepare_collection_vals(self, item):
        return {
            "account_id": item.account_id.id,
            "name": item.name,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.amount_currency,
            "balance": -item.balance,
        }
