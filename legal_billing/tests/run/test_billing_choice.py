from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ...exceptions import BillingRunError
from ..common import LegalBillingCommon


@freeze_time("2026-10-31 12:00:00")
@tagged("post_install", "-at_install")
class TestBillingChoice(LegalBillingCommon):
    """What is chosen for a matter's next bill lives until the matter is billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls.env["project.project"].union(
            *(cls._create_matter(name=f"Matter {number}") for number in range(3))
        )
        for matter in cls.matters:
            cls._create_time(matter, 1.0)
            cls._create_time(matter, 2.0)
        cls.first, cls.second, cls.third = cls.matters
        cls.waiting = cls.env["account.analytic.line"].search(
            [("matter_id", "=", cls.first.id), ("unit_amount", "=", 2.0)]
        )

    def _open(self, role="biller"):
        """Mass Billing, as a person opens it."""
        runs = self._as(self.env["legal.billing.run"], role)
        runs.action_new_mass_billing()
        return runs.search(
            [("user_id", "=", runs.env.uid), ("started_on", "=", False)], limit=1
        )

    def _untick(self, run):
        row = self._get_row(run, self.first)
        row.action_toggle_entry(self.waiting.with_env(row.env))
        return row

    def test_an_unticked_entry_waits_over_runs(self):
        """Two other matters are billed; the entry is still left out of the next run."""
        run = self._open()
        row = self._untick(run)
        amount = row.amount
        self._get_row(run, self.second).action_bill_selected()
        again = self._open()
        self.assertNotEqual(again, run)
        self.assertEqual(self._get_row(again, self.first), row)  # a tab stays good
        self.assertEqual((row.amount, row.unticked_count), (amount, 1))
        again.action_bill_all()
        bill = again.bill_ids.filtered(lambda b: b.matter_id == self.first)
        self.assertEqual(bill.amount_untaxed, amount)
        self.assertNotIn(self.waiting, bill.sudo().wip_line_ids)
        self.assertFalse(self.waiting.bill_id)

    def test_the_choice_ends_with_the_bill(self):
        run = self._open()
        self._untick(run)
        run.action_bill_all()
        self.assertFalse(
            self.env["legal.billing.choice"].search([("matter_id", "=", self.first.id)])
        )

    def test_not_this_time_lives_until_put_back(self):
        """Also for a colleague, and in a run of other dates."""
        run = self._open()
        self._get_row(run, self.first).action_leave_out()
        self._get_row(run, self.second).action_bill_selected()
        for person in ("biller", "manager"):
            row = self._get_row(self._open(person), self.first)
            self.assertEqual((row.state, row.reason_code), ("excluded", "left_out"))
        self._get_row(self._open(), self.first).action_cure()
        self.assertEqual(self._get_row(self._open(), self.first).state, "ready")
        self.assertEqual(
            self._get_row(self._open("manager"), self.first).state, "ready"
        )

    def test_template_terms_and_note_live_over_runs(self):
        run = self._open()
        terms = self.env.ref("account.account_payment_term_30days")
        row = self._get_row(run, self.first)
        row.write({"payment_term_id": terms.id, "note": "Ask the partner"})
        self._get_row(run, self.second).action_bill_selected()
        row = self._get_row(self._open("manager"), self.first)
        self.assertEqual((row.payment_term_id, row.note), (terms, "Ask the partner"))
        row.write({"payment_term_id": False, "note": False})
        self.assertFalse(self._get_row(self._open(), self.first).note)

    def test_a_row_that_is_held_back_keeps_its_choices(self):
        """A note on a row that waits for a cure does not take *not this time* back."""
        run = self._open()
        row = self._get_row(run, self.first)
        row.action_leave_out()
        self.first.exclude_from_mass_billing = True
        run.action_load()
        row.note = "Wait"
        self.first.exclude_from_mass_billing = False
        run.action_load()
        self.assertEqual(row.reason_code, "left_out")

    def test_a_colleague_left_something_out_meanwhile(self):
        """A list that was made before bills nothing that somebody left out since."""
        mine, theirs = self._open(), self._open("manager")
        self._untick(theirs)
        self._get_row(theirs, self.second).action_leave_out()
        with self.assertRaisesRegex(BillingRunError, "Matter 0.*Matter 1.*Refresh"):
            mine.action_bill_all()
        mine.action_load()
        mine.action_bill_all()
        self.assertEqual(mine.bill_ids.matter_id, self.first | self.third)

    def test_a_refresh_keeps_the_rows(self):
        """Same rows, new figures; the matter without WIP goes."""
        run = self._open()
        before = {row.matter_id: row for row in run.line_ids}
        self._create_time(self.first, 1.0)
        self.env["account.analytic.line"].search(
            [("matter_id", "=", self.third.id)]
        ).action_write_off("too much")
        self._open()
        self.assertEqual(
            {row.matter_id: row for row in run.line_ids},
            {m: row for m, row in before.items() if m != self.third},
        )
        self.assertEqual(before[self.first].hours, 4.0)

    def test_the_window_of_one_matter_knows_them(self):
        self._untick(self._open())
        window = self._as(self.env["legal.matter.bill"], "biller").create(
            {"matter_id": self.first.id}
        )
        self.assertNotIn(self.waiting, window.entry_ids)
        window.action_bill()
        self.assertFalse(self.waiting.bill_id)

    def test_nobody_writes_choices_beside_the_rows(self):
        self._untick(self._open())
        choice = self.env["legal.billing.choice"].search([])
        for role in ("biller", "manager"):
            with self.assertRaises(AccessError):
                self._as(choice, role).write({"unticked_ids": False})
        with self.assertRaises(AccessError):
            self._as(choice, "fee_earner").read(["note"])
