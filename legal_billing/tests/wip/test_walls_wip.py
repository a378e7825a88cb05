import importlib.util
from datetime import date
from pathlib import Path

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import RoleError
from ..common import LegalBillingCommon

REFUSED = UserError  # the addon's and core's refusals


@tagged("post_install", "-at_install")
class TestWallsWip(LegalBillingCommon):
    """The value of WIP comes from recording and from billing's own acts alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(responsible_id=cls.manager.id)
        cls.other = cls._create_matter(name="Other", partner_id=cls.partner_b.id)
        cls.walled = cls._create_matter(
            name="Nightfall",
            responsible_id=cls.manager.id,
            is_walled=True,
            wall_user_ids=[Command.set([cls.manager.id, cls.env.uid])],
        )
        cls.office = cls.env["project.project"].create(
            {"name": "Office", "company_id": cls.company.id}
        )
        cls.own = cls._create_time(cls.matter, employee_id=cls.associate.id)
        cls.foreign = cls._create_time(cls.matter, 10.0)

    def _effect(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            matter: (matter.unbilled_amount, matter.unbilled_count)
            for matter in self.matter + self.other + self.walled
        } | {
            entry: (entry.employee_id, entry.user_id, entry.bill_behavior)
            for entry in self.own + self.foreign
        }

    def _assert_refused(self, function, text=None, errors=REFUSED):
        """It is refused, in words, and nothing is another than before."""
        before = self._effect()
        with self.assertRaises(errors) as error:
            function()
        self.assertEqual(self._effect(), before)
        if text:
            self.assertRegex(str(error.exception), text)

    def _get_notes(self, matter):
        return " ".join(matter.message_ids.mapped("body"))

    # --- what a person's own time is worth, whose it is, whom it is billed to

    def test_a_fee_earner_does_not_write_what_own_time_is_worth(self):
        entry = self._as(self.own, "fee_earner")
        days = self.env.ref("uom.product_uom_day")
        for vals, text in (
            ({"employee_id": self.lawyer.id}, "Employee.*changed by those who bill"),
            ({"bill_quantity": 50}, "Hours to bill.*comes from the rates"),
            ({"bill_rate": 900}, "comes from the rates"),
            ({"unit_amount": 0.1, "wip_amount": 200}, "comes from the rates"),
            ({"unit_amount": 5, "bill_quantity": 50}, "comes from the rates"),
            ({"matter_id": self.other.id}, "matter of its project"),
            ({"matter_id": self.walled.id}, "matter of its project|may not see"),
            ({"project_id": False}, "comes from the rates|stays time"),
            ({"bill_behavior": "hide"}, "changed by those who bill"),
            ({"bill_behavior": "no_charge"}, "changed by those who bill"),
            ({"user_id": self.reviewer.id}, "changed by those who bill"),
            ({"wip_type": False}, "comes from the rates"),
            ({"wip_type": "disbursement"}, "comes from the rates"),
            ({"wip_currency_id": self.env.ref("base.JPY").id}, "comes from the rates"),
            ({"product_id": self.exempt_type.id}, "changed by those who bill"),
            ({"product_uom_id": days.id}, "changed by those who bill"),
            ({"is_anticipated": True}, "changed by those who bill"),
            ({"unit_amount": 1e300}, "not a number"),
            ({"unit_amount": 1001}, "more than 1000 hours"),
            ({"unit_amount": "abc"}, "not a number"),
            ({"unit_amount": float("nan")}, "not a number"),
            ({"amount": float("inf")}, "not a number"),
        ):
            with self.subTest(vals):
                self._assert_refused(lambda vals=vals: entry.write(vals), text)

    def test_new_time_is_recorded_and_nothing_else(self):
        entries = self._as(self.env["account.analytic.line"], "fee_earner")
        base = {"project_id": self.matter.id, "name": "Advice", "unit_amount": 1.0}
        for vals in (
            {"bill_quantity": 50},
            {"wip_amount": 9000},
            {"matter_id": self.other.id},
            {"project_id": self.office.id, "matter_id": self.matter.id},
            {"employee_id": self.lawyer.id},
            {"bill_behavior": "hide"},
            {"project_id": self.walled.id},
            {"unit_amount": 5000},
            {"product_id": self.exempt_type.id},
        ):
            with self.subTest(vals):
                self._assert_refused(lambda vals=vals: entries.create(base | vals))
                self._assert_refused(
                    lambda vals=vals: entries.with_context(
                        **{f"default_{name}": value for name, value in vals.items()}
                    ).create({n: v for n, v in base.items() if n not in vals})
                )
        entry = entries.create(base | {"is_on_hold": True}).sudo()
        self.assertEqual((entry.wip_amount, entry.user_id), (200.0, self.fee_earner))

    def test_nested_commands_and_imports_go_the_same_way(self):
        task = self.env["project.task"].create(
            {"name": "Work", "project_id": self.matter.id}
        )
        self.own.task_id = task
        task = self._as(task, "fee_earner")
        self._assert_refused(
            lambda: task.write(
                {
                    "timesheet_ids": [
                        Command.update(self.own.id, {"bill_quantity": 50.0})
                    ]
                }
            )
        )
        entries = self._as(self.env["account.analytic.line"], "fee_earner")
        before = self._effect()
        result = entries.load(
            ["project_id/.id", "name", "unit_amount", "bill_quantity"],
            [[str(self.matter.id), "Import", "1", "50"]],
        )
        self.assertIn("comes from the rates", result["messages"][0]["message"])
        self.assertEqual(self._effect(), before)
        result = entries.load(
            ["project_id/.id", "name", "unit_amount"],
            [[str(self.matter.id), "Import", "1"]],
        )
        self.assertTrue(result["ids"])
        self._assert_refused(
            lambda: entries.browse(self.own.id).web_save(
                {"employee_id": self.lawyer.id}, {"id": {}}
            )
        )

    def test_a_fee_earner_keeps_own_time(self):
        entry = self._as(self.own, "fee_earner")
        entry.write({"unit_amount": 2.0, "name": "Advice by telephone"})
        self.assertEqual(self.own.wip_amount, 400.0)
        entry.date = date(2026, 10, 7)
        entry.action_hold()
        entry.action_release()
        entry.project_id = self.other
        self.assertEqual(
            (self.own.matter_id, self.own.account_id),
            (self.other, self.other.account_id),
        )
        self.assertRegex(self._get_notes(self.matter), "moved to .*Other: 1 entries")
        self.assertIn("moved here from", self._get_notes(self.other))
        entry.unlink()
        self.assertFalse(self.own.exists())

    def test_a_rate_that_a_biller_gave_stays_when_the_text_changes(self):
        self._as(self.own, "biller").bill_rate = 500.0
        entry = self._as(self.own, "fee_earner")
        entry.name = "Advice on the lease"
        entry.is_on_hold = True
        self.assertEqual(self.own.wip_amount, 500.0)
        entry.unit_amount = 2.0
        self.assertEqual(self.own.wip_amount, 1000.0)
        self._assert_refused(
            lambda: entry.write({"project_id": self.other.id, "bill_rate": 500.0})
        )

    def test_a_reviewer_prices_own_matters_alone(self):
        own = self._create_time(self.matter)
        entry = self._as(own, "reviewer")
        for vals in ({"bill_quantity": 50}, {"bill_behavior": "hide"}):
            self._assert_refused(lambda vals=vals: entry.write(vals))
        self._assert_refused(entry.action_hide)
        mine = self._create_time(self.other)
        self._as(mine, "reviewer").write({"bill_quantity": 2, "bill_behavior": "hide"})
        self.assertEqual(mine.wip_amount, 600.0)

    def test_superuser_code_of_a_fee_earner_is_the_fee_earner(self):
        entry = self._as(self.own, "fee_earner").sudo()
        self._assert_refused(lambda: entry.write({"bill_quantity": 50}))

    def test_billers_do_what_their_acts_do(self):
        entry = self._as(self.own, "biller")
        entry.write({"bill_quantity": 20, "bill_behavior": "no_charge"})
        self.assertEqual(self.own.wip_amount, 4000.0)
        entry.employee_id = self.lawyer
        self.assertEqual(self.own.bill_rate, 300.0)
        self._assert_refused(
            lambda: entry.write({"matter_id": self.other.id}), "of its project"
        )
        self._assert_refused(lambda: entry.write({"project_id": False}), "stays time")
        self._assert_refused(
            lambda: entry.write({"project_id": self.walled.id}),
            "may not see|doesn't have 'read' access",
        )
        self._assert_refused(lambda: entry.write({"bill_rate": 9e14}), "of this size")
        entry.project_id = self.other
        self.assertEqual(self.own.matter_id, self.other)
        self.assertRegex(self._get_notes(self.matter), "moved to .*Other: 1 entries")

    def test_a_part_keeps_the_currency_of_its_entry(self):
        """Of work that was recorded before the matter's billing currency changed."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 2.0, "company_id": self.company.id}
        )
        dollar = self.company.currency_id
        entry = self._create_time(self.matter)
        value = entry.wip_amount
        self.matter.billing_currency_id = euro
        self.assertEqual(entry.wip_currency_id, dollar)
        entry = entry.with_user(self.biller)
        part = entry.action_split(10)
        down = entry.with_user(self.manager).action_write_down(20, "as agreed")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            (part | down | entry).sudo(),
            [
                {"wip_currency_id": dollar.id, "wip_amount": 10.0},
                {"wip_currency_id": dollar.id, "wip_amount": 20.0},
                {"wip_currency_id": dollar.id, "wip_amount": value - 30},
            ],
        )
        part.action_join()
        entry.write({"matter_id": self.matter.id})  # as it is
        self.assertEqual(entry.wip_amount, value - 20)
        self.assertEqual(entry.wip_currency_id, dollar)

    def test_cashier_approver_and_officer_make_no_disbursement(self):
        vals = {"matter_id": self.matter.id, "name": "Fee", "bill_rate": 50.0}
        cost = self._create_disbursement(self.matter)
        for role in ("cashier", "approver", "client_account_officer"):
            with self.subTest(role):
                entries = self._as(self.env["account.analytic.line"], role)
                self._assert_refused(lambda entries=entries: entries.create(vals))
                self._assert_refused(
                    lambda role=role: self._as(cost, role).write({"amount": -9.0})
                )
        entry = self._as(self.env["account.analytic.line"], "biller").create(vals)
        self.assertEqual(entry.wip_amount, 50.0)

    def test_more_than_a_day_is_a_remark(self):
        entry = self.own.new(origin=self.own)
        entry.unit_amount = 30.0
        self.assertIn("30 hours", str(entry._onchange_unit_amount_of_a_day()))
        entry.unit_amount = 8.0
        self.assertFalse(entry._onchange_unit_amount_of_a_day())

    # --- tasks

    def _make_task(self, *entries):
        task = self.env["project.task"].create(
            {"name": "Lease", "project_id": self.matter.id}
        )
        for entry in entries:
            entry.task_id = task
        self.env.flush_all()
        return task

    def test_time_of_others_follows_a_task_by_the_biller_alone(self):
        task = self._make_task(self.foreign)
        for role in ("fee_earner", "cashier"):

            def move(role=role):
                self._as(task, role).project_id = self.other
                self.env.flush_all()

            with self.subTest(role):
                self._assert_refused(move, "Ada Partner.*use Move", RoleError)
        self._as(task, "biller").project_id = self.other
        self.env.flush_all()
        self.assertEqual(self.foreign.matter_id, self.other)
        self.assertRegex(self._get_notes(self.matter), "moved to .*Other: 1 entries")
        self.assertIn("moved here from", self._get_notes(self.other))

    def test_own_time_follows_a_task_and_so_do_subtasks(self):
        task = self._make_task()
        child = self.env["project.task"].create(
            {"name": "Part", "parent_id": task.id, "project_id": self.matter.id}
        )
        self.own.task_id = child
        self.env.flush_all()
        self._as(task, "fee_earner").project_id = self.other
        self.env.flush_all()
        self.assertEqual(self.own.matter_id, self.other)
        self.assertIn("moved here from", self._get_notes(self.other))

    # --- what disappears

    def test_time_of_others_goes_by_role_and_with_a_reason(self):
        for role, text in (
            ("approver", "Ask a biller to write it off"),
            ("cashier", None),
            ("biller", "Use Write off"),
        ):
            entry = self._as(self.foreign, role)
            with self.subTest(role):
                self._assert_refused(entry.unlink, text)
                for hours in (0, -5):
                    self._assert_refused(
                        lambda e=entry, h=hours: e.write({"unit_amount": h}), text
                    )
                self._assert_refused(
                    lambda e=entry: e.write({"project_id": self.office.id})
                )
        entry = self._as(self.foreign, "biller")
        entry.with_context(legal_billing_reason="Recorded twice").unlink()
        self.assertFalse(self.foreign.exists())
        notes = self._get_notes(self.matter)
        self.assertIn("Recorded twice", notes)
        self.assertIn("3,000.00", notes)
        self.assertIn(self.biller.name, notes)

    def test_an_approver_of_timesheets_corrects_hours_and_it_is_written_down(self):
        self._as(self.foreign, "approver").unit_amount = 9.0
        self.assertEqual(self.foreign.wip_amount, 2700.0)
        self.assertIn("10.00 → 9.00", self._get_notes(self.matter))

    def test_own_time_that_a_run_showed_does_not_go(self):
        self._create_run()
        entry = self._as(self.own, "fee_earner")
        self._assert_refused(entry.unlink, "looked at")
        self._assert_refused(lambda: entry.write({"unit_amount": 0}), "looked at")
        self._assert_refused(lambda: entry.write({"project_id": self.other.id}), "Move")
        self.assertTrue(self.own.exists())
        later = self._create_time(self.other, employee_id=self.associate.id)
        self._as(later, "fee_earner").unlink()

    def test_own_time_that_a_run_showed_does_not_follow_a_task(self):
        task = self._make_task(self.own)
        self._create_run()

        def move():
            self._as(task, "fee_earner").project_id = self.other
            self.env.flush_all()

        self._assert_refused(move, "looked at for a bill")

    def test_own_time_left_out_of_a_draft_does_not_go(self):
        bill = self._bill(self.other + self.matter)
        bill = bill.filtered(lambda b: b.matter_id == self.matter)
        self._as(bill, "biller").action_remove_entries(self._as(self.own, "biller"))
        self.env["legal.billing.run"].search([]).line_ids.sudo().unlink()
        self._assert_refused(self._as(self.own, "fee_earner").unlink, "looked at")

    # --- texts for numbers and records

    def test_what_is_no_record_and_no_number_is_said(self):
        entry = self._as(self.own, "biller")
        for matter in ("abc", None, True, 0, [1, 2]):
            self._assert_refused(
                lambda m=matter: entry.action_move(m), "is not a matter"
            )
        for amount in ("abc", None, float("nan"), [1]):
            self._assert_refused(
                lambda a=amount: entry.action_split(a), "not an amount"
            )
            self._assert_refused(
                lambda a=amount: entry.action_write_down(a, "x"), "not an amount"
            )
        self._assert_refused(lambda: entry.action_hold("soon"), "not a date")
        self._assert_refused(lambda: entry.action_write_off(5), "Say why")
        self.assertTrue(entry.action_split("100"))


@tagged("post_install", "-at_install")
class TestWallsCosts(LegalBillingCommon):
    """A cost becomes a disbursement by where it comes from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter()
        cls.expense = cls.company_data["default_account_expense"]
        cls.company.legal_write_off_account_id = cls.expense

    def _bill_time(self):
        self._create_time(self.matter, 2.0)
        return self._approve(self._bill(self.matter))

    def _book(self, user=None, **vals):
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-11-02",
                "line_ids": [
                    Command.create(
                        {
                            "name": "Rent",
                            "account_id": self.expense.id,
                            "debit": 90.0,
                            "analytic_distribution": {
                                str(self.matter.account_id.id): 100
                            },
                            **vals,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_payable"
                            ].id,
                            "credit": 90.0,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        return move

    def test_a_write_off_is_not_billed_again(self):
        bill = self._bill_time()
        window = bill.browse(bill.ids).with_user(self.approver)
        action = window.action_open_write_off()
        make = (
            self.env[action["res_model"]]
            .with_user(self.approver)
            .browse(action["res_id"])
        )
        make.line_ids.write({"amount": 100.0})
        make.write({"treatment": "entry", "reason": "Bad debt"})
        make.action_write_off()
        self.assertEqual(bill.amount_residual, 620.0)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertFalse(self._get_row(self._create_run(), self.matter))

    def test_a_discount_that_core_books_is_not_billed(self):
        bill = self._bill_time()
        bill.line_ids.write({"discount_date": "2027-01-01"})
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create(
                {
                    "amount": 700.0,
                    "payment_difference_handling": "reconcile",
                    "writeoff_account_id": self.expense.id,
                }
            )
        )
        wizard.action_create_payments()
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.expense.id), ("move_id", "!=", bill.id)]
        )
        items.analytic_distribution = {str(self.matter.account_id.id): 100}
        self.assertTrue(items.analytic_line_ids)
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_an_allocation_of_overheads_is_none_and_a_cost_by_hand_is(self):
        overhead = self._book()
        self.assertTrue(overhead.line_ids.analytic_line_ids)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self._book(product_id=self.taxed_type.id)
        self.assertEqual(self.matter.unbilled_amount, 90.0)
        self._book(product_id=self.fee_product.id)
        self.assertEqual(self.matter.unbilled_amount, 90.0)

    def test_the_type_of_an_entry_of_the_books_is_not_written(self):
        bill = self._bill_time()
        entries = (self._book().line_ids + bill.line_ids).analytic_line_ids
        for role in ("cashier", "biller", "manager"):
            for entry in self._as(entries, role):
                with self.assertRaises(REFUSED):
                    entry.write({"wip_type": "disbursement"})
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_the_database_refuses_it_too(self):
        entry = self._book().line_ids.analytic_line_ids
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(CheckViolation, "by hand"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE account_analytic_line SET wip_type = 'disbursement' "
                "WHERE id = %s",
                entry.ids,
            )

    def test_a_vendor_bill_is_posted_reset_and_spread_anew(self):
        other = self._create_matter(name="Other")
        accountant = self._as(self.env["account.move"], "cashier")
        move = accountant.create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.taxed_type.id,
                            "price_unit": 100.0,
                            "tax_ids": [],
                            "analytic_distribution": {
                                str(self.matter.account_id.id): 100
                            },
                        }
                    )
                ],
            }
        )
        move.action_post()
        self.assertEqual(self.matter.unbilled_amount, 100.0)
        move.button_draft()
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        move.action_post()
        move.invoice_line_ids.analytic_distribution = {str(other.account_id.id): 100}
        self.assertEqual((self.matter.unbilled_amount, other.unbilled_amount), (0, 100))
        entry = move.invoice_line_ids.analytic_line_ids
        with self.assertRaises(REFUSED):
            entry.unlink()
        with self.assertRaises(REFUSED):
            entry.create(
                {
                    "move_line_id": move.invoice_line_ids.id,
                    "account_id": self.matter.account_id.id,
                    "name": "More",
                    "amount": -1000.0,
                }
            )

    def test_shares_below_a_cent_cost_nothing(self):
        """The product's sales price is no cost."""
        entry = self._book(product_id=self.taxed_type.id).line_ids.analytic_line_ids
        self.taxed_type.lst_price = 1.0
        entry._internal().write(
            {
                "amount": 0.0,
                "bill_rate": 0.0,
                "charge_amount": 0.0,
                "charge_currency_id": False,
            }
        )
        self.env.add_to_compute(entry._fields["bill_rate"], entry)
        self.assertEqual((entry.bill_rate, entry.wip_amount), (0.0, 0.0))

    def test_what_is_there_already_is_found(self):
        move = self._book()
        entry = move.line_ids.analytic_line_ids
        cost = self._create_disbursement(self.matter, 40.0)
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE account_analytic_line DISABLE TRIGGER "
            "legal_wip_disbursement_changed"
        )
        self.env.cr.execute(
            "UPDATE account_analytic_line SET wip_type = 'disbursement', "
            "wip_amount = 90, bill_rate = 90, bill_quantity = 1 WHERE id = %s",
            entry.ids,
        )
        self.env.cr.execute(
            "ALTER TABLE account_analytic_line ENABLE TRIGGER "
            "legal_wip_disbursement_changed"
        )
        self.env.invalidate_all()
        self.assertEqual(self.matter.unbilled_amount, 130.0)
        path = Path(__file__).parents[2] / (
            "migrations/19.0.1.1.0/post-disbursement-sources.py"
        )
        spec = importlib.util.spec_from_file_location("sources", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(self.matter.unbilled_amount, 40.0)
        self.assertEqual(cost.wip_type, "disbursement")
        self.assertFalse(entry.wip_type)
        notes = " ".join(self.matter.message_ids.mapped("body"))
        self.assertIn("Rent", notes)
        self.assertIn(move.name, notes)
        activity = self.matter.activity_ids
        self.assertIn(self.matter.display_name, activity.note)
