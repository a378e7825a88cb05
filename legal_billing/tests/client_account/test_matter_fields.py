from datetime import date
from types import SimpleNamespace

from lxml import etree

from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tests.form import O2MForm
from odoo.tools.safe_eval import safe_eval

from .trust_common import TrustCommon

#: Every field of ours in which a person chooses a matter: ``{(model, field): how it is
#: tried}``, a method of the test below.
TRIED = {
    ("account.analytic.line", "matter_id"): "disbursement",
    ("account.move.line", "matter_id"): "line_of_several",
    ("legal.fee.estimate", "matter_id"): "estimate",
    ("legal.fee.instalment", "matter_id"): "instalment",
    ("legal.money.request", "matter_id"): "request",
    ("legal.payment", "matter_id"): "slip",
    ("legal.payment", "credit_matter_id"): "surplus",
    ("legal.payment.allocation", "matter_id"): "credit_row",
    ("legal.payment.credit", "to_matter_id"): "credit_moves",
    ("legal.rate", "matter_id"): "rate",
    ("legal.rate.apply", "matter_id"): "rate_apply",
    ("legal.rate.enquiry", "matter_id"): "rate_enquiry",
    ("legal.trust.retain", "matter_id"): "retain",
    ("legal.trust.transaction", "matter_id"): "deposit",
    ("legal.trust.transaction", "to_matter_id"): "between_matters",
    ("legal.wip.operation", "matter_id"): "move",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestMatterFields(TrustCommon):
    """A matter is chosen as a person does it: the form is opened, some letters are typed
    and one of what is offered is taken; then it is saved, and posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.series = cls._create_matter(name="Series A financing")
        cls.note = cls._create_matter(name="Note programme")

    def _choose(self, form, field, matter):
        """Type some letters of the matter's name into a field of a form, and take it
        from what is offered."""
        view = form._view
        node = view["tree"].xpath(f".//field[@name='{field}']")[0]
        domain = node.get("domain") or view["fields"][field].get("domain") or []
        if isinstance(domain, str):
            values = form._get_eval_context()
            if isinstance(form, O2MForm):  # a row: its slip's rows as lists of ids
                slip = form._proxy._form._values
                values["parent"] = SimpleNamespace(
                    **{
                        name: list(value._data) if hasattr(value, "_data") else value
                        for name, value in slip.items()
                    }
                )
            domain = safe_eval(domain, values)
        offered = form._env["project.project"].name_search(matter.name[:6], domain)
        self.assertIn(matter.id, [found for found, _name in offered], field)
        setattr(form, field, matter)

    def _open(self, model, role, view=None, **defaults):
        records = self._as(self.env[model], role).with_context(
            **{f"default_{name}": value for name, value in defaults.items()}
        )
        return Form(records, view=view and f"legal_billing.{view}")

    # --- every window

    def _find_fields(self):
        """Fields of our windows in which a matter is chosen.

        :rtype: set
        """
        found = set()
        views = self.env["ir.ui.view"].search(
            [("type", "in", ("form", "list")), ("inherit_id", "=", False)]
        )
        for view in views:
            arch = etree.fromstring(view.arch_db)
            is_typed = view.type == "form" or arch.get("editable")
            if (view.xml_id or "").startswith("legal_billing.") and is_typed:
                self._walk(arch, view.model, found)
        return found

    def _walk(self, node, model, found):
        for child in node.iterchildren("*"):
            if child.tag != "field":
                self._walk(child, model, found)
                continue
            field = self.env[model]._fields[child.get("name")]
            if field.type in ("one2many", "many2many"):
                for sub in child.iterchildren("list", "form"):
                    self._walk(sub, field.comodel_name, found)
            elif field.type == "many2one" and field.comodel_name == "project.project":
                fixed = (
                    child.get("readonly") or str(field.readonly),
                    child.get("invisible"),
                    child.get("column_invisible"),
                )
                if not {"1", "True"} & set(fixed):
                    found.add((model, field.name))

    def test_every_window_in_which_a_matter_is_chosen_is_tried(self):
        self.assertEqual(self._find_fields(), set(TRIED))
        for method in TRIED.values():
            self.assertTrue(hasattr(self, f"test_{method}"), method)

    # --- client money

    def test_deposit(self):
        """B1: the first deposit of a firm, from the menu."""
        with self._open(
            "legal.trust.transaction", "client_account_officer", kind="deposit"
        ) as form:
            self._choose(form, "matter_id", self.series)
            form.amount = 250.0
            form.journal_id = self.client_bank
        movement = form.record
        movement.action_post()
        self.assertEqual(movement.company_id, self.company)
        self.assertHeld(250.0, self.series)

    def test_a_matter_of_another_company_is_not_offered(self):
        company = self.env["res.company"].sudo().create({"name": "B"})
        foreign = (
            self.env["project.project"]
            .sudo()
            .create(
                {
                    "name": "Series B financing",
                    "is_matter": True,
                    "partner_id": self.client.id,
                    "company_id": company.id,
                }
            )
        )
        form = self._open(
            "legal.trust.transaction", "client_account_officer", kind="deposit"
        )
        with self.assertRaises(AssertionError):
            self._choose(form, "matter_id", foreign)

    def test_between_matters(self):
        self._book("deposit", 100.0, matter_id=self.series.id)
        with self._open(
            "legal.trust.transaction",
            "client_account_officer",
            kind="matter_transfer",
        ) as form:
            self._choose(form, "matter_id", self.series)
            self._choose(form, "to_matter_id", self.note)
            form.amount = 40.0
            form.memo = "letter of 1 Nov"
            form.authorisation = "client, by letter"
        form.record.action_post()
        self.assertHeld(60.0, self.series)
        self.assertHeld(40.0, self.note)

    def test_retain(self):
        self._book("deposit", 100.0, matter_id=self.series.id)
        with self._open("legal.trust.retain", "client_account_officer") as form:
            self._choose(form, "matter_id", self.series)
            form.amount = 30.0
        form.record.action_retain()
        self.assertEqual(self.series.client_account_retained, 30.0)

    def test_request(self):
        with self._open("legal.money.request", "biller") as form:
            self._choose(form, "matter_id", self.series)
            form.amount = 500.0
        form.record.action_send()
        self.assertEqual(form.record.state, "sent")
        self.assertEqual(form.record.matter_id, self.series)

    def test_estimate(self):
        with self._open("legal.fee.estimate", "fee_earner") as form:
            self._choose(form, "matter_id", self.series)
            form.fees = 500.0
        self.assertEqual(form.record.matter_id, self.series)

    # --- drafts

    def test_line_of_several(self):
        """A line by hand on a draft over several matters says of which it is."""
        matters = self.series + self.note
        matters.bill_together = True
        for matter in matters:
            self._create_time(matter)
        run = self._as(self.env["legal.billing.run"], "biller").create(
            {
                "invoice_date": "2026-11-25",
                "company_id": self.company.id,
                "filter_domain": str([("id", "in", matters.ids)]),
            }
        )
        run.action_load()
        run.action_bill_all()
        [draft] = run.bill_ids
        form = Form(self._as(draft, "biller"), view="legal_billing.bill_view_form")
        with form.invoice_line_ids.new() as line:
            line.name = "Copies"
            line.price_unit = 12.0
            self._choose(line, "matter_id", self.note)
        form.save()
        line = draft.invoice_line_ids.filtered(lambda line: line.name == "Copies")
        self.assertEqual(line.matter_id, self.note)
        self.assertEqual(draft.matter_ids, matters)

    # --- payments

    def test_slip(self):
        bill = self._make_bill(self.series)
        with self._open("legal.payment", "cashier") as form:
            self._choose(form, "matter_id", self.series)
            form.amount = 360.0
        slip = form.record
        slip.action_post()
        self.assertEqual(bill.payment_state, "paid")

    def _make_surplus(self):
        bills = self._make_bill(self.series) + self._make_bill(self.note)
        return self._as(self.env["legal.payment"], "cashier").create(
            {
                "received_from_id": self.client.id,
                "amount": 800.0,
                "allocation_ids": [
                    Command.create({"bill_id": bill.id}) for bill in bills
                ],
            }
        )

    def test_surplus(self):
        slip = self._make_surplus()
        with Form(slip) as form:
            self._choose(form, "credit_matter_id", self.series)
        slip.action_post()
        self.assertEqual(self.series.unallocated_credit_balance, 80.0)

    def test_credit_row(self):
        slip = self._make_surplus()
        with Form(slip) as form, form.allocation_ids.edit(2) as row:
            self._choose(row, "matter_id", self.note)
        slip.action_post()
        self.assertEqual(self.note.unallocated_credit_balance, 80.0)

    def test_credit_moves(self):
        self.test_surplus()
        records = self._as(self.env["legal.payment.credit"], "cashier").with_context(
            active_model="project.project", active_ids=self.series.ids
        )
        with Form(records) as form:
            form.operation = "move"
            self._choose(form, "to_matter_id", self.note)
            form.amount = 30.0
            form.reason = "letter of the client"
        form.record.action_confirm()
        self.assertEqual(self.series.unallocated_credit_balance, 50.0)
        self.assertEqual(self.note.unallocated_credit_balance, 30.0)

    # --- work

    def test_disbursement(self):
        with self._open(
            "account.analytic.line", "biller", "wip_disbursement_view_form"
        ) as form:
            self._choose(form, "matter_id", self.series)
            form.name = "Court fee"
        self.assertEqual(form.record.matter_id, self.series)

    def test_move(self):
        entry = self._create_time(self.series)
        action = self._as(entry, "biller").action_open_move()
        window = self._as(self.env["legal.wip.operation"], "biller").browse(
            action["res_id"]
        )
        with Form(window) as form:
            self._choose(form, "matter_id", self.note)
        window.action_do()
        self.assertEqual(entry.matter_id, self.note)

    def test_instalment(self):
        with self._open(
            "legal.fee.instalment", "biller", "legal_fee_instalment_view_list"
        ) as form:
            self._choose(form, "matter_id", self.series)
            form.amount = 500.0
        self.assertEqual(form.record.company_id, self.company)

    def test_rate(self):
        with self._open("legal.rate", "manager", "legal_rate_view_list") as form:
            self._choose(form, "matter_id", self.series)
            form.price = 250.0
            form.date_from = date(2026, 1, 1)
        self.assertEqual(form.record.matter_id, self.series)

    def test_rate_apply(self):
        form = self._open("legal.rate.apply", "manager")
        self._choose(form, "matter_id", self.series)

    def test_rate_enquiry(self):
        form = self._open("legal.rate.enquiry", "biller")
        self._choose(form, "matter_id", self.series)
        self.assertTrue(form.explanation)
