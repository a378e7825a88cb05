from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

SIZE = {"matter_count": 40, "entry_count": 120, "month_count": 0}


@tagged("post_install", "-at_install")
class TestDemoFirmWindow(TransactionCase):
    """The window that makes the firm."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "New company"})
        cls.admin = cls._create_user("base.group_system")

    @classmethod
    def _create_user(cls, groups):
        return new_test_user(
            cls.env,
            login=groups,
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _open(self, user, **vals):
        return self.env["demo.firm"].with_user(user).create({**SIZE, **vals})

    def _get_matters(self):
        return (
            self.env["project.project"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company.id), ("is_matter", "=", True)])
        )

    def test_administrator_makes_the_firm_once(self):
        window = self._open(self.admin)
        self.assertEqual(window.company_id, self.company)
        action = window.action_make()
        self.assertEqual(action["url"], "/odoo/mass-billing")
        self.assertEqual(len(self._get_matters()), SIZE["matter_count"])
        with self.assertRaisesRegex(UserError, "has matters or journal entries"):
            window.action_make()

    def test_company_in_use_is_left_alone(self):
        self.env["account.chart.template"].try_loading("generic_coa", self.company)
        self.env["account.move"].with_company(self.company).create(
            {"move_type": "entry"}
        )
        with self.assertRaisesRegex(UserError, "New company has matters or journal"):
            self._open(self.admin).action_make()
        self.assertFalse(self._get_matters())

    def test_who_is_no_administrator_is_refused(self):
        manager = self._create_user("legal_billing.legal_billing_group_manager")
        with self.assertRaises(AccessError):
            self._open(manager)
