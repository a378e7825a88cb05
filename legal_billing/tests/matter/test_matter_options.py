from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...exceptions import MatterOptionError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterOptions(LegalBillingCommon):
    """Where options come from, and what they do to a bill."""

    # --- defaults

    def test_a_matter_with_the_obvious_values_is_complete(self):
        matter = self.env["project.project"].create(
            {"name": "New", "is_matter": True, "partner_id": self.client.id}
        )
        self.assertTrue(matter.matter_number)
        self.assertTrue(matter.account_id)
        self.assertRecordValues(
            matter,
            [
                {
                    "company_id": self.company.id,
                    "billing_partner_id": self.client.id,
                    "bill_recipient_ids": self.client.ids,
                    "billing_currency_id": self.company.currency_id.id,
                    "is_billable": True,
                    "billing_status": "active",
                    "billing_arrangement": "hourly",
                    "bill_print_copies": "0",
                    "default_bill_behavior": "bill",
                }
            ],
        )

    def test_matters_are_found_by_number_and_name(self):
        matter = self._create_matter(matter_number="Z-77", name="Harbour")
        projects = self._as(self.env["project.project"], "biller")
        for text in ("Z-77", "harb", "Z-77 Harbour", "z-77 harb"):
            self.assertIn(matter.id, [row[0] for row in projects.name_search(text)])
        for text in ("Z-78 Harbour", "Z-77 Lease"):
            self.assertFalse(projects.name_search(text))
        found = projects.name_search(matter.display_name, operator="=")
        self.assertEqual([row[0] for row in found], matter.ids)

    def test_a_project_of_all_companies_becomes_a_matter_of_the_users(self):
        project = self.env["project.project"].create(
            {"name": "Advice", "partner_id": self.client.id, "company_id": False}
        )
        entry = self._create_time(project)
        self.assertFalse(entry.wip_type)
        manager = new_test_user(
            self.env,
            "project_manager",
            groups="base.group_user,project.group_project_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        project.with_user(manager).is_matter = True
        self.assertRecordValues(
            project, [{"company_id": self.company.id, "partner_id": self.client.id}]
        )
        self.assertTrue(project.matter_number and project.account_id)
        self.assertFalse(project.account_id.company_id - self.company)
        other = self.env["project.project"].create({"name": "B", "company_id": False})
        with self.assertRaisesRegex(MatterOptionError, "Choose the company"):
            other.with_user(manager).write({"is_matter": True, "company_id": False})

    def test_client_wins_over_company_and_is_copied(self):
        self.company.write(
            {"legal_minimum_bill_amount": 50.0, "legal_bill_print_copies": "1"}
        )
        self.client.write(
            {
                "legal_minimum_bill_amount": 80.0,
                "legal_billing_partner_id": self.partner_b.id,
            }
        )
        matter = self._create_matter()
        self.assertEqual(matter.minimum_bill_amount, 80.0)
        self.assertEqual(matter.bill_print_copies, "1")
        self.assertEqual(matter.billing_partner_id, self.partner_b)
        self.client.legal_minimum_bill_amount = 90.0
        self.assertEqual(matter.minimum_bill_amount, 80.0)
        self._as(matter, "biller").action_take_over_client_options()
        self.assertEqual(matter.minimum_bill_amount, 90.0)

    def test_given_values_are_kept(self):
        self.client.legal_discount_type = "percent"
        self.client.legal_discount_value = 10.0
        matter = self._create_matter(discount_type="none", bill_recipient_ids=[])
        self.assertEqual(matter.discount_type, "none")
        self.assertFalse(matter.bill_recipient_ids)

    def test_new_client_becomes_the_payer_unless_another_pays(self):
        matter = self._create_matter()
        insured = self._create_matter(billing_partner_id=self.partner_b.id)
        (matter + insured).partner_id = self.partner_a
        self.assertEqual(matter.billing_partner_id, self.partner_a)
        self.assertEqual(insured.billing_partner_id, self.partner_b)

    # --- guards

    def test_billing_cannot_be_switched_off_over_wip(self):
        matter = self._create_matter(name="Busy")
        self._create_time(matter)
        with self.assertRaisesRegex(MatterOptionError, "Busy"):
            self._as(matter, "biller").is_billable = False
        idle = self._create_matter()
        self._as(idle, "biller").is_billable = False
        self.assertEqual(idle.mass_billing_status, "not_billable")

    def test_client_cannot_change_over_a_draft(self):
        matter = self._create_matter(name="Drafted")
        self._create_time(matter)
        self._bill(matter)
        with self.assertRaisesRegex(MatterOptionError, "draft bill"):
            matter.partner_id = self.partner_b

    def test_billed_entries_keep_their_client(self):
        matter = self._create_matter()
        billed = self._create_time(matter)
        self._approve(self._bill(matter))
        unbilled = self._create_time(matter)
        matter.partner_id = self.partner_b
        self.assertEqual(billed.partner_id, self.client)
        self.assertEqual(unbilled.partner_id, self.partner_b)

    # --- arithmetic, through to the bill

    def test_quote_of_the_matter_runs_out(self):
        matter = self._create_matter(quoted_amount=5000.0, quote_rule="lower")
        self._create_time(matter, 10.0)
        self.assertEqual(self._bill(matter).amount_untaxed, 3000.0)
        self._create_time(matter, 10.0)
        self.env["account.move"].search([("matter_ids", "in", matter.ids)]).with_user(
            self.approver
        ).action_approve_bills()
        bill = self._bill(matter)
        self.assertEqual(bill.amount_untaxed, 2000.0)
        self.assertEqual(bill.quote_effect, -1000.0)
        self.assertEqual(matter.quote_left_amount, 0.0)
        self._approve(bill)
        self._create_time(matter, 1.0)
        self.assertRow(self._create_run(), matter, "excluded", "quote_used_up")

    def test_discount_is_rounded_on_the_total(self):
        matter = self._create_matter(discount_type="percent", discount_value=10.0)
        for _index in range(7):
            self._create_time(matter, 1.0, bill_rate=33.35)
        bill = self._bill(matter)
        self.assertEqual(bill.amount_untaxed, 210.10)
        self.assertEqual(
            round(sum(bill.wip_line_ids.mapped("billed_amount")), 2), 210.10
        )

    def test_fixed_discount_takes_tax_off_too(self):
        matter = self._create_matter(discount_type="fixed", discount_value=100.0)
        self._create_time(matter, 5.0)
        bill = self._bill(matter)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (1400.0, 280.0))
        discount = bill.invoice_line_ids.filtered(
            lambda line: line.legal_line_kind == "discount"
        )
        self.assertEqual(discount.tax_ids, self.tax_20)

    def test_shown_adjustment_has_a_line_hidden_has_none(self):
        for display, lines in (("discount", 2), ("hidden", 1)):
            matter = self._create_matter(
                quoted_amount=250.0,
                quote_rule="quote",
                quote_basis="bill",
                adjustment_display=display,
            )
            self._create_time(matter)
            bill = self._bill(matter)
            self.assertEqual(bill.amount_untaxed, 250.0)
            self.assertEqual(len(bill.invoice_line_ids), lines)

    def test_third_party_payer_is_billed(self):
        matter = self._create_matter(billing_partner_id=self.partner_b.id)
        self._create_time(matter)
        bill = self._bill(matter)
        self.assertEqual(bill.partner_id, self.partner_b)
        self.assertEqual(bill.client_id, self.client)

    def test_fiscal_position_maps_tax_and_account(self):
        zero = self.env["account.tax"].create(
            {"name": "Export", "amount": 0.0, "type_tax_use": "sale"}
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        zero.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax_20.ids)],
            }
        )
        self.client.property_account_position_id = position
        matter = self._create_matter()
        self._create_time(matter)
        bill = self._bill(matter)
        self.assertEqual(bill.fiscal_position_id, position)
        self.assertEqual(bill.invoice_line_ids.tax_ids, zero)
        self.assertEqual(bill.amount_tax, 0.0)

    def test_bill_in_foreign_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.env["legal.rate"].create(
            {
                "price": 500.0,
                "currency_id": currency.id,
                "employee_id": self.lawyer.id,
                "company_id": self.company.id,
            }
        )
        matter = self._create_matter(billing_currency_id=currency.id)
        self._create_time(matter)
        run = self._create_run()
        row = self._get_row(run, matter)
        self.assertEqual((row.amount, row.company_amount), (500.0, 250.0))
        run.action_bill_all()
        bill = run.bill_ids
        self.assertEqual(bill.currency_id, currency)
        self.assertEqual((bill.amount_untaxed, bill.amount_untaxed_signed), (500, 250))

    def test_next_run_is_told_on_the_matter(self):
        matter = self._create_matter()
        self._create_time(matter)
        matter = self._as(matter, "biller")
        self.assertEqual((matter.is_in_next_run, matter.next_run_amount), (True, 300))
        matter.exclude_from_mass_billing = True
        matter.invalidate_recordset()
        self.assertFalse(matter.is_in_next_run)
        self.assertIn("by hand only", matter.next_run_reason)

    # --- visibility

    def test_walled_matter_is_seen_by_its_team_only(self):
        matter = self._create_matter(
            is_walled=True,
            wall_user_ids=[Command.set((self.approver | self.env.user).ids)],
        )
        entry = self._create_time(matter)
        run_line = self.env["legal.billing.run.line"]
        for model, domain in (
            (self.env["project.project"], [("id", "=", matter.id)]),
            (self.env["account.analytic.line"], [("id", "=", entry.id)]),
        ):
            self.assertFalse(self._as(model, "biller").search(domain))
            self.assertTrue(self._as(model, "approver").search(domain))
        self._create_run()
        self.assertFalse(
            self._as(run_line, "biller").search([("matter_id", "=", matter.id)])
        )
