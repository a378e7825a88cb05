from datetime import date

from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged

from ...exceptions import (
    CreditError,
    MatterOptionError,
    TrustError,
    UndoError,
)
from ..client_account.trust_common import TrustCommon

#: Of ours, to something that is archived: read with active_test=False.
ARCHIVABLE = {
    "hr.employee",
    "legal.practice.area",
    "product.product",
    "product.template",
    "project.project",
    "res.partner",
    "res.users",
    "account.journal",
}
#: Offered for choice, no contents of a record.
CHOICES = {("legal.bill.review", "allowed_reviewer_ids")}


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestArchivedMatter(TrustCommon):
    """An archived matter is out of sight, and nothing of it is gone."""

    def _put_away(self, *matters):
        """Archived before it was refused, as in databases of earlier versions."""
        for matter in matters:
            matter._internal().active = False
        self.env.flush_all()
        self.env.invalidate_all()

    def _make_credit(self, matter, amount=100.0):
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": matter.partner_id.id,
                "amount": amount,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create(
                        {"kind": "credit", "matter_id": matter.id, "amount": amount}
                    )
                ],
            }
        )
        slip.action_post()
        return slip

    # --- all relations, by a sweep

    def test_every_relation_reads_archived_records(self):
        blind = [
            f"{model}.{field.name}"
            for model in sorted(self.env.registry.models)
            for field in self.env[model]._fields.values()
            if field.type in ("one2many", "many2many")
            and field.comodel_name in ARCHIVABLE
            and "legal_billing" in str(field._modules)
            and (model, field.name) not in CHOICES
            and field.context.get("active_test", True)
        ]
        self.assertFalse(blind)

    # --- archiving

    def test_a_matter_with_something_open_is_not_archived(self):
        draft = self._create_matter(name="Draft")
        self._create_time(draft)
        self._bill(draft)
        work = self._create_matter(name="Work")
        self._create_time(work)
        held = self._create_matter(name="Held")
        self._create_time(held, is_on_hold=True)
        unpaid = self._create_matter(name="Unpaid")
        self._make_bill(unpaid)
        credit = self._create_matter(name="Credit")
        self._make_credit(credit)
        money = self._create_matter(name="Money")
        self._book("deposit", 50.0, matter_id=money.id)
        for matter, words in (
            (draft, "Draft bills 1"),
            (work, "Unbilled WIP 1 entries"),
            (held, "Unbilled WIP 1 entries"),
            (unpaid, r"Unpaid bills .*360\.00"),
            (credit, r"Unallocated credits .*100\.00"),
            (money, r"Client money .*50\.00"),
        ):
            for role in ("manager", "biller"):
                own = self._as(matter, role)
                refusal = rf"{matter.name} still has.*{words}.*button Close"
                with self.subTest(matter.name, role=role):
                    with self.assertRefused(refusal):
                        own.write({"active": False})
                    with self.assertRefused(refusal):
                        own.action_archive()
            self.assertTrue(matter.active)

    def test_a_matter_with_something_open_is_not_deleted(self):
        credit = self._create_matter(name="Credit")
        self._make_credit(credit)
        cost = self._create_matter(name="Cost")
        self._create_disbursement(cost)
        empty = self._create_matter(name="Empty")
        for matter, words in (
            (credit, "Credit still has: Unallocated credits"),
            (cost, "hold time or disbursements.*Cost"),
        ):
            with self.assertRefused(words, MatterOptionError):
                self._as(matter, "manager").unlink()
        self._as(empty, "manager").unlink()

    def test_all_matters_are_named_at_once(self):
        first = self._create_matter(name="First")
        second = self._create_matter(name="Second")
        clear = self._create_matter(name="Clear")
        self._create_time(first)
        self._create_time(second)
        with self.assertRefused("First still has.*Second still has", MatterOptionError):
            (first | second | clear).action_archive()
        self.assertTrue(clear.active)

    def test_a_matter_with_nothing_open_is_archived(self):
        matter = self._create_matter(name="Done")
        bill = self._make_bill(matter)
        self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.client.id,
                "amount": 360.0,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "amount": 360.0})
                ],
            }
        ).action_post()
        self._as(matter, "manager").action_archive()
        self.assertFalse(matter.active)
        self.assertEqual(bill.matter_ids, matter)
        project = self.env["project.project"].create({"name": "Office party"})
        project.action_archive()
        self.assertFalse(project.active)

    def test_a_lawyer_who_sees_less_is_told_all_the_same(self):
        """Figures that were kept for somebody with less rights do not decide."""
        matter = self._create_matter(name="Others", responsible_id=self.fee_earner.id)
        self._make_bill(matter)
        own = matter.with_user(self.fee_earner)
        own.mapped("unpaid_amount")
        if own.has_access("write"):
            with self.assertRefused("Others still has"):
                own.active = False

    # --- bills of a matter that was archived

    def test_its_bills_are_paid(self):
        bill = self._make_bill()
        other = self._make_bill(self.matter_b)
        self._put_away(self.matter)
        self.assertEqual(bill.matter_ids, self.matter)
        self.assertEqual(bill._get_bills(), bill)
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.client.id,
                "amount": 720.0,
                "date": date(2026, 11, 20),
            }
        )
        slip.action_add_bills()
        self.assertEqual(slip.allocation_ids.bill_id, bill | other)
        slip.action_apply_rule()
        slip.action_post()
        self.assertEqual((bill | other).mapped("payment_state"), ["paid"] * 2)

    def test_its_delivered_bill_keeps_its_guards(self):
        bill = self._make_bill()
        other = self._make_bill(self.matter_b)
        self._put_away(self.matter)
        for record in (other, bill):
            own = self._as(record, "biller")
            with self.subTest(record.name):
                with self.assertRefused("client has this bill", UndoError):
                    own.button_draft()
                with self.assertRefused(""):
                    own.copy()
        self.assertEqual(bill.state, "posted")
        for name in ("matter_id", "billing_stage"):
            self.env.add_to_compute(bill._fields[name], bill)
        self.env.flush_all()
        self.assertEqual(bill.matter_id, self.matter)
        self.assertEqual(bill.billing_stage, "finalized")

    def test_another_matters_credit_note_does_not_pay_it(self):
        bill = self._make_bill()
        credit = self._as(self.env["account.move"], "biller").create(
            {
                "move_type": "out_refund",
                "partner_id": self.client.id,
                "invoice_date": date(2026, 11, 3),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fees",
                            "price_unit": 240.0,
                            "matter_id": self.matter_other.id,
                        }
                    )
                ],
            }
        )
        self._as(credit, "approver").action_post()
        items = (bill | credit.with_env(self.env)).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self._put_away(self.matter, self.matter_other)
        with self.assertRefused("one matter does not pay another", CreditError):
            self._as(items, "cashier").reconcile()
        self.assertEqual(bill.amount_residual, 360.0)

    def test_its_credit_does_not_pay_another_matter(self):
        self._make_credit(self.matter)
        bill = self._make_bill(self.matter_other)
        for archived in (self.env["project.project"], self.matter):
            self._put_away(*archived)
            with self.subTest(archived=bool(archived)), self.assertRefused(""):
                slip = self._as(self.env["legal.payment"], "cashier").create(
                    {
                        "source": "unallocated",
                        "matter_id": self.matter.id,
                        "amount": 100.0,
                        "date": date(2026, 11, 20),
                        "allocation_ids": [
                            Command.create({"bill_id": bill.id, "amount": 100.0})
                        ],
                    }
                )
                slip.action_post()
        self.assertEqual(bill.amount_residual, 360.0)

    def test_client_money_of_it_pays_its_bill(self):
        self._book("deposit", 500.0)
        bill = self._make_bill()
        self._put_away(self.matter)
        slip = self._pay({bill: 360.0}, matter_id=self.matter.id)
        slip.action_post()
        self.assertEqual(bill.payment_state, "paid")
        self.assertHeld(140.0)

    def test_an_invoice_with_its_line_is_a_bill(self):
        """A draft with a line of an archived matter is posted by an approver, as any
        other bill."""
        self._put_away(self.matter)
        invoice = self._as(self.env["account.move"], "biller").create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": date(2026, 11, 15),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fees",
                            "price_unit": 2000.0,
                            "matter_id": self.matter.id,
                        }
                    )
                ],
            }
        )
        self.assertEqual(invoice.billing_stage, "draft")
        with self.assertRefused("Approver"):
            invoice.action_post()

    # --- scopes and papers

    def test_a_run_for_an_archived_client_is_not_for_all(self):
        gone = self.env["res.partner"].create({"name": "Gone"})
        own = self._create_matter(name="Own", partner_id=gone.id)
        self._create_time(own)
        self._create_time(self.matter)
        for field, record in (
            ("client_ids", gone),
            ("responsible_ids", self.approver),
        ):
            with self.subTest(field):
                if field == "responsible_ids":
                    own.responsible_id = self.approver
                record.sudo().active = False
                run = self._create_run(**{field: [Command.set(record.ids)]})
                self.assertEqual(run.line_ids.matter_id, own)
                record.sudo().active = True

    def test_a_paper_of_client_money_for_an_archived_matter_is_not_for_all(self):
        self._book("deposit", 50.0)
        self._book("deposit", 70.0, matter_id=self.matter_b.id)
        self._put_away(self.matter)
        paper = self._as(
            self.env["legal.trust.report"], "client_account_officer"
        ).create({"kind": "ledgers", "matter_ids": [Command.set(self.matter.ids)]})
        self.env.invalidate_all()
        self.assertEqual(paper.matter_ids, self.matter)

    def test_an_archived_client_account_takes_no_other_entries(self):
        self._book("deposit", 50.0)
        account = self.client_bank.default_account_id
        self.client_bank.with_context(active_test=False).sudo().active = False
        with self.assertRefused("belongs to a client account", TrustError):
            self.env["account.move"].create(
                {
                    "move_type": "entry",
                    "line_ids": [
                        Command.create({"account_id": account.id, "debit": 10.0}),
                        Command.create(
                            {
                                "account_id": self.company_data[
                                    "default_account_revenue"
                                ].id,
                                "credit": 10.0,
                            }
                        ),
                    ],
                }
            )


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestArchivedOthers(TrustCommon):
    """Clients, payers, employees and products who are archived with something open: it
    is said, and stays on record."""

    def assertSays(self, record, *words):
        before = record.message_ids
        action = record.action_archive()
        self.assertFalse(record.active)
        note = str((record.message_ids - before)[:1].body)
        for word in words:
            self.assertIn(word, note)
        return action

    def test_a_client_and_a_payer(self):
        payer = self.env["res.partner"].create({"name": "Insurer"})
        client = self.env["res.partner"].create({"name": "Insured"})
        matter = self._create_matter(
            name="Claim", partner_id=client.id, billing_partner_id=payer.id
        )
        self._make_bill(matter)
        self._create_time(matter)
        self._book("deposit", 50.0, matter_id=matter.id)
        action = self.assertSays(
            client, "Unbilled WIP (1)", "Unpaid bills (1)", "Client money (1)"
        )
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("Insured is archived", action["params"]["message"])
        self.assertSays(payer, "Bills to pay (1)")

    def test_the_web_client_asks_with_what_is_open(self):
        self._create_time(self.matter_other)
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        office = create_clerk(self)
        both = (self.other_client | nobody).with_user(office)
        asked = both.get_archive_question()
        self.assertIn(f"{self.other_client.name}: Unbilled WIP (1).", asked)
        self.assertNotIn("Nobody", asked)
        self.assertFalse(nobody.with_user(office).get_archive_question())
        self.other_client.action_archive()
        self.assertFalse(both.get_archive_question())
        many = self.env["res.partner"].create([{"name": f"C {i}"} for i in range(10)])
        for client in many:
            self._create_time(self._create_matter(name="M", partner_id=client.id))
        self.assertIn("and 2 more.", many.with_user(office).get_archive_question())

    def test_a_client_with_nothing_open_goes_without_a_word(self):
        client = self.env["res.partner"].create({"name": "Nobody"})
        self.assertFalse(client.action_archive())
        self.assertFalse(client.active)

    def test_by_rpc_a_client_is_archived_with_a_note(self):
        self._create_time(self.matter_other)
        self.other_client.write({"active": False})
        self.assertFalse(self.other_client.active)
        self.assertIn("Unbilled WIP", str(self.other_client.message_ids[:1].body))

    def test_what_a_barrier_hides_is_not_told(self):
        self._create_time(self.matter_other)
        self.matter_other.write(
            {"is_walled": True, "wall_user_ids": [Command.set(self.biller.ids)]}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        outside = self.other_client.with_user(self.manager)
        self.assertFalse(outside._get_held())
        self.assertTrue(self.other_client.with_user(self.biller)._get_held())

    def test_an_employee(self):
        self._create_time(self.matter)
        self.assertSays(self.lawyer, "unbilled time (1 entries)")
        run = self._create_run()
        self.assertRow(run, self.matter, "ready", amount=300.0)
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 300.0)

    def test_a_product(self):
        self._create_disbursement(self.matter)
        self.assertSays(self.exempt_type, "unbilled disbursements (1 entries)")
        other = self.taxed_type.product_tmpl_id
        self._create_disbursement(self.matter, product_id=self.taxed_type.id)
        self.assertSays(other, "unbilled disbursements (1 entries)")

    # --- contacts that come into a company

    def _hold_money(self, **vals):
        contact = self.env["res.partner"].create({"name": "Ann", **vals})
        matter = self._create_matter(name="Ann's", partner_id=contact.id)
        self._book("deposit", 500.0, matter_id=matter.id)
        bill = self._make_bill(matter)
        self._pay({bill: 360.0}, matter_id=matter.id).action_post()
        return contact, matter

    def test_a_client_with_client_money_becomes_a_contact_of_a_company(self):
        contact, matter = self._hold_money()
        group = self.env["res.partner"].create(
            {"name": "Group Ltd", "is_company": True}
        )
        next_one = self.env["res.partner"].create(
            {"name": "Next Ltd", "is_company": True}
        )
        self.env.flush_all()
        user = new_test_user(
            self.env, "contacts", "base.group_user,base.group_partner_manager"
        )
        items = self.env["account.move.line"].search(
            [("matter_id", "=", matter.id), ("partner_id", "!=", False)]
        )
        # what came under the first company stays there, as core leaves it
        for parent in (group, next_one, self.env["res.partner"]):
            with self.subTest(parent.name or "none"):
                contact.with_user(user).parent_id = parent.id
                self.env.flush_all()
                self.assertEqual(contact.commercial_partner_id, parent or contact)
                self.assertHeld(140.0, matter)
                self.assertEqual(items.partner_id, group)

    def test_nobody_else_changes_the_partner_of_client_money(self):
        contact, matter = self._hold_money()
        items = self.env["account.move.line"].search(
            [("matter_id", "=", matter.id), ("trust_transaction_id", "!=", False)]
        )
        for context in ({}, {"bypass_lock_check": True}):
            with self.assertRefused("is client money"):
                items.with_context(**context).write({"partner_id": self.client.id})
        self.assertEqual(items.partner_id, contact)

    def test_a_contact_is_saved_in_its_window(self):
        contact, _matter = self._hold_money()
        group = self.env["res.partner"].create(
            {"name": "Group Ltd", "is_company": True}
        )
        form = Form(contact)
        form.parent_id = group
        self.assertEqual(form.save().parent_id, group)


def create_clerk(case):
    """Somebody who keeps the contacts and has no role of billing."""
    return new_test_user(
        case.env,
        "contacts_clerk",
        "base.group_user,base.group_partner_manager",
        company_id=case.company.id,
        company_ids=[Command.set(case.company.ids)],
    )


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestArchiveTour(TrustCommon, HttpCase):
    """The question in a browser."""

    def test_archive_a_client_with_something_open(self):
        self._create_time(self.matter_other)
        clerk = create_clerk(self)
        self.start_tour(
            f"/odoo/res.partner/{self.other_client.id}",
            "legal_billing_archive_client",
            login=clerk.login,
        )
        self.assertFalse(self.other_client.active)
