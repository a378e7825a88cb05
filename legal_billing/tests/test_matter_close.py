from odoo.tests import tagged

from ..exceptions import MatterOptionError
from .common import LegalBillingCommon


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
