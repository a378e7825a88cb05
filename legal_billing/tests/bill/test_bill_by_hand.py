from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillStageError, UndoError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillByHand(LegalBillingCommon):
    """What a person adds to a draft by hand, and what is remembered of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Lease")
        cls._create_time(cls.matter, hours=2.0)

    def _add_line(self, bill, **vals):
        self._as(bill, "biller").write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "By hand",
                            "quantity": 1,
                            "price_unit": 10.0,
                            "tax_ids": [Command.clear()],
                            **vals,
                        }
                    )
                ]
            }
        )
        return bill.invoice_line_ids.filtered(lambda line: line.name == "By hand")

    def _flush_tracking(self):
        self.env.flush_all()
        self.cr.flush()

    def test_a_line_by_hand_is_a_fee_of_the_matter(self):
        bill = self._bill(self.matter)
        line = self._add_line(bill)
        self.assertRecordValues(
            line,
            [
                {
                    "bill_element": "fees",
                    "matter_id": self.matter.id,
                    "legal_line_kind": False,
                    "balance": -10.0,
                }
            ],
        )

    def test_a_line_by_hand_outside_income_is_a_disbursement(self):
        bill = self._bill(self.matter)
        advance = self.company_data["default_account_assets"]
        line = self._add_line(bill, account_id=advance.id)
        self.assertEqual(line.bill_element, "disbursement_exempt")

    def test_a_line_by_hand_counts_for_the_quote(self):
        self.matter.write({"quoted_amount": 1000.0, "quote_rule": "lower"})
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 600.0)
        self._add_line(bill, price_unit=300.0)
        self._approve(bill)
        self._create_time(self.matter, hours=2.0)
        self.assertEqual(self._bill(self.matter).amount_untaxed, 100.0)

    def test_an_invoice_without_a_matter_gets_no_element(self):
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.client.id}
        )
        invoice.invoice_line_ids = [Command.create({"name": "X", "price_unit": 10.0})]
        self.assertFalse(invoice.invoice_line_ids.bill_element)
        self.assertFalse(invoice.invoice_line_ids.matter_id)

    def test_one_hour_is_not_one_hours(self):
        matter = self._create_matter(name="Short")
        self._create_time(matter)
        line = self._bill(matter).invoice_line_ids
        self.assertEqual(line.name, "Professional fees, 1 hour")

    def test_an_agreed_fee_that_is_released_leaves_its_trace(self):
        bill = self._as(self._bill(self.matter), "biller").with_context(
            tracking_disable=False, mail_notrack=False
        )
        self._flush_tracking()
        bill.fee_override = 250.0
        self._flush_tracking()
        bill.action_release_fee_override()
        self._flush_tracking()
        self.assertEqual(bill.amount_untaxed, 600.0)
        changes = bill.sudo().message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id.name == "fee_override"
        )
        self.assertEqual(
            sorted(changes.mapped(lambda v: (v.old_value_float, v.new_value_float))),
            [(0.0, 250.0), (250.0, 0.0)],
        )
        self.assertEqual(changes.mail_message_id.author_id, self.biller.partner_id)

    def test_a_refusal_of_the_stage_says_what_can_be_done(self):
        bill = self._as(self._bill(self.matter), "approver")
        with self.assertRaisesRegex(BillStageError, r"^Credit.*A draft is approved"):
            bill.action_credit_and_rebill()
        bill.action_approve_bills()
        with self.assertRaisesRegex(BillStageError, r"^Delete.*produced or reverted"):
            self._as(bill, "biller").action_delete_bills()

    def test_a_draft_is_not_credited(self):
        bill = self._bill(self.matter)
        with self.assertRaisesRegex(UndoError, "only an approved bill is credited"):
            self._as(bill, "approver")._reverse_moves(cancel=True)
        self.assertEqual(bill.wip_line_ids.matter_id, self.matter)
        self._approve(bill)
        self._as(bill, "approver")._reverse_moves(cancel=True)
        self.assertEqual(self.matter.unbilled_amount, 600.0)

    def _bill_with_line_of_another_matter(self):
        """A draft of the lease with 10.00 of another matter, which holds 150.00.

        :return: the draft and the other matter
        :rtype: tuple
        """
        other = self._create_matter(name="Licence")
        self._create_time(other, hours=0.5)
        bill = self._bill(self.matter)
        self._add_line(bill, matter_id=other.id)
        return bill, other

    def test_work_of_another_matter_is_no_new_work_of_the_draft(self):
        bill, other = self._bill_with_line_of_another_matter()
        self.assertEqual(bill.matter_ids, self.matter | other)
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (0, 0.0))
        self.assertNotIn(bill, bill.search([("new_wip_amount", "!=", 0)]))
        self._create_time(self.matter)
        bill.invalidate_recordset(["new_wip_count", "new_wip_amount"])
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (1, 300.0))
        self._as(bill, "biller").action_add_new_wip()
        self.assertEqual((bill.new_wip_count, bill.amount_untaxed), (0, 910.0))
        self.assertEqual(other.unbilled_amount, 150.0)

    def test_a_line_on_anothers_draft_keeps_no_matter_from_being_billed(self):
        bill, other = self._bill_with_line_of_another_matter()
        own = self._bill(other)
        self.assertRecordValues(
            own, [{"matter_ids": other.ids, "amount_untaxed": 150.0}]
        )
        self._create_time(other)
        self.assertRow(self._create_run(), other, "excluded", "draft_open", 300.0)
        own.unlink()
        window = self._as(other, "biller").action_bill_matter()
        wizard = self.env[window["res_model"]].browse(window["res_id"])
        made = self._as(wizard, "biller").action_bill()
        self.assertNotEqual(made["res_id"], bill.id)
        self.assertEqual(other.unbilled_amount, 0.0)

    def test_a_draft_stays_one_of_its_matter_beside_a_line_of_another(self):
        bill, other = self._bill_with_line_of_another_matter()
        self._as(bill, "biller").action_remove_entries(bill.wip_line_ids)
        self.assertEqual(bill.matter_ids, self.matter | other)
        self.assertEqual(bill.amount_untaxed, 10.0)
        self.assertFalse(bill.new_wip_count)
        self._as(bill, "biller").action_add_left_out()
        self.assertEqual(bill.amount_untaxed, 610.0)
