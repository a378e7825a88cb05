import random
import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.legal_billing.exceptions import BillingRunError

from .. import cycle, failures
from ..generator import generate
from ..generator.kinds import KINDS, deal_kinds
from ..generator.money import make_deposits
from ..generator.wip import deal_entries
from ..since import record_work
from ..tie_out import tie_out

TODAY = date(2026, 11, 20)
SIZE = {"matters": len(KINDS) + 3, "entries": 420, "today": TODAY, "history": 2}
#: Why matters of the firm get no bill.
EXPECTED_REASONS = {
    "after_cutoff",
    "archived",
    "closed",
    "draft_open",
    "excluded",
    "negative",
    "no_instalment",
    "no_payer",
    "no_rate",
    "not_billable",
    "nothing_chargeable",
    "on_hold",
    "waits_for_outcome",
}


def _create_company(env, name):
    company = env["res.company"].create({"name": name})
    env.user.company_ids += company
    return company


@tagged("post_install", "-at_install")
class TestDemoFirm(TransactionCase):
    """The firm that the generator makes, and the cycle that bills it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, force_report_rendering=True))
        cls.company = _create_company(cls.env, "Demo firm")
        cls.firm = generate(cls.env, seed=7, company=cls.company, **SIZE)

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.said = []

    def _run_cycle(self):
        return cycle.main(
            self.env,
            self.folder,
            TODAY,
            self.company,
            commit=False,
            say=self.said.append,
        )

    def _get_bills(self):
        return self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("billing_run_id", "!=", False)]
        )

    # --- the generator

    def test_same_seed_makes_the_same_firm(self):
        other = _create_company(self.env, "Another demo firm")
        twin = generate(self.env, seed=7, company=other, **SIZE)
        self.assertEqual(twin.get_figures(), self.firm.get_figures())
        self.assertEqual(twin.matters.mapped("name"), self.firm.matters.mapped("name"))

    def test_another_seed_makes_another_firm(self):
        other = _create_company(self.env, "Another demo firm")
        stranger = generate(self.env, seed=8, company=other, **(SIZE | {"history": 0}))
        self.assertNotEqual(
            stranger.matters.mapped("name"), self.firm.matters.mapped("name")
        )

    def test_firm_has_the_size_that_was_asked_for(self):
        self.assertEqual(len(self.firm.matters), SIZE["matters"])
        refunds = len(self.firm.kinds["refund"])
        self.assertEqual(len(self.firm.entry_ids), SIZE["entries"] + refunds)
        self.assertEqual(set(self.firm.kinds), {kind.key for kind in KINDS})

    def test_entries_are_dealt_to_the_last_one(self):
        class Plan:
            def __init__(self, weight):
                self.weight = weight

        rng = random.Random(3)
        plans = [Plan(rng.uniform(0.1, 8)) for _index in range(33)]
        self.assertEqual(sum(deal_entries(plans, 1000)), 1000)

    def test_big_firms_keep_every_kind(self):
        dealt = deal_kinds(1000)
        self.assertEqual(len(dealt), 1000)
        self.assertEqual({kind.key for kind in dealt}, {kind.key for kind in KINDS})

    def test_history_ties_out(self):
        self.assertTrue(self.firm.runs)
        self.assertEqual(tie_out(self.firm.runs), [])
        self.assertEqual(
            set(self.firm.bills.mapped("billing_stage")),
            {"draft", "production", "finalized"},
        )
        self.assertTrue(self.firm.payments)

    def test_clients_are_asked_for_money(self):
        asked, on_account = self.firm.requests.sorted("kind")  # "client_money" first
        self.assertEqual((asked.state, on_account.state), ("sent", "sent"))
        self.assertLess(
            asked.matter_id.retainer_after_amount, asked.matter_id.retainer_minimum
        )
        self.assertFalse(asked.matter_id.retainer_ask_amount)
        self.assertTrue(
            self.firm.matters.filtered(lambda matter: matter.retainer_ask_amount > 0)
        )

    def test_a_provision_is_deducted_over_two_bills(self):
        first, second = self.firm.provision
        request = self.env["legal.money.request"].search(
            [("bill_ids.matter_id", "=", first.matter_id.id)]
        )
        advance = request.bill_ids
        self.assertEqual((request.state, advance.payment_state), ("paid", "paid"))
        self.assertEqual((first.state, second.state), ("posted", "draft"))
        deducted = first.on_account_deducted, second.on_account_deducted
        self.assertGreater(min(deducted), 0)
        self.assertLessEqual(sum(deducted), advance.amount_untaxed)
        self.assertLess(first.on_account_deducted, advance.amount_untaxed)

    def test_client_money_and_a_credit_are_there_to_look_at(self):
        held = self.firm.matters.filtered("client_account_balance")
        self.assertEqual(held, self.firm.deposits.matter_id)
        self.assertEqual(set(self.firm.deposits.mapped("state")), {"posted"})
        (slip,) = self.firm.slips
        self.assertEqual(
            set(slip.allocation_ids.bill_id.mapped("amount_residual")), {0}
        )
        matter = slip.allocation_ids.bill_id.matter_id
        self.assertEqual(matter.unallocated_credit_balance, 150.0)

    def test_a_group_gets_one_bill_for_its_matters(self):
        """One of the matters has money on deposit, which may pay that matter's part."""
        matters = self.firm.matters.filtered(
            lambda matter: matter.partner_id == self.firm.group
        )
        self.assertGreater(len(matters), 2)
        bills = self.firm.bills.filtered(lambda bill: bill.matter_ids & matters)
        self.assertIn(matters, [bill.matter_ids for bill in bills])
        self.assertEqual(bills.commercial_partner_id, self.firm.group)
        (held,) = matters.filtered("client_account_balance")
        self.assertIn(held, self.firm.deposits.matter_id)

    def test_cheques_and_cash_went_to_the_bank(self):
        slips = self.firm.pay_in_slips
        self.assertEqual(slips.mapped("state"), ["paid_in", "paid_in"])
        self.assertEqual(set(slips.journal_id.mapped("type")), {"bank", "cash"})
        waiting = self.env["legal.payment"].search(
            [
                ("company_id", "=", self.company.id),
                *self.env["legal.payment"]._get_carried_domain(),
                ("pay_in_slip_id", "=", False),
            ]
        )
        self.assertEqual(waiting.mapped("reference"), ["100233"])

    def test_vendor_costs_become_disbursements_of_their_matter(self):
        lines = self.firm.vendor_bills.invoice_line_ids
        entries = lines.analytic_line_ids
        self.assertEqual(len(entries), len(lines))
        self.assertEqual(set(entries.mapped("wip_type")), {"disbursement"})
        for line in lines:
            cost = (
                line.price_total
                if line.product_id.disbursement_treatment == "agent"
                else line.price_subtotal
            )
            entry = line.analytic_line_ids
            markup = 1 + line.product_id.disbursement_markup / 100
            if entry.wip_currency_id == self.company.currency_id:
                self.assertAlmostEqual(entry.wip_amount, cost * markup, 2)

    # --- the cycle

    def test_mass_billing_gives_every_reason(self):
        run = (
            self.env["legal.billing.run"]
            .with_user(self.firm.users["biller"])
            .with_company(self.company)
            .create({"invoice_date": TODAY, "company_id": self.company.id})
        )
        run.action_load()
        excluded = run.line_ids.filtered(lambda line: line.state == "excluded")
        self.assertLessEqual(EXPECTED_REASONS, set(excluded.mapped("reason_group")))
        self.assertTrue(all(excluded.mapped("message")))

    def test_walled_matter_is_not_shown_to_the_biller(self):
        run = (
            self.env["legal.billing.run"]
            .with_user(self.firm.users["biller"])
            .with_company(self.company)
            .create({"invoice_date": TODAY, "company_id": self.company.id})
        )
        run.action_load()
        self.assertFalse(run.sudo().line_ids.matter_id & self.firm.kinds["walled"])

    def test_no_money_is_paid_in_for_a_matter_that_the_officer_may_not_see(self):
        matters = self.firm.matters
        hidden = matters[: len(matters) // 2]
        hidden.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set(self.firm.users["manager"].ids)],
            }
        )
        deposits = make_deposits(
            self.env,
            {
                "users": self.firm.users,
                "company": self.company,
                "client_account": self.firm.deposits.sudo().journal_id,
                "calendar": SimpleNamespace(today=TODAY),
            },
            random.Random(1),
            matters,
        )
        self.assertTrue(deposits)
        self.assertFalse(deposits.matter_id & hidden)

    def test_cycle_bills_everything_once(self):
        before = self._get_bills()
        self.assertEqual(self._run_cycle(), 0)
        made = self._get_bills() - before
        self.assertTrue(made)
        self.assertEqual(
            len(made.matter_ids), sum(len(bill.matter_ids) for bill in made)
        )
        produced = made.filtered("produced_on")
        papers = list((self.folder / "bills").glob("*.pdf"))
        self.assertEqual(len(papers), len(produced))
        self.assertTrue(papers[0].read_bytes().startswith(b"%PDF"))
        self.assertIn("Ties out", "\n".join(self.said))

        self.assertEqual(self._run_cycle(), 0)
        self.assertEqual(self._get_bills() - before, made)
        entries = made.wip_line_ids
        self.assertEqual(len(entries.ids), len(set(entries.ids)))

    def test_cycle_again_though_all_that_is_left_waits_for_a_person(self):
        left = self.firm.bills.filtered(lambda b: b.billing_stage == "production")
        left.recipient_ids.email = False
        self.assertTrue(left.recipient_ids)
        for _time in range(2):
            self.assertEqual(self._run_cycle(), 0)
        self.assertIn("Left for a person", "\n".join(self.said))

    def test_interrupted_cycle_is_taken_up(self):
        before = self._get_bills()
        first = cycle.Cycle(self.env, self.company, self.folder, TODAY, commit=False)
        first.do("load")
        first.do("bill")
        made = self._get_bills() - before
        self.assertEqual(set(made.mapped("billing_stage")), {"draft"})
        self.assertEqual(self._run_cycle(), 0)
        self.assertEqual(self._get_bills() - before, made)
        self.assertNotIn("draft", made.mapped("billing_stage"))
        self.assertIn("taken up", "\n".join(self.said))

    def test_the_firm_works_on_once_so_that_there_is_something_to_bill(self):
        cycle_of = cycle.Cycle(self.env, self.company, self.folder, TODAY, commit=False)
        for step in ("load", "bill", "approve"):
            cycle_of.do(step)
        bills = cycle_of.get_bills("production")
        bills.action_produce_without_sending()
        # work of the same day that no bill took
        done = bills.wip_line_ids.filtered("employee_id")[:1]
        held = self.env["account.analytic.line"].create(
            {
                "project_id": done.matter_id.id,
                "employee_id": done.employee_id.id,
                "name": "Held",
                "unit_amount": 1.0,
                "date": TODAY,
                "is_on_hold": True,
            }
        )
        self.assertFalse(held.bill_id)
        entries = record_work(self.env, self.company, TODAY)
        self.assertLessEqual(entries.matter_id, bills.matter_ids)
        self.assertEqual(set(entries.mapped("date")), {TODAY})
        run = (
            self.env["legal.billing.run"]
            .with_user(self.firm.users["biller"])
            .with_company(self.company)
            .create({"invoice_date": TODAY, "company_id": self.company.id})
        )
        run.action_load()
        ready = run.line_ids.filtered(lambda line: line.state == "ready")
        self.assertLessEqual(ready.matter_id.sudo(), entries.matter_id)
        self.assertGreater(len(ready), 10)
        self.assertFalse(record_work(self.env, self.company, TODAY))

    def test_run_goes_wrong_for_five_reasons_and_is_mended(self):
        asked = {"company": self.company, "commit": False, "say": self.said.append}
        run = failures.main(self.env, count=len(failures.CASES), **asked)
        self.assertEqual(run.failed_count, len(failures.CASES))
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(len(set(failed.mapped("reason_code"))), len(failures.CASES))
        done = run.done_count
        self.assertEqual(failures.mend_and_retry(self.env, **asked), run)
        self.assertEqual((run.failed_count, run.done_count), (0, done + len(failed)))

    def test_cycle_without_the_firm_is_refused(self):
        self.firm.users["biller"].login = "somebody"
        with self.assertRaisesRegex(BillingRunError, "not in this database"):
            self._run_cycle()
