from odoo import models

from ...exceptions import PaymentError


class LegalPayment(models.Model):
    """What the payment's page opens and prints."""

    _inherit = "legal.payment"

    def action_open_entries(self):
        """Open all journal entries of these payments, reversals included.

        :rtype: dict
        """
        entries = self._get_entries() | self.reversal_move_ids
        if "trust_transaction_ids" in self._fields:
            entries |= self.trust_transaction_ids.move_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries"),
            "res_model": "account.move",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", entries.ids)],
        }

    def action_open_bills(self):
        """Open the bills of these payments.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        bills = self._get_posting_rows().bill_id
        return action | {"domain": [("id", "in", bills.ids)], "context": {}}

    def action_open_preview(self):
        """Show what each mode would give each bill, side by side.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare rules"),
            "res_model": "legal.payment.allocation",
            "views": [
                (
                    self.env.ref("legal_billing.legal_payment_preview_view_list").id,
                    "list",
                )
            ],
            "domain": [("payment_id", "=", self.id), ("kind", "=", "bill")],
            "context": {"default_payment_id": self.id},
        }

    def _use_mode(self, mode):
        """Take a rule of this mode and apply it.

        :param str mode:
        :raise PaymentError: if no rule has it
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        if self.payment_rule_id.mode != mode:
            rule = self.env["legal.payment.rule"].search(
                [
                    ("mode", "=", mode),
                    ("company_id", "in", [self.company_id.id, False]),
                ],
                limit=1,
            )
            if not rule:
                raise PaymentError(
                    self.env._(
                        "No payment rule has this mode. Ask a manager to make one."
                    )
                )
            self.payment_rule_id = rule
        self._apply_rule(overwrite=True)

    def action_print_receipt(self):
        """Print Odoo's payment receipt, which lists every bill.

        :rtype: dict
        """
        return self.env.ref("account.action_report_payment_receipt").report_action(
            self.account_payment_id
        )
