from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    EntryLockedError,
    LegalBillingError,
    ProtectedFieldError,
    RoleError,
)
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestDisbursementMatch(LegalBillingCommon):
    """Anticipated disbursements: billed before they are paid, recharged once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Dock lease")
        cls.entry = cls._create_disbursement(
            cls.matter,
            100.0,
            name="Counsel's opinion",
            product_id=cls.taxed_type.id,
            is_anticipated=True,
        )

    def _create_vendor_bill(self, price, product=None, matter=None):
        matter = matter or self.matter
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-11-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": (product or self.taxed_type).id,
                            "name": "Opinion",
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                            "analytic_distribution": {str(matter.account_id.id): 100},
                        }
                    )
                ],
            }
        )
        bill.action_post()
        return bill

    def _get_costs(self, vendor_bill):
        return vendor_bill.invoice_line_ids.analytic_line_ids

    def _match(self, vendor_bill, entry=None):
        entry = self._as(entry or self.entry, "biller")
        entry.action_match_cost(self._get_costs(vendor_bill).with_env(entry.env))

    def assertBooked(self, vendor_bill, cost):
        """The analytic account carries what the vendor charged."""
        self.assertEqual(sum(self._get_costs(vendor_bill).mapped("amount")), -cost)

    # --- the run's row

    def test_releasing_in_a_run_asks_which_cost_it_is(self):
        self._approve(self._bill(self.matter))
        cost = self._get_costs(self._create_vendor_bill(100.0))
        self.assertEqual((cost.match_proposal_id, cost.is_on_hold), (self.entry, True))
        other = self._create_disbursement(self.matter, 40.0, is_on_hold=True)
        run = self._create_run(
            filter_domain=str([("id", "=", self.matter.id)]), invoice_date="2026-11-30"
        )
        row = run.line_ids
        self.assertEqual((row.state, row.reason_code), ("excluded", "on_hold"))
        action = row.action_cure()
        self.assertEqual(action["res_model"], "legal.disbursement.match")
        self.assertTrue(cost.is_on_hold)
        self.assertEqual(cost.match_proposal_id, self.entry)
        self.assertFalse(other.is_on_hold)
        self.assertEqual((row.state, row.amount), ("ready", 40.0))
        # no, it is another one: it is charged
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        self.assertEqual(window.line_ids.entry_id, self.entry)
        window.line_ids.entry_id = False
        window.action_match()
        self.assertFalse(cost.is_on_hold)
        self.assertEqual((row.state, row.amount), ("ready", 140.0))

    def test_releasing_in_a_run_never_charges_a_matched_cost(self):
        self._approve(self._bill(self.matter))
        cost = self._get_costs(self._create_vendor_bill(100.0))
        run = self._create_run(
            filter_domain=str([("id", "=", self.matter.id)]), invoice_date="2026-11-30"
        )
        row = run.line_ids
        with self.assertRaises(AccessError):
            self._as(row, "reviewer").action_cure()
        action = row.action_cure()
        self.assertEqual((row.state, row.reason_code), ("excluded", "on_hold"))
        self.assertTrue(cost.is_on_hold)
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        window.action_match()
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertFalse(row.exists())

    # --- billed first

    def test_the_bill_calls_it_anticipated(self):
        bill = self._bill(self.matter)
        self.assertEqual(bill.invoice_line_ids.bill_element, "anticipated_taxable")
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (100.0, 20.0))
        entries = self.env["account.analytic.line"]
        self.assertEqual(
            self._as(entries, "biller").search([("is_awaiting_cost", "=", True)]),
            self.entry,
        )

    def test_a_cost_of_the_same_amount_is_not_recharged(self):
        bill = self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(100.0)
        self._match(vendor_bill)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        self.assertEqual(self._get_costs(vendor_bill), self.entry)
        self.assertRecordValues(
            self.entry,
            [
                {
                    "bill_id": bill.id,
                    "matched_by_id": self.biller.id,
                    "estimated_amount": 100.0,
                    "is_awaiting_cost": False,
                    "billed_amount": 100.0,
                }
            ],
        )
        self.assertBooked(vendor_bill, 100.0)
        self.assertFalse(self._get_row(self._create_run(), self.matter))
        self.assertIn("is matched with", self.matter.message_ids[0].body)

    def test_the_difference_either_way_is_wip(self):
        for actual, difference in ((130.0, 30.0), (80.0, -20.0)):
            with self.subTest(actual=actual):
                matter = self._create_matter()
                entry = self.entry.copy(
                    {
                        "matter_id": matter.id,
                        "account_id": matter.account_id.id,
                        "is_anticipated": True,
                    }
                )
                bill = self._approve(self._bill(matter))
                vendor_bill = self._create_vendor_bill(actual, matter=matter)
                self._match(vendor_bill, entry)
                self.assertEqual(matter.unbilled_amount, difference)
                self.assertBooked(vendor_bill, actual)
                self.assertEqual(bill.amount_untaxed, 100.0)

    def test_agent_difference_is_gross(self):
        tax = self.env["account.tax"].create(
            {"name": "In 20%", "amount": 20.0, "type_tax_use": "purchase"}
        )
        self.entry.product_id = self.exempt_type
        self.entry.bill_rate = 110.0
        bill = self._approve(self._bill(self.matter))
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (110.0, 0.0))
        self.exempt_type.supplier_taxes_id = tax
        vendor_bill = self._create_vendor_bill(100.0, self.exempt_type)
        vendor_bill.button_draft()
        vendor_bill.invoice_line_ids.tax_ids = tax
        vendor_bill.action_post()
        self.assertEqual(self._get_costs(vendor_bill).wip_amount, 120.0)
        self._match(vendor_bill)
        self.assertEqual(self.matter.unbilled_amount, 10.0)

    # --- proposals

    def test_a_likely_cost_waits_for_a_person(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(95.0)
        cost = self._get_costs(vendor_bill)
        self.assertEqual(cost.match_proposal_id, self.entry)
        self.assertEqual(cost.wip_status, "held")
        self.assertIn("looks like the anticipated", self.matter.message_ids[0].body)
        run = self._create_run(invoice_date="2026-11-30")
        self.assertRow(run, self.matter, "excluded", "on_hold")
        action = self._as(vendor_bill, "biller").action_match_disbursements()
        wizard = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        self.assertRecordValues(
            wizard.line_ids,
            [
                {
                    "cost_id": cost.id,
                    "entry_id": self.entry.id,
                    "estimate": 100.0,
                    "actual": 95.0,
                    "difference": -5.0,
                }
            ],
        )
        wizard.action_match()
        self.assertEqual(self.matter.unbilled_amount, -5.0)
        self.assertFalse(cost.is_on_hold)

    def test_a_refused_proposal_is_charged(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(95.0)
        cost = self._get_costs(vendor_bill)
        action = self._as(self.entry, "biller").action_open_match()
        wizards = self._as(self.env[action["res_model"]], "biller")
        wizard = wizards.browse(action["res_id"])
        self.assertEqual(wizard.line_ids.cost_id.ids, cost.ids)
        wizard.line_ids.entry_id = False
        wizard.action_match()
        self.assertFalse(cost.match_proposal_id)
        self.assertEqual(cost.wip_status, "unbilled")
        self.assertTrue(self.entry.is_awaiting_cost)

    def test_another_type_is_proposed_by_its_amount_only(self):
        equal = self._create_vendor_bill(100.0, self.exempt_type)
        self.assertEqual(self._get_costs(equal).match_proposal_id, self.entry)
        other = self._create_vendor_bill(60.0, self.exempt_type)
        self.assertFalse(self._get_costs(other).match_proposal_id)
        matter = self._create_matter()
        foreign = self._create_vendor_bill(100.0, matter=matter)
        self.assertFalse(self._get_costs(foreign).match_proposal_id)
        self.assertEqual(self._get_costs(foreign).wip_status, "unbilled")

    # --- matched before it is billed

    def test_before_billing_the_cost_takes_over(self):
        vendor_bill = self._create_vendor_bill(130.0)
        self._match(vendor_bill)
        self.assertEqual(self._get_costs(vendor_bill), self.entry)
        self.assertFalse(self.entry.is_anticipated)
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 130.0)
        self.assertEqual(bill.invoice_line_ids.bill_element, "disbursement_taxable")
        self.assertBooked(vendor_bill, 130.0)

    def test_before_billing_a_match_is_taken_back(self):
        vendor_bill = self._create_vendor_bill(130.0)
        self._match(vendor_bill)
        self._as(self.entry, "biller").action_unmatch_cost()
        self.assertRecordValues(
            self.entry,
            [
                {
                    "wip_amount": 100.0,
                    "amount": -100.0,
                    "is_anticipated": True,
                    "matched_on": False,
                    "move_line_id": False,
                }
            ],
        )
        self.assertEqual(self._get_costs(vendor_bill).wip_amount, 130.0)
        self.assertEqual(self.matter.unbilled_amount, 230.0)

    def test_a_matched_entry_is_not_deleted(self):
        vendor_bill = self._create_vendor_bill(130.0)
        self._match(vendor_bill)
        with self.assertRaisesRegex(EntryLockedError, "Take the match back"):
            self.entry.unlink()
        with self.assertRaisesRegex(EntryLockedError, "Take the match back"):
            vendor_bill.invoice_line_ids.analytic_distribution = False

    # --- taken back

    def test_unmatching_makes_the_cost_wip_again(self):
        self._approve(self._bill(self.matter))
        for actual in (100.0, 130.0, 80.0):
            with self.subTest(actual=actual):
                vendor_bill = self._create_vendor_bill(actual)
                self._match(vendor_bill)
                self._as(self.entry, "biller").action_unmatch_cost()
                self.assertTrue(self.entry.is_awaiting_cost)
                self.assertEqual(self.entry.billed_amount, 100.0)
                cost = self._get_costs(vendor_bill)
                self.assertEqual((cost.wip_amount, cost.name), (actual, "Opinion"))
                self.assertFalse(cost.is_anticipated)
                self.assertBooked(vendor_bill, actual)
                self._as(cost, "biller").action_write_off("Set aside")

    def test_unmatching_after_the_difference_was_billed(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(130.0)
        self._match(vendor_bill)
        second = self._approve(self._bill(self.matter, invoice_date="2026-11-30"))
        self.assertEqual(second.amount_untaxed, 30.0)
        self._as(self.entry, "biller").action_unmatch_cost()
        self.assertEqual(self.matter.unbilled_amount, 100.0)
        self.assertBooked(vendor_bill, 130.0)

    # --- the vendor's bill changes

    def test_reset_and_posted_again(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(100.0)
        self._match(vendor_bill)
        for price, difference in ((100.0, 0.0), (130.0, 30.0), (80.0, -20.0)):
            vendor_bill.button_draft()
            self.assertFalse(self.entry.is_awaiting_cost)
            vendor_bill.invoice_line_ids.price_unit = price
            vendor_bill.action_post()
            self.assertEqual(self.matter.unbilled_amount, difference)
            self.assertBooked(vendor_bill, price)
            self.assertTrue(self.entry.matched_on)

    def test_reset_before_billing_follows_the_vendor(self):
        vendor_bill = self._create_vendor_bill(130.0)
        self._match(vendor_bill)
        vendor_bill.button_draft()
        vendor_bill.invoice_line_ids.price_unit = 140.0
        vendor_bill.action_post()
        self.assertEqual(self._get_costs(vendor_bill), self.entry)
        self.assertEqual(self.entry.wip_amount, 140.0)
        self.assertEqual(self.matter.unbilled_amount, 140.0)

    def test_cancelled_or_deleted_it_waits_again(self):
        self._approve(self._bill(self.matter))
        for way in ("button_cancel", "unlink"):
            with self.subTest(way=way):
                vendor_bill = self._create_vendor_bill(130.0)
                self._match(vendor_bill)
                vendor_bill.button_draft()
                getattr(vendor_bill.with_context(force_delete=True), way)()
                self.assertTrue(self.entry.is_awaiting_cost)
                self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_moved_off_the_matter_it_waits_again(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(100.0)
        self._match(vendor_bill)
        vendor_bill.button_draft()
        vendor_bill.invoice_line_ids.analytic_distribution = False
        vendor_bill.action_post()
        self.assertTrue(self.entry.is_awaiting_cost)
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_refund_of_the_vendor_goes_back_to_the_client(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(130.0)
        self._match(vendor_bill)
        refund = vendor_bill._reverse_moves(
            [{"invoice_date": "2026-11-20", "date": "2026-11-20"}], cancel=True
        )
        self.assertEqual(refund.state, "posted")
        self.assertEqual(self._get_costs(refund).wip_amount, -130.0)
        self.assertEqual(self.matter.unbilled_amount, -100.0)

    # --- refusals

    def test_a_cost_that_was_charged_twice_is_named(self):
        self._approve(self._bill(self.matter))
        vendor_bill = self._create_vendor_bill(100.0)
        cost = self._get_costs(vendor_bill)
        self._as(cost, "biller").action_reject_match()
        second = self._approve(self._bill(self.matter, invoice_date="2026-11-30"))
        with self.assertRaisesRegex(LegalBillingError, second.name):
            self._match(vendor_bill)

    def test_what_cannot_be_matched_is_said(self):
        vendor_bill = self._create_vendor_bill(50.0)
        plain = self._create_disbursement(self.matter)
        with self.assertRaisesRegex(
            LegalBillingError, "not an anticipated disbursement"
        ):
            self._match(vendor_bill, plain)
        with self.assertRaisesRegex(LegalBillingError, "not an unbilled vendor's line"):
            self.entry.action_match_cost(plain)
        other = self._create_vendor_bill(50.0, matter=self._create_matter(name="X"))
        with self.assertRaisesRegex(LegalBillingError, "Dock lease"):
            self._match(other)
        with self.assertRaisesRegex(LegalBillingError, "not matched with"):
            plain.action_unmatch_cost()
        with self.assertRaisesRegex(LegalBillingError, "wait for their cost"):
            plain.action_open_match()

    def test_one_disbursement_is_matched_in_one_row(self):
        self._create_vendor_bill(50.0)
        bill = self._create_vendor_bill(60.0)
        costs = self.env["account.analytic.line"].search(self.entry._get_cost_domain())
        action = costs.action_open_match()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.line_ids.entry_id = self.entry
        with self.assertRaisesRegex(LegalBillingError, "chosen in two rows"):
            wizard.action_match()
        self.assertFalse(self.entry.matched_on)
        self.assertTrue(self._get_costs(bill))

    def test_fee_earner_and_reviewer_cannot_match(self):
        vendor_bill = self._create_vendor_bill(100.0)
        cost = self._get_costs(vendor_bill)
        for role in ("fee_earner", "reviewer", "approver"):
            entry = self._as(self.entry, role)
            with self.assertRaises(RoleError):
                entry.action_match_cost(cost.with_env(entry.env))
            with self.assertRaises(RoleError):
                self._as(cost, role).action_reject_match()
            with self.assertRaises(RoleError):
                entry.action_unmatch_cost()

    def test_links_are_written_by_matching_alone(self):
        vendor_bill = self._create_vendor_bill(100.0)
        for vals in (
            {"matched_on": "2026-11-01"},
            {"vendor_move_id": vendor_bill.id},
            {"match_proposal_id": self.entry.id},
            {"estimated_amount": 5.0},
        ):
            with self.assertRaises(ProtectedFieldError):
                self._as(self.entry, "biller").write(vals)

    def test_anticipated_is_locked_on_an_approved_bill(self):
        bill = self._bill(self.matter)
        self._as(self.entry, "biller").is_anticipated = False
        self.assertEqual(bill.invoice_line_ids.bill_element, "disbursement_taxable")
        self._approve(bill)
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            self._as(self.entry, "biller").is_anticipated = True
