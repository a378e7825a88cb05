from odoo.tests import tagged

from ..common import LegalBillingCommon

#: Matters of the test: enough to see a query per row.
SIZE = 200
#: Queries that opening a page may cost, at any number of rows.
OPENING = 30


@tagged("post_install", "-at_install")
class TestMassBillingSize(LegalBillingCommon):
    """Opening a page costs a few queries, however many rows it holds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls.env["project.project"].create(
            [
                {
                    "name": f"Matter {index}",
                    "is_matter": True,
                    "partner_id": cls.client.id,
                    "company_id": cls.company.id,
                    "responsible_id": cls.reviewer.id,
                }
                for index in range(SIZE)
            ]
        )
        cls.env["account.analytic.line"].create(
            [
                {
                    "project_id": matter.id,
                    "employee_id": cls.lawyer.id,
                    "name": "Advice",
                    "date": "2026-10-05",
                    "unit_amount": 1.0,
                }
                for matter in cls.matters
            ]
        )
        cls.run_ = (
            cls.env["legal.billing.run"]
            .with_user(cls.biller)
            .create({"invoice_date": "2026-10-31"})
        )
        cls.run_.action_load()

    def _open_page(self, xmlid, domain, role="biller", **context):
        """Read a page's list as the web client does, with its strip.

        :return: rows, and the number of queries
        :rtype: tuple
        """
        action = self.env.ref(xmlid).sudo()
        model = self._as(self.env[action.res_model], role).with_context(**context)
        view_id = {kind: view for view, kind in action.views}["list"]
        views = model.get_views([(view_id, "list")])
        arch = views["views"]["list"]["arch"]
        names = views["models"][model._name]["fields"]
        specification = {
            name: {"fields": {"display_name": {}}}
            if model._fields[name].relational
            else {}
            for name in names
            if f'name="{name}"' in arch
        }
        queries = []
        for _time in range(2):  # the first one warms up
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = model.web_search_read(domain, specification, limit=80)
            queries.append(self.env.cr.sql_log_count - before)
        return found, queries[-1]

    def _count(self, function, *args):
        function(*args)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        return self.env.cr.sql_log_count - before

    def test_mass_billing_opens_in_a_few_queries(self):
        domain = [("run_id", "=", self.run_.id), ("state", "=", "ready")]
        found, queries = self._open_page(
            "legal_billing.legal_billing_run_line_action",
            domain,
            legal_billing_run_id=self.run_.id,
        )
        self.assertEqual((found["length"], len(found["records"])), (SIZE, 80))
        self.assertLessEqual(queries, OPENING)
        self.assertLessEqual(self._count(self.run_.get_strip, domain), OPENING)

    def test_drafts_production_and_runs_open_in_a_few_queries(self):
        self.run_.action_bill_all()
        bills = self.run_.bill_ids
        moves = self._as(self.env["account.move"], "biller")
        for xmlid, kind in (
            ("legal_billing.draft_bill_action", "draft"),
            ("legal_billing.production_action", "production"),
        ):
            with self.subTest(page=kind):
                domain = [("billing_stage", "=", kind), ("id", "in", bills.ids)]
                found, queries = self._open_page(xmlid, domain)
                self.assertEqual(len(found["records"]), 80)
                self.assertLessEqual(queries, OPENING)
                strip = self._count(moves.get_bill_strip, kind, domain)
                self.assertLessEqual(strip, OPENING)
                if kind == "draft":
                    self._approve(bills)
        found, queries = self._open_page("legal_billing.legal_billing_run_action", [])
        self.assertGreaterEqual(found["length"], 2)
        self.assertLessEqual(queries, OPENING)

    def test_pre_bill_opens_in_a_few_queries(self):
        line = self._get_row(self.run_, self.matters[0])
        form = self.env.ref("legal_billing.legal_billing_run_line_view_form")
        views = line.get_views([(form.id, "form")])
        names = views["models"][line._name]["fields"]
        self.assertLessEqual(self._count(line.read, list(names)), 2 * OPENING)
