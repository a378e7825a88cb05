from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    BillingRunError,
    BillStageError,
    ProtectedFieldError,
    RoleError,
)
from ..common import LegalBillingCommon

AMOUNTS = (100.0, 250.5, 0.07)


@tagged("post_install", "-at_install")
class TestBillTogether(LegalBillingCommon):
    """One bill over several matters: each is priced alone, and none is billed twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.legal_bill_together = True
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
        cls.company.tax_calculation_rounding_method = "round_globally"
        cls.matters = cls.env["project.project"].union(
            *(
                cls._create_matter(name=f"Matter {number}", matter_number=f"G-{number}")
                for number in range(3)
            )
        )

    def _make_work(self, amounts=AMOUNTS, matters=None):
        return self.env["account.analytic.line"].union(
            *(
                self._create_disbursement(matter, amount, product_id=self.taxed_type.id)
                for matter, amount in zip(matters or self.matters, amounts, strict=True)
            )
        )

    @classmethod
    def _use_currency(cls, code):
        currency = cls.env.ref(f"base.{code}")
        currency.active = True
        cls.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "rate": 2.0,
                "currency_id": currency.id,
                "company_id": cls.company.id,
            }
        )
        return currency

    def _nets(self, bill):
        """Net of each matter on a bill, by number."""
        nets = {}
        for line in bill.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ):
            key = line.matter_id.matter_number
            nets[key] = round(nets.get(key, 0.0) + line.price_subtotal, 2)
        return nets

    # --- making

    def test_c_31(self):
        """Three matters 100.00, 250.50 and 0.07 at 20 %: 350.57 and 70.11."""
        entries = self._make_work()
        bill = self._bill(self.matters)
        self.assertEqual(len(bill), 1)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (350.57, 70.11))
        self.assertFalse(bill.matter_id)
        self.assertEqual(bill.matter_ids, self.matters)
        self.assertTrue(bill.is_together)
        self.assertEqual(bill.billing_stage, "draft")
        self.assertEqual(self._nets(bill), {"G-0": 100.0, "G-1": 250.5, "G-2": 0.07})
        self.assertEqual(entries.bill_id, bill)
        self.assertEqual(entries.mapped("billed_amount"), list(AMOUNTS))
        self.assertItems(
            bill,
            [
                (self.receivable, 420.68, 0),
                (self.revenue, 0, 100.0),
                (self.revenue, 0, 250.5),
                (self.revenue, 0, 0.07),
                (self.tax_account, 0, 70.11),
            ],
        )
        rows = bill.billing_run_id.line_ids
        self.assertEqual(rows.bill_id, bill)
        self.assertEqual(rows.mapped("company_amount"), list(AMOUNTS))
        self.assertEqual(rows.mapped("state"), ["done"] * 3)
        self._approve(bill)
        self.assertEqual(bill.billing_stage, "production")
        self.assertEqual(
            [
                (row["matter_id"], row["element"], row["gross"], row["outstanding"])
                for row in bill.element_amounts
            ],
            [
                (self.matters[0].id, "disbursement_taxable", 120.0, 120.0),
                (self.matters[1].id, "disbursement_taxable", 300.6, 300.6),
                (self.matters[2].id, "disbursement_taxable", 0.08, 0.08),
            ],
        )

    def test_the_client_says_it_and_the_matter_may_not(self):
        """The option comes from the client; matter and row may say otherwise."""
        self.assertTrue(all(self.matters.mapped("bill_together")))
        self.assertEqual(self.matters[0].option_origins["bill_together"], "client")
        self._make_work()
        run = self._create_run(filter_domain=str([("id", "in", self.matters.ids)]))
        self.assertEqual(run.line_ids.mapped("bill_together"), [True] * 3)
        self._as(self.matters[2], "biller").bill_together = False
        self.assertFalse(self._get_row(run, self.matters[2]).bill_together)
        row = self._get_row(run, self.matters[1])
        self._as(row, "biller").bill_together = False
        run.action_load()
        self.assertEqual(
            [self._get_row(run, m).bill_together for m in self.matters],
            [True, False, False],
            "what a person chose stays",
        )
        run.action_bill_all()
        self.assertEqual(len(run.bill_ids), 3)
        self.assertFalse(any(run.bill_ids.mapped("is_together")))
        self.assertEqual(run.bill_ids.matter_id, self.matters)

    def test_what_must_be_the_same(self):
        """Other terms, reference, currency, payer or recipients: another bill."""
        others = self.env["project.project"].union(
            *(
                self._create_matter(matter_number=f"H-{number}", **vals)
                for number, vals in enumerate(
                    (
                        {
                            "bill_payment_term_id": self.env.ref(
                                "account.account_payment_term_30days"
                            ).id
                        },
                        {"client_reference": "PO 7"},
                        {"billing_partner_id": self.partner_a.id},
                        {
                            "bill_recipient_ids": [
                                Command.set(self.partner_b.ids),
                            ]
                        },
                        {"billing_currency_id": self._use_currency("CHF").id},
                    )
                )
            )
        )
        self._make_work()
        self._make_work((10.0,) * 5, others)
        bills = self._bill(self.matters | others)
        self.assertEqual(len(bills), 6)
        together = bills.filtered("is_together")
        self.assertEqual(together.matter_ids, self.matters)
        self.assertEqual((bills - together).matter_id, others)

    def test_each_matter_is_priced_alone(self):
        """Discount, quote, minimum, and what was billed on account, of one matter touch
        no other."""
        first, second, third = self.matters
        first.write({"discount_type": "percent", "discount_value": 10})
        second.write({"quoted_amount": 300.0, "quote_rule": "quote"})
        third.minimum_bill_amount = 50.0
        for matter in self.matters:
            self._create_time(matter, 1)  # 300.00
        self._create_time(second, 1)
        bill = self._bill(self.matters)
        self.assertEqual(self._nets(bill), {"G-0": 270.0, "G-1": 300.0, "G-2": 300.0})
        self.assertEqual(bill.discount_effect, 30.0)
        self.assertEqual(
            sorted(
                bill.adjustment_ids.mapped(lambda row: (row.step, row.matter_id.id))
            ),
            [("discount", first.id), ("quote", second.id)],
        )
        # priced again, with the discount that the matter has now
        self._as(first, "manager").discount_value = 20
        self.assertEqual(self._nets(bill), {"G-0": 240.0, "G-1": 300.0, "G-2": 300.0})
        with (
            self.assertRaisesRegex(BillStageError, "several matters"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").fee_override = 500.0
        with (
            self.assertRaisesRegex(BillStageError, "several matters"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").bill_discount_value = 5.0
        with (
            self.assertRaisesRegex(BillStageError, "several matters"),
            self.env.cr.savepoint(),
        ):
            self._as(self.env["legal.bill.share"], "biller").create(
                {
                    "bill_id": bill.id,
                    "partner_id": self.client.id,
                    "share_type": "remainder",
                }
            )

    def test_small_matters_wait(self):
        """A matter below its minimum gets no bill, not even together with others."""
        self.matters[2].minimum_bill_amount = 50.0
        self._make_work()
        bill = self._bill(self.matters)
        self.assertEqual(bill.matter_ids, self.matters[:2])
        self.assertEqual(self._nets(bill), {"G-0": 100.0, "G-1": 250.5})

    def test_several_payers_are_billed_alone(self):
        """A matter that several pay has bills of its own, and its row says so."""
        insurer = self.env["res.partner"].create({"name": "Insurer"})
        self.matters[2].payer_ids = [
            Command.create(
                {"partner_id": insurer.id, "share_type": "percent", "value": 50}
            ),
            Command.create({"partner_id": self.client.id, "share_type": "remainder"}),
        ]
        self._make_work((100.0, 200.0, 300.0))
        run = self._create_run(filter_domain=str([("id", "in", self.matters.ids)]))
        flags = [flag["text"] for flag in self._get_row(run, self.matters[2]).row_flags]
        self.assertIn("alone", flags)
        run.action_bill_all()
        together = run.bill_ids.filtered("is_together")
        self.assertEqual(together.matter_ids, self.matters[:2])
        split = run.bill_ids - together
        self.assertEqual(len(split), 2)
        self.assertEqual(split.mapped("is_split"), [True, True])
        self.assertEqual(sum(split.mapped("amount_untaxed")), 300.0)

    def test_a_group_is_not_cut_by_chunks(self):
        """However few rows are worked on at a time, rows of one bill come together."""
        self._make_work()
        run = self._create_run(filter_domain=str([("id", "in", self.matters.ids)]))
        run.line_ids._queue()
        worker = run._as_worker()
        self.assertEqual(worker._next_chunk(1).matter_id, self.matters)
        rows = worker._get_half(run.line_ids)
        self.assertEqual(len(rows), 1, "one group is halved")
        run.line_ids[-1].sudo().bill_together = False
        rows = worker._get_half(run.line_ids)
        self.assertEqual(rows.matter_id, self.matters[:2], "the group stays together")

    # --- drafts

    def test_entries_are_edited_on_the_draft(self):
        """Entries of its matters are added, edited and removed; the others stay."""
        entries = self._make_work()
        bill = self._bill(self.matters)
        late = self._create_disbursement(
            self.matters[1], 10.0, product_id=self.taxed_type.id
        )
        self.assertEqual(bill.new_wip_count, 1)
        self._as(bill, "biller").action_add_new_wip()
        self.assertEqual(late.bill_id, bill)
        self.assertEqual(self._nets(bill), {"G-0": 100.0, "G-1": 260.5, "G-2": 0.07})
        self._as(bill, "biller").action_remove_entries(entries[1])
        self.assertFalse(entries[1].bill_id)
        self.assertEqual(self._nets(bill), {"G-0": 100.0, "G-1": 10.0, "G-2": 0.07})
        self._as(entries[0], "biller").bill_rate = 80.0
        self.assertEqual(self._nets(bill), {"G-0": 80.0, "G-1": 10.0, "G-2": 0.07})
        stranger = self._create_matter(matter_number="X-1")
        with (
            self.assertRaisesRegex(BillStageError, "same matter"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").action_add_entries(
                self._create_disbursement(stranger)
            )

    def test_a_matter_is_taken_out_alone(self):
        """Its entries are free, its row can be billed again, the others are priced
        anew; with one matter left it is a plain bill."""
        first, second, third = self.matters
        third.write({"discount_type": "percent", "discount_value": 10})
        entries = self._make_work()
        self._create_time(third, 1)
        bill = self._bill(self.matters)
        run = bill.billing_run_id
        with (
            self.assertRaisesRegex(RoleError, "Biller"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "approver").action_remove_matters(second)
        self._as(bill, "biller").action_remove_matters(second)
        self.assertEqual(bill.matter_ids, first | third)
        self.assertFalse(entries[1].bill_id)
        self.assertEqual(second.unbilled_amount, 250.5)
        self.assertEqual(self._nets(bill), {"G-0": 100.0, "G-2": 270.07})
        self.assertRow(run, second, "skipped", "taken_out")
        self.assertFalse(self._get_row(run, second).bill_id)
        self.assertItems(
            bill,
            [
                (self.receivable, 444.08, 0),
                (self.revenue, 0, 100.0),
                (self.revenue, 0, 300.0),
                (self.revenue, 30.0, 0),
                (self.revenue, 0, 0.07),
                (self.tax_account, 0, 74.01),
            ],
        )
        self._as(bill, "biller").action_remove_matters(first)
        self.assertFalse(bill.is_together)
        self.assertEqual(bill.matter_id, third)
        self.assertEqual(
            (bill.bill_discount_type, bill.bill_discount_value), ("percent", 10)
        )
        self.assertEqual(self._nets(bill), {"G-2": 270.07})
        with (
            self.assertRaisesRegex(BillStageError, "Delete the draft"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").action_remove_matters(third)
        # what was taken out is billed once more, and once only
        self._as(run.line_ids, "biller").action_retry()
        self.assertEqual(sorted(run.bill_ids.mapped("amount_untaxed")), [270.07, 350.5])
        self.assertEqual(entries.mapped("bill_id.amount_untaxed"), [350.5, 270.07])

    def test_a_row_is_taken_back_alone(self):
        """Undo of one row takes its matter out; of all rows the draft goes."""
        entries = self._make_work()
        bill = self._bill(self.matters)
        run = bill.billing_run_id
        row = self._get_row(run, self.matters[0])
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(row, "approver").action_take_back()
        self._as(row, "biller").action_take_back()
        self.assertEqual(entries.bill_id, bill)
        self.assertFalse(entries[0].bill_id)
        self.assertRow(run, self.matters[0], "skipped", "taken_out")
        with (
            self.assertRaisesRegex(BillingRunError, "no draft to take back"),
            self.env.cr.savepoint(),
        ):
            self._as(row, "biller").action_take_back()
        rest = run.line_ids - row
        self._as(rest, "biller").action_take_back()
        self.assertFalse(bill.exists())
        self.assertFalse(entries.bill_id)

    def test_a_line_takes_its_matter_out(self):
        """The button beside a line of the draft."""
        self._make_work()
        bill = self._bill(self.matters)
        line = bill.invoice_line_ids.filtered(
            lambda line: line.matter_id == self.matters[1]
        )
        self._as(line, "biller").action_take_matter_out()
        self.assertEqual(bill.matter_ids, self.matters - self.matters[1])

    def test_undo_of_the_run_takes_all_back(self):
        """A draft that nobody touched goes, with all of its matters."""
        entries = self._make_work()
        bill = self._bill(self.matters)
        run = bill.billing_run_id
        self._as(run, "biller").action_undo()
        self.assertFalse(bill.exists())
        self.assertFalse(entries.bill_id)

    def test_work_on_account_is_deducted_of_its_matter(self):
        """What was billed on account of one matter is taken off its lines alone."""
        self.company.legal_deduct_on_account = "approved"
        advance = self.env["legal.bill.maker"]._make_on_account(
            self.matters[0], 60.0, date(2026, 10, 1)
        )
        self._approve(advance)
        entries = self._make_work()
        self._create_time(self.matters[0], 1)  # 300.00
        bill = self._bill(self.matters)
        self.assertEqual(self._nets(bill), {"G-0": 340.0, "G-1": 250.5, "G-2": 0.07})
        self.assertEqual(bill.on_account_deducted, 60.0)
        self._as(bill, "biller").action_remove_entries(entries[1])
        self.assertEqual(self._nets(bill), {"G-0": 340.0, "G-1": 0.0, "G-2": 0.07})
        self._as(bill, "biller").action_remove_matters(self.matters[0])
        self.assertEqual(bill.on_account_deducted, 0.0)
        self.assertEqual(self.matters[0].on_account_balance, 60.0)
        again = self._bill(self.matters[0])
        self.assertEqual((again.amount_untaxed, again.on_account_deducted), (340, 60))

    def test_the_paper_has_a_section_for_each(self):
        """Summary first; the sections add up to the net, whatever one of them has."""
        self.matters[0].write({"discount_type": "percent", "discount_value": 10})
        self.matters[1].write({"quoted_amount": 500.0, "quote_rule": "quote"})
        self._make_work()
        for matter in self.matters:
            self._create_time(matter, 1, name=f"Work of {matter.matter_number}")
        bill = self._bill(self.matters)
        paper = bill._get_paper()
        self.assertEqual(
            [part["matter_number"] for part in paper["matters"]], ["G-0", "G-1", "G-2"]
        )
        self.assertEqual(
            [
                (part["fees"], part["costs"], part["subtotal"])
                for part in paper["matters"]
            ],
            [(270.0, 100.0, 370.0), (500.0, 250.5, 750.5), (300.0, 0.07, 300.07)],
        )
        first, second, third = paper["matters"]
        self.assertEqual([row["amount"] for row in first["time"]], [300.0])
        self.assertEqual([row["amount"] for row in third["time"]], [300.0])
        self.assertEqual([row["amount"] for row in second["time"]], [None])
        self.assertEqual(second["fee_lines"][0]["amount"], 500.0)
        for report in ("itemised", "timekeeper", "letter"):
            html = str(
                self.env["ir.qweb"]._render(
                    f"legal_billing.bill_{report}",
                    {
                        "o": bill,
                        "lang": "en_US",
                        "bill_layout": bill._get_bill_layout(),
                    },
                )
            )
            for matter in self.matters:
                self.assertIn(matter.name, html, report)
            if report == "itemised":
                self.assertLess(html.index("Summary"), html.index("Work of"))
        # each matter's list is its own
        self.assertEqual([row["narrative"] for row in first["time"]], ["Work of G-0"])
        self._approve(bill)
        self._as(bill, "approver").action_credit_and_rebill()
        note = bill.reversal_move_ids
        self.assertEqual(
            [part["subtotal"] for part in note._get_paper()["matters"]],
            [370.0, 750.5, 300.07],
        )

    def test_only_drafts_lose_matters(self):
        """What was approved stays as it is; strangers are not on it."""
        self._make_work()
        bill = self._bill(self.matters)
        with (
            self.assertRaisesRegex(BillStageError, "no work of"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").action_remove_matters(self._create_matter())
        with (
            self.assertRaisesRegex(BillStageError, "Delete the draft"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").action_remove_matters(self.matters)
        with (
            self.assertRaisesRegex(ProtectedFieldError, "Several matters"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").is_together = False
        self._approve(bill)
        with self.assertRaises(BillStageError), self.env.cr.savepoint():
            self._as(bill, "biller").action_remove_matters(self.matters[0])
        self.assertEqual(bill.matter_ids, self.matters)

    # --- a bill's life

    def test_delete_revert_and_credit_in_full(self):
        """All of its entries go and come back together, and are billed once."""
        entries = self._make_work()
        bill = self._bill(self.matters)
        self._as(bill, "biller").action_delete_bills()
        self.assertFalse(bill.exists())
        self.assertFalse(entries.bill_id)
        bill = self._bill(self.matters)
        self._approve(bill)
        self._as(bill, "approver").action_revert_bills()
        self.assertEqual(bill.state, "draft")
        self.assertEqual(entries.bill_id, bill)
        self._approve(bill)
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertFalse(entries.bill_id)
        note = bill.reversal_move_ids
        self.assertEqual(note.matter_ids, self.matters)
        self.assertItems(
            note,
            [
                (self.receivable, 0, 420.68),
                (self.revenue, 100.0, 0),
                (self.revenue, 250.5, 0),
                (self.revenue, 0.07, 0),
                (self.tax_account, 70.11, 0),
            ],
        )
        self.assertEqual(bill.amount_residual, 0)
        again = self._bill(self.matters)
        self.assertEqual((again.amount_untaxed, len(again)), (350.57, 1))
        self.assertEqual(entries.bill_id, again)

    # --- walls

    def test_the_bill_is_hidden_with_one_of_its_matters(self):
        """Who may not read one matter reads nothing of the bill."""
        self._make_work()
        bill = self._bill(self.matters)
        self._approve(bill)
        self.assertEqual(self._as(bill, "cashier").amount_untaxed, 350.57)
        self._as(self.matters[1], "manager").write(
            {"is_walled": True, "wall_user_ids": [Command.set(self.biller.ids)]}
        )
        self.env.invalidate_all()
        self.assertEqual(self._as(bill, "biller").amount_untaxed, 350.57)
        with self.assertRaises(AccessError):
            self._as(bill, "cashier").read(["amount_untaxed"])
        items = bill.sudo().line_ids
        found = self._as(self.env["account.move.line"], "cashier").search(
            [("id", "in", items.ids)]
        )
        self.assertEqual(
            found.matter_id, self.matters - self.matters[1], "lines of his own matters"
        )
        self.assertEqual(
            set(found.mapped("display_type")), {"product"}, "no totals of the whole"
        )
        total = items.filtered(lambda line: line.display_type == "payment_term")
        with self.assertRaises(AccessError):
            self._as(total, "cashier").read(["balance"])

    def test_a_lawyer_of_one_matter_reads_nothing_of_the_others(self):
        """Neither the bill nor a line of another lawyer's matter, approved or not; of his
        own matter the lines. He reviews such a draft once he is asked to."""
        self._make_work()
        self.matters[1].responsible_id = self.manager
        bill = self._bill(self.matters)
        lines = bill.invoice_line_ids
        mine = lines.filtered(
            lambda line: line.matter_id in self.matters - self.matters[1]
        )
        for _state in ("draft", "posted"):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                self._as(bill, "reviewer").read(["amount_untaxed"])
            for line in lines - mine:
                with self.assertRaises(AccessError):
                    self._as(line, "reviewer").read(["name"])
            found = self._as(self.env["account.move.line"], "reviewer").search(
                [("move_id", "=", bill.id)]
            )
            self.assertEqual(found.matter_id, self.matters - self.matters[1])
            self.assertLessEqual(mine.with_env(found.env), found)
            with self.assertRaises(UserError):
                self._as(bill, "reviewer").action_review_ready()
            if bill.state == "draft":
                self._approve(bill)
        # a matter that he may not even look up counts as well
        self.matters[1].privacy_visibility = "followers"
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._as(bill, "reviewer").read(["amount_untaxed"])
        # the twins: asked to review it, or all matters his own
        asked = bill._internal()
        asked.reviewer_id = self.reviewer
        self.assertEqual(self._as(bill, "reviewer").amount_untaxed, 350.57)
        self._as(lines, "reviewer").read(["name"])
        asked.reviewer_id = False
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._as(bill, "reviewer").read(["amount_untaxed"])
        self.matters[1].responsible_id = self.reviewer
        self.env.invalidate_all()
        self.assertEqual(self._as(bill, "reviewer").amount_untaxed, 350.57)
        self._as(lines, "reviewer").read(["name"])

    # --- speed

    def test_queries_do_not_grow(self):
        """A bill over 40 matters asks as much as one over 10."""

        def count(number):
            matters = self.env["project.project"].union(
                *(
                    self._create_matter(matter_number=f"Q-{number}-{one}")
                    for one in range(number)
                )
            )
            self._make_work((10.0,) * number, matters)
            run = self._create_run(filter_domain=str([("id", "in", matters.ids)]))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run.action_bill_all()
            self.env.flush_all()
            self.assertEqual(len(run.bill_ids), 1)
            return self.env.cr.sql_log_count - before

        count(3)  # what is asked once
        few, many = count(10), count(40)
        self.assertLessEqual(many, few + 30, f"{few} → {many}")
