from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import LegalBillingError, RoleError, UndoError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestWipLedger(LegalBillingCommon):
    """Disbursements and the ledger: expenses that carry the matter, write-offs of what
    stands on the balance sheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Harbour House")
        cls.distribution = {str(cls.matter.account_id.id): 100}
        cls.purchase_20 = cls.env["account.tax"].create(
            {
                "name": "In 20%",
                "amount": 20.0,
                "type_tax_use": "purchase",
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create(
                        {
                            "repartition_type": "tax",
                            "account_id": cls.company_data[
                                "default_account_tax_purchase"
                            ].id,
                        }
                    ),
                ],
            }
        )
        cls.lost_20 = cls.env["account.tax"].create(
            {"name": "In 20%, lost", "amount": 20.0, "type_tax_use": "purchase"}
        )
        cls.carried = cls.env["account.account"].create(
            {
                "name": "Disbursements recoverable",
                "code": "140100",
                "account_type": "asset_current",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.loss = cls.env["account.account"].create(
            {
                "name": "WIP written off",
                "code": "659100",
                "account_type": "expense",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.company.legal_write_off_account_id = cls.loss
        cls.expense = cls.company_data["default_account_expense"]

    def _create_purchase(
        self, move_type="in_invoice", account=None, price=100.0, tax=None, **vals
    ):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.taxed_type.id,
                            "name": "Fee of court",
                            "account_id": (account or self.expense).id,
                            "price_unit": price,
                            "tax_ids": [Command.set((tax or self.purchase_20).ids)],
                            "analytic_distribution": self.distribution,
                            **vals,
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _create_company_expense(self, product):
        """What an expense that the company paid posts: an entry whose item has no
        price of its own, with a tax line and the outstanding payment."""
        net, tax = 100.0, 20.0
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-10-07",
                "line_ids": [
                    Command.create(
                        {
                            "name": "Ben Associate: train to court",
                            "product_id": product.id,
                            "account_id": self.expense.id,
                            "balance": net,
                            "tax_ids": [Command.set(self.purchase_20.ids)],
                            "analytic_distribution": self.distribution,
                        }
                    ),
                    Command.create(
                        {
                            "name": "In 20%",
                            "account_id": self.company_data[
                                "default_account_tax_purchase"
                            ].id,
                            "balance": tax,
                            "tax_repartition_line_id": (
                                self.purchase_20.invoice_repartition_line_ids.filtered(
                                    lambda line: line.repartition_type == "tax"
                                ).id
                            ),
                        }
                    ),
                    Command.create(
                        {
                            "name": "Ben Associate: train to court",
                            "account_id": self.company_data[
                                "default_account_payable"
                            ].id,
                            "balance": -net - tax,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        return move

    def _get_entry(self):
        return self.env["account.analytic.line"].search(
            [("matter_id", "=", self.matter.id), ("wip_type", "=", "disbursement")]
        )

    # --- expenses

    def test_a_receipt_of_an_employee_is_a_disbursement(self):
        self._create_purchase("in_receipt")
        self.assertEqual(self._get_entry().wip_amount, 100.0)
        bill = self._bill(self.matter)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (100.0, 20.0))

    def test_a_receipt_for_the_client_is_passed_on_gross(self):
        self._create_purchase("in_receipt", product_id=self.exempt_type.id)
        self.assertEqual(self._get_entry().wip_amount, 120.0)
        bill = self._bill(self.matter)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (120.0, 0.0))

    def test_an_expense_that_the_company_paid_is_a_disbursement(self):
        for product, value in ((self.taxed_type, 100.0), (self.exempt_type, 120.0)):
            move = self._create_company_expense(product)
            entry = move.line_ids.analytic_line_ids
            self.assertRecordValues(
                entry,
                [
                    {
                        "matter_id": self.matter.id,
                        "wip_type": "disbursement",
                        "wip_amount": value,
                        "amount": -100.0,
                    }
                ],
            )

    def test_a_cost_counts_by_the_date_of_the_bill(self):
        purchase = self._create_purchase()
        self.assertEqual(str(purchase.date), "2026-10-31")
        self.assertEqual(str(self._get_entry().date), "2026-10-07")
        self._create_time(self.matter)
        bill = self._bill(self.matter, cutoff_date="2026-10-15")
        self.assertEqual(bill.amount_untaxed, 400.0)

    def test_a_billed_expense_is_reset_and_recharged_once(self):
        move = self._create_company_expense(self.taxed_type)
        bill = self._approve(self._bill(self.matter))
        entry = self._get_entry()
        move.button_draft()
        move.action_post()
        self.assertEqual(self._get_entry(), entry)
        self.assertEqual(entry.bill_id, bill)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        move.button_draft()
        move.line_ids.analytic_distribution = False
        move.action_post()
        self.assertEqual(self.matter.unbilled_amount, -100.0)

    # --- write-offs

    def test_a_carried_disbursement_becomes_a_loss(self):
        self._create_purchase(account=self.carried)
        entry = self._get_entry()
        self._as(entry, "biller").action_write_off("Client insolvent")
        move = entry.write_off_move_id
        self.assertEqual(move.state, "posted")
        self.assertItems(move, [(self.loss, 100.0, 0.0), (self.carried, 0.0, 100.0)])
        self.assertEqual(move.line_ids.matter_id, self.matter)
        self.assertIn("Client insolvent", move.ref)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        # the cost of the matter stays its cost
        costs = self.env["account.analytic.line"].search(
            [("account_id", "=", self.matter.account_id.id)]
        )
        self.assertEqual(costs, entry)

    def test_vendor_tax_that_is_carried_is_lost_too(self):
        purchase = self._create_purchase(account=self.carried, tax=self.lost_20)
        self._create_purchase(account=self.carried, tax=self.lost_20, price=50.0)
        balance = purchase.line_ids.filtered(
            lambda line: line.account_id == self.carried
        )
        self.assertEqual(sum(balance.mapped("balance")), 120.0)
        entries = self._get_entry()
        self._as(entries, "biller").action_write_off("Goodwill")
        self.assertItems(
            entries.write_off_move_id,
            [(self.loss, 180.0, 0.0), (self.carried, 0.0, 180.0)],
        )

    def test_shares_of_what_is_carried_leave_no_cent_behind(self):
        matters = self.matter
        for name in ("Second", "Third"):
            matters |= self._create_matter(name=name)
        self.distribution = {
            str(matter.account_id.id): percent
            for matter, percent in zip(matters, (33.33, 33.33, 33.34), strict=True)
        }
        purchase = self._create_purchase(account=self.carried, tax=self.lost_20)
        entries = purchase.line_ids.analytic_line_ids.filtered("wip_type")
        self.assertEqual(len(entries), 3)
        self._as(entries, "biller").action_write_off("Goodwill")
        loss = entries.write_off_move_id.line_ids.filtered(
            lambda line: line.account_id == self.loss
        )
        self.assertAlmostEqual(sum(loss.mapped("balance")), 120.0, 2)

    def test_taking_it_back_mirrors_the_entry(self):
        self._create_purchase(account=self.carried)
        self._create_purchase(account=self.carried, price=40.0)
        entries = self._get_entry()
        self._as(entries, "biller").action_write_off("Goodwill")
        move = entries.write_off_move_id
        self.assertItems(move, [(self.loss, 140.0, 0.0), (self.carried, 0.0, 140.0)])
        small = entries.filtered(lambda entry: entry.wip_amount == 40.0)
        self._as(small, "biller").action_undo_write_off()
        self.assertEqual(self.matter.unbilled_amount, 40.0)
        self.assertFalse(small.write_off_move_id)
        mirror = self.env["account.move"].search(
            [("line_ids.account_id", "=", self.loss.id)], order="id desc", limit=1
        )
        self.assertItems(mirror, [(self.loss, 0.0, 40.0), (self.carried, 40.0, 0.0)])
        self.assertIn(move.name, mirror.ref)
        self.assertEqual((entries - small).write_off_move_id, move)

    def test_costs_in_the_result_leave_the_ledger_alone(self):
        self._create_purchase()
        entries = self._get_entry() | self._create_time(self.matter)
        moves = self.env["account.move"].search_count([])
        self._as(entries, "biller").action_write_off("Goodwill")
        self.assertFalse(entries.write_off_move_id)
        self._as(entries, "biller").action_undo_write_off()
        self.assertEqual(self.env["account.move"].search_count([]), moves)

    def test_the_entry_goes_with_the_write_off_alone(self):
        self._create_purchase(account=self.carried)
        entry = self._get_entry()
        self._as(entry, "biller").action_write_off("Goodwill")
        move = entry.write_off_move_id
        for call in (move.button_draft, move.button_cancel, move._reverse_moves):
            with self.assertRaisesRegex(UndoError, move.name):
                call()
        self.assertEqual(move.state, "posted")

    def test_written_off_cost_that_leaves_the_matter_leaves_the_loss(self):
        vendor_bill = self._create_purchase(account=self.carried)
        entry = self._get_entry()
        self._as(entry, "biller").action_write_off("Goodwill")
        vendor_bill.button_draft()
        vendor_bill.action_post()
        self.assertEqual(self._get_entry(), entry)
        self.assertTrue(entry.write_off_move_id)
        vendor_bill.button_draft()
        vendor_bill.invoice_line_ids.analytic_distribution = False
        vendor_bill.action_post()
        self.assertFalse(entry.write_off_move_id)
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.loss.id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(sum(lines.mapped("balance")), 0.0)
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_who_may_not_write_off_posts_nothing(self):
        self._create_purchase(account=self.carried)
        entry = self._get_entry()
        for role, error in (("fee_earner", AccessError), ("reviewer", RoleError)):
            with self.assertRaises(error):
                self._as(entry, role).action_write_off("mine")
            with self.assertRaises(RoleError):
                self._as(entry, role).action_undo_write_off()
        with self.assertRaisesRegex(LegalBillingError, "is written off"):
            self._as(entry, "biller").action_undo_write_off()
        self.assertFalse(entry.write_off_move_id)

    # --- time that was agreed with a client

    def test_the_client_has_time_units_of_its_own(self):
        self.company.write({"legal_time_unit": 6, "legal_time_rounding": "up"})
        self.client.write(
            {
                "legal_time_unit": 15,
                "legal_time_rounding": "down",
                "legal_time_minimum_units": 1,
            }
        )
        cases = {0.1: 0.25, 0.6: 0.5, 8.3: 8.25}
        for worked, billed in cases.items():
            entry = self._create_time(self.matter, worked)
            self.assertAlmostEqual(entry.bill_quantity, billed, 4)
            self.assertEqual(entry.unit_amount, worked)
        other = self._create_matter(partner_id=self.partner_b.id)
        self.assertAlmostEqual(self._create_time(other, 0.11).bill_quantity, 0.2, 4)
