from odoo.tests import HttpCase, tagged

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

    def test_an_address_is_one(self):
        for email, done in (
            ("office", False),
            ("office.firm.example", False),
            ("office@firm.example", True),
            ("Firm of Law <office@firm.example>", True),
        ):
            self.company.sudo().email = email
            item = self._look(always=True)["sender"]
            self.assertEqual(item["done"], done, email)
            self.assertIn(email, item["text"])

    def _make_administrator(self):
        """The manager may also do what Odoo keeps for administrators."""
        for name in (
            "base.group_system",
            "account.group_account_manager",
            "hr.group_hr_manager",
        ):
            self.manager.sudo().group_ids += self.env.ref(name)

    def test_every_link_opens(self):
        self._make_administrator()
        for key, item in self._look(always=True).items():
            action = item["action"]
            with self.subTest(key):
                views = self.env[action["res_model"]].get_views(action["views"])
                self.assertTrue(views["views"])

    def test_no_link_leads_to_a_refusal(self):
        """Billing's managers need not be administrators, whose are settings, journals,
        users and the firm's own record: what they cannot do says who does it."""
        self.env["legal.rate"].search([]).unlink()
        self.company.sudo().write({"email": False})
        panel = self._as(self.env["legal.set.up"], "manager").get_set_up()
        items = {item["key"]: item for item in panel["items"]}
        missing = {key for key, item in items.items() if not item["done"]}
        self.assertEqual(
            missing, {"bank", "sender", "rates", "employee", "client_account"}
        )
        self.assertEqual(
            {key for key in missing if items[key]["action"]}, {"rates"}, "in his power"
        )
        self.assertRegex(panel["ask"], "An administrator does this: ")
        for key, item in items.items():
            action = item["action"]
            if not action or not action.get("res_model"):
                continue
            with self.subTest(key):
                records = self._as(self.env[action["res_model"]], "manager")
                done = item["done"] and "read"
                wanted = done or ("write" if action.get("res_id") else "create")
                self.assertTrue(records.has_access(wanted))
        self._make_administrator()
        panel = self._as(self.env["legal.set.up"], "manager").get_set_up()
        self.assertTrue(all(item["action"] for item in panel["items"]))
        self.assertFalse(panel["ask"])

    def test_the_taxes_are_those_of_the_firm_s_country(self):
        """Odoo's generic chart has those of the United States, wherever the firm is:
        its own clients would be foreign trade."""
        self.assertTrue(self._look(always=True)["chart"]["done"])
        company = self.company.sudo()
        home = company.account_fiscal_country_id
        company.country_id = self.env.ref("base.bm")
        self.assertEqual(company.account_fiscal_country_id, home)
        item = self._look()["chart"]
        self.assertFalse(item["done"])
        self.assertIn(f"those of {home.name}", item["text"])
        self.assertIn("Bermuda", item["text"])
        company.account_fiscal_country_id = company.country_id
        self.assertTrue(self._look(always=True)["chart"]["done"])

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


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestSetUpTour(LegalBillingCommon, HttpCase):
    """From a missing thing through its link and back to green, by who sees the panel."""

    def test_a_manager_mends_what_he_may(self):
        self.env["legal.rate"].search([("company_id", "=", self.company.id)]).unlink()
        self.company.sudo().email = False
        self.start_tour(
            "/odoo/mass-billing",
            "legal_billing_set_up_manager",
            login=self.manager.login,
            timeout=120,
        )
        self.env.invalidate_all()
        rate = self.env["legal.rate"].search([("company_id", "=", self.company.id)])
        self.assertEqual((rate.price, rate.scope), (250.0, "firm"))
        self.assertTrue(self.company.legal_set_up_dismissed)

    def test_an_administrator_in_the_settings(self):
        self.company.sudo().email = False
        self.manager.sudo().group_ids += self.env.ref("base.group_system")
        self.start_tour(
            "/odoo/legal-billing-settings",
            "legal_billing_set_up_settings",
            login=self.manager.login,
            timeout=120,
        )
        self.env.invalidate_all()
        self.assertEqual(self.company.email, "office@firm.example")
