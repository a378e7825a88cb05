from odoo.tests import Form, tagged

from ...exceptions import RoleError, UndoError
from ..payment.payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestBillPartialCredit(PaymentCommon):
    """Crediting a part: each part its taxes, entries stay billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entry = cls._create_time(cls.matter, 4.0)
        cls.court = cls._create_disbursement(cls.matter, 100.0)
        cls.counsel = cls._create_disbursement(
            cls.matter, 300.0, product_id=cls.taxed_type.id
        )

    def setUp(self):
        super().setUp()
        self.bill = self._approve(self._bill(self.matter))

    def _open(self, role="approver"):
        action = self._as(self.bill, role).action_open_credit()
        return self._as(self.env[action["res_model"]], role).browse(action["res_id"])

    def _credit(self, amounts, role="approver", **vals):
        """:param dict amounts: ``{name of the part: net}``"""
        window = self._open(role)
        window.write({"reason": "Goodwill", "date": DAY, **vals})
        for row in window.line_ids:
            row.amount = amounts.get(row.name, 0.0)
        action = window.action_credit()
        return self.env["account.move"].browse(action["res_id"])

    def _get_open_elements(self):
        elements = self.bill._get_element_outstanding()[self.bill.id]
        return {name: float(amount) for name, amount in elements}

    def test_parts_are_offered_by_element_and_type(self):
        rows = {row.name: row for row in self._open().line_ids}
        self.assertEqual(
            {name: (row.bill_element, row.billed_amount) for name, row in rows.items()},
            {
                "Fees": ("fees", 1200.0),
                "Court fee": ("disbursement_exempt", 100.0),
                "Counsel": ("disbursement_taxable", 300.0),
            },
        )

    def test_part_of_the_fees_takes_their_tax_only(self):
        self.assertEqual(self.bill.amount_total, 1900.0)
        note = self._credit({"Fees": 200.0, "Court fee": 40.0})
        self.assertRecordValues(
            note,
            [
                {
                    "state": "posted",
                    "move_type": "out_refund",
                    "amount_untaxed": 240.0,
                    "amount_tax": 40.0,
                    "amount_residual": 0.0,
                    "billing_stage": "production",
                    "approved_by_id": self.approver.id,
                    "client_id": self.client.id,
                }
            ],
        )
        revenue = self.company_data["default_account_revenue"]
        tax = note.line_ids.filtered("tax_line_id").account_id
        self.assertItems(
            note,
            [
                (revenue, 200.0, 0.0),
                (revenue, 40.0, 0.0),
                (tax, 40.0, 0.0),
                (self.receivable, 0.0, 280.0),
            ],
        )
        self.assertEqual(self.bill.amount_residual, 1620.0)
        self.assertEqual(
            self._get_open_elements(),
            {
                "disbursement_exempt": 60.0,
                "disbursement_taxable": 360.0,
                "fees": 1200.0,
            },
        )
        entries = self.entry | self.court | self.counsel
        self.assertEqual(entries.bill_id, self.bill)
        self.assertIn("280.00 credited: Goodwill", self.bill.message_ids[0].body)

    def test_a_share_of_everything(self):
        window = self._open()
        with Form(window) as form:
            form.percent = 10.0
            form.reason = "Discount after the event"
        self.assertEqual(
            dict(window.line_ids.mapped(lambda row: (row.name, row.amount))),
            {"Fees": 120.0, "Court fee": 10.0, "Counsel": 30.0},
        )
        self.assertEqual((window.net_amount, window.total), (160.0, 190.0))

    def test_parts_that_add_up_to_all_free_the_entries(self):
        self._credit({"Fees": 1200.0})
        self.assertEqual(self.entry.bill_id, self.bill)
        rows = {row.name: row.open_amount for row in self._open().line_ids}
        self.assertEqual(rows, {"Fees": 0.0, "Court fee": 100.0, "Counsel": 300.0})
        self._credit({"Court fee": 100.0, "Counsel": 300.0})
        self.assertEqual(self.bill.payment_state, "reversed")
        self.assertFalse((self.entry | self.court | self.counsel).bill_id)
        with self.assertRaisesRegex(UndoError, "credited in full already"):
            self._open()

    def test_a_biller_makes_a_draft(self):
        note = self._credit({"Counsel": 300.0}, role="biller")
        self.assertEqual((note.state, note.billing_stage), ("draft", "draft"))
        self.assertEqual(self.bill.amount_residual, 1900.0)
        self._approve(note)
        self.assertEqual(self.bill.amount_residual, 1540.0)
        self.assertEqual(note.amount_residual, 0.0)

    def test_after_a_payment_the_rest_is_an_open_credit(self):
        self._pay(self.bill, 1900.0)
        note = self._credit({"Fees": 100.0})
        self.assertEqual(self.bill.payment_state, "paid")
        self.assertEqual(note.amount_residual, 120.0)
        self.assertEqual(self.entry.bill_id, self.bill)

    def test_refused(self):
        with self.assertRaisesRegex(UndoError, "more than was billed.*Fees"):
            self._credit({"Fees": 1200.01})
        with self.assertRaisesRegex(UndoError, "Enter what is credited"):
            self._credit({})
        with self.assertRaisesRegex(UndoError, "Say why"):
            self._credit({"Fees": 1.0}, reason=" ")
        for role in ("cashier", "fee_earner", "reviewer"):
            with self.assertRaises(RoleError):
                self._as(self.bill, role).action_open_credit()
        draft = self._create_matter(name="New")
        self._create_time(draft, 1.0)
        with self.assertRaisesRegex(UndoError, "only approved bills"):
            self._as(self._bill(draft), "biller").action_open_credit()
