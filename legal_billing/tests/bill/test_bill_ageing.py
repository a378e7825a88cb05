from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import LegalBillingCommon

DAYS = {
    "late_0": (-30, 0),
    "late_30": (1, 30),
    "late_60": (31, 60),
    "late_90": (61, 90),
    "late_more": (91, 400),
}


@tagged("post_install", "-at_install")
class TestBillAgeing(LegalBillingCommon):
    """Unpaid bills by how late they are: read, searched and grouped alike."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = cls.env["account.payment.term"].create({"name": "At once"})
        cls.today = fields.Date.today()

    def _make_bill(self, days):
        """An approved bill of 300.00 net that is so many days late."""
        matter = self._create_matter(bill_payment_term_id=self.term.id)
        day = self.today - timedelta(days=days)
        self._create_time(matter, 1.0, day=min(day, self.today))
        bill = self._bill(matter, invoice_date=min(day, self.today))
        if day > self.today:
            bill.invoice_payment_term_id = False
            bill.invoice_date_due = day
        return self._approve(bill)

    def test_reading_searching_and_grouping_agree(self):
        bills = {days: self._make_bill(days) for span in DAYS.values() for days in span}
        everything = self.env["account.move"].union(*bills.values())
        mine = [("id", "in", everything.ids)]
        moves = self._as(everything, "biller")
        groups = dict(moves._read_group(mine, ["late_bucket"], ["id:recordset"]))
        for key, span in DAYS.items():
            expected = bills[span[0]] | bills[span[1]]
            with self.subTest(key):
                self.assertEqual(set(expected.mapped("late_bucket")), {key})
                found = moves.search([*mine, ("late_bucket", "=", key)])
                self.assertEqual(found, expected.sorted("id") & found)
                self.assertEqual(len(found), 2)
                self.assertEqual(groups[key], found)

    def test_drafts_and_paid_bills_have_none(self):
        draft_matter = self._create_matter()
        self._create_time(draft_matter, 1.0)
        draft = self._bill(draft_matter)
        paid = self._make_bill(40)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({})._create_payments()
        bills = draft | paid
        self.assertEqual(bills.mapped("late_bucket"), [False, False])
        mine = [("id", "in", bills.ids)]
        self.assertEqual(
            bills.search([*mine, ("late_bucket", "=", False)]),
            bills.sorted("id") & bills,
        )
        self.assertFalse(bills.search([*mine, ("late_bucket", "!=", False)]))
        [(key, count)] = bills._read_group(mine, ["late_bucket"], ["__count"])
        self.assertEqual((key, count), (False, 2))

    def test_picture_is_stacked_by_lawyer(self):
        bills = self._make_bill(10) | self._make_bill(100)
        moves = self._as(bills, "biller")
        [self_group] = moves.formatted_read_group(
            [("id", "in", bills.ids), ("late_bucket", "=", "late_more")],
            ["responsible_id", "late_bucket"],
            ["amount_residual_signed:sum"],
        )
        self.assertEqual(self_group["amount_residual_signed:sum"], 360.0)
        self.assertEqual(
            moves.search(self_group["__extra_domain"] + [("id", "in", bills.ids)]),
            bills[1],
        )

    def test_strip_has_each_step(self):
        bills = self._make_bill(-5) | self._make_bill(45) | self._make_bill(50)
        strip = self._as(bills, "biller").get_bill_strip(
            "all", [("id", "in", bills.ids)]
        )
        self.assertEqual(
            [(age["key"], age["count"], age["amount"]) for age in strip["ages"]],
            [
                ("late_0", 1, 360.0),
                ("late_30", 0, 0.0),
                ("late_60", 2, 720.0),
                ("late_90", 0, 0.0),
                ("late_more", 0, 0.0),
            ],
        )
        self.assertEqual(strip["open"], 3)
