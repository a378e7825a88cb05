from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import (
    BillStageError,
    EntryLockedError,
    MatterOptionError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from ...models.drafting.legal_bill_maker_items import LegalBillMaker
from ..common import LegalBillingCommon

DAY = date(2026, 9, 1)


@tagged("post_install", "-at_install")
class TestBillOnAccount(LegalBillingCommon):
    """C-33: billed before the work is done, and deducted from what charges it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = cls.env["res.partner"].create({"name": "Insurer"})
        cls.matter = cls._create_matter()
        cls.company.legal_deduct_on_account = "paid"
        cls.advances = cls.company._get_legal_on_account_account()
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        lines = (
            cls.tax_20.invoice_repartition_line_ids
            | cls.tax_20.refund_repartition_line_ids
        )
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.tax_account

    def _bill_on_account(self, amount, matter=None, approve=True, pay=True, **vals):
        """A bill on account, made by the biller in the window.

        :rtype: account.move
        """
        matter = matter or self.matter
        window = self._as(matter, "biller").action_bill_on_account()
        window = self.env["legal.on.account.bill"].browse(window["res_id"])
        window = self._as(window, "biller")
        window.write({"amount": amount, "date": DAY, **vals})
        bill = self.env["account.move"].browse(window.action_bill()["res_id"])
        if approve:
            self._approve(bill)
            if pay:
                self._pay(bill)
        return bill

    def _pay(self, bill, amount=None):
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": bill.partner_id.id,
                "amount": amount or bill.amount_residual,
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": date(2026, 9, 20),
                "allocation_ids": [Command.create({"bill_id": bill.id})],
            }
        )
        slip.action_apply_rule()
        slip.action_post()
        return slip

    def _work(self, hours, matter=None):
        """A draft of so many hours at 200.00."""
        matter = matter or self.matter
        self._create_time(matter, hours, employee_id=self.associate.id)
        return self._bill(matter)

    def _get_advances_balance(self):
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.advances.id),
                ("parent_state", "=", "posted"),
                ("matter_id", "=", self.matter.id),
            ]
        )
        return -sum(lines.mapped("balance"))

    # --- the bill on account

    def test_bill(self):
        """Net to the account of advances, tax as of the fees; it charges no work."""
        entry = self._create_time(self.matter, 1)
        bill = self._bill_on_account(400, narrative="On account of the trial")
        self.assertEqual(bill.billing_kind, "on_account")
        self.assertEqual(bill.invoice_line_ids.name, "On account of the trial")
        self.assertEqual((bill.amount_untaxed, bill.amount_total), (400, 480))
        self.assertEqual(bill.matter_id, self.matter)
        self.assertFalse(bill.wip_line_ids)
        self.assertFalse(entry.bill_id)
        self.assertItems(
            bill,
            [
                (self.receivable, 480, 0),
                (self.advances, 0, 400),
                (self.tax_account, 0, 80),
            ],
        )
        self.assertEqual(bill.payment_state, "paid")
        self.assertEqual(self.matter.on_account_balance, 400)
        self.assertIn(
            self.matter,
            self.env["project.project"].search([("on_account_balance", ">", 100)]),
        )
        self.assertNotIn(
            self.matter,
            self.env["project.project"].search([("on_account_balance", "=", 0)]),
        )

    def test_window(self):
        """Who bills may; without an amount, for a stranger, of a closed matter: not."""
        with self.assertRaisesRegex(RoleError, "Biller"):
            self._as(self.matter, "approver").action_bill_on_account()
        with self.assertRaisesRegex(BillStageError, "above"):
            self._bill_on_account(0)
        with self.assertRaisesRegex(BillStageError, "above"):
            self._bill_on_account(-5)
        with self.assertRaisesRegex(BillStageError, "pays no bills"):
            self._bill_on_account(5, partner_id=self.insurer.id)
        self.matter.billing_status = "closed"
        with self.assertRaisesRegex(MatterOptionError, "closed"):
            self._bill_on_account(5)

    def test_figures_of_the_window(self):
        window = self._as(self.env["legal.on.account.bill"], "biller").create(
            {"matter_id": self.matter.id, "partner_id": self.client.id}
        )
        with Form(window) as form:
            form.amount = 250
            self.assertEqual(form.total, 300)

    def test_text_is_the_company_s(self):
        self.company.legal_on_account_product_id = self._create_service(
            "Provision", self.env["account.tax"]
        )
        bill = self._bill_on_account(100, approve=False)
        self.assertIn("Provision", bill.invoice_line_ids.name)
        self.assertEqual(bill.amount_tax, 20)

    def test_it_holds_no_work(self):
        """Entries, fees, discount and shares are not for it; its line stays."""
        bill = self._bill_on_account(400, approve=False)
        draft = self._as(bill, "biller")
        entry = self._create_time(self.matter, 1)
        with self.assertRaisesRegex(BillStageError, "no entries"):
            draft.action_add_entries(self._as(entry, "biller"))
        for vals in ({"fee_override": 5}, {"bill_discount_type": "percent"}):
            with self.assertRaisesRegex(BillStageError, "not priced"):
                draft.write(vals)
        with self.assertRaisesRegex(BillStageError, "no entries"):
            draft.action_resplit()
        with self.assertRaises(EntryLockedError):
            draft.invoice_line_ids.price_unit = 5
        draft.action_add_new_wip()
        self.assertFalse(entry.bill_id)
        self.assertEqual(draft.new_wip_count, 0)
        # the matter is billed all the same, and the draft is deleted alone
        work = self._bill(self.matter)
        self.assertEqual(work.wip_line_ids, entry)
        draft.action_delete_bills()
        self.assertFalse(bill.exists())
        self.assertEqual(entry.bill_id, work)

    # --- deducted

    def test_deducted(self):
        """Fees of 1,000.00, of which 400.00 were billed on account and paid."""
        advance = self._bill_on_account(400)
        bill = self._work(5)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (600, 120))
        self.assertEqual(bill.fees_amount, 1000)
        self.assertEqual(bill.on_account_deducted, 400)
        line = bill.invoice_line_ids.filtered("on_account_line_id")
        self.assertEqual(line.on_account_line_id, advance.invoice_line_ids)
        self.assertIn(advance.name, line.name)
        self.assertItems(
            bill,
            [
                (self.receivable, 720, 0),
                (self.revenue, 0, 1000),
                (self.advances, 400, 0),
                (self.tax_account, 0, 120),
            ],
        )
        self._approve(bill)
        self.assertEqual(self._get_advances_balance(), 0)
        self.assertEqual(self.matter.on_account_balance, 0)
        row = bill.billing_run_id.line_ids
        self.assertEqual((row.amount, row.company_amount), (1000, 600))
        self.assertEqual(sum(bill.wip_line_ids.mapped("billed_amount")), 1000)

    def test_core_makes_the_same_items(self):
        """Where another addon decides on items, core makes them: they are the same."""
        self._bill_on_account(333.33)
        first = self._work(5)
        found = first.line_ids.mapped(
            lambda x: (x.account_id, x.balance, x.tax_tag_ids)
        )
        self._as(first, "biller").action_delete_bills()
        with patch.object(LegalBillMaker, "_has_core_steps", return_value=False):
            second = self._bill(self.matter)
        self.assertCountEqual(
            second.line_ids.mapped(lambda x: (x.account_id, x.balance, x.tax_tag_ids)),
            found,
        )

    def test_carried(self):
        """1,500.00 on account: the first bill is nothing, the next has the rest off."""
        self._bill_on_account(1500)
        first = self._work(5)
        self.assertEqual((first.amount_untaxed, first.amount_total), (0, 0))
        self._approve(first)
        self.assertEqual(self.matter.on_account_balance, 500)
        second = self._work(5)
        self.assertEqual((second.amount_untaxed, second.amount_tax), (500, 100))
        self._approve(second)
        self.assertEqual(self._get_advances_balance(), 0)
        third = self._work(1)
        self.assertEqual(third.amount_untaxed, 200)

    def test_the_oldest_first(self):
        older = self._bill_on_account(300, date=date(2026, 8, 1))
        newer = self._bill_on_account(300)
        bill = self._work(2)
        lines = bill.invoice_line_ids.filtered("on_account_line_id")
        self.assertEqual(
            [
                (line.on_account_line_id.move_id, line.price_subtotal)
                for line in lines.sorted("sequence")
            ],
            [(older, -300), (newer, -100)],
        )

    def test_paid_ones_or_approved_ones(self):
        """By default paid ones alone; the company may want all, or none."""
        advance = self._bill_on_account(400, pay=False)
        for paid in (0, 100):
            if paid:
                self._pay(advance, paid)
            bill = self._work(1)
            self.assertEqual(bill.amount_untaxed, 200)
            self._approve(bill)
        self._pay(advance)
        bill = self._work(1)
        self.assertEqual(bill.amount_untaxed, 0)
        self._as(bill, "biller").action_delete_bills()
        self.company.legal_deduct_on_account = "no"
        self.assertEqual(self._bill(self.matter).amount_untaxed, 200)
        other = self._create_matter()
        self.company.legal_deduct_on_account = "approved"
        self._bill_on_account(100, other, approve=False)
        bill = self._work(1, other)
        self.assertEqual(bill.amount_untaxed, 200, "a draft is none")
        self._approve(bill)
        self._bill_on_account(50, other, pay=False)
        self.assertEqual(self._work(1, other).amount_untaxed, 150)

    def test_what_is_taxed_otherwise(self):
        """Costs without tax are not paid by what was billed with tax."""
        self._bill_on_account(400)
        self._create_disbursement(self.matter, 100)
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 100)
        self._as(bill, "biller").action_delete_bills()
        self._create_disbursement(self.matter, 150, product_id=self.taxed_type.id)
        bill = self._work(1)
        # 200.00 of fees and 150.00 of counsel are taxed, 100.00 are not
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (100, 0))
        elements = {
            line.bill_element: line.price_subtotal
            for line in bill.invoice_line_ids.filtered("on_account_line_id")
        }
        self.assertEqual(elements, {"fees": -200, "disbursement_taxable": -150})
        self.assertItems(
            bill,
            [
                (self.receivable, 100, 0),
                (self.revenue, 0, 200),
                (self.revenue, 0, 150),
                (self.revenue, 0, 100),
                (self.advances, 200, 0),
                (self.advances, 150, 0),
                *([(self.tax_account, 0, 0)] if len(bill.line_ids) > 7 else []),
            ],
        )

    def test_discount_quote_and_minimum_look_at_the_whole(self):
        matter = self._create_matter(
            discount_type="percent",
            discount_value=10,
            minimum_bill_amount=500,
            quoted_amount=1500,
            quote_rule="lower",
        )
        self._bill_on_account(850, matter)
        self.assertEqual(matter.quote_billed_amount, 0)
        bill = self._work(5, matter)
        self.assertEqual(bill.amount_untaxed, 50)
        self.assertFalse(bill.is_below_minimum)
        self.assertNotIn(
            bill, self.env["account.move"].search([("is_below_minimum", "=", True)])
        )
        self.assertEqual(matter.quote_billed_amount, 900)

    def test_priced_again(self):
        """An edited draft deducts as far as it goes now; what was paid since is taken by
        a button; by the same steps it stays as it is."""
        self._bill_on_account(700)
        bill = self._work(5)
        draft = self._as(bill, "biller")
        draft.fee_override = 500
        self.assertEqual((bill.amount_untaxed, bill.on_account_deducted), (0, 500))
        self.assertEqual(bill.on_account_left, 200)
        draft.fee_override = 900
        self.assertEqual((bill.amount_untaxed, bill.on_account_deducted), (200, 700))
        self._bill_on_account(100)
        self.assertEqual(bill.on_account_left, 100)
        draft.action_deduct_on_account()
        self.assertEqual((bill.amount_untaxed, bill.on_account_deducted), (100, 800))
        draft.action_deduct_on_account()
        self.assertEqual((bill.amount_untaxed, bill.on_account_deducted), (100, 800))
        lines = bill.invoice_line_ids.filtered("on_account_line_id")
        self.assertEqual(len(lines), 2)
        draft.write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Rebate",
                            "price_unit": -400,
                            "account_id": self.revenue.id,
                            "tax_ids": [Command.set(self.tax_20.ids)],
                        }
                    )
                ]
            }
        )
        self.assertTrue(bill._is_below_nothing())
        draft.action_deduct_on_account()
        self.assertEqual((bill.amount_untaxed, bill.on_account_deducted), (0, 500))
        self._approve(bill)
        self.assertEqual(self.matter.on_account_balance, 300)

    def test_nobody_deducts_by_hand(self):
        advance = self._bill_on_account(400)
        bill = self._work(1)
        draft = self._as(bill, "biller")
        line = bill.invoice_line_ids.filtered("on_account_line_id")
        with self.assertRaises(EntryLockedError), self.env.cr.savepoint():
            draft.write({"invoice_line_ids": [Command.delete(line.id)]})
        with self.assertRaises(EntryLockedError), self.env.cr.savepoint():
            draft.write(
                {"invoice_line_ids": [Command.update(line.id, {"price_unit": 0})]}
            )
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            draft.write(
                {
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "x",
                                "price_unit": -5,
                                "account_id": self.advances.id,
                                "on_account_line_id": advance.invoice_line_ids.id,
                            }
                        )
                    ]
                }
            )
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            draft.billing_kind = "on_account"

    # --- and back

    def test_back_when_deleted(self):
        self._bill_on_account(400)
        bill = self._work(5)
        self.assertEqual(self.matter.on_account_balance, 0)
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual(self.matter.on_account_balance, 400)
        self.assertEqual(self._bill(self.matter).amount_untaxed, 600)

    def test_reverted_and_cancelled(self):
        """Reverted it keeps what it deducts; cancelled it gives it back."""
        self._bill_on_account(400)
        bill = self._work(5)
        self._approve(bill)
        self._as(bill, "approver").action_revert_bills()
        self.assertEqual(bill.state, "draft")
        self.assertEqual(
            (self.matter.on_account_balance, bill.amount_untaxed), (0, 600)
        )
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual((bill.state, self.matter.on_account_balance), ("cancel", 400))

    def test_credited(self):
        """Credited in full it gives back the work and what it deducted."""
        self._bill_on_account(400)
        bill = self._work(5)
        self._approve(bill)
        self._as(bill, "approver").action_credit_and_rebill()
        note = bill.reversal_move_ids
        self.assertItems(
            note,
            [
                (self.receivable, 0, 720),
                (self.revenue, 1000, 0),
                (self.advances, 0, 400),
                (self.tax_account, 120, 0),
            ],
        )
        self.assertEqual(self.matter.on_account_balance, 400)
        self.assertEqual(self.matter.unbilled_amount, 1000)
        again = self._bill(self.matter)
        self.assertEqual((again.amount_untaxed, again.on_account_deducted), (600, 400))
        with self.assertRaisesRegex(UndoError, "billed twice|gave back"):
            self._as(note, "approver").button_draft()

    def test_a_part_credited(self):
        """A part of the fees gives back neither the work nor what was deducted."""
        self._bill_on_account(400)
        bill = self._work(5)
        self._approve(bill)
        rows = bill._get_credit_rows()
        self.assertEqual([row["open"] for row in rows], [1000])
        self._as(bill, "approver")._credit_parts({rows[0]["key"]: 600}, "Too much")
        self.assertEqual(bill.amount_residual, 0)
        self.assertEqual(self.matter.on_account_balance, 0)
        self.assertTrue(bill.wip_line_ids)

    def test_the_bill_on_account_stays(self):
        """What is deducted is not undone; what is left of it is."""
        advance = self._bill_on_account(400, pay=False)
        self.company.legal_deduct_on_account = "approved"
        bill = self._work(1)
        for undo in ("action_revert_bills", "action_credit_and_rebill"):
            with self.assertRaisesRegex(UndoError, "deducted from"):
                getattr(self._as(advance, "approver"), undo)()
        with self.assertRaisesRegex(UndoError, "deducted from"):
            self._as(advance, "approver").button_draft()
        # 200.00 of it may be credited, not more
        rows = advance._get_credit_rows()
        key = rows[0]["key"]
        with (
            self.assertRaisesRegex(Exception, "billed on account"),
            self.cr.savepoint(),
        ):
            self._as(advance, "approver")._credit_parts({key: 201}, "Less")
        self._as(advance, "approver")._credit_parts({key: 150}, "Less")
        self.assertEqual(self.matter.on_account_balance, 50)
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual(self.matter.on_account_balance, 250)
        self._as(advance, "approver")._credit_parts({key: 250}, "All of it")
        self.assertEqual(self.matter.on_account_balance, 0)
        self.assertEqual(self._get_advances_balance(), 0)
        self.assertEqual(self._bill(self.matter).amount_untaxed, 200)

    def test_reverted_bill_on_account(self):
        advance = self._bill_on_account(400, pay=False)
        self._as(advance, "approver").action_revert_bills()
        self.assertEqual((advance.state, self.matter.on_account_balance), ("draft", 0))
        self._approve(advance)
        self.assertEqual(self.matter.on_account_balance, 400)

    def test_a_credit_note_of_other_lines(self):
        """Credited by lines of its own, it would still be deducted."""
        advance = self._bill_on_account(400, pay=False)
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.client.id,
                "reversed_entry_id": advance.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": 100,
                            "account_id": self.revenue.id,
                            "tax_ids": [Command.clear()],
                            "matter_id": self.matter.id,
                        }
                    )
                ],
            }
        )
        with self.assertRaisesRegex(Exception, "lines of its own"):
            self._as(note, "approver").action_post()

    # --- several payers, currencies, companies

    def test_each_payer_has_his_own_off(self):
        """The insurer's advance is off the insurer's bill, the taxes of the set stay."""
        matter = self._create_matter(
            payer_ids=[
                Command.create({"partner_id": self.insurer.id, "value": 60}),
                Command.create(
                    {"partner_id": self.client.id, "share_type": "remainder"}
                ),
            ]
        )
        self._bill_on_account(500, matter, partner_id=self.insurer.id)
        bills = self._work(5, matter)._get_split_set()
        self.assertEqual(
            {bill.partner_id: bill.amount_untaxed for bill in bills},
            {self.insurer: 100, self.client: 400},
        )
        self.assertEqual(sum(bills.mapped("amount_tax")), 100)
        head = bills.filtered("split_ids")
        self._as(head, "biller").bill_discount_type = "fixed"
        self._as(head, "biller").bill_discount_value = 500
        # fees of 500.00: 300.00 are the insurer's, 200.00 stay on account
        self.assertEqual(
            {bill.partner_id: bill.amount_untaxed for bill in bills},
            {self.insurer: 0, self.client: 200},
        )
        self.assertEqual(sum(bills.mapped("amount_tax")), 40)
        self.assertEqual(matter.on_account_balance, 200)
        # the client takes the insurer's place: it is not the client's advance
        shares = self._as(head, "biller").split_share_ids
        shares.filtered(lambda row: row.partner_id == self.insurer).value = 0
        self._as(head, "biller").action_resplit()
        self.assertEqual(head._get_split_set().mapped("amount_untaxed"), [500])
        self.assertEqual(matter.on_account_balance, 500)

    def test_caps_look_at_the_whole(self):
        matter = self._create_matter(
            payer_ids=[
                Command.create(
                    {"partner_id": self.insurer.id, "value": 100, "cap_amount": 900}
                ),
                Command.create(
                    {"partner_id": self.client.id, "share_type": "remainder"}
                ),
            ]
        )
        self._bill_on_account(500, matter, partner_id=self.insurer.id)
        bills = self._work(5, matter)._get_split_set()
        self.assertEqual(
            {bill.partner_id: bill.amount_untaxed for bill in bills},
            {self.insurer: 400, self.client: 100},
        )

    def test_foreign_currency(self):
        """It is deducted in the matter's currency, and from bills in another one not."""
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        matter = self._create_matter(billing_currency_id=currency.id)
        self._bill_on_account(100, matter)
        bill = self._work(1, matter)  # 200.00, 400.00 in EUR
        self.assertEqual((bill.currency_id, bill.amount_untaxed), (currency, 300))
        self.assertItems(
            bill,
            [
                (self.receivable, 180, 0),
                (self.revenue, 0, 200),
                (self.advances, 50, 0),
                (self.tax_account, 0, 30),
            ],
        )
        self._as(bill, "biller").action_delete_bills()
        matter.billing_currency_id = self.company.currency_id
        self.assertEqual(self._bill(matter).amount_untaxed, 200)
        self.assertEqual(matter.on_account_balance, 50)

    def test_other_matters_have_nothing_of_it(self):
        self._bill_on_account(400)
        other = self._create_matter()
        self.assertEqual(self._work(1, other).amount_untaxed, 200)
        self.assertEqual(other.on_account_balance, 0)

    # --- beside it

    def test_a_matter_is_closed_without(self):
        self._bill_on_account(400)
        with self.assertRaisesRegex(MatterOptionError, "on account"):
            self.matter.mass_billing_status = "closed"
        wizard = self.env["legal.matter.close"].create({"matter_id": self.matter.id})
        row = wizard.line_ids.filtered(lambda line: line.code == "on_account")
        self.assertTrue(row.is_open)
        self.assertTrue(row.action_clear())

    def test_row_says_it(self):
        self._bill_on_account(400)
        self._create_time(self.matter, 1)
        run = self._create_run(filter_domain=str([("id", "=", self.matter.id)]))
        row = run.line_ids
        self.assertEqual(row.on_account_balance, 400)
        self.assertIn("on account", [flag["text"] for flag in row.row_flags])

    def test_paper(self):
        """The paper says the work, what is deducted of it, and the rest."""
        advance = self._bill_on_account(400)
        bill = self._work(5)
        paper = bill._get_paper()
        self.assertEqual(paper["net_before"], 1000)
        self.assertEqual(paper["fees_total"], 1000)
        self.assertEqual([row["amount"] for row in paper["deductions"]], [-400])
        self.assertIn(advance.name, paper["deductions"][0]["text"])
        self.assertEqual(paper["net"], 600)
        own = advance._get_paper()
        self.assertEqual([row["amount"] for row in own["fee_lines"]], [400])
        self.assertFalse(own["deductions"])

    def test_elements_and_payment(self):
        """What is left of the fees after the deduction is what is owed of them."""
        self._bill_on_account(400)
        self._create_disbursement(self.matter, 100)
        bill = self._work(5)
        self._approve(bill)
        self._pay(bill)
        self.assertEqual(bill.amount_residual, 0)
        receipts = self.env["legal.timekeeper.receipt"].search(
            [("bill_id.matter_id", "=", self.matter.id)]
        )
        self.assertEqual(round(sum(receipts.mapped("amount")), 2), 1000)
