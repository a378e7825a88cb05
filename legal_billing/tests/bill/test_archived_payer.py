from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import ApprovalError, MatterOptionError, ProduceError
from ...models.run.reasons import REASONS
from ..production.produce_common import MAIL_LOGGER, ProduceCommon
from ..production.smtp import smtp_server


@tagged("post_install", "-at_install")
class TestArchivedPayer(ProduceCommon):
    """Who is billed was archived meanwhile: no bill goes to a contact that the firm has
    put away, and each step says so, with the way out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer = cls.env["res.partner"].create(
            {"name": "Insurer plc", "email": "claims@insurer.example"}
        )
        cls.matter = cls._create_matter(
            name="Claim", billing_partner_id=cls.payer.id, bill_recipient_ids=False
        )
        cls._create_time(cls.matter)
        cls.plain = cls._create_matter(name="Lease")
        cls._create_time(cls.plain)

    def test_the_run_holds_the_matter_back_until_it_is_mended(self):
        self.payer.active = False
        run = self._create_run()
        self.assertRow(run, self.matter, "excluded", "payer_archived", 300.0)
        self.assertRow(run, self.plain, "ready", amount=300.0)
        row = self._get_row(run, self.matter)
        self.assertIn("Insurer plc is archived", row.message)
        action = self._as(row, "biller").action_cure()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", self.payer.id)
        )
        self.payer.active = True
        run.action_load()
        self.assertRow(run, self.matter, "ready", amount=300.0)

    def test_archived_after_the_review_the_row_fails_and_is_tried_again(self):
        run = self._create_run()
        self.assertRow(run, self.matter, "ready", amount=300.0)
        self.payer.active = False
        run.action_bill_all()
        self.assertRow(run, self.matter, "failed", "payer_archived")
        self.assertTrue(REASONS["payer_archived"].mendable)
        self.assertEqual(run.bill_ids.matter_id, self.plain)
        self.payer.active = True
        run.action_retry_all()
        self.assertRow(run, self.matter, "done")

    def test_a_single_bill_is_refused(self):
        self.payer.active = False
        matter = self._as(self.matter, "biller")
        with self.assertRaisesRegex(
            MatterOptionError, r"Claim.*Insurer plc is archived.*another payer"
        ):
            matter.action_bill_matter()
        matter.billing_partner_id = self.client
        self.assertTrue(matter.action_bill_matter())

    def test_a_draft_is_not_approved(self):
        bill = self._bill(self.matter) + self._bill(self.plain)
        self.payer.active = False
        words = r"Claim: its payer Insurer plc is archived.*another payer"
        for refused in ("action_approve_bills", "action_post"):
            with self.subTest(refused), self.assertRaisesRegex(ApprovalError, words):
                getattr(self._as(bill[0], "approver"), refused)()
        self.assertEqual(bill[0].state, "draft")
        self._as(bill[0], "biller").write({"partner_id": self.client.id})
        self.assertEqual(self._approve(bill).mapped("state"), ["posted"] * 2)

    def test_a_bill_of_a_client_archived_since_is_credited(self):
        bill = self._approve(self._bill(self.matter))
        self.payer.active = False
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertEqual(self.matter.unbilled_amount, 300.0)

    @mute_logger(MAIL_LOGGER)
    def test_an_approved_bill_goes_to_recipients_who_are_there(self):
        self.matter.bill_recipient_ids = self.payer
        bill = self._approve(self._bill(self.matter))
        self.payer.active = False
        with smtp_server(self.env) as mailbox:
            with self.assertRaisesRegex(ProduceError, "Insurer plc is archived"):
                self._produce(bill)
            self._as(bill, "biller").write({"recipient_ids": self.client.ids})
            self._produce(bill)
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
