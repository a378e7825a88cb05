from datetime import date, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .request_common import RequestCommon


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestMoneyRequestTours(RequestCommon, HttpCase):
    """From an evergreen below its minimum to the deposit, in a real browser."""

    def test_asked_with_the_bill_and_paid(self):
        roles = ("biller", "approver", "client_account_officer")
        groups = [f"legal_billing.legal_billing_group_{role}" for role in roles]
        user = new_test_user(
            self.env,
            login="legal_evergreen",
            groups=",".join(["base.group_user", *groups]),
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        user.partner_id.email = "evergreen@firm.example"
        self.company.email = "office@firm.example"
        matter = self._create_matter(
            name="Outside counsel",
            retainer_minimum=3000.0,
            retainer_target=5000.0,
            retainer_ask_with_bill=True,
        )
        self._book("deposit", 6000.0, day=date(2026, 11, 1), matter_id=matter.id)
        day = fields.Date.today() - timedelta(days=3)
        self._create_time(matter, 10.0, day=day, bill_rate=300.0)
        self.start_tour("/odoo", "legal_billing_evergreen", login=user.login)
        self.env.invalidate_all()
        [request] = matter.money_request_ids
        self.assertRecordValues(
            request,
            [
                {
                    "kind": "client_money",
                    "state": "paid",
                    "sent_how": "bill",
                    "amount": 2600.0,  # 5,000.00 − (6,000.00 − 3,600.00)
                }
            ],
        )
        self.assertHeld(8600.0, matter)
        deposit = request.deposit_ids
        self.assertEqual(deposit.posted_by_id, user)
        self.assertItems(
            deposit.move_id,
            [(self.receipts, 2600.0, 0.0), (self.liability, 0.0, 2600.0)],
        )
        bill = request.asked_with_id
        self.assertEqual(
            (bill.billing_stage, bill.amount_residual), ("finalized", 3600.0)
        )
