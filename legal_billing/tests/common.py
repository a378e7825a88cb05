from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.sql_db import Cursor
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

ROLES = (
    "fee_earner",
    "reviewer",
    "biller",
    "approver",
    "cashier",
    "client_account_officer",
    "manager",
)


class LegalBillingCommon(AccountTestInvoicingCommon):
    """A small law firm: one user per role, a partner and an associate with rates, a
    client, fees at 20 %, a taxable and an exempt disbursement type.

    ``cls.env`` stays the accounting user of core's tests; ``self.<role>`` are the users
    and ``self._as(records, role)`` looks through their eyes.
    """

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref("legal_billing.legal_billing_group_manager")
            | cls.quick_ref("hr.group_hr_manager")
        )

    @classmethod
    def setup_independent_company(cls, **kwargs):
        """The company that was made before all tests (``dev/scripts/test_company.py``),
        as core makes one for each class; without it, one of its own."""
        ready = cls.env.ref("legal_billing_tests.company", raise_if_not_found=False)
        if not ready or kwargs or cls.chart_template or cls.country_code:
            return super().setup_independent_company(**kwargs)
        cls.env.user.company_ids = [Command.link(ready.id)]
        return ready

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        for role in ROLES:
            setattr(cls, role, cls._create_user(role))
        cls.tax_20 = cls.env["account.tax"].create(
            {"name": "VAT 20%", "amount": 20.0, "type_tax_use": "sale"}
        )
        cls.fee_product = cls._create_service("Fees", cls.tax_20, legal_use="fee")
        cls.taxed_type = cls._create_service(
            "Counsel", cls.tax_20, legal_use="disbursement"
        )
        cls.exempt_type = cls._create_service(
            "Court fee",
            cls.env["account.tax"],
            legal_use="disbursement",
            disbursement_treatment="agent",
        )
        cls.company.write(
            {
                "legal_fee_product_id": cls.fee_product.id,
                "legal_disbursement_product_id": cls.taxed_type.id,
                "legal_small_run": 500,
            }
        )
        cls.lawyer = cls.env["hr.employee"].create(
            {
                "name": "Ada Partner",
                "user_id": cls.reviewer.id,
                "company_id": cls.company.id,
                "legal_grade": "partner",
            }
        )
        cls.associate = cls.env["hr.employee"].create(
            {
                "name": "Ben Associate",
                "user_id": cls.fee_earner.id,
                "company_id": cls.company.id,
                "legal_grade": "associate",
            }
        )
        cls.env["legal.rate"].create(
            [
                {"price": 300.0, "grade": "partner", "company_id": cls.company.id},
                {"price": 200.0, "grade": "associate", "company_id": cls.company.id},
            ]
        )
        cls.client = cls.env["res.partner"].create(
            {"name": "Client Ltd", "email": "client@client.example"}
        )

    # --- factories

    @classmethod
    def _create_user(cls, role, **vals):
        return new_test_user(
            cls.env,
            login=vals.pop("login", f"legal_{role}"),
            groups=f"base.group_user,legal_billing.legal_billing_group_{role}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **vals,
        )

    @classmethod
    def _create_service(cls, name, taxes, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "taxes_id": [Command.set(taxes.ids)],
                "property_account_income_id": cls.company_data[
                    "default_account_revenue"
                ].id,
                **vals,
            }
        )

    @classmethod
    def _create_matter(cls, **vals):
        return cls.env["project.project"].create(
            {
                "name": "Matter",
                "is_matter": True,
                "partner_id": cls.client.id,
                "company_id": cls.company.id,
                "responsible_id": cls.reviewer.id,
                **vals,
            }
        )

    @classmethod
    def _create_time(cls, matter, hours=1.0, day=date(2026, 10, 5), **vals):
        return cls.env["account.analytic.line"].create(
            {
                "project_id": matter.id,
                "employee_id": cls.lawyer.id,
                "name": "Advice",
                "date": day,
                "unit_amount": hours,
                **vals,
            }
        )

    @classmethod
    def _create_disbursement(cls, matter, amount=100.0, day=date(2026, 10, 6), **vals):
        return cls.env["account.analytic.line"].create(
            {
                "matter_id": matter.id,
                "name": "Court fee",
                "date": day,
                "product_id": cls.exempt_type.id,
                "unit_amount": 1.0,
                "bill_rate": amount,
                **vals,
            }
        )

    def _create_run(self, role="biller", **vals):
        run = self._as(self.env["legal.billing.run"], role).create(
            {"invoice_date": date(2026, 10, 31), "company_id": self.company.id, **vals}
        )
        run.action_load()
        return run

    def _bill(self, matters, role="biller", **vals):
        """Drafts of the matters, made by a run of the biller.

        :rtype: account.move
        """
        run = self._create_run(
            role, filter_domain=str([("id", "in", matters.ids)]), **vals
        )
        run.action_bill_all()
        return run.bill_ids.with_env(self.env)

    def _approve(self, bills):
        self._as(bills, "approver").action_approve_bills()
        return bills

    # --- looking

    def _as(self, records, role):
        """The records as a user of the role sees them.

        :rtype: models.Model
        """
        return records.with_user(getattr(self, role)).with_company(self.company)

    @contextmanager
    def _watch_database(self):
        """Count what the database is asked, and the rows that it gives.

        :return: ``[queries, rows]``, filled in at the end
        """
        found = [0, 0]
        execute = Cursor.execute

        def counted(cursor, *args, **kwargs):
            result = execute(cursor, *args, **kwargs)
            found[0] += 1
            found[1] += max(cursor.rowcount, 0)
            return result

        with patch.object(Cursor, "execute", counted):
            yield found

    def _get_row(self, run, matter):
        return run.line_ids.filtered(lambda line: line.matter_id == matter)

    def assertRow(self, run, matter, state, code=False, amount=None):
        """A run's row is in that state for that reason."""
        row = self._get_row(run, matter)
        self.assertTrue(row, "the matter has no row")
        self.assertEqual((row.state, row.reason_code), (state, code))
        if amount is not None:
            self.assertAlmostEqual(row.amount, amount, 2)

    def assertItems(self, move, expected):
        """All journal items of a move, as ``(account, debit, credit)`` in any order."""
        found = sorted(
            (line.account_id.code, round(line.debit, 2), round(line.credit, 2))
            for line in move.line_ids
            if line.display_type not in ("line_section", "line_note")
        )
        self.assertEqual(
            found,
            sorted(
                (account.code, debit, credit) for account, debit, credit in expected
            ),
        )
