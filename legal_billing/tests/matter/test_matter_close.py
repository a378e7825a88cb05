from odoo.tests import tagged

from ...exceptions import MatterOptionError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterClose(LegalBillingCommon):
    """The guided check before a matter is closed for billing."""

    def _open(self, matter):
        action = self._as(matter, "biller").action_close_matter()
        return self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )

    def test_open_things_are_named_and_keep_it_open(self):
        matter = self._create_matter(name="Busy")
        self._create_time(matter)
        self.env["legal.fee.instalment"].create({"matter_id": matter.id, "amount": 10})
        wizard = self._open(matter)
        still_open = wizard.line_ids.filtered("is_open")
        self.assertEqual(set(still_open.mapped("code")), {"wip", "instalments"})
        with self.assertRaisesRegex(MatterOptionError, "Unbilled WIP 1 entries"):
            wizard.action_close()
        self.assertEqual(matter.billing_status, "active")
        wizard = self._open(matter)
        wip = wizard.line_ids.filtered(lambda row: row.code == "wip")
        action = wip.action_clear()
        self.assertEqual(action["domain"], [("matter_id", "in", matter.ids)])

    def test_clear_matter_is_closed_and_reopened(self):
        matter = self._create_matter()
        wizard = self._open(matter)
        self.assertTrue(wizard.is_clear)
        wizard.action_close()
        self.assertEqual(matter.mass_billing_status, "closed")
        self._as(matter, "biller").action_reopen_matter()
        self.assertEqual(matter.mass_billing_status, "mass")

    def test_each_obstacle_has_a_way_to_clear_it(self):
        matter = self._create_matter()
        wizard = self._open(matter)
        models = {
            row.code: self._as(row, "manager").action_clear()["res_model"]
            for row in wizard.sudo().line_ids
        }
        self.assertEqual(
            models,
            {
                "wip": "account.analytic.line",
                "drafts": "account.move",
                "requests": "legal.money.request",
                "unpaid": "account.move",
                "on_account": "account.move",
                "credits": "account.move.line",
                "client_money": "legal.trust.line",
                "instalments": "legal.fee.instalment",
            },
        )

    def test_drafts_unpaid_bills_and_instalments_are_opened_alone(self):
        matter = self._create_matter()
        self._create_time(matter)
        bill = self._approve(self._bill(matter))
        self._create_time(matter)
        draft = self._bill(matter)
        due = self.env["legal.fee.instalment"].create(
            {"matter_id": matter.id, "amount": 10}
        )
        wizard = self._open(matter)
        found = {}
        for row in wizard.line_ids.filtered("is_open"):
            action = row.action_clear()
            records = self._as(self.env[action["res_model"]], "biller")
            found[row.code] = records.search(action["domain"]).ids
        self.assertEqual(
            found, {"drafts": draft.ids, "unpaid": bill.ids, "instalments": due.ids}
        )

    def test_one_click_does_not_close_over_wip(self):
        matter = self._create_matter(name="Busy")
        self._create_time(matter)
        with self.assertRaisesRegex(MatterOptionError, "Busy.*button Close"):
            self._as(matter, "biller").mass_billing_status = "closed"
        idle = self._create_matter()
        self._as(idle, "biller").mass_billing_status = "closed"
        self.assertEqual(idle.billing_status, "closed")
