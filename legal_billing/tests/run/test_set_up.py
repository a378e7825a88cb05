from odoo.tests import tagged

from ...exceptions import RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestSetUp(LegalBillingCommon):
    """What a firm still lacks is said to its manager, with a way to each, and no more
    once all is there."""

    def _look(self, role="manager", always=False):
        panel = self._as(self.env["legal.set.up"], role).get_set_up(always)
        return {item["key"]: item for item in panel["items"]}

    def _complete(self):
        self.company.sudo().write({"email": "office@firm.example"})
        self.env["res.partner.bank"].sudo().create(
            {
                "acc_number": "BE71 0961 2345 6769",
                "partner_id": self.company.partner_id.id,
            }
        )
        self.env["hr.employee"].sudo().create(
            {"name": "M", "user_id": self.manager.id, "company_id": self.company.id}
        )
        self.env["account.journal"].sudo().create(
            {
                "name": "Client bank",
                "code": "CLB",
                "type": "bank",
                "is_client_account": True,
                "company_id": self.company.id,
            }
        )

    def test_each_thing_is_missing_until_it_is_there(self):
        self.company.sudo().write({"email": False})
        before = {key: item["done"] for key, item in self._look().items()}
        self.assertEqual(
            before,
            {
                "chart": True,
                "tax": True,
                "accounts": True,
                "bank": False,
                "cash": True,
                "sender": False,
                "roles": True,
                "rates": True,
                "employee": False,
                "client_account": False,
            },
        )
        self._complete()
        self.assertFalse(self._look(), "all is there")
        self.assertTrue(all(item["done"] for item in self._look(always=True).values()))

    def test_it_says_what_hinders(self):
        self.fee_product.taxes_id = False
        item = self._look()["tax"]
        self.assertFalse(item["done"])
        self.assertIn(self.company.account_sale_tax_id.name, item["text"])
        self.company.sudo().legal_fees_exempt = True
        self.assertTrue(self._look()["tax"]["done"])
        self.company.sudo().legal_trust_account_id = False
        self.assertFalse(self._look()["accounts"]["done"])
        self.env["legal.rate"].search([]).unlink()
        self.assertFalse(self._look()["rates"]["done"])

    def test_every_link_opens(self):
        for key, item in self._look(always=True).items():
            action = item["action"]
            with self.subTest(key):
                views = self.env[action["res_model"]].get_views(action["views"])
                self.assertTrue(views["views"])

    def test_a_cash_journal_is_made_by_its_link(self):
        journals = self.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", self.company.id)]
        )
        journals.active = False
        item = self._look()["cash"]
        self.assertFalse(item["done"])
        action = self.env["ir.actions.server"].browse(item["action"]["id"])
        opened = self._as(action, "manager").run()
        made = self.env["account.journal"].browse(opened["res_id"])
        self.assertRecordValues(
            made, [{"type": "cash", "company_id": self.company.id, "name": "Cash"}]
        )
        self.assertTrue(made.default_account_id)
        self.assertTrue(self._look()["cash"]["done"])
        self.company._set_up_cash_journal()
        self.assertEqual(self.company._get_cash_journal(), made)
        for role in ("biller", "cashier"):
            with self.assertRaises(RoleError):
                self._as(self.env["legal.set.up"], role).action_make_cash_journal()

    def test_a_manager_puts_it_away(self):
        self._as(self.env["legal.set.up"], "manager").action_dismiss()
        self.assertFalse(self._look())
        self.assertTrue(self._look(always=True), "the settings still show it")

    def test_others_neither_see_it_nor_put_it_away(self):
        for role in ("biller", "approver", "fee_earner"):
            self.assertFalse(self._look(role))
            with self.assertRaises(RoleError):
                self._as(self.env["legal.set.up"], role).action_dismiss()
        self.assertFalse(self.company.sudo().legal_set_up_dismissed)

    def test_it_asks_the_database_a_dozen_times(self):
        for index in range(12):
            self._create_user("fee_earner", login=f"earner_{index}")
        self._look()
        self.env.flush_all()
        self.env.invalidate_all()
        panel = self._as(self.env["legal.set.up"], "manager")
        before = self.env.cr.sql_log_count
        panel.get_set_up()
        self.assertLess(self.env.cr.sql_log_count - before, 45)
