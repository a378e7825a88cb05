from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import MatterOptionError, ProtectedFieldError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestFeeEstimate(LegalBillingCommon):
    """What a client was told that a matter costs, and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Lease")

    def _tell(self, user=None, **vals):
        estimates = self.env["legal.fee.estimate"]
        return estimates.with_user(user or self.biller).create(
            {
                "matter_id": self.matter.id,
                "date": "2026-10-01",
                "fees": 800.0,
                "disbursements": 200.0,
                **vals,
            }
        )

    def _refuse(self, error, text):
        return self.assertRaisesRegex(error, text), self.env.cr.savepoint()

    # --- figures

    def test_work_and_bills_use_it_once(self):
        """Recorded, drafted, approved, credited: each counts once."""
        self._tell(sent_on="2026-10-02")
        self.assertEqual(self.matter.estimate_used_percent, 0)
        entry = self._create_time(self.matter)
        value = entry.standard_amount
        self.assertGreater(value, 0)
        share = 100 * value / 1000
        self.env.invalidate_all()
        self.assertEqual(self.matter.estimate_used_amount, value)
        self.assertAlmostEqual(self.matter.estimate_used_percent, share)
        bill = self._bill(self.matter)
        self.env.invalidate_all()
        self.assertAlmostEqual(self.matter.estimate_used_percent, share)
        self._approve(bill)
        self.env.invalidate_all()
        self.assertAlmostEqual(self.matter.estimate_used_percent, share)
        self.assertIn(
            self.matter,
            self.env["project.project"].search(
                [("estimate_used_percent", ">", share - 1)]
            ),
        )
        self.assertNotIn(
            self.matter,
            self.env["project.project"].search(
                [("estimate_used_percent", ">", share + 1)]
            ),
        )

    def test_the_newest_that_was_sent_counts(self):
        first = self._tell(sent_on="2026-10-02")
        second = self._tell(date="2026-11-01", fees=5000.0)
        self.assertEqual(self.matter.estimate_id, first)
        self.assertEqual((first.state, second.state), ("sent", "draft"))
        second.sent_on = "2026-11-02"
        self.assertEqual(self.matter.estimate_id, second)
        self.assertEqual((first.state, second.state), ("replaced", "sent"))
        second.consent_on = "2026-11-03"
        self.assertEqual(second.state, "agreed")
        self.assertEqual(self.matter.estimate_amount, 5200.0)

    # --- what people see

    def test_rows_and_drafts_say_that_it_is_nearly_used(self):
        self._tell(sent_on="2026-10-02", fees=1.0, disbursements=0.0)
        self._create_time(self.matter)
        run = self._create_run()
        row = run.line_ids.filtered(lambda line: line.matter_id == self.matter)
        self.assertIn("estimate", [flag["text"] for flag in row.row_flags])
        self.assertIn("Tell the client", str(row.row_flags))
        bill = self._bill(self.matter)
        self.assertIn("estimate", bill._get_looks()[bill])
        self.company.legal_estimate_warning = 0
        self.env.invalidate_all()
        self.assertNotIn("estimate", [flag["text"] for flag in row.row_flags])
        self.assertNotIn("estimate", bill._get_looks().get(bill, []))

    def test_who_is_responsible_hears_once(self):
        self.matter.responsible_id = self.biller
        self._tell(sent_on="2026-10-02", fees=1.0)
        self._create_time(self.matter, hours=100)
        matters = self.env["project.project"]
        matters._cron_warn_of_estimates()
        matters._cron_warn_of_estimates()
        activity = self.matter.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.biller)
        self.assertIn("Tell the client", activity.note)
        self._tell(date="2026-11-01", sent_on="2026-11-01", fees=2.0)
        matters._cron_warn_of_estimates()
        self.assertEqual(len(self.matter.activity_ids), 2)

    # --- sending

    def test_a_fee_earner_enters_and_sends_one_on_the_matter(self):
        self.client.email = "client@client.example"
        with Form(self.env["legal.fee.estimate"].with_user(self.fee_earner)) as form:
            form.matter_id = self.matter
            form.fees = 4000.0
            form.disbursements = 350.0
            form.scope = "Up to exchange of contracts."
        estimate = form.record
        self.assertEqual(estimate.amount, 4350.0)
        estimate.action_send()
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.client)
        self.assertIn("4,350.00", mail.body_html)
        self.assertIn("Up to exchange of contracts.", mail.body_html)
        self.assertEqual(estimate.sent_by_id, self.fee_earner)
        self.assertEqual(estimate.state, "sent")
        self.assertEqual(estimate.sent_on, date.today())

    def test_a_client_without_an_address_is_named(self):
        estimate = self._tell()
        self.client.email = False
        with self.assertRaisesRegex(MatterOptionError, "no e-mail address"):
            estimate.action_send()
        self.assertFalse(estimate.sent_on)

    # --- what stays

    def test_what_the_client_was_told_stays(self):
        estimate = self._tell(sent_on="2026-10-02")
        other = self._create_matter(name="Other")
        for vals in (
            {"fees": 1.0},
            {"disbursements": 0.0},
            {"date": "2026-09-01"},
            {"scope": "x"},
            {"sent_on": False},
            {"matter_id": other.id},
        ):
            check, savepoint = self._refuse(MatterOptionError, "was told so")
            with self.subTest(vals), check, savepoint:
                estimate.write(vals)
            check, savepoint = self._refuse(MatterOptionError, "was told so")
            with self.subTest(vals), check, savepoint:
                self.matter.with_user(self.biller).estimate_ids = [
                    Command.update(estimate.id, vals)
                ]
        check, savepoint = self._refuse(MatterOptionError, "was told so")
        with check, savepoint:
            estimate.unlink()
        check, savepoint = self._refuse(ProtectedFieldError, "Sent by")
        with check, savepoint:
            estimate.sent_by_id = self.fee_earner
        self.assertEqual(estimate.amount, 1000.0)
        self._tell().unlink()  # one that nobody was told may go

    def test_what_cannot_be_entered(self):
        for vals, text in (
            ({"fees": -1.0}, "neither is negative"),
            ({"fees": 0.0, "disbursements": 0.0}, "enter fees"),
            ({"sent_on": "2999-01-01"}, "still to come"),
            ({"consent_on": "2999-01-01"}, "still to come"),
        ):
            check, savepoint = self._refuse(MatterOptionError, text)
            with self.subTest(vals), check, savepoint:
                self._tell(**vals)

    def test_who_may_not(self):
        estimate = self._tell()
        for user in (self.cashier, self.client_account_officer):
            check, savepoint = self._refuse(AccessError, "")
            with self.subTest(user.name), check, savepoint:
                self._tell(user)
            check, savepoint = self._refuse(Exception, "may not|not allowed")
            with self.subTest(user.name), check, savepoint:
                estimate.with_user(user).action_send()
        self.matter.write(
            {"is_walled": True, "wall_user_ids": [Command.set(self.biller.ids)]}
        )
        seen = self.env["legal.fee.estimate"].with_user(self.fee_earner)
        self.assertFalse(seen.search([("id", "=", estimate.id)]))
        with self.assertRaises(AccessError):
            estimate.with_user(self.fee_earner).read(["fees"])

    def test_copies_of_a_matter_have_none(self):
        self._tell(sent_on="2026-10-02")
        self.assertFalse(self.matter.copy().estimate_ids)
