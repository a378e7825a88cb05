from ast import literal_eval

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ...exceptions import BillStageError
from .trust_common import TrustCommon


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestTrustDelivery(TrustCommon):
    """T1 after the fact: the e-mail of a bill that client money paid bounces later."""

    def setUp(self):
        super().setUp()
        self._book("deposit", 1000)
        self.bill = self._make_bill()
        self.payment = self._pay({self.bill: 360.0})
        self.payment.action_post()

    def _bounce(self, bill=None):
        """The mail server's answer that comes days later."""
        bill = bill or self.bill
        # pylint: disable-next=translation-required
        message = bill._internal().message_post(
            body="the bill", message_type="email", partner_ids=self.client.ids
        )
        bill._note_emailed(message)
        notification = self.env["mail.notification"].search(
            [
                ("mail_message_id", "=", message.id),
                ("res_partner_id", "=", self.client.id),
            ]
        )
        bill._internal().write({"delivery_method": "email"})
        notification.sudo().write({"notification_status": "bounce"})
        bill.sudo()._refresh_delivery()

    def _get_listed(self, role="client_account_officer"):
        bills = self._as(self.env["account.move"], role)
        return bills.search([("is_client_money_undelivered", "=", True)])

    def test_a_bounce_puts_the_bill_on_the_list_and_tells_who_paid(self):
        self.assertFalse(self._get_listed())
        self._bounce()
        self.assertFalse(self.bill.delivered_on)
        self.assertEqual(self._get_listed(), self.bill)
        self.assertEqual(self.bill.client_money_paid_amount, 360.0)
        activity = self.bill.activity_ids
        self.assertEqual(activity.user_id, self.client_account_officer)
        self.assertIn(self.payment.name, activity.note)
        strip = self._as(
            self.env["legal.trust.balance"], "client_account_officer"
        ).get_trust_strip([("journal_id", "=", self.client_bank.id)])
        self.assertEqual((strip["undelivered"], strip["negative"]), (1, 0))
        self.assertEqual((strip["count"], strip["matters"]), (1, 1))
        self.assertIn("640.00", strip["balance"])

    def test_way_out_deliver_again(self):
        self._bounce()
        self._as(self.bill, "biller").action_confirm_posted()
        self.assertFalse(self._get_listed())
        self.assertHeld(640.0)

    def test_way_out_reverse_the_payment(self):
        self._bounce()
        action = self._as(
            self.bill, "client_account_officer"
        ).action_open_client_money_payments()
        self.assertEqual(action["res_id"], self.payment.id)
        self.payment.action_reverse("its bill bounced", "correction")
        self.assertFalse(self._get_listed())
        self.assertHeld(1000.0)
        with self.assertRaisesRegex(BillStageError, "none of these bills"):
            self.bill.action_open_client_money_payments()

    def test_more_client_money_is_refused_until_then(self):
        bill = self._make_bill()
        part = self._pay({bill: 100.0})
        part.action_post()
        self._bounce(bill)
        rest = self._pay({bill: 260.0})
        with self.assertRefused("not delivered"):
            rest.action_post()

    def test_no_client_money_for_a_bill_that_a_colleague_has(self):
        bill = self._make_bill(delivered=False)
        colleague = self.env["res.partner"].create(
            {"name": "Colleague", "email": "colleague@firm.example"}
        )
        # pylint: disable-next=translation-required
        message = bill._internal().message_post(
            body="the bill", message_type="email", partner_ids=colleague.ids
        )
        bill._note_emailed(message)
        message.notification_ids.sudo().notification_status = "sent"
        bill.sudo()._refresh_delivery()
        self.assertFalse(bill.delivered_on)
        with self.assertRefused("not delivered"):
            self._pay({bill: 100.0}).action_post()

    def test_list_page_and_roles(self):
        self._bounce()
        officer = self._as(self.env["account.move"], "client_account_officer")
        action = officer.action_open_client_money_undelivered()
        listed = officer.search(literal_eval(action["domain"]))
        self.assertEqual(listed, self.bill)
        outsider = new_test_user(
            self.env, "outsider", company_id=self.company.id, groups="base.group_user"
        )
        with self.assertRaises(AccessError):
            self.env["legal.trust.balance"].with_user(outsider).get_trust_strip([])

    # --- on paper

    def test_a_bill_says_what_is_held_where_its_template_asks(self):
        self._book("deposit", 70.0, matter_id=self.matter_b.id)
        self.assertFalse(self.bill._get_paper()["standing"])
        self.bill._get_bill_layout().show_client_money = True
        [(text, amount)] = self.bill._get_paper()["standing"]
        self.assertRegex(text, "^Client money held for this matter on")
        self.assertIn("640.00", amount)
        other = self._make_bill(self.matter_other)
        self.assertFalse(other._get_paper()["standing"], "nothing is held")
