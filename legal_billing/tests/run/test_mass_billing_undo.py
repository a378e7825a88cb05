from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillingRunError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMassBillingUndo(LegalBillingCommon):
    """Undoing a run takes back what nobody has touched, and names the rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls.env["project.project"]
        for index in range(6):
            matter = cls._create_matter(name=f"Matter {index}")
            cls._create_time(matter, 1.0)
            cls.matters += matter

    def setUp(self):
        super().setUp()
        self.run_ = self._create_run()
        self.run_.action_bill_all()
        self.bills = self.matters.mapped(
            lambda matter: self.run_.bill_ids.filtered(
                lambda bill: bill.matter_id == matter
            )
        )
        self._age(self.bills)

    def _age(self, bills):
        """Let the bills be of an hour ago, entries too."""
        self.env.flush_all()
        for table, ids in (
            ("account_move", bills.ids),
            ("account_analytic_line", bills.wip_line_ids.ids),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET create_date = create_date - INTERVAL '1 hour', "
                "write_date = write_date - INTERVAL '1 hour' WHERE id = ANY(%s)",
                [ids],
            )
        self.env.invalidate_all()

    def test_what_was_worked_on_stays_and_is_named(self):
        agreed, hand_made, edited, removed, narrated, free = self.bills
        self._as(agreed, "biller").fee_override = 250.0
        self._as(hand_made, "biller").invoice_line_ids = [
            Command.create(
                {
                    "product_id": self.exempt_type.id,
                    "name": "Courier",
                    "price_unit": 20.0,
                    "tax_ids": [],
                }
            )
        ]
        self._as(edited.wip_line_ids, "reviewer").bill_rate = 280.0
        self._create_time(removed.matter_id, 2.0)
        self._as(removed, "biller").action_add_new_wip()
        # written later than the bill was made, by nothing else than its text
        self._as(narrated.wip_line_ids, "biller").bill_narrative = "Advice on the lease"
        self.env.flush_all()
        self.run_.action_undo()
        self.assertFalse(free.exists())
        self.assertEqual(self.matters[5].unbilled_amount, 300.0)
        self.assertEqual(self.run_.bill_ids, self.bills[:5])
        note = self.run_.message_ids[0].body
        for bill, reason in (
            (agreed, "agreed amount"),
            (hand_made, "lines made by hand"),
            (edited, "entries were changed by legal_reviewer"),
            (removed, "entries were changed by legal_biller"),
            (narrated, "entries were edited by"),
        ):
            with self.subTest(reason=reason):
                self.assertIn(bill.matter_id.display_name, note)
                self.assertIn(reason, note)
        self.assertIn("1 drafts taken back", note)
        self.assertIn("5 drafts were worked on and stay", note)

    def test_other_edits_of_the_draft_count_too(self):
        bill = self.bills[0]
        self._as(bill, "biller").recipient_ids = [Command.clear()]
        self.env.flush_all()
        self.assertEqual(
            list(self.bills._get_manual_changes()), [bill], "edited after it was made"
        )

    def test_approved_bills_stay(self):
        self._approve(self.bills[0])
        window = self._open_window()
        self.assertEqual((window.count, window.approved_count), (5, 1))
        window.action_undo()
        self.assertEqual(self.run_.bill_ids, self.bills[0])
        self.assertIn("1 bills are approved", self.run_.message_ids[0].body)

    def test_reverted_bill_is_not_taken_back(self):
        bill = self._approve(self.bills[0])
        self._as(bill, "approver").action_revert_bills("Look again")
        self.assertIn("approved and reverted", bill._get_manual_changes()[bill])

    def test_window_states_what_goes_and_what_stays(self):
        self._as(self.bills[0], "biller").fee_override = 250.0
        window = self._open_window()
        self.assertEqual((window.count, window.amount), (5, 1500.0))
        self.assertEqual(window.kept_count, 1)
        self.assertIn("agreed amount", window.kept_text)
        action = window.action_open_kept()
        self.assertEqual(action["domain"], [("id", "in", self.bills[0].ids)])

    def test_nothing_untouched_is_refused_by_name(self):
        self._as(self.bills, "biller").write({"fee_override": 1.0})
        with self.assertRaisesRegex(BillingRunError, "all of them stay"):
            self.run_.action_undo()
        self.assertEqual(len(self.bills.exists()), 6)

    def test_undo_is_refused_to_approvers(self):
        for method in ("action_undo", "action_open_undo"):
            with self.assertRaises(RoleError):
                getattr(self._as(self.run_, "approver"), method)()

    def test_looking_at_many_drafts_is_flat_in_queries(self):
        counts = []
        for bills in (self.bills, self.bills[:2], self.bills):  # the first warms up
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bills.browse(bills.ids)._get_manual_changes()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def _open_window(self):
        action = self.run_.action_open_undo()
        return self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
