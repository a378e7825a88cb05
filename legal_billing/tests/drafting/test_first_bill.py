from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestFirstBill(AccountTestInvoicingCommon):
    """From a company with nothing but its chart of accounts to a first correct bill,
    giving only the obvious values, each person with one role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        for role in ("fee_earner", "biller", "approver", "manager"):
            user = new_test_user(
                cls.env,
                login=f"first_{role}",
                groups=f"base.group_user,legal_billing.legal_billing_group_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            setattr(cls, role, user)
        cls.env["hr.employee"].sudo().create(
            {
                "name": "Ada",
                "user_id": cls.fee_earner.id,
                "company_id": cls.company.id,
            }
        )
        cls.client = cls.env["res.partner"].create({"name": "First Client"})

    def _open_matter(self):
        form = Form(
            self.env["project.project"]
            .with_user(self.biller)
            .with_context(default_is_matter=True),
            view="legal_billing.matter_view_form",
        )
        form.name = "First matter"
        form.partner_id = self.client.with_user(self.biller)
        return form.save()

    def _record_time(self, matter):
        return (
            self.env["account.analytic.line"]
            .with_user(self.fee_earner)
            .create({"project_id": matter.id, "name": "Advice", "unit_amount": 2.0})
        )

    def test_rate_matter_time_bill(self):
        matter = self._open_matter()
        self.assertTrue(matter.matter_number and matter.account_id)
        self.assertEqual(matter.billing_partner_id, self.client)
        entry = self._record_time(matter)
        self.assertIn("no rate", matter.next_run_reason.lower())
        rate = Form(self.env["legal.rate"].with_user(self.manager))
        rate.price = 200.0
        rate = rate.save()
        self.assertEqual(rate.get_rerate_offer()["count"], 1)
        action = rate.action_rerate()
        window = self.env[action["res_model"]].with_user(self.manager)
        window = window.browse(action["res_id"])
        self.assertEqual((window.entry_count, window.difference), (1, 400.0))
        window.action_apply()
        self.assertEqual(entry.sudo().wip_amount, 400.0)
        matter.invalidate_recordset()
        self.assertTrue(matter.is_in_next_run)
        run = self.env["legal.billing.run"].with_user(self.biller).create({})
        run.action_load()
        run.action_bill_all()
        bill = run.bill_ids
        bill.with_user(self.approver).action_approve_bills()
        tax = self.company.account_sale_tax_id
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.partner_id, self.client)
        self.assertEqual(bill.amount_untaxed, 400.0)
        self.assertEqual(bill.amount_tax, 400.0 * tax.amount / 100)
        self.assertEqual(
            {
                (line.account_id.account_type, line.balance)
                for line in bill.sudo().line_ids
            },
            {
                ("asset_receivable", bill.amount_total),
                ("income", -400.0),
                ("liability_current", -bill.amount_tax),
            },
        )

    def test_a_fee_earner_opens_no_matter(self):
        with self.assertRaises(AccessError):
            self.env["project.project"].with_user(self.fee_earner).create(
                {"name": "Own", "is_matter": True, "partner_id": self.client.id}
            )
