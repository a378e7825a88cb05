from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...exceptions import EntryLockedError, LegalBillingError, RoleError
from ..common import LegalBillingCommon

REFUSED = "validated"  #: what timesheet_grid says


@tagged("post_install", "-at_install")
class TestWip(LegalBillingCommon):
    """Time and disbursements as work in progress."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter()
        cls.purchase_20 = cls.env["account.tax"].create(
            {"name": "In 20%", "amount": 20.0, "type_tax_use": "purchase"}
        )

    # --- values

    def test_time_has_rate_value_and_narrative(self):
        entry = self._create_time(self.matter, 1.5, name="Call with court")
        self.assertRecordValues(
            entry,
            [
                {
                    "wip_type": "time",
                    "matter_id": self.matter.id,
                    "bill_rate": 300.0,
                    "bill_quantity": 1.5,
                    "wip_amount": 450.0,
                    "bill_behavior": "bill",
                    "bill_narrative": "Call with court",
                }
            ],
        )

    def test_seven_minutes_are_billed_exactly(self):
        entry = self._create_time(self.matter, 7 / 60, bill_rate=285.5)
        self.assertEqual(entry.wip_amount, 33.31)

    def test_units_are_counted_in_whole_minutes(self):
        self.company.write({"legal_time_unit": 6, "legal_time_rounding": "up"})
        entry = self._create_time(self.matter, 8.3)
        self.assertAlmostEqual(entry.bill_quantity, 8.3, 4)
        entry = self._create_time(self.matter, 0.11)
        self.assertAlmostEqual(entry.bill_quantity, 0.2, 4)
        self.assertEqual(entry.unit_amount, 0.11)
        self.company.legal_time_minimum_units = 3
        self.assertAlmostEqual(
            self._create_time(self.matter, 0.1).bill_quantity, 0.3, 4
        )

    def test_changed_hours_change_the_value(self):
        entry = self._create_time(self.matter, 1.0)
        self._as(entry, "reviewer").unit_amount = 2.0
        self.assertEqual(entry.wip_amount, 600.0)

    def test_narrative_follows_the_description_until_edited(self):
        entry = self._create_time(self.matter, name="Advise")
        entry.name = "Advice"
        self.assertEqual(entry.bill_narrative, "Advice")
        entry.bill_narrative = "Advice on the lease"
        entry.name = "Other"
        self.assertEqual(entry.bill_narrative, "Advice on the lease")

    def test_disbursement_by_hand(self):
        entry = self._create_disbursement(
            self.matter, 12.5, unit_amount=4, product_id=self.taxed_type.id
        )
        self.assertEqual(entry.wip_type, "disbursement")
        self.assertEqual(entry.wip_amount, 50.0)
        self.assertEqual(entry.account_id, self.matter.account_id)
        self.assertFalse(entry.project_id)

    def test_entry_off_matters_is_no_wip(self):
        project = self.env["project.project"].create({"name": "Office"})
        entry = self._create_time(project)
        self.assertFalse(entry.wip_type)
        self.assertFalse(entry.matter_id)

    # --- vendor bills

    def _create_vendor_bill(self, product, price=100.0, **vals):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": "Fee of court",
                            "price_unit": price,
                            "tax_ids": [Command.set(self.purchase_20.ids)],
                            "analytic_distribution": {
                                str(self.matter.account_id.id): 100
                            },
                        }
                    )
                ],
                **vals,
            }
        )
        bill.action_post()
        return bill

    def _get_disbursement(self):
        return self.env["account.analytic.line"].search(
            [("matter_id", "=", self.matter.id), ("wip_type", "=", "disbursement")]
        )

    def test_agent_passes_on_the_gross(self):
        self._create_vendor_bill(self.exempt_type)
        self.assertEqual(self._get_disbursement().wip_amount, 120.0)
        bill = self._bill(self.matter)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (120.0, 0.0))

    def test_principal_recharges_the_net_with_tax(self):
        self._create_vendor_bill(self.taxed_type)
        self.assertEqual(self._get_disbursement().wip_amount, 100.0)
        bill = self._bill(self.matter)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (100.0, 20.0))

    def test_markup_on_principal_only(self):
        self.taxed_type.disbursement_markup = 10.0
        self.exempt_type.disbursement_markup = 10.0
        self._create_vendor_bill(self.taxed_type)
        self.assertEqual(self._get_disbursement().wip_amount, 110.0)
        self._create_vendor_bill(self.exempt_type)
        self.assertEqual(sum(self._get_disbursement().mapped("wip_amount")), 230.0)

    def _repost(self, vendor_bill, price):
        vendor_bill.button_draft()
        vendor_bill.invoice_line_ids.price_unit = price
        vendor_bill.action_post()

    def test_reset_vendor_bill_is_never_recharged_twice(self):
        vendor_bill = self._create_vendor_bill(self.taxed_type)
        bill = self._approve(self._bill(self.matter))
        entry = self._get_disbursement()
        self._repost(vendor_bill, 100.0)
        self.assertEqual(self._get_disbursement(), entry)
        self.assertEqual(entry.bill_id, bill)
        self.assertEqual(entry.move_line_id, vendor_bill.invoice_line_ids)
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_changed_vendor_bill_makes_wip_of_the_difference(self):
        vendor_bill = self._create_vendor_bill(self.taxed_type)
        self._approve(self._bill(self.matter))
        for price, difference in ((130.0, 30.0), (80.0, -20.0)):
            self._repost(vendor_bill, price)
            self.assertEqual(self.matter.unbilled_amount, difference)
            self.assertEqual(
                sum(vendor_bill.invoice_line_ids.analytic_line_ids.mapped("amount")),
                -price,
            )

    def test_deleted_vendor_bill_leaves_the_billed_cost(self):
        vendor_bill = self._create_vendor_bill(self.taxed_type)
        bill = self._approve(self._bill(self.matter))
        vendor_bill.button_draft()
        vendor_bill.with_context(force_delete=True).unlink()
        entry = self._get_disbursement()
        self.assertEqual(entry.bill_id, bill)
        self.assertFalse(entry.move_line_id)

    def test_line_entered_again_is_known_by_what_it_charges(self):
        vendor_bill = self._create_vendor_bill(self.taxed_type)
        bill = self._approve(self._bill(self.matter))
        vendor_bill.button_draft()
        vals = {
            "product_id": self.taxed_type.id,
            "name": "Again",
            "price_unit": 100.0,
            "tax_ids": [Command.set(self.purchase_20.ids)],
            "analytic_distribution": {str(self.matter.account_id.id): 100},
        }
        vendor_bill.invoice_line_ids = [Command.clear(), Command.create(vals)]
        vendor_bill.action_post()
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertEqual(self._get_disbursement().bill_id, bill)

    def test_written_off_cost_stays_written_off(self):
        vendor_bill = self._create_vendor_bill(self.taxed_type)
        self._as(self._get_disbursement(), "biller").action_write_off("Goodwill")
        self._repost(vendor_bill, 100.0)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertEqual(self._get_disbursement().write_off_reason, "Goodwill")

    def test_fee_earner_does_not_set_the_value_of_time(self):
        entry = self._create_time(self.matter, employee_id=self.associate.id)
        with self.assertRaisesRegex(RoleError, "comes from the rates"):
            self._as(entry, "fee_earner").bill_rate = 9999.0
        self._as(entry, "fee_earner").unit_amount = 2.0
        self.assertEqual(entry.wip_amount, 400.0)

    def test_a_user_of_timesheets_without_a_role_does_not_set_it_either(self):
        user = new_test_user(
            self.env,
            "timesheet_user",
            groups="base.group_user,hr_timesheet.group_hr_timesheet_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.env["hr.employee"].create(
            {"name": "Clerk", "user_id": user.id, "company_id": self.company.id}
        )
        entry = (
            self.env["account.analytic.line"]
            .with_user(user)
            .create(
                {"project_id": self.matter.id, "name": "Filing", "unit_amount": 1.0}
            )
        )
        rate = entry.sudo().bill_rate
        with self.assertRaisesRegex(RoleError, "comes from the rates"):
            entry.bill_rate = 9999.0
        with self.assertRaisesRegex(RoleError, "comes from the rates"):
            entry.wip_amount = 9999.0
        entry.unit_amount = 2.0
        self.assertEqual(entry.sudo().wip_amount, 2 * rate)

    def test_cost_moved_off_the_matter_comes_back_as_negative_wip(self):
        vendor_bill = self._create_vendor_bill(self.taxed_type)
        self._approve(self._bill(self.matter))
        vendor_bill.button_draft()
        vendor_bill.invoice_line_ids.analytic_distribution = False
        vendor_bill.action_post()
        self.assertEqual(self.matter.unbilled_amount, -100.0)

    # --- splitting

    def test_split_parts_add_up(self):
        entry = self._create_time(self.matter, 7 / 60, bill_rate=285.5)
        part = self._as(entry, "biller").action_split(10.0)
        self.assertEqual((entry.wip_amount, part.wip_amount), (23.31, 10.0))
        self.assertAlmostEqual(entry.unit_amount + part.unit_amount, 7 / 60, 4)
        self.assertEqual(part.matter_id, self.matter)
        with self.assertRaisesRegex(LegalBillingError, "less than the 23.31"):
            self._as(entry, "biller").action_split(23.31)

    def test_own_bill_makes_no_wip(self):
        self._create_time(self.matter)
        self._approve(self._bill(self.matter))
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertFalse(self._get_row(self._create_run(), self.matter))

    # --- bulk actions

    def test_held_entries_stay_and_are_released(self):
        entry = self._create_time(self.matter)
        other = self._create_time(self.matter, 2.0)
        self._as(entry, "reviewer").action_hold()
        self.assertEqual(self._bill(self.matter).wip_line_ids, other)
        self._as(entry, "reviewer").action_release()
        self.assertFalse(entry.is_on_hold)
        self.assertEqual(entry.wip_status, "unbilled")

    def test_a_reviewer_edits_what_is_billed_of_validated_time(self):
        """timesheet_grid refuses whoever may not approve time, by the user, whatever
        the rights; its rule stands here for the addon."""
        entry = self._create_time(self.matter, employee_id=self.associate.id)
        entries = type(entry)

        def write(records, vals):
            user = records.env.user
            if not user.has_group("hr_timesheet.group_hr_timesheet_approver"):
                raise AccessError(REFUSED)
            return core_write(records, vals)

        core = next(
            part
            for part in entries.__mro__
            if part.__module__.startswith("odoo.addons.hr_timesheet.")
            and "write" in vars(part)
        )
        core_write = core.write
        self.patch(core, "write", write)
        self.patch(entries, "_is_validated", lambda _entries: True)
        self._as(entry, "reviewer").write(
            {"bill_narrative": "Advice on the lease", "bill_quantity": 0.5}
        )
        self.assertEqual(
            (entry.bill_narrative, entry.bill_quantity, entry.unit_amount),
            ("Advice on the lease", 0.5, 1.0),
        )
        other = self._create_matter(responsible_id=self.manager.id)
        foreign = self._create_time(other, employee_id=self.associate.id)
        with self.assertRaises(AccessError):
            self._as(foreign, "reviewer").bill_narrative = "other"
        with self.assertRaises(AccessError):
            self._as(entry, "reviewer").unit_amount = 3.0

    def test_reviewer_cannot_hold_another_matters_wip(self):
        matter = self._create_matter(responsible_id=self.manager.id)
        entry = self._create_time(matter, employee_id=self.associate.id)
        with self.assertRaises(Exception) as error:
            self._as(entry, "reviewer").action_hold()
        self.assertIn(type(error.exception).__name__, ("RoleError", "AccessError"))
        self.assertFalse(entry.is_on_hold)

    def test_no_charge_is_consumed_at_nothing(self):
        entry = self._create_time(self.matter)
        self._create_time(self.matter, 2.0)
        self._as(entry, "biller").action_no_charge()
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 600.0)
        self.assertEqual((entry.bill_id, entry.billed_amount), (bill, 0.0))

    def test_write_off_needs_a_reason_and_can_be_undone(self):
        entry = self._create_time(self.matter)
        with self.assertRaisesRegex(LegalBillingError, "Say why"):
            self._as(entry, "biller").action_write_off("  ")
        self._as(entry, "biller").action_write_off("Duplicate")
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertEqual(entry.written_off_by_id, self.biller)
        self.assertEqual(entry.write_off_reason, "Duplicate")
        self._as(entry, "biller").action_undo_write_off()
        self.assertEqual(self.matter.unbilled_amount, 300.0)

    def test_fee_earner_cannot_write_off(self):
        entry = self._create_time(self.matter, employee_id=self.associate.id)
        with self.assertRaises(RoleError):
            self._as(entry, "fee_earner").action_write_off("mine")

    def test_billed_entries_cannot_be_written_off(self):
        entry = self._create_time(self.matter)
        bill = self._approve(self._bill(self.matter))
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            self._as(entry, "biller").action_write_off("too late")

    def test_entries_move_with_account_and_client(self):
        other = self._create_matter(name="Other", partner_id=self.partner_b.id)
        time = self._create_time(self.matter)
        cost = self._create_disbursement(self.matter)
        self._as(time + cost, "biller").action_move(other)
        self.assertEqual((time + cost).matter_id, other)
        self.assertEqual((time + cost).account_id, other.account_id)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertEqual(other.unbilled_amount, 400.0)

    def test_search_by_status_and_amount(self):
        held = self._create_time(self.matter, is_on_hold=True)
        entries = self.env["account.analytic.line"]
        self.assertIn(held, entries.search([("wip_status", "=", "held")]))
        matters = self.env["project.project"]
        self.assertIn(self.matter, matters.search([("unbilled_amount", ">", 299)]))
        self.assertNotIn(self.matter, matters.search([("unbilled_amount", "=", 0)]))

    # --- rates

    def test_most_specific_rate_wins_then_newest(self):
        rate = self.env["legal.rate"]
        base = {"company_id": self.company.id}
        rate.create(
            [
                {"price": 310.0, "employee_id": self.lawyer.id, **base},
                {"price": 320.0, "partner_id": self.client.id, **base},
                {
                    "price": 330.0,
                    "partner_id": self.client.id,
                    "grade": "partner",
                    "date_from": "2026-09-01",
                    **base,
                },
                {
                    "price": 340.0,
                    "partner_id": self.client.id,
                    "grade": "partner",
                    "date_from": "2026-10-05",
                    **base,
                },
            ]
        )
        cases = {
            date(2026, 8, 1): 320.0,
            date(2026, 9, 1): 330.0,
            date(2026, 10, 5): 340.0,
        }
        for day, price in cases.items():
            self.assertEqual(self._create_time(self.matter, 1, day).bill_rate, price)
        rate.create({"price": 99.0, "matter_id": self.matter.id, **base})
        self.assertEqual(self._create_time(self.matter).bill_rate, 99.0)
        other = self._create_matter(partner_id=self.partner_b.id)
        self.assertEqual(self._create_time(other).bill_rate, 310.0)

    def test_many_entries_cost_the_same_rate_queries(self):
        matters = [self._create_matter() for _index in range(5)]
        requests = [
            (matters[index % 5], self.lawyer, date(2026, 10, 1 + index % 28))
            for index in range(500)
        ]
        rate = self.env["legal.rate"]
        rate._resolve(requests[:1])
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            rate._resolve(requests)
