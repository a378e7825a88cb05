from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillStageError, RoleError
from ..common import LegalBillingCommon

DAY = date(2026, 3, 5)


@tagged("post_install", "-at_install")
class TestTakeOver(LegalBillingCommon):
    """Bills that the system before made and sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Old")

    def _create_opening(self, role="manager", **vals):
        return self._as(self.env["account.move"], role).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": DAY,
                "date": DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Balance of bill 17",
                            "price_unit": 250.0,
                            "tax_ids": [Command.clear()],
                            "matter_id": self.matter.id,
                        }
                    )
                ],
                **vals,
            }
        )

    def assertTakenOver(self, bills, day=DAY):
        self.assertRecordValues(
            bills,
            [
                {
                    "billing_stage": "finalized",
                    "delivered_day": day,
                    "delivery_method": "before",
                    "delivery_error": False,
                }
            ]
            * len(bills),
        )
        self.assertFalse(bills.delivery_message_ids)
        self.assertFalse(bills.invoice_pdf_report_id)

    def test_an_imported_bill_with_its_day_is_delivered_once_approved(self):
        result = self._as(self.env["account.move"], "manager").load(
            [
                "move_type",
                "partner_id/.id",
                "invoice_date",
                "taken_over_on",
                "invoice_line_ids/name",
                "invoice_line_ids/price_unit",
                "invoice_line_ids/matter_id/.id",
            ],
            [
                [
                    "out_invoice",
                    str(self.client.id),
                    "2026-03-01",
                    "2026-03-05",
                    "Balance",
                    "250",
                    str(self.matter.id),
                ]
            ],
        )
        self.assertFalse(result["messages"])
        bill = self.env["account.move"].browse(result["ids"])
        self.assertEqual(bill.billing_stage, "draft")
        self._approve(bill)
        self.assertTakenOver(bill)
        self.assertEqual(bill.amount_residual, bill.amount_total)

    def test_approved_bills_are_taken_over_as_delivered_on_their_dates(self):
        bills = self._create_opening() | self._create_opening()
        self._approve(bills)
        self.assertEqual(set(bills.mapped("billing_stage")), {"production"})
        self._as(bills, "manager").action_take_over_as_delivered()
        self.assertTakenOver(bills)
        self.assertIn("nothing was sent", bills[0].message_ids[0].body)

    def test_it_is_the_manager_s(self):
        bill = self._approve(self._create_opening())
        with self.assertRaisesRegex(RoleError, "Manager"):
            self._as(bill, "biller").action_take_over_as_delivered()
        with self.assertRaisesRegex(RoleError, "Manager"):
            self._create_opening("biller", taken_over_on=DAY)
        with self.assertRaisesRegex(RoleError, "Manager"):
            self._as(self._create_opening(), "biller").taken_over_on = DAY

    def test_a_bill_of_entries_was_not_delivered_before(self):
        self._create_time(self.matter)
        bill = self._bill(self.matter)
        refused = self.assertRaisesRegex(BillStageError, "made from entries")
        with refused, self.env.cr.savepoint():
            self._as(bill, "manager").taken_over_on = DAY
        self._approve(bill)
        with self.assertRaisesRegex(BillStageError, "made from entries"):
            self._as(bill, "manager").action_take_over_as_delivered()
        self.assertEqual(bill.billing_stage, "production")
        self.assertFalse(bill.delivered_on)

    def test_a_day_to_come_is_refused(self):
        with self.assertRaisesRegex(BillStageError, "still to come"):
            self._create_opening(taken_over_on=date(2999, 1, 1))

    def test_many_cost_a_statement_a_day(self):
        counts = []
        for number in (2, 12):
            bills = self.env["account.move"]
            for _each in range(number):
                bills |= self._create_opening()
            self._approve(bills)
            bills = self._as(bills, "manager")
            bills.mapped("wip_line_ids")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            bills.action_take_over_as_delivered()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] + 10, counts)
