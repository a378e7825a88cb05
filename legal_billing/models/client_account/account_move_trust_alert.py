from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount

from ...exceptions import BillStageError


class AccountMove(models.Model):
    """Bills that client money paid and that turn out not to be delivered: an e-mail that
    was accepted bounces days later, and rule T1 is broken after the fact."""

    _inherit = "account.move"

    client_money_paid_amount = fields.Monetary(
        string="Client money used", compute="_compute_client_money_paid_amount"
    )
    is_client_money_undelivered = fields.Boolean(
        string="Client money, not delivered",
        compute="_compute_client_money_paid_amount",
        search="_search_is_client_money_undelivered",
        help="Client money paid this bill, and its delivery was taken back since.",
    )

    @api.depends("delivered_on", "trust_bill_line_ids.state")
    def _compute_client_money_paid_amount(self):
        lines_sudo = self.env["legal.trust.bill"].sudo()  # figures of own bills
        paid = {
            bill.id: amount
            for bill, amount in lines_sudo._read_group(
                [("bill_id", "in", self.ids), *self._get_client_money_domain()],
                ["bill_id"],
                ["amount:sum"],
            )
        }
        for bill in self:
            bill.client_money_paid_amount = paid.get(bill.id, 0.0)
            bill.is_client_money_undelivered = bill.id in paid and not bill.delivered_on

    @api.model
    def _get_client_money_domain(self):
        """Transfers of client money that stand.

        :rtype: list
        """
        return [("transaction_id.state", "=", "posted")]

    @api.model
    def _search_is_client_money_undelivered(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines_sudo = self.env["legal.trust.bill"].sudo()  # ids of bills only
        paid = lines_sudo._read_group(
            [("bill_id.delivered_on", "=", False), *self._get_client_money_domain()],
            ["bill_id"],
        )
        domain = Domain("id", "in", [bill.id for (bill,) in paid])
        return domain if True in value else ~domain

    # --- when it happens

    def _refresh_delivery(self):
        """Whoever took client money for a bill that bounces is told at once."""
        delivered = self.filtered("delivered_on")
        result = super()._refresh_delivery()
        delivered.filtered(lambda bill: not bill.delivered_on)._warn_client_money()
        return result

    def _warn_client_money(self):
        lines_sudo = self.env["legal.trust.bill"].sudo()  # whoever sends the mail queue
        lines_sudo = lines_sudo.search(
            [("bill_id", "in", self.ids), *self._get_client_money_domain()]
        )
        for bill_sudo, lines in lines_sudo.grouped("bill_id").items():
            text = self.env._(
                "%(amount)s of client money paid this bill, and its e-mail came back: "
                "%(error)s. Deliver it again, or reverse %(payments)s.",
                amount=format_amount(
                    self.env, sum(lines.mapped("amount")), bill_sudo.currency_id
                ),
                error=bill_sudo.delivery_error,
                payments=", ".join(
                    lines.transaction_id.payment_id.mapped("display_name")
                ),
            )
            bill_sudo._message_log(body=text)
            user = lines.transaction_id.posted_by_id[:1]
            if user.active and bill_sudo.with_user(user).has_access("read"):
                bill_sudo.activity_schedule(
                    "mail.mail_activity_data_warning",
                    user_id=user.id,
                    summary=self.env._("Client money, but not delivered"),
                    note=text,
                )

    # --- ways out

    @api.model
    def action_open_client_money_undelivered(self):
        """List the bills that client money paid although they are not delivered.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.client_money_undelivered_action"
        )
        return action | {"context": {}}

    def action_open_client_money_payments(self):
        """Open the payments from the client account of these bills, to reverse them.

        :rtype: dict
        :raise BillStageError: if client money paid none of them
        """
        lines_sudo = self.env["legal.trust.bill"].sudo()  # opened with own rights
        lines_sudo = lines_sudo.search(
            [("bill_id", "in", self.ids), *self._get_client_money_domain()]
        )
        payments = lines_sudo.transaction_id.payment_id
        if not payments:
            raise BillStageError(self.env._("Client money paid none of these bills."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_payment_action"
        )
        action |= {"domain": [("id", "in", payments.ids)], "context": {}}
        if len(payments) == 1:
            action |= {"res_id": payments.id, "views": [(False, "form")]}
        return action
