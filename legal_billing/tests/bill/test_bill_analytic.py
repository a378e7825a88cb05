from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import ApprovalError, RoleError
from ..payment.payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestBillAnalytic(PaymentCommon):
    """Lines of a matter have its analytic accounts in all plans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.departments = cls.env["account.analytic.plan"].create(
            {"name": "Departments"}
        )
        cls.litigation, cls.property = cls.env["account.analytic.account"].create(
            [
                {"name": name, "plan_id": cls.departments.id}
                for name in ("Litigation", "Property")
            ]
        )
        cls.column = cls.departments._column_name()
        cls.matter[cls.column] = cls.litigation
        cls.plain = cls._create_matter(name="Plain")
        cls.entry = cls._create_time(cls.matter, 1.0)
        cls.plain_entry = cls._create_time(cls.plain, 1.0)
        cls.loss = cls.company_data["default_account_expense"]
        cls.company.legal_write_off_account_id = cls.loss
        lines = cls.tax_20.invoice_repartition_line_ids
        lines |= cls.tax_20.refund_repartition_line_ids
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.company_data["default_account_tax_sale"]

    def _get_both(self, matter=None, account=None):
        accounts = (matter or self.matter).account_id | (account or self.litigation)
        return {",".join(map(str, accounts.ids)): 100.0}

    def _get_lines(self, move):
        return move.line_ids.filtered(lambda line: line.display_type == "product")

    def _get_items(self, moves):
        """Analytic items of a move: what each account of the plan comes to."""
        items = moves.line_ids.analytic_line_ids
        return {
            account: sum(lines.mapped("amount"))
            for account, lines in items.grouped(self.column).items()
        }

    def _make_mandatory(self, domain, **vals):
        return self.env["account.analytic.applicability"].create(
            {
                "analytic_plan_id": self.departments.id,
                "business_domain": domain,
                "applicability": "mandatory",
                "company_id": self.company.id,
                **vals,
            }
        )

    def _create_model(self, account, **vals):
        return self.env["account.analytic.distribution.model"].create(
            {"analytic_distribution": {str(account.id): 100}, **vals}
        )

    # --- what lines have

    def test_all_plans_of_the_matter(self):
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(self._get_lines(bill).analytic_distribution, self._get_both())
        self.assertEqual(self._get_items(bill), {self.litigation: 300.0})

    def test_models_of_the_firm_are_merged(self):
        """They speak where the matter is silent, as in core."""
        self._create_model(self.property, product_id=self.fee_product.id)
        bills = self._bill(self.matter | self.plain)
        own, plain = (
            bills.filtered(lambda bill, matter=matter: bill.matter_id == matter)
            for matter in (self.matter, self.plain)
        )
        self.assertEqual(self._get_lines(own).analytic_distribution, self._get_both())
        merged = {str(self.plain.account_id.id): 100, str(self.property.id): 100}
        self.assertEqual(self._get_lines(plain).analytic_distribution, merged)
        # and the same when it is priced again, or goes to another payer
        self._as(self.plain_entry, "biller").bill_quantity = 2.0
        self.assertEqual(self._get_lines(plain).analytic_distribution, merged)
        plain.partner_id = self.insurer
        self.assertEqual(self._get_lines(plain).analytic_distribution, merged)
        # by payer, and no longer when the model is gone
        model = self._create_model(self.litigation, partner_id=self.insurer.id)
        self._as(self.plain_entry, "biller").bill_quantity = 1.0
        self.assertEqual(
            self._get_lines(plain).analytic_distribution,
            {str(self.plain.account_id.id): 100, str(self.litigation.id): 100},
        )
        model.unlink()
        self.env["account.analytic.distribution.model"].search([]).unlink()
        self._as(self.plain_entry, "biller").bill_quantity = 2.0
        self.assertEqual(
            self._get_lines(plain).analytic_distribution,
            {str(self.plain.account_id.id): 100},
        )

    def test_what_a_person_set_is_kept(self):
        bill = self._bill(self.matter)
        chosen = self._get_both(account=self.property)
        line = self._as(self._get_lines(bill), "biller")
        line.analytic_distribution = chosen
        self._as(self.entry, "biller").bill_quantity = 2.0
        line = self._get_lines(bill)
        self.assertEqual(line.price_subtotal, 600.0)
        self.assertEqual(line.analytic_distribution, chosen)
        self._create_model(self.litigation)
        bill.partner_id = self.insurer
        self.assertEqual(self._get_lines(bill).analytic_distribution, chosen)
        self._as(self.entry, "biller").bill_quantity = 1.0
        self._approve(bill)
        self.assertEqual(self._get_items(bill), {self.property: 300.0})
        # the credit goes where the revenue went
        key = bill._get_credit_rows()[0]["key"]
        note = self._as(bill, "approver")._credit_parts({key: 100.0}, "Goodwill", DAY)
        self.assertEqual(self._get_items(note), {self.property: -100.0})

    def test_a_line_by_hand_has_the_matters_accounts(self):
        bill = self._bill(self.matter)
        self._as(bill, "biller").invoice_line_ids = [
            Command.create({"name": "Binder", "quantity": 1, "price_unit": 25.0})
        ]
        line = self._get_lines(bill).filtered(lambda line: not line.legal_line_kind)
        self.assertEqual(line.matter_id, self.matter)
        self.assertEqual(line.analytic_distribution, self._get_both())

    def test_parts_of_two_distributions_are_credited_by_their_amounts(self):
        bill = self._bill(self.matter)
        self._as(bill, "biller").invoice_line_ids = [
            Command.create(
                {
                    "name": "More advice",
                    "quantity": 1,
                    "price_unit": 100.0,
                    "product_id": self.fee_product.id,
                    "tax_ids": [Command.set(self.tax_20.ids)],
                    "analytic_distribution": self._get_both(account=self.property),
                }
            )
        ]
        self._approve(bill)
        [row] = bill._get_credit_rows()
        note = self._as(bill, "approver")._credit_parts(
            {row["key"]: 200.0}, "Goodwill", DAY
        )
        self.assertEqual(
            self._get_items(note), {self.litigation: -150.0, self.property: -50.0}
        )

    def test_write_offs_have_them_too(self):
        write_off = self._as(self.env["legal.bill.write.off"], "approver")
        bill = self._approve(self._bill(self.matter))
        for treatment in ("credit_note", "entry_relief", "entry"):
            row = write_off._write_off({bill: 60.0}, "Goodwill", DAY, treatment)
            move = row.sudo().move_id
            line = move.line_ids.filtered(lambda line: line.account_id == self.loss)
            self.assertEqual(line.analytic_distribution, self._get_both())
            self.assertEqual(set(self._get_items(move)), {self.litigation})

    # --- plans that Odoo asks for

    def test_a_missing_plan_stands_against_approval(self):
        self._make_mandatory("invoice")
        bills = self._bill(self.matter | self.plain)
        plain = bills.filtered(lambda bill: bill.matter_id == self.plain)
        with self.assertRaisesRegex(ApprovalError, "(?s)Plain.*Departments"):
            self._as(plain, "approver").action_post()
        with self.assertRaises(RoleError):
            self._as(bills - plain, "biller").action_post()
        self._approve(bills - plain)
        self.assertEqual((bills - plain).state, "posted")
        self.plain[self.column] = self.property
        self._as(self.plain_entry, "biller").bill_quantity = 2.0
        self._approve(plain)
        self.assertEqual(self._get_items(plain), {self.property: 600.0})

    def test_by_category_or_account(self):
        bill = self._bill(self.plain)
        code = self._get_lines(bill).account_id.code
        rule = self._make_mandatory("invoice", account_prefix=f"{code}9")
        self.assertFalse(bill._get_analytic_problems())
        rule.account_prefix = code[:2]
        self.assertIn("Departments", bill._get_analytic_problems()[bill])
        self._get_lines(bill).analytic_distribution = self._get_both(self.plain)
        self.assertFalse(bill._get_analytic_problems())

    def test_entries_of_a_matter_where_a_plan_is_asked_for(self):
        bill = self._approve(self._bill(self.matter))
        payment = self._pay(bill, 60.0)
        items = payment.move_id.line_ids
        self.assertFalse(items.analytic_line_ids)
        self._make_mandatory("general")
        for kind in ({}, {"source": "nominal", "nominal_account_id": self.loss.id}):
            payment = self._pay(bill, 60.0, **kind)
            items = payment.move_id.line_ids.filtered("matter_id")
            self.assertTrue(items)
            for item in items:
                self.assertEqual(item.analytic_distribution, self._get_both())
            self.assertFalse(items.analytic_line_ids.filtered("wip_type"))
        # a carried cost: what the write-off books comes to nothing for the matter
        carried = self.env["account.account"].create(
            {
                "name": "Recoverable",
                "code": "140100",
                "account_type": "asset_current",
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.exempt_type.id,
                            "account_id": carried.id,
                            "price_unit": 50.0,
                            "tax_ids": False,
                            "analytic_distribution": self._get_both(),
                        }
                    )
                ],
            }
        ).action_post()
        cost = self.env["account.analytic.line"].search(
            [("matter_id", "=", self.matter.id), ("wip_type", "=", "disbursement")]
        )
        self._as(cost, "biller").action_write_off("Goodwill")
        move = cost.write_off_move_id
        for line in move.line_ids:
            self.assertEqual(line.analytic_distribution, self._get_both())
        self.assertEqual(self._get_items(move), {self.litigation: 0.0})
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_many_bills_cost_the_queries_of_one(self):
        self._make_mandatory("invoice", account_prefix="zz")
        self._create_model(self.property, partner_id=self.insurer.id)
        matters = self.matter | self.plain
        for number in range(4):
            matters |= self._create_matter(name=f"Many {number}")
            self._create_time(matters[-1], 1.0)
        bills = self._bill(matters)
        models = self.env["account.analytic.distribution.model"]
        requests = [
            (bill.matter_id, self.fee_product, self.loss, bill.partner_id)
            for bill in bills
        ]
        counts = []
        for few in (1, 6):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            bills[:few]._get_analytic_problems()
            models._get_of_matters(requests[:few])
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # --- accounts that change

    def test_time_of_a_moved_task_leaves_its_account(self):
        task = self.env["project.task"].create(
            {"name": "Claim", "project_id": self.matter.id}
        )
        self.entry.task_id = task
        self._as(task, "biller").project_id = self.plain
        self.assertEqual(self.entry.matter_id, self.plain)
        self.assertEqual(self.entry.account_id, self.plain.account_id)
        self.assertFalse(self.entry[self.column])

    def test_costs_by_hand_have_all_plans_and_follow_a_move(self):
        cost = self._create_disbursement(self.matter, 50.0)
        self.assertEqual(cost[self.column], self.litigation)
        self._as(cost, "biller").action_move(self.plain)
        self.assertEqual(cost.account_id, self.plain.account_id)
        self.assertFalse(cost[self.column])

    def test_a_matter_with_another_account_keeps_its_costs(self):
        old = self.matter.account_id
        vendor_bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": date(2026, 10, 7),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.exempt_type.id,
                            "price_unit": 100.0,
                            "tax_ids": False,
                            "analytic_distribution": {str(old.id): 100},
                        }
                    )
                ],
            }
        )
        vendor_bill.action_post()
        self.assertEqual(self.matter.unbilled_amount, 400.0)
        self._as(self.matter, "manager").account_id = old.copy({"name": "New"})
        vendor_bill.button_draft()
        vendor_bill.action_post()
        self.assertEqual(self.matter.unbilled_amount, 400.0)
        self.assertEqual(self._bill(self.matter).amount_total, 460.0)
        # an account that has become another matter's is that one's
        self.plain.account_id = old
        late = vendor_bill.copy({"invoice_date": date(2026, 10, 8)})
        late.action_post()
        self.assertEqual(late.line_ids.analytic_line_ids.matter_id, self.plain)

    def test_days_are_hours(self):
        day, hour = (
            self.env.ref("uom.product_uom_day"),
            self.env.ref("uom.product_uom_hour"),
        )
        entry = self._create_time(self.matter, 1.0, product_uom_id=day.id)
        self.assertEqual((entry.bill_quantity, entry.wip_amount), (8.0, 2400.0))
        entry.unit_amount = 0.5
        self.assertEqual(entry.wip_amount, 1200.0)
        entry.product_uom_id = hour
        self.assertEqual(entry.wip_amount, 150.0)
        piece = self.env.ref("uom.product_uom_unit")
        entry.product_uom_id = piece
        self.assertEqual(entry.wip_amount, 150.0)
        entry.write({"product_uom_id": day.id, "unit_amount": 2.0})
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 300.0 + 4800.0)
        self.assertIn("17 hours", self._get_lines(bill).name)
