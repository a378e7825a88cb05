from odoo import models
from odoo.fields import Command, Domain


class ProjectProject(models.Model):
    """From the figures of a matter to what they are made of."""

    _inherit = "project.project"

    def action_open_wip_ledger(self):
        """Open the unbilled entries alone, held ones too.

        :rtype: dict
        """
        entries = self.env["account.analytic.line"]
        domain = entries._get_unbilled_domain() & Domain("matter_id", "in", self.ids)
        return self.action_open_unbilled() | {"domain": list(domain), "context": {}}

    def action_open_held(self):
        """Open the entries on hold.

        :rtype: dict
        """
        action = self.action_open_unbilled()
        return action | {
            "domain": [("matter_id", "in", self.ids), ("wip_status", "in", ["held"])]
        }

    def action_open_drafts(self):
        """Open the drafts of these matters.

        :rtype: dict
        """
        return self._get_bills_action([("billing_stage", "=", "draft")])

    def action_open_unpaid(self):
        """Open the unpaid bills of these matters.

        :rtype: dict
        """
        return self._get_bills_action(
            [("state", "=", "posted"), ("amount_residual", "!=", 0)]
        )

    def _get_bills_action(self, domain):
        action = self.action_open_bills()
        return action | {
            "domain": [*domain, ("matter_ids", "in", self.ids)],
            "context": {},
        }

    def action_open_instalments(self):
        """Open the instalments that are not billed, to bill, change or delete them.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_fee_instalment_action"
        )
        return action | {
            "domain": [("matter_id", "in", self.ids), ("bill_id", "=", False)],
            "context": {"default_matter_id": self[:1].id},
        }

    def action_open_office_ledger(self):
        """Open what these matters' payers owe and paid, with a running balance.

        :rtype: dict
        """
        return self._get_ledger_action(
            self.env._("Office ledger"),
            Domain("account_type", "=", "asset_receivable")
            & (
                Domain("matter_id", "in", self.ids)
                | Domain("move_id.matter_ids", "in", self.ids)
                # payments that core's own button made: they name the bill only
                | Domain(
                    "matched_debit_ids.debit_move_id.move_id.matter_ids",
                    "in",
                    self.ids,
                )
            ),
        )

    def action_open_credit_ledger(self):
        """Open the unallocated credits of these matters, used ones too, with a running
        balance.

        :rtype: dict
        """
        return self._get_ledger_action(
            self.env._("Unallocated credits"),
            self.env["account.move.line"]._get_credit_domain()
            & Domain("matter_id", "in", self.ids),
            "legal_billing.matter_credit_ledger_view_list",
        )

    def _get_ledger_action(
        self, name, domain, view="legal_billing.matter_ledger_view_list"
    ):
        """A ledger of posted items, the newest first.

        :param str name: title
        :param odoo.fields.Domain domain: of the items
        :param str view: its list
        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.move.line",
            "view_mode": "list",
            "views": [(self.env.ref(view).id, "list")],
            "domain": list(domain & Domain("parent_state", "=", "posted")),
            "context": {},
        }

    def action_transfer_client_money(self):
        """Open a payment of this matter's delivered, unpaid bills from its client
        money; it is prepared, not posted.

        :rtype: dict
        :raise RoleError: without the client-account officer's role
        """
        self.ensure_one()
        self._check_client_account_role()
        bills = self.env["account.move"].search(self._get_delivered_unpaid_domain())
        payment = self.env["legal.payment"].create(
            {
                "source": "client_account",
                "company_id": self.company_id.id,
                "client_journal_id": self.sudo().trust_balance_ids.journal_id[:1].id,
                "matter_id": self.id,
                "received_from_id": self.partner_id.commercial_partner_id.id,
                "currency_id": self.client_account_currency_id.id,
                "amount": min(
                    self.client_account_available, sum(bills.mapped("amount_residual"))
                ),
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "sequence": sequence})
                    for sequence, bill in enumerate(bills, start=1)
                ],
            }
        )
        return payment._get_form_action()
