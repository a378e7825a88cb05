import base64
import io
import random
from datetime import date, timedelta

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import RoleError
from .trust_common import TrustCommon

KINDS = (
    "balances",
    "bills",
    "cash_book",
    "dormant",
    "journal",
    "ledgers",
    "reversals",
)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 25)


@tagged("post_install", "-at_install")
class TestTrustPapers(TrustCommon):
    """What an auditor asks for, on the screen, as PDF and as a spreadsheet."""

    def _paper(self, kind, role="cashier", **vals):
        window = self._as(self.env["legal.trust.report"], role).create(
            {"kind": kind, "date_from": FIRST, "date_to": LAST, **vals}
        )
        return window._get_paper()

    def _rows(self, paper):
        """Values of all rows, blocks one after the other."""
        return [row.values for block in paper.blocks for row in block.rows]

    def _fill(self):
        """Two deposits, one before the period; a bill paid; a refund taken back."""
        self._book("deposit", 1000.0, date(2026, 10, 5), reference="CHQ 1")
        self._book("deposit", 250.0, date(2026, 11, 3), matter_id=self.matter_b.id)
        self.bill = self._make_bill()
        self._pay({self.bill: 360.0}).action_post()
        self.refund = self._book("refund", 40.0, date(2026, 11, 12))
        self.refund.action_reverse("Wrong account")
        self._book(
            "matter_transfer",
            100.0,
            date(2026, 11, 15),
            to_matter_id=self.matter_b.id,
            authorisation="letter",
        )

    # --- what they say

    def test_the_cash_book_runs_from_balance_to_balance(self):
        self._fill()
        [block] = self._paper("cash_book", journal_ids=self.client_bank.ids).blocks
        found = [(row.values[0], *row.values[5:]) for row in block.rows]
        self.assertEqual(
            found,
            [
                (FIRST, "", "", 1000.0),
                (date(2026, 11, 3), 250.0, "", 1250.0),
                (date(2026, 11, 10), "", 360.0, 890.0),
                (date(2026, 11, 12), "", 40.0, 850.0),
                (date(2026, 11, 12), 40.0, "", 890.0),
                ("", 290.0, 400.0, 890.0),
            ],
        )
        self.assertTrue(block.note.startswith("Level"), block.note)

    def test_an_entry_that_is_no_movement_is_seen_and_not_level(self):
        self._fill()
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.client_bank.id,
                "date": date(2026, 11, 20),
                "payment_ref": "CHQ 1",
                "amount": 1000.0,
            }
        )  # only waits to be matched: nothing changed
        [block] = self._paper("cash_book", journal_ids=self.client_bank.ids).blocks
        self.assertEqual(block.rows[-1].values[-1], 890.0)
        self.assertTrue(block.note.startswith("Level"), block.note)

    def test_a_ledger_begins_with_what_was_held_before(self):
        self._fill()
        paper = self._paper("ledgers", matter_ids=self.matter.ids)
        [block] = paper.blocks
        found = [(row.values[2], *row.values[4:]) for row in block.rows]
        self.assertEqual(found[0], ("Brought forward", "", "", 1000.0))
        self.assertEqual(
            [row[3] for row in found[1:]], [640.0, 600.0, 640.0, 540.0, 540.0]
        )
        self.assertEqual(found[-1], ("Balance", 40.0, 500.0, 540.0))
        whole = self._paper("ledgers", matter_ids=self.matter.ids, date_from=False)
        self.assertEqual(whole.blocks[0].rows[-1].values[4:], (1040.0, 500.0, 540.0))

    def test_dormant_balances_are_those_that_have_not_moved(self):
        self._book("deposit", 70.0, date(2025, 3, 1), matter_id=self.matter_other.id)
        self._fill()
        paper = self._paper("dormant", dormant_months=12)
        rows = self._rows(paper)
        self.assertEqual(
            [(row[0], row[1], row[-1]) for row in rows],
            [
                (date(2025, 3, 1), self.matter_other.display_name, 70.0),
                ("", "1 matters", 70.0),
            ],
        )
        # as at a day: what moved later did not move yet
        paper = self._paper("dormant", dormant_months=0, date_to=date(2026, 10, 31))
        self.assertEqual(
            [(row[0], row[-1]) for row in self._rows(paper)][:-1],
            [(date(2025, 3, 1), 70.0), (date(2026, 10, 5), 1000.0)],
        )

    def test_reversals_say_what_why_and_who(self):
        self._fill()
        reversal = self.refund.reversal_ids
        self.assertEqual(
            self._rows(self._paper("reversals")),
            [
                (
                    reversal.date,
                    reversal.name,
                    self.refund.name,
                    date(2026, 11, 12),
                    self.matter.display_name,
                    "Wrong account",
                    self.client_account_officer.name,
                    LAST,
                    40.0,
                )
            ],
        )

    def test_the_record_of_bills_says_delivery_and_what_client_money_paid(self):
        self._fill()
        waiting = self._make_bill(delivered=False)
        paper = self._paper("bills", date_from=date(2026, 10, 1))
        found = {row[1]: (row[4], *row[6:]) for row in self._rows(paper)}
        self.assertEqual(found[self.bill.name][1:], (360.0, 360.0, 0.0))
        self.assertEqual(found[self.bill.name][0], self.bill.delivered_day)
        self.assertEqual(found[waiting.name], ("not delivered", 360.0, "", 360.0))
        self.assertEqual(self._rows(paper)[-1][6:], (720.0, 360.0, 360.0))

    def test_one_name_where_one_person_did_it(self):
        self._fill()
        hands = {row[4] for row in self._rows(self._paper("journal"))}
        self.assertEqual(hands, {self.client_account_officer.name})

    # --- always

    def test_cash_book_ledgers_and_books_agree_whatever_is_booked(self):
        """Movements at random: at each of some days the three say the same, and the
        closing balance of a period is the opening one of the next."""
        for seed in range(4):
            rng = random.Random(seed)
            matters = self.matter | self.matter_b | self.matter_other
            for _step in range(14):
                matter = rng.choice(matters)
                day = FIRST - timedelta(days=rng.randrange(60))
                amount = rng.randrange(1, 50000) / 100
                held = matter.client_account_balance
                if rng.random() < 0.5 or held < 1:
                    movement = self._move("deposit", amount, day, matter_id=matter.id)
                else:
                    amount = round(held * rng.choice((0.25, 0.5, 1.0)), 2)
                    movement = self._move("refund", amount, LAST, matter_id=matter.id)
                movement.action_post()
                if rng.random() < 0.2 and movement.kind == "refund":
                    movement.action_reverse("taken back")
                matters.invalidate_recordset()
            for day in (FIRST - timedelta(days=30), FIRST, LAST):
                with self.subTest(seed=seed, day=day):
                    self._assert_level(day)

    def _assert_level(self, day):
        journals = self.client_bank.ids
        [book] = self._paper(
            "cash_book", date_from=False, date_to=day, journal_ids=journals
        ).blocks
        closing = book.rows[-1].values[-1]
        [balances] = self._paper("balances", date_to=day, journal_ids=journals).blocks
        ledgers = self._paper(
            "ledgers", date_from=False, date_to=day, journal_ids=journals
        ).blocks
        self.assertAlmostEqual(balances.rows[-1].values[-1], closing, 2)
        self.assertAlmostEqual(
            sum(block.rows[-1].values[-1] for block in ledgers), closing, 2
        )
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.liability.id),
                ("journal_id", "=", self.client_bank.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
            ]
        )
        self.assertAlmostEqual(-sum(items.mapped("balance")), closing, 2)
        self.assertTrue(book.note.startswith("Level"), book.note)
        [later] = self._paper(
            "cash_book",
            date_from=day + timedelta(days=1),
            date_to=day + timedelta(days=400),
            journal_ids=journals,
        ).blocks
        self.assertAlmostEqual(later.rows[0].values[-1], closing, 2)

    # --- the barrier

    def test_a_hidden_matter_is_on_no_paper(self):
        self._fill()
        self._book("deposit", 77.0, date(2026, 11, 4), matter_id=self.matter_other.id)
        self.matter_other.name = "Zebra secret"
        self.matter_other.partner_id.name = "Zebra client"
        secret_bill = self._make_bill(self.matter_other)
        self._pay({secret_bill: 50.0}).action_post()
        self.matter_other.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set((self.env.user | self.manager).ids)],
            }
        )
        for kind in KINDS:
            window = self._as(self.env["legal.trust.report"], "cashier").create(
                {"kind": kind, "date_from": FIRST, "date_to": LAST}
            )
            with self.subTest(kind=kind):
                self.assertNotIn("Zebra", str(window._get_paper()))
                self.assertNotIn("Zebra", window.content)
                self.assertNotIn(secret_bill.name, window.content)
        # the bank is whole all the same: one line without a name
        [book] = self._paper("cash_book", journal_ids=self.client_bank.ids).blocks
        self.assertEqual(
            book.rows[-2].values[4:],
            ("2 behind an information barrier", 77.0, 50.0, 917.0),
        )
        self.assertTrue(book.note.startswith("Level"), book.note)
        [balances] = self._paper("balances", journal_ids=self.client_bank.ids).blocks
        self.assertEqual(balances.rows[-2].values[-1], 27.0)
        self.assertEqual(balances.rows[-1].values[-1], 917.0)

    def test_a_hidden_matter_is_not_asked_for_by_name(self):
        self.matter_other.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set(self.env.user.ids)],
            }
        )
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._as(self.env["legal.trust.report"], "cashier").create(
                {"kind": "ledgers", "matter_ids": [Command.set(self.matter_other.ids)]}
            )

    def test_another_companys_bank_is_not_read(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["account.chart.template"].try_loading("generic_coa", other)
        bank = (
            self.env["account.journal"]
            .sudo()
            .with_company(other)
            .create(
                {
                    "name": "Their clients",
                    "code": "THC",
                    "type": "bank",
                    "company_id": other.id,
                    "is_client_account": True,
                }
            )
        )
        window = self._as(self.env["legal.trust.report"], "cashier").create(
            {"kind": "cash_book", "company_id": other.id}
        )
        window.sudo().journal_ids = bank
        self.env.invalidate_all()
        self.assertFalse(window._get_paper().blocks)

    # --- who, and how

    def test_cashiers_officers_and_managers_have_them(self):
        self._fill()
        for role in ("cashier", "client_account_officer", "manager"):
            for kind in KINDS:
                with self.subTest(role=role, kind=kind):
                    self._try(role, kind)

    def _try(self, role, kind):
        """The page, the paper and the spreadsheet of one kind."""
        form = Form(self._as(self.env["legal.trust.report"], role))
        form.kind = kind
        form.date_to = LAST
        window = form.save()
        self.assertIn("o_legal_paper", window.content)
        action = window.action_print()
        reports = self._as(self.env["ir.actions.report"], role)
        html, _kind = reports._render_qweb_html(action["report_name"], window.ids)
        self.assertIn(window._get_paper().title, html.decode())
        action = window.action_export()
        self.assertTrue(action["url"].endswith(".xlsx?download=true"))
        self.assertTrue(window.file_name.endswith(".xlsx"))

    def test_others_have_none(self):
        for role in ("biller", "approver", "reviewer", "fee_earner"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._as(self.env["legal.trust.report"], role).create({})
        window = self._as(self.env["legal.trust.report"], "cashier").create({})
        for method in ("action_print", "action_export", "_get_paper"):
            with self.subTest(method=method), self.assertRaises(RoleError):
                getattr(window.with_user(self.biller), method)()

    def test_a_spreadsheet_has_dates_numbers_and_texts(self):
        self._fill()
        self.matter.name = "=1+1"
        self.env.flush_all()
        window = self._as(self.env["legal.trust.report"], "cashier").create(
            {"kind": "cash_book", "date_from": FIRST, "date_to": LAST}
        )
        window.action_export()
        book = load_workbook(io.BytesIO(base64.b64decode(window.file)))
        rows = list(book.active.values)
        self.assertEqual(rows[1][0], "Client cash book")
        [paid] = [row for row in rows if row[6] == 360]
        self.assertEqual(paid[0].date(), date(2026, 11, 10))
        self.assertEqual(paid[7], 890)
        self.assertEqual(
            {cell.data_type for row in book.active for cell in row} & {"f"}, set()
        )

    def test_many_rows_are_on_paper_and_not_all_on_the_screen(self):
        for index in range(9):
            self._book("deposit", 10.0 + index, FIRST)
        window = self._as(self.env["legal.trust.report"], "cashier").create(
            {"kind": "ledgers", "date_from": FIRST, "date_to": LAST}
        )
        paper, left_out = window._get_paper().cut(4)
        self.assertEqual(len(self._rows(paper)), 4)
        self.assertEqual(left_out, 7)

    def test_a_period_that_ends_before_it_begins_is_said(self):
        window = self._as(self.env["legal.trust.report"], "cashier").create(
            {"kind": "journal", "date_from": LAST, "date_to": FIRST}
        )
        self.assertIn("ends before it begins", window.content)

    def test_queries_do_not_grow_with_matters(self):
        counts = []
        for size in (4, 16):
            matters = [
                self._create_matter(name=f"Matter {size}-{index}")
                for index in range(size)
            ]
            for index, matter in enumerate(matters):
                self._book("deposit", 400.0, FIRST, matter_id=matter.id)
                bill = self._make_bill(matter)
                self._pay({bill: 100.0}).action_post()
                if index % 2:
                    refund = self._book("refund", 5.0, LAST, matter_id=matter.id)
                    refund.action_reverse("again")
            self._count_queries("balances")  # what is read once is read
            counts.append({kind: self._count_queries(kind) for kind in KINDS})
        self.assertEqual(counts[0], counts[1])

    def _count_queries(self, kind):
        window = self._as(self.env["legal.trust.report"], "cashier").create(
            {
                "kind": kind,
                "date_from": FIRST - timedelta(days=40),
                "date_to": LAST,
                "dormant_months": 0,
            }
        )
        window._get_paper()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        window._get_paper()
        return self.env.cr.sql_log_count - before
