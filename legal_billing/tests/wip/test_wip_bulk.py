from datetime import date

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...exceptions import EntryLockedError, LegalBillingError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestWipBulk(LegalBillingCommon):
    """Hold, release, no charge, write off, move, split: logged and taken back; what is
    billed is locked on every way to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="First")
        cls.other = cls._create_matter(name="Second", partner_id=cls.partner_b.id)
        cls.time = cls._create_time(cls.matter)
        cls.cost = cls._create_disbursement(cls.other)
        cls.both = cls.time + cls.cost

    def _do(self, entries, operation, role="biller", **vals):
        opener = getattr(self._as(entries, role), f"action_open_{operation}")
        action = opener()
        window = self._as(self.env[action["res_model"]], role).browse(action["res_id"])
        window.write(vals)
        window.action_do()
        return window

    def assertLogged(self, matter, text):
        self.assertIn(text, matter.message_ids[0].body)

    # --- each is logged and can be taken back

    def test_hold_until_a_day(self):
        self._do(self.both, "hold", until="2026-11-15")
        self.assertEqual(self.both.mapped("wip_status"), ["held", "held"])
        self.assertLogged(self.matter, "On hold until 11/15/2026: 1 entries, $")
        self.assertLogged(self.other, "legal_biller")
        self.both.hold_until = fields.Date.today()
        self.env["account.analytic.line"]._cron_release_holds()
        self.assertEqual(self.both.mapped("wip_status"), ["unbilled", "unbilled"])
        self._do(self.time, "hold", role="reviewer")
        self.assertFalse(self.time.hold_until)
        self._as(self.time, "reviewer").action_release()
        self.assertEqual(self.time.wip_status, "unbilled")
        self.assertLogged(self.matter, "Released")

    def test_behavior_there_and_back(self):
        for action, behavior, text in (
            ("action_no_charge", "no_charge", "No charge"),
            ("action_hide", "hide", "Hidden"),
            ("action_bill_normally", "bill", "Charged again"),
        ):
            getattr(self._as(self.both, "biller"), action)()
            self.assertEqual(set(self.both.mapped("bill_behavior")), {behavior})
            self.assertLogged(self.matter, text)
            self.assertLogged(self.other, text)

    def test_write_off_and_back(self):
        window = self._do(self.both, "write_off", reason="Goodwill")
        self.assertEqual((window.count, window.amount), (2, 400.0))
        self.assertLogged(self.matter, "Written off: Goodwill")
        self._as(self.both, "biller").action_undo_write_off()
        self.assertLogged(self.other, "Write-off taken back")
        self.assertEqual(self.both.mapped("wip_status"), ["unbilled", "unbilled"])

    def test_move_and_back(self):
        self._do(self.time, "move", matter_id=self.other.id)
        self.assertEqual(self.time.matter_id, self.other)
        self.assertLogged(self.matter, "moved to")
        self.assertLogged(self.other, "moved here from")
        self._do(self.time, "move", matter_id=self.matter.id)
        self.assertEqual(self.time.project_id, self.matter)
        self.assertEqual(self.matter.unbilled_amount, 300.0)

    def test_split_and_back(self):
        cost = self._create_disbursement(self.matter, 100.01)
        time = self._create_time(self.matter, 7 / 60, bill_rate=285.5)
        for entry, part in ((cost, 50.0), (time, 10.0)):
            before = {
                name: entry[name]
                for name in ("wip_amount", "amount", "bill_quantity", "unit_amount")
            }
            self._do(entry, "split", down_amount=part)
            new = entry.split_ids
            self.assertEqual(new.wip_amount, part)
            self.assertLogged(self.matter, "Split")
            for name, value in before.items():
                self.assertAlmostEqual(entry[name] + new[name], value, 6)
            self._as(new, "biller").action_join()
            self.assertFalse(new.exists())
            self.assertLogged(self.matter, "Split taken back")
            for name, value in before.items():
                self.assertAlmostEqual(entry[name], value, 6)
            with self.assertRaisesRegex(LegalBillingError, "was not split off"):
                self._as(entry, "biller").action_join()

    def test_a_billed_part_is_not_joined(self):
        self._do(self.time, "split", down_amount=100.0)
        part = self.time.split_ids
        self._as(self.time, "biller").action_hold()
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.wip_line_ids, part)
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            self._as(part, "biller").action_join()

    def test_notes_cost_the_same_for_many_matters(self):
        matters = self.matter + self.other
        entries = self.both
        for index in range(8):
            matters += self._create_matter(name=f"Matter {index}")
            entries += self._create_time(matters[-1])
        few = self._count_queries(self.both)
        many = self._count_queries(entries)
        self.assertLess(many - few, 12)

    def _count_queries(self, entries):
        entries = self._as(entries, "biller")
        entries.action_no_charge()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        entries.action_bill_normally()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    # --- roles

    def test_who_may_do_what(self):
        own = self._create_time(self.matter, employee_id=self.associate.id)
        self._do(own, "hold", role="fee_earner")
        self._as(own, "fee_earner").action_release()
        for action in ("split", "move", "write_off"):
            with self.assertRaises(RoleError):
                self._do(own, action, role="fee_earner")
            with self.assertRaises(RoleError):
                self._do(own, action, role="reviewer")
        with self.assertRaises(AccessError):
            self._do(self.time, "hold", role="fee_earner")
        with self.assertRaises(RoleError):
            self._as(own, "reviewer").action_join()

    def test_a_disbursement_is_recorded_by_hand(self):
        entry = self._record_disbursement("biller")
        self.assertRecordValues(
            entry,
            [
                {
                    "wip_type": "disbursement",
                    "wip_amount": 50.0,
                    "amount": -50.0,
                    "project_id": False,
                    "account_id": self.matter.account_id.id,
                    "bill_narrative": "Counsel's opinion",
                }
            ],
        )
        with self.assertRaises(AccessError):
            self._record_disbursement("fee_earner")

    def _record_disbursement(self, role):
        entries = self._as(self.env["account.analytic.line"], role)
        action = entries.action_new_disbursement()
        entries = entries.with_context(**action["context"])
        with Form(entries, "legal_billing.wip_disbursement_view_form") as form:
            form.matter_id = self.matter.with_env(entries.env)
            form.date = date(2026, 10, 7)
            form.product_id = self.taxed_type.with_env(entries.env)
            form.name = "Counsel's opinion"
            form.unit_amount = 4
            form.bill_rate = 12.5
            self.assertEqual(form.wip_amount, 50.0)
        return form.record

    # --- the list

    def test_lists_are_grouped_by_status_and_age(self):
        today = fields.Date.today()
        old = self._create_time(self.matter, day=date(2026, 1, 5), is_on_hold=True)
        new = self._create_time(self.matter, day=today)
        self._as(new, "biller").action_write_off("Goodwill")
        billed = self._create_time(self.other, day=date(2026, 10, 1))
        self._approve(self._bill(self.other))
        draft = self._bill(self.matter)
        entries = self._as(self.env["account.analytic.line"], "biller")
        domain = [
            ("matter_id", "in", (self.matter + self.other).ids),
            ("wip_type", "!=", False),
        ]
        groups = dict(entries._read_group(domain, ["wip_status"], ["id:recordset"]))
        self.assertEqual(groups["held"].ids, old.ids)
        self.assertEqual(groups["written_off"].ids, new.ids)
        self.assertEqual(set(groups["billed"].ids), {billed.id, self.cost.id})
        self.assertEqual(groups["draft"].ids, draft.wip_line_ids.ids)
        for status, found in groups.items():
            self.assertEqual(set(found.mapped("wip_status")), {status})
        groups = entries._read_group(domain, ["wip_age_group"], ["id:recordset"])
        for group, found in groups:
            self.assertEqual(set(found.mapped("wip_age_group")), {group})
            self.assertEqual(
                entries.search([*domain, ("wip_age_group", "=", group)]), found
            )
        self.assertEqual(sum(len(found) for _group, found in groups), 5)
        clients = entries._read_group(domain, ["client_id"], ["__count"])
        self.assertEqual(len(clients), 2)

    # --- billed entries, on every way to them

    def test_billed_time_is_locked_in_core_too(self):
        task = self.env["project.task"].create(
            {"name": "Research", "project_id": self.matter.id}
        )
        elsewhere = self.env["project.task"].create(
            {"name": "Elsewhere", "project_id": self.other.id}
        )
        self.time.task_id = task
        bill = self._approve(self._bill(self.matter))
        self.assertTrue(self.time.readonly_timesheet)
        for vals in (
            {"unit_amount": 9.0},
            {"task_id": elsewhere.id},
            {"project_id": self.other.id},
            {"date": "2026-10-20"},
            {"employee_id": self.associate.id},
            {"bill_narrative": "Other"},
        ):
            with self.assertRaisesRegex(EntryLockedError, bill.name):
                self.time.write(vals)
            with self.assertRaisesRegex(EntryLockedError, bill.name):
                self.time.with_user(self.reviewer).write(vals)
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            task.write(
                {
                    "timesheet_ids": [
                        fields.Command.update(self.time.id, {"unit_amount": 5})
                    ]
                }
            )
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            self.time.unlink()
        # the task itself may move; what was billed of it stays
        task.project_id = self.other
        self.env.flush_all()
        self.time.invalidate_recordset()
        self.assertEqual(self.time.matter_id, self.matter)
        self.assertEqual(self.time.project_id, self.matter)
        self.assertEqual(self.time.account_id, self.matter.account_id)
