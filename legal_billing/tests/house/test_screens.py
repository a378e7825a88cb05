import re
from datetime import date
from pathlib import Path

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.misc import file_open, file_path

from ... import exceptions
from ...exceptions import (
    BillingRunError,
    EntryLockedError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from ...models.bill.account_move_list import REPLACED
from ..common import LegalBillingCommon

#: A word after the first one that begins with a capital; names stay as they are.
TITLE_CASE = r"^\w+ (?:\S+ )*(?!Legal|Billing|Discuss)[A-Z][a-z]"
#: What names an icon in a template.
NAMES = {"aria-label", "t-att-aria-label", "title", "t-att-title", "aria-hidden"}


@tagged("post_install", "-at_install")
class TestScreens(LegalBillingCommon):
    """What the pages show and ask, through the eyes of those who use them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Alpha", matter_number="A-1")
        cls.time = cls._create_time(cls.matter, 2.0)
        cls.held = cls._create_matter(
            name="Beta", matter_number="B-1", exclude_from_mass_billing=True
        )
        cls._create_time(cls.held, 1.0)
        cls.idle = cls._create_matter(name="Gamma", matter_number="G-1")

    def _load_run(self):
        run = self._as(self.env["legal.billing.run"], "biller").create(
            {"invoice_date": date(2026, 10, 31)}
        )
        run.action_load()
        return run

    def _get_line(self, run, matter):
        return run.line_ids.filtered(lambda line: line.matter_id == matter)

    def _make_draft(self):
        run = self._load_run()
        self._get_line(run, self.matter).action_bill_selected()
        return self._get_line(run, self.matter).bill_id

    # --- errors

    def test_web_client_knows_every_error(self):
        with file_open("legal_billing/static/src/core/error_dialogs.js") as file:
            known = set(re.findall(r'"(\w+Error)"', file.read()))
        classes = {
            name
            for name, value in vars(exceptions).items()
            if isinstance(value, type)
            and issubclass(value, UserError)
            and value.__module__ == exceptions.__name__
        }
        self.assertEqual(classes - known, set())

    # --- mass billing

    def test_strip_adds_up_the_whole_run(self):
        run = self._load_run()
        ready = self._get_line(run, self.matter)
        strip = run.get_strip([("id", "=", ready.id)])
        self.assertEqual(strip["ready"], 1)
        self.assertEqual(strip["excluded"], 1)
        self.assertEqual(strip["filter_ready"], 1)
        self.assertIn("600.00", strip["ready_text"])
        self.assertIn("300.00", strip["excluded_text"])
        self.assertEqual(sum(age["count"] for age in strip["ages"]), 1)

    def test_strip_is_flat_in_queries(self):
        run = self._load_run()
        run.get_strip([])
        self.env.flush_all()
        with self.assertQueryCount(60):
            run.get_strip([])

    def test_money_of_the_rows_is_flat_in_queries(self):
        for index in range(8):
            self._create_time(self._create_matter(name=f"Matter {index}"), 1.0)
        lines = self._load_run().line_ids
        lines = lines.browse(lines.ids)  # read together, as a page does
        names = (
            "unpaid_amount",
            "unallocated_credit_balance",
            "client_account_balance",
            "client_account_available",
        )
        counts = []
        for some in (lines, lines[:2], lines):  # the first one warms up
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.web_read({name: {} for name in names})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_row_says_that_wip_changed(self):
        run = self._load_run()
        line = self._get_line(run, self.matter)
        self._create_time(self.matter, 1.0)
        line.invalidate_recordset(["is_changed"])
        self.assertTrue(line.is_changed)
        found = line.with_context(legal_billing_run_id=run.id).search(
            [("is_changed", "=", True)]
        )
        self.assertEqual(found, line)

    def test_why_is_this_matter_not_here(self):
        run = self._load_run()
        answers = {
            answer["name"]: answer["answer"]
            for text in ("A-1", "Beta", "Gamma")
            for answer in run.explain_matters(text)
        }
        self.assertIn("ready", answers["A-1 Alpha"])
        self.assertIn("by hand only", answers["B-1 Beta"])
        self.assertIn("no unbilled entries", answers["G-1 Gamma"])

    def test_why_not_here_answers_the_number_first(self):
        run = self._load_run()
        for number, name in (
            ("Q-17", "Lease"),
            ("Q-171", "Sale"),
            ("Q-2", "Plot 17"),
            ("17", "Will"),
            ("Q-3", "Trust"),
        ):
            self._create_matter(matter_number=number, name=name)
        for text, expected in (
            ("17", ["17 Will", "Q-17 Lease", "Q-171 Sale", "Q-2 Plot 17"]),
            ("q-17", ["Q-17 Lease", "Q-171 Sale"]),
            ("lease", ["Q-17 Lease"]),
        ):
            with self.subTest(text):
                names = [answer["name"] for answer in run.explain_matters(text)]
                self.assertEqual(names[: len(expected)], expected)

    def test_a_run_has_no_number_before_it_billed(self):
        run = self._load_run()
        title = run.action_open_lines()["display_name"]
        self.assertNotIn(run.name, title)
        run.action_bill_all()
        self.assertIn(run.name, run.action_open_lines()["display_name"])

    def test_why_not_here_knows_archived_matters(self):
        self.held._internal().active = False  # as of long ago
        [answer] = self._load_run().explain_matters("Beta")
        self.assertIn("archived", answer["answer"])

    def test_confirmation_counts_and_bills(self):
        run = self._load_run()
        action = run.line_ids.action_confirm_bill()
        wizard = self._as(self.env["legal.billing.run.confirm"], "biller").browse(
            action["res_id"]
        )
        self.assertEqual((wizard.count, wizard.amount), (1, 600.0))
        self.assertEqual((wizard.left_out_count, wizard.first_count), (1, 1))
        wizard.action_bill()
        self.assertEqual(self._get_line(run, self.matter).state, "done")

    def test_confirmation_is_refused_without_ready_rows(self):
        run = self._load_run()
        with self.assertRaisesRegex(BillingRunError, "None of these matters is ready"):
            self._get_line(run, self.held).action_confirm_bill()

    def test_a_row_left_out_stays_out_until_put_back(self):
        run = self._load_run()
        self._get_line(run, self.matter).action_leave_out()
        run.action_load()
        line = self._get_line(run, self.matter)
        self.assertEqual((line.state, line.reason_code), ("excluded", "left_out"))
        line.action_cure()
        self.assertEqual((line.state, line.amount), ("ready", 600.0))

    def test_a_note_is_the_persons_own(self):
        run = self._load_run()
        self._get_line(run, self.matter).note = "Ask the partner"
        run.action_load()
        line = self._get_line(run, self.matter)
        self.assertEqual(line.note, "Ask the partner")
        self.assertIn("Ask the partner", str(line.row_flags))

    def test_cure_takes_the_matter_into_the_run(self):
        run = self._load_run()
        line = self._get_line(run, self.held)
        self.assertEqual(line.cure_label, "Include")
        line.action_cure()
        self.assertFalse(self.held.exclude_from_mass_billing)
        self.assertEqual((line.state, line.amount), ("ready", 300.0))

    def test_holding_an_entry_in_the_pre_bill_changes_its_row(self):
        run = self._load_run()
        line = self._get_line(run, self.matter)
        self.assertEqual(line.entry_ids, self.time)
        self._as(self.time, "biller").with_context(
            legal_billing_entry_action="hold", legal_billing_run_line_id=line.id
        ).action_prebill()
        self.assertEqual((line.state, line.reason_code), ("excluded", "on_hold"))

    def test_header_changes_the_rows(self):
        run = self._load_run()
        run.set_header({"cutoff_date": "2026-10-01"})
        self.assertEqual(self._get_line(run, self.matter).reason_code, "after_cutoff")

    def test_header_keeps_its_dates_once_bills_were_made(self):
        run = self._make_draft().billing_run_id
        with self.assertRaisesRegex(BillingRunError, "its dates stay"):
            self._as(run, "biller").set_header({"invoice_date": "2026-11-30"})

    def test_header_is_refused_to_lawyers(self):
        run = self._load_run()
        with self.assertRaises(RoleError):
            self._as(run, "approver").set_header({"cutoff_date": "2026-10-01"})

    # --- bills

    def test_new_wip_of_a_draft_is_shown_and_added(self):
        bill = self._make_draft()
        self._create_time(self.matter, 1.0)
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (1, 300.0))
        found = bill.search([("new_wip_amount", "!=", 0)])
        self.assertIn(bill, found)
        self._as(bill, "biller").action_add_new_wip_selected()
        bill.invalidate_recordset()
        self.assertEqual((bill.new_wip_count, bill.amount_untaxed), (0, 900.0))

    def test_strip_of_drafts(self):
        bill = self._make_draft()
        strip = self._as(bill, "reviewer").get_bill_strip(
            "draft", [("id", "=", bill.id)]
        )
        self.assertEqual((strip["count"], strip["realisation"]), (1, 100))
        self.assertEqual(strip["people"][0]["name"], self.reviewer.name)
        self.assertFalse(strip["can_approve"])

    def test_realisation_is_searchable(self):
        bill = self._make_draft()
        bill.fee_override = 300.0
        self.assertEqual(bill.realisation, 50.0)
        self.assertIn(bill, bill.search([("realisation", "<", 80)]))
        self.assertNotIn(bill, bill.search([("realisation", ">", 80)]))

    def test_approve_window_tells_what_is_fine(self):
        bill = self._make_draft()
        self.approver.legal_approval_limit = 10.0
        action = self._as(bill, "approver").action_open_approve()
        wizard = self._as(self.env["legal.bill.operation"], "approver").browse(
            action["res_id"]
        )
        self.assertEqual((wizard.problem_count, wizard.fine_count), (1, 0))
        self.assertIn("over your limit", wizard.problem_text)
        self.approver.legal_approval_limit = 0.0
        wizard.invalidate_recordset()
        wizard.write({"date_mode": "set", "invoice_date": date(2026, 11, 3)})
        wizard.action_do()
        self.assertEqual(bill.billing_stage, "production")
        self.assertEqual(bill.invoice_date, date(2026, 11, 3))

    def test_revert_window_demands_a_reason(self):
        bill = self._make_draft()
        self._as(bill, "approver").action_approve_bills()
        action = self._as(bill, "biller").action_open_revert()
        wizard = self._as(self.env["legal.bill.operation"], "biller").browse(
            action["res_id"]
        )
        with self.assertRaisesRegex(UndoError, "Say why"):
            wizard.action_do()
        wizard.reason = "Wrong payer"
        wizard.action_do()
        self.assertEqual(bill.billing_stage, "draft")

    def test_revert_window_leaves_credit_notes(self):
        bill = self._make_draft()
        another = self._create_matter(name="Delta")
        self._create_time(another, 1.0)
        other = self._bill(another)
        self._as(bill | other, "approver").action_approve_bills()
        self._as(bill, "approver").action_credit_and_rebill()
        note = bill.reversal_move_ids
        action = self._as(other | note, "biller").action_open_revert()
        wizard = self._as(self.env["legal.bill.operation"], "biller").browse(
            action["res_id"]
        )
        self.assertEqual((wizard.problem_count, wizard.fine_count), (1, 1))
        self.assertEqual(
            wizard.problem_text,
            f"{note.name} is set against {bill.name}: a credit note that is used stays. "
            "Bill the matter again instead.",
        )
        wizard.reason = "Wrong payer"
        wizard.action_do_fine()
        self.assertEqual(other.billing_stage, "draft")
        self.assertEqual(note.state, "posted")

    def _open_window(self, action, role):
        return self._as(self.env["legal.bill.operation"], role).browse(action["res_id"])

    def test_windows_say_what_the_act_would(self):
        """What stands against reverting and deleting is told before, as it is refused."""
        bill = self._make_draft()
        another = self._create_matter(name="Delta")
        self._create_time(another, 1.0)
        other = self._bill(another)
        self._as(bill | other, "approver").action_approve_bills()
        self._as(bill, "biller").action_produce_without_sending(sent_on="2026-11-10")
        bills = self._as(bill | other, "biller")
        window = self._open_window(bills.action_open_revert(), "biller")
        self.assertEqual((window.problem_count, window.fine_count), (1, 1))
        self.assertIn("the client has this bill", window.problem_text)
        with self.assertRaises(UndoError) as refused:
            bills[0].button_draft()
        self.assertEqual(window.problem_text, str(refused.exception))
        manager = self._as(bill, "manager").action_open_revert()
        window = self._open_window(manager, "manager")
        self.assertFalse(window.problem_count)
        # a draft that had a number is cancelled, which nothing stands against
        self._as(other, "biller").action_revert_bills(reason="Wrong payer")
        window = self._open_window(
            self._as(other, "biller").action_open_delete(), "biller"
        )
        self.assertFalse(window.problem_count)
        window.action_do()
        self.assertEqual(other.billing_stage, "cancelled")

    def test_text_is_written_until_the_bill_is_out_and_read_afterwards(self):
        bill = self._as(self._make_draft(), "biller")
        self._as(bill, "approver").action_approve_bills()
        view = "legal_billing.bill_view_form"
        with Form(bill, view) as form:
            form.bill_text = "With thanks"
        self.assertEqual(bill.bill_text, "With thanks")
        bill.action_produce_without_sending()
        form = Form(bill, view)
        self.assertEqual(form.bill_text, "With thanks")
        with self.assertRaisesRegex(AssertionError, "readonly field .bill_text"):
            form.bill_text = "Too late"

    def test_reviewer_edits_own_draft(self):
        bill = self._as(self._make_draft(), "reviewer")
        bill.write(
            {
                "bill_text": "With thanks",
                "wip_line_ids": [(1, self.time.id, {"bill_rate": 250.0})],
            }
        )
        self.assertEqual((bill.bill_text, bill.amount_untaxed), ("With thanks", 500.0))

    def test_reviewer_cannot_change_the_payer(self):
        bill = self._as(self._make_draft(), "reviewer")
        with self.assertRaisesRegex(ProtectedFieldError, "Ask a biller"):
            bill.partner_id = self.partner_a

    def test_reviewer_cannot_edit_an_approved_bill(self):
        bill = self._make_draft()
        self._as(bill, "approver").action_approve_bills()
        with self.assertRaises(UserError):
            self._as(bill, "reviewer").bill_text = "Late"

    def test_bills_and_matters_open_in_their_own_forms(self):
        bill = self._make_draft()
        form = self.env.ref("legal_billing.bill_view_form")
        self.assertEqual(bill.get_formview_id(), form.id)
        form = self.env.ref("legal_billing.matter_view_form")
        self.assertEqual(self.matter.get_formview_id(), form.id)

    # --- WIP

    def test_write_off_window(self):
        action = self._as(self.time, "biller").action_open_write_off()
        wizard = self._as(self.env["legal.wip.operation"], "biller").browse(
            action["res_id"]
        )
        self.assertEqual((wizard.count, wizard.amount), (1, 600.0))
        wizard.reason = "Goodwill"
        wizard.action_do()
        self.assertEqual(self.time.wip_status, "written_off")

    def test_write_off_window_is_refused_for_billed_entries(self):
        self._make_draft()
        with self.assertRaisesRegex(EntryLockedError, "unbilled WIP"):
            self._as(self.time, "biller").action_open_write_off()

    def test_move_window(self):
        action = self._as(self.time, "biller").action_open_move()
        wizard = self._as(self.env["legal.wip.operation"], "biller").browse(
            action["res_id"]
        )
        wizard.matter_id = self.idle
        wizard.action_do()
        self.assertEqual(self.time.matter_id, self.idle)

    # --- every page, for everyone who has it in the menu

    def test_pages_open_for_every_role(self):
        self._make_draft()
        pages = {
            "legal_billing.legal_billing_run_line_action": ("biller", "approver"),
            "legal_billing.legal_billing_run_action": ("biller", "approver"),
            "legal_billing.draft_bill_action": ("biller", "approver", "reviewer"),
            "legal_billing.production_action": ("biller", "approver"),
            "legal_billing.bill_action": ("biller", "reviewer", "cashier"),
            "legal_billing.matter_action": ("fee_earner", "reviewer", "cashier"),
            "legal_billing.wip_action": ("fee_earner", "reviewer", "biller"),
            "legal_billing.legal_rate_action": ("biller", "manager"),
            "legal_billing.legal_product_action": ("biller", "manager"),
        }
        for xmlid, roles in pages.items():
            action = self.env.ref(xmlid).sudo()
            for role in roles:
                with self.subTest(page=xmlid, role=role):
                    model = self._as(self.env[action.res_model], role)
                    for view_id, view_type in action.views:
                        self._read_page(model, view_id, view_type)

    def test_every_page_of_a_menu_has_an_address(self):
        """Links are mailed: an address tells what it opens, and is the same everywhere."""
        menus = self.env["ir.model.data"].search(
            [("module", "=", "legal_billing"), ("model", "=", "ir.ui.menu")]
        )
        actions = [
            menu.action
            for menu in self.env["ir.ui.menu"].browse(menus.mapped("res_id"))
        ]
        pages = [
            action
            for action in actions
            if action and ("target" not in action or action.target != "new")
        ]
        self.assertGreater(len(pages), 20)
        self.assertFalse([page.name for page in pages if not page.path])

    def _read_page(self, model, view_id, view_type):
        """Read what the web client would, of the first records."""
        views = model.get_views([(view_id, view_type)])
        if view_type not in ("list", "form", "kanban"):
            return
        names = views["models"][model._name]["fields"]
        arch = views["views"][view_type]["arch"]
        shown = {name for name in names if f'name="{name}"' in arch}
        model.search([], limit=3).web_read({name: {} for name in shown})

    # --- menus

    def _get_menu(self, view_type, view_name, role="biller"):
        """What the menus of a page of bills offer.

        :return: ids of entries of menus
        :rtype: set
        """
        view = self.env.ref(view_name)
        moves = self._as(self.env["account.move"], role)
        views = moves.get_views([(view.id, view_type)], {"toolbar": True})["views"]
        toolbar = views[view_type]["toolbar"]
        return {entry["id"] for entries in toolbar.values() for entry in entries}

    def test_menus_of_bills_leave_out_what_billing_does_itself(self):
        replaced = {self.env.ref(name).id for name in REPLACED}
        for view_type, names in {
            "list": ("draft_bill_view_list", "production_view_list", "bill_view_list"),
            "form": ("bill_view_form",),
        }.items():
            for name in names:
                for role in ("biller", "manager"):
                    menu = self._get_menu(view_type, f"legal_billing.{name}", role)
                    self.assertFalse(menu & replaced, (name, role))
        # what has no twin of ours stays
        share = self.env.ref("account.model_account_move_action_share").id
        self.assertIn(share, self._get_menu("form", "legal_billing.bill_view_form"))

    def test_menus_of_invoices_stay_as_core_has_them(self):
        menu = self._get_menu("form", "account.view_move_form", "manager")
        for name in (
            "account.action_move_force_register_payment",
            "account.action_move_switch_move_type",
            "account.account_invoices",
        ):
            self.assertIn(self.env.ref(name).id, menu)

    def test_a_ticked_bill_is_emailed_and_paid_by_role(self):
        """The bar of a selection has both; who may not is told who may."""
        bill = self._make_draft()
        self._approve(bill)
        action = self._as(bill, "biller").action_email_bill()
        self.assertEqual(action["res_model"], "account.move.send.wizard")
        with (
            self.assertRaisesRegex(RoleError, "role .*Cashier"),
            self.env.cr.savepoint(),
        ):
            self._as(bill, "biller").action_create_payment()
        action = self._as(bill, "cashier").action_create_payment()
        self.assertEqual(action["res_model"], "legal.payment")
        for name in ("production_view_list", "bill_view_list"):
            for role in ("biller", "cashier"):
                arch = self._as(self.env["account.move"], role).get_view(
                    self.env.ref(f"legal_billing.{name}").id, "list"
                )["arch"]
                buttons = etree.fromstring(arch).findall("header/button")
                labels = [button.get("string") for button in buttons]
                self.assertEqual(labels.count("Create payment"), 1, (name, role))
                self.assertEqual(
                    "E-mail manually" in labels, role == "biller", (name, role)
                )

    def test_cards_show_the_sign_of_credit_notes_and_the_totals(self):
        for name in ("draft_bill", "production", "bill"):
            arch = self._as(self.env["account.move"], "biller").get_view(
                self.env.ref(f"legal_billing.{name}_view_kanban").id, "kanban"
            )["arch"]
            kanban = etree.fromstring(arch)
            shown = {field.get("name") for field in kanban.iter("field")}
            self.assertIn("amount_total_in_currency_signed", shown, name)
            self.assertNotIn("amount_total", shown, name)
            # each has the strip of totals above its cards
            self.assertEqual(kanban.get("js_class"), f"legal_{name}_kanban")

    def test_cards_on_a_phone_say_who_and_how_much(self):
        for name, role, said in (
            ("legal_payment", "cashier", {"received_from_id", "amount", "state"}),
            (
                "legal_trust_transaction",
                "client_account_officer",
                {"matter_id", "amount", "state"},
            ),
            ("legal_money_request", "biller", {"partner_id", "amount", "state"}),
            ("legal_billing_run", "biller", {"user_id", "done_amount", "state"}),
            (
                "legal_trust_balance",
                "client_account_officer",
                {"matter_id", "client_id", "balance_today", "available_amount"},
            ),
            ("legal_pay_in_slip", "cashier", {"name", "amount", "state"}),
            (
                "legal_trust_line",
                "client_account_officer",
                {"matter_id", "amount", "running_balance"},
            ),
            (
                "legal_trust_run",
                "client_account_officer",
                {"display_name", "total_amount", "state"},
            ),
            (
                "legal_trust_reconciliation",
                "client_account_officer",
                {"journal_id", "bank_amount", "is_level", "state"},
            ),
            ("legal_bill_write_off", "biller", {"bill_id", "amount", "reason"}),
            (
                "unallocated_credit",
                "cashier",
                {"matter_id", "credit_client_id", "credit_open_amount", "credit_age"},
            ),
        ):
            action = self.env.ref(f"legal_billing.{name}_action")
            view = self.env.ref(f"legal_billing.{name}_view_kanban")
            self.assertIn("kanban", action.view_mode.split(","), name)
            views = {kind: number for number, kind in action.views}
            default = self.env["ir.ui.view"].default_view(action.res_model, "kanban")
            self.assertEqual(views["kanban"] or default, view.id, name)
            arch = self._as(self.env[action.res_model], role).get_view(
                view.id, "kanban"
            )["arch"]
            shown = {
                field.get("name") for field in etree.fromstring(arch).iter("field")
            }
            self.assertLessEqual(said, shown, name)

    def test_a_credit_is_used_and_moved_from_its_card_by_a_cashier_alone(self):
        view = self.env.ref("legal_billing.unallocated_credit_view_kanban")
        window = self.env.ref("legal_billing.legal_payment_credit_action")
        for role, offered in (
            ("cashier", {"action_use_matter_credits", str(window.id)}),
            ("biller", set()),
        ):
            lines = self._as(self.env["account.move.line"], role)
            arch = etree.fromstring(lines.get_view(view.id, "kanban")["arch"])
            self.assertEqual({a.get("name") for a in arch.iter("a")}, offered)

    def test_cards_of_a_slip_hold_what_its_list_holds(self):
        """Rows that are not saved yet lose nothing on a phone."""
        slips = self._as(self.env["legal.payment"], "cashier")
        view = self.env.ref("legal_billing.legal_payment_view_form")
        arch = etree.fromstring(slips.get_view(view.id, "form")["arch"])
        [rows] = arch.xpath("//field[@name='allocation_ids']")
        as_list, as_cards = (
            {field.get("name") for field in rows.find(kind).iter("field")}
            for kind in ("list", "kanban")
        )
        self.assertGreater(len(as_list), 20)
        self.assertEqual(as_list - as_cards, set())

    def test_labels_are_sentences(self):
        """*Started on*, never *Started On*: each label of ours in its views."""
        seen = 0
        for view in self.env["ir.model.data"].search(
            [("module", "=", "legal_billing"), ("model", "=", "ir.ui.view")]
        ):
            view = self.env["ir.ui.view"].browse(view.res_id)
            if view.model not in self.env or view.type == "kanban":
                continue
            for node, label in self._find_labels(etree.fromstring(view.arch), view):
                with self.subTest(view=view.name, field=node.get("name")):
                    self.assertNotRegex(label, TITLE_CASE)
                    seen += 1
        self.assertGreater(seen, 500)

    def _find_labels(self, arch, view):
        """Fields of ours with the label that people see.

        :return: tuples of node and label
        """
        for node in arch.iter("field"):
            model = view.model
            for above in reversed(list(node.iterancestors("field"))):
                field = self.env[model]._fields.get(above.get("name"))
                model = field.comodel_name if field is not None else None
                if not model:
                    break
            field = self.env[model]._fields.get(node.get("name")) if model else None
            parent = node.getparent()
            if (
                field is None
                or parent is None
                or parent.tag not in ("group", "list", "search", "pivot", "graph")
                or node.get("nolabel")
                or "1" in (node.get("invisible"), node.get("column_invisible"))
                or not any(m.startswith("legal_billing") for m in field._modules)
            ):
                continue
            label = node.get("string")
            yield node, field.string if label is None else label

    # --- links to pages

    def test_who_may_not_see_a_page_is_told_whose_it_is(self):
        run = self._load_run()
        for role in ("cashier", "fee_earner"):
            with (
                self.assertRaisesRegex(
                    AccessError, "Billing Run is shown to.*Legal billing: Biller"
                ),
                self.env.cr.savepoint(),
            ):
                self._as(run, role).search([])
        with (
            self.assertRaisesRegex(AccessError, "Billing Run is worked on by"),
            self.env.cr.savepoint(),
        ):
            self._as(run, "approver").write({"invoice_date": date(2026, 11, 1)})
        # core's own models are refused in core's words
        with (
            self.assertRaisesRegex(AccessError, "ir.config_parameter"),
            self.env.cr.savepoint(),
        ):
            self._as(self.env["ir.config_parameter"], "cashier").search([])

    def test_a_cashier_finds_the_bills_in_production(self):
        """By a link, to enter what was paid before they went out; runs are not theirs."""
        self._approve(self._make_draft())
        moves = self._as(self.env["account.move"], "cashier")
        strip = moves.get_bill_strip("production", [("matter_ids", "!=", False)])
        self.assertEqual(strip["count"], 1)
        self.assertNotIn("last_run", strip)
        strip = self._as(moves, "biller").get_bill_strip("production", [])
        self.assertIn("last_run", strip)

    # --- names of icons

    def test_every_icon_has_a_name(self):
        """For those who do not see it, and on a phone, where nothing is shown on
        hovering."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "legal_billing"), ("model", "=", "ir.ui.view")]
        )
        nameless = []
        for view in self.env["ir.ui.view"].browse(data.mapped("res_id")):
            for button in etree.fromstring(view.arch).iter("button"):
                if button.get("icon") and not (
                    button.get("string") or button.get("title") or len(button)
                ):
                    nameless.append((view.name, button.get("name")))
        root = Path(file_path("legal_billing/static/src"))
        for path in root.rglob("*.xml"):
            for icon in etree.parse(path).iter("i"):
                if not NAMES & set(icon.keys()):
                    nameless.append((path.name, icon.get("class")))
        self.assertFalse(nameless)
