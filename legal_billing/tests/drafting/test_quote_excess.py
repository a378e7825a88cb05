from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import LegalBillingError, MatterOptionError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestQuoteExcess(LegalBillingCommon):
    """A quote of 5,000.00 is used up and 800.00 is above it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(
            name="Quoted", quoted_amount=5000.0, quote_rule="lower", quote_scope="fees"
        )
        cls.first = cls._create_time(cls.matter, 10.0, bill_rate=500.0)

    def setUp(self):
        super().setUp()
        self._approve(self._bill(self.matter))
        self.above = self._create_time(self.matter, 2.0, bill_rate=400.0)
        self.run = self._create_run()
        self.row = self._get_row(self.run, self.matter)

    def _open(self, role="biller"):
        action = self._as(self.row, role).action_cure()
        return self._as(self.env[action["res_model"]], role).browse(action["res_id"])

    def test_the_row_says_both_figures(self):
        self.assertRow(self.run, self.matter, "excluded", "quote_used_up")
        window = self._open()
        for text in (self.row.message, window.message):
            self.assertIn("5,000.00", text)
            self.assertIn("800.00 is above it", text)
        self.assertEqual((window.above_amount, window.new_amount), (800.0, 5800.0))
        self.assertEqual((window.entry_count, window.hours), (1, 2.0))

    def test_write_off(self):
        cost = self._create_disbursement(self.matter, 60.0)
        self.run.action_load()
        self.row = self._get_row(self.run, self.matter)
        window = self._open()
        window.reason = " "
        with self.assertRaisesRegex(LegalBillingError, "Say why"):
            window.action_write_off()
        window.reason = "Agreed with the client"
        window.action_write_off()
        self.assertEqual(self.above.write_off_reason, "Agreed with the client")
        self.assertEqual(self.above.written_off_by_id, self.biller)
        self.assertRow(self.run, self.matter, "ready", amount=60.0)
        self.assertFalse(cost.written_off_on)

    def test_raise_the_quote(self):
        window = self._open()
        window.new_amount = 5000.0
        with self.assertRaisesRegex(MatterOptionError, "must be higher"):
            window.action_raise_quote()
        window.new_amount = 5500.0
        window.action_raise_quote()
        self.assertEqual(self.matter.quoted_amount, 5500.0)
        self.assertRow(self.run, self.matter, "ready", amount=500.0)

    def test_bill_anyway(self):
        action = self._open().action_bill_anyway()
        self.assertEqual(action["type"], "ir.actions.act_window_close")
        self.assertEqual(self.row.state, "done")
        bill = self.row.bill_id
        self.assertEqual(bill.amount_untaxed, 800.0)
        self.assertEqual(bill.billing_run_id, self.run)
        self.assertEqual(bill.create_uid, self.biller)
        self.assertEqual(self.matter.quoted_amount, 5000.0)
        # priced again, it stays above the quote
        self._as(self.above, "biller").write({"bill_quantity": 3.0})
        self.assertEqual(bill.amount_untaxed, 1200.0)

    def test_what_is_unticked_is_left_alone(self):
        left = self._create_time(self.matter, 1.0, bill_rate=400.0)
        self.run.action_load()
        self.row = self._get_row(self.run, self.matter)
        self._as(self.row, "biller").action_toggle_entry(self._as(left, "biller"))
        window = self._open()
        self.assertEqual((window.above_amount, window.entry_count), (800.0, 1))
        window.reason = "Agreed with the client"
        window.action_write_off()
        self.assertTrue(self.above.written_off_on)
        self.assertFalse(left.written_off_on)
        with self.assertRaisesRegex(LegalBillingError, "nothing left to do"):
            window.action_write_off()

    def test_bill_anyway_as_the_row_says(self):
        left = self._create_time(self.matter, 1.0, bill_rate=400.0)
        terms = self.env["account.payment.term"].create(
            [
                {
                    "name": name,
                    "line_ids": [
                        Command.create(
                            {
                                "value": "percent",
                                "value_amount": 100,
                                "nb_days": days,
                            }
                        )
                    ],
                }
                for name, days in (("Run", 11), ("Row", 12))
            ]
        )
        reports = self.env["ir.actions.report"].search(
            [("is_invoice_report", "=", True), ("model", "=", "account.move")]
        )
        report = (reports - self.matter.bill_report_id)[:1]
        self.assertTrue(report)
        self.run.write({"payment_term_id": terms[0].id, "bill_report_id": report.id})
        self.run.action_load()
        self.row = self._get_row(self.run, self.matter)
        row = self._as(self.row, "biller")
        row.payment_term_id = terms[1]
        row.action_toggle_entry(self._as(left, "biller"))
        self._open().action_bill_anyway()
        bill = self.row.bill_id
        self.assertEqual(bill.wip_line_ids, self.above)
        self.assertEqual(bill.amount_untaxed, 800.0)
        self.assertEqual(bill.left_out_ids, left)
        self.assertEqual(bill.invoice_payment_term_id, terms[1])
        self.assertEqual(bill.bill_report_id, report)
        self.assertFalse(left.bill_id)

    def test_the_matter_offers_the_same(self):
        matter = self._as(self.matter, "biller")
        self.assertTrue(matter.is_quote_used_up)
        action = matter.action_open_quote_excess()
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        self.assertEqual(window.above_amount, 800.0)
        draft = self.env["account.move"].browse(window.action_bill_anyway()["res_id"])
        self.assertEqual((draft.state, draft.amount_untaxed), ("draft", 800.0))
        matter.invalidate_recordset()
        with self.assertRaisesRegex(MatterOptionError, "no work above a quote"):
            matter.action_open_quote_excess()

    def test_who_does_not_bill_cannot_decide(self):
        window = self._open()
        with self.assertRaises(RoleError):
            self._as(self.matter, "reviewer").action_open_quote_excess()
        for call in ("action_write_off", "action_raise_quote", "action_bill_anyway"):
            with self.assertRaises(RoleError):
                getattr(self._as(window.sudo(), "reviewer").sudo(False), call)()
        self.assertFalse(self.above.written_off_on)
