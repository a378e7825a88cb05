from contextlib import contextmanager
from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...exceptions import MatterOptionError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterClient(LegalBillingCommon):
    """A matter gets another client mid-way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # core's partners of tests want no e-mail
        cls.partner_b.with_company(cls.company).invoice_sending_method = "email"
        cls.matter = cls._create_matter(name="Estate")

    def _open(self, **vals):
        action = self._as(self.matter, "biller").action_change_client()
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        window.write({"partner_id": self.partner_b.id, **vals})
        return window

    def test_a_new_client_is_sent_bills_as_it_wants(self):
        self.assertEqual(self.matter.bill_channel_ids.mapped("code"), ["email"])
        self.partner_b.with_company(self.company).invoice_sending_method = "manual"
        self._open().action_change()
        self.assertEqual(self.matter.bill_channel_ids.mapped("code"), ["print"])
        self.assertFalse(self.matter.bill_recipient_ids)
        self.assertEqual(self.matter.bill_print_copies, "1")

    def test_history_stays_wip_goes(self):
        billed = self._create_time(self.matter)
        bill = self._approve(self._bill(self.matter))
        unbilled = self._create_time(self.matter, day=date(2026, 10, 20))
        cost = self._create_disbursement(self.matter)
        window = self._open()
        self.assertEqual((window.moving_count, window.moving_amount), (2, 400.0))
        window.action_change()
        self.assertEqual(self.matter.partner_id, self.partner_b)
        self.assertEqual(self.matter.billing_partner_id, self.partner_b)
        self.assertEqual(self.matter.bill_recipient_ids, self.partner_b)
        self.assertEqual((bill.client_id, bill.partner_id), (self.client, self.client))
        self.assertEqual(billed.partner_id, self.client)
        self.assertEqual((unbilled | cost).partner_id, self.partner_b)
        later = self._bill(self.matter)
        self.assertEqual(
            (later.client_id, later.partner_id), (self.partner_b, self.partner_b)
        )
        self.assertIn("the client is", self.matter.message_ids[0].body)

    def test_rows_of_a_run_show_the_new_client_and_payer(self):
        self._create_time(self.matter)
        run = self._create_run()
        row = run.line_ids.filtered(lambda line: line.matter_id == self.matter)
        self.assertEqual((row.client_id, row.payer_id), (self.client, self.client))
        self._open().action_change()
        self.assertRecordValues(
            row, [{"client_id": self.partner_b.id, "payer_id": self.partner_b.id}]
        )
        self.assertEqual(
            row.search(
                [("client_id", "=", self.partner_b.id), ("run_id", "=", run.id)]
            ),
            row,
        )

    def test_a_plain_project_with_a_new_customer_is_none_of_our_business(self):
        project = self.env["project.project"].create(
            {"name": "No matter", "partner_id": self.client.id}
        )
        self.env.flush_all()
        queries = []
        with contextmanager(self._patchExecute)(queries):
            project.partner_id = self.partner_b
        self.assertIn('UPDATE "project_project"', " ".join(queries))
        self.assertNotIn('FROM "legal_', " ".join(queries))

    def test_earlier_wip_stays_with_the_old_client(self):
        early = self._create_time(self.matter, bill_rate=123.0)
        early_cost = self._create_disbursement(self.matter)
        late = self._create_time(self.matter, day=date(2026, 10, 20))
        window = self._open(wip_choice="split", date_from=date(2026, 10, 15))
        self.assertEqual((window.staying_count, window.staying_amount), (2, 223.0))
        window.action_change()
        rest = early.matter_id
        self.assertNotEqual(rest, self.matter)
        self.assertEqual(early_cost.matter_id, rest)
        self.assertEqual(rest.partner_id, self.client)
        self.assertEqual(rest.billing_partner_id, self.client)
        self.assertEqual(rest.bill_recipient_ids, self.client)
        self.assertEqual((early.partner_id, early.bill_rate), (self.client, 123.0))
        self.assertEqual(late.matter_id, self.matter)
        bills = self._bill(rest | self.matter)
        self.assertEqual(
            {(bill.partner_id, bill.amount_untaxed) for bill in bills},
            {(self.client, 223.0), (self.partner_b, 300.0)},
        )

    def test_payer_of_another_stays(self):
        self.matter.billing_partner_id = self.partner_a
        self._open().action_change()
        self.assertEqual(self.matter.billing_partner_id, self.partner_a)

    def test_settings_of_the_new_client_on_request(self):
        self.partner_b.legal_minimum_bill_amount = 33.0
        self._open().action_change()
        self.assertEqual(self.matter.minimum_bill_amount, 0.0)
        window = self._open(partner_id=self.client.id)
        window.action_change()
        self._open(take_over=True).action_change()
        self.assertEqual(self.matter.minimum_bill_amount, 33.0)

    def test_draft_stands_against_it(self):
        self._create_time(self.matter)
        self._bill(self.matter)
        window = self._open()
        self.assertIn("draft bill", window.obstacle)
        with self.assertRaisesRegex(MatterOptionError, "draft bill: .*Estate"):
            window.action_change()

    def test_credit_stands_against_it(self):
        lines = self.env["account.move"].create(
            {
                "move_type": "entry",
                "ref": "Opening credit",
                "line_ids": [
                    (0, 0, vals)
                    for vals in (
                        {
                            "account_id": self.company_data[
                                "default_account_assets"
                            ].id,
                            "debit": 50.0,
                        },
                        {
                            "account_id": self.company.sudo()
                            ._get_legal_unallocated_account()
                            .id,
                            "credit": 50.0,
                            "matter_id": self.matter.id,
                            "partner_id": self.client.id,
                        },
                    )
                ],
            }
        )
        lines._internal().action_post()
        self.assertEqual(self.matter.unallocated_credit_balance, 50.0)
        with self.assertRaisesRegex(MatterOptionError, "unallocated credits: .*Estate"):
            self._as(self.matter, "biller").partner_id = self.partner_b

    def test_only_billing_changes_the_client(self):
        with self.assertRaises(RoleError):
            self._as(self.matter, "fee_earner").action_change_client()
        self._create_time(self.matter)
        self._bill(self.matter)
        with self.assertRaises(AccessError):
            self._as(self.matter, "fee_earner").partner_id = self.partner_b
