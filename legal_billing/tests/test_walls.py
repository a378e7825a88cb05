import csv
import inspect
import io
from datetime import date
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.web.controllers import export as http_export

from ..controllers.export import LegalCSVExport, LegalExcelExport, _as_text_groups
from .trust_common import TrustCommon

#: In every text of the secret matter, and nowhere else.
WORD = "Zebrafish"
TEAM = ("reviewer", "biller", "approver", "cashier", "client_account_officer")
#: What the methods get that ask for something.
ARGUMENTS = {
    "reason": "x",
    "amount": 1.0,
    "text": WORD,
    "domain": [],
    "vals": {},
    "state": "ready",
    "kind": "draft",
}
#: They open a page, whose contents are searched with the rules.
PAGES = ("action_open_", "get_formview_id", "action_deposit_", "action_paste")
CONTEXT = {"legal_billing_entry_action": "hold", "legal_billing_run_line_id": 1}
MODELS = (
    "project.project",
    "project.task",
    "account.analytic.account",
    "account.analytic.line",
    "account.move",
    "account.move.line",
    "account.payment",
    "ir.attachment",
    "mail.message",
)


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestWalls(TrustCommon):
    """A matter with an information barrier: outsiders are a manager of the firm who is
    not on the team, and a manager of another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        team = cls.env.user
        for role in TEAM:
            team |= getattr(cls, role)
        cls.animal = cls.env["res.partner"].create({"name": "Zoo"})
        cls.secret = cls._create_matter(
            name=f"{WORD} <b>v</b> Lion",
            matter_number=f"{WORD}-1",
            partner_id=cls.animal.id,
            is_walled=True,
            wall_user_ids=[Command.set(team.ids)],
        )
        cls.elsewhere = cls.env["res.company"].sudo().create({"name": "Elsewhere LLP"})
        stranger = new_test_user(
            cls.env,
            "legal_stranger",
            "base.group_user,legal_billing.legal_billing_group_manager",
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )
        cls.outsiders = cls.manager + stranger
        cls.billing_run = cls._make_secrets(cls())

    def _make_secrets(self):
        """One record of everything in the secret matter."""
        paid = self._make_bill(self.secret)
        produced = self._as(paid, "biller")
        produced.print_copies = "1"
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.animal.id,
                "amount": 400.0,
                "memo": WORD,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create({"bill_id": paid.id, "amount": 360.0}),
                    Command.create(
                        {"kind": "credit", "matter_id": self.secret.id, "amount": 40.0}
                    ),
                ],
            }
        )
        slip.action_post()
        self._create_time(self.secret, 1.0, name=f"{WORD} <script>1</script>")
        self._bill(self.secret).fee_override = 250.0
        self._book("deposit", 500.0, matter_id=self.secret.id, memo=WORD)
        self.env["legal.fee.instalment"].create(
            {"matter_id": self.secret.id, "amount": 10.0, "name": WORD}
        )
        self.env["legal.rate"].create(
            {"matter_id": self.secret.id, "price": 77.0, "company_id": self.company.id}
        )
        self.env["project.task"].create(
            {"name": WORD, "project_id": self.secret.id, "company_id": self.company.id}
        )
        self._create_time(self.secret, 3.0, name=WORD)
        return self._create_run()

    @classmethod
    def _get_models(cls):
        ours = [
            name
            for name, model in cls.env.registry.items()
            if name.startswith("legal.")
            and not model._abstract
            and not model._transient
        ]
        return [*MODELS, *ours]

    def _get_secrets(self, model):
        """All records that tell something of the secret matter."""
        records = self.env[model].sudo().with_context(active_test=False)
        # its key: what all records of a matter have
        secret = self.secret.id
        bills = self.env["account.move"].sudo().search([("matter_ids", "=", secret)])
        slips = self.env["legal.payment"].sudo()
        slips = slips.search([("received_from_id", "=", self.animal.id)])
        domains = {
            "project.project": [("id", "=", secret)],
            "project.task": [("project_id", "=", secret)],
            "account.analytic.account": [("id", "=", self.secret.account_id.id)],
            "account.move": [("id", "in", bills.ids)],
            "account.payment": [("legal_payment_id", "in", slips.ids)],
            "legal.payment": [("id", "in", slips.ids)],
            "ir.attachment": [
                ("res_model", "=", "account.move"),
                ("res_id", "in", bills.ids),
            ],
            "mail.message": [
                ("model", "=", "account.move"),
                ("res_id", "in", bills.ids),
            ],
        }
        if model in domains:
            return records.search(domains[model])
        if "matter_id" in records._fields and records._fields["matter_id"].store:
            return records.search([("matter_id", "=", secret)])
        return records.browse()

    def _look(self, records, user):
        """The records through the eyes of the user, nothing in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            records.sudo(False)
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
        )

    # --- records

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_records(self):
        """No record is found, read or counted; the team sees them."""
        seen = set()
        for model in self._get_models():
            secrets = self._get_secrets(model)
            if not secrets:
                continue
            seen.add(model)
            for user in self.outsiders:
                with self.subTest(model, user=user.login):
                    hidden = self._look(secrets, user)
                    try:
                        found = hidden.search([("id", "in", hidden.ids)])
                    except AccessError:
                        found = hidden.browse()
                    self.assertFalse(found)
                    with self.assertRaises(AccessError):
                        hidden[:1].read()
        self.assertLessEqual(
            {
                "account.move.line",
                "account.payment",
                "legal.payment.allocation",
                "legal.billing.run.line",
                "legal.bill.adjustment",
                "legal.fee.instalment",
                "legal.rate",
                "legal.trust.line",
                "mail.message",
            },
            seen,
        )
        biller = self._look(self.secret, self.biller)
        self.assertIn(WORD, biller.name)

    def _get_public_methods(self, model):
        """Methods of this addon that can be called over RPC on records."""
        found = {}
        for cls in type(self.env[model]).mro():
            if "legal_billing" not in cls.__module__ or cls.__module__.startswith(
                "odoo.addons.legal_billing.tests"
            ):
                continue
            for name, method in vars(cls).items():
                if not name.startswith(("action_", "get_", "set_", "process", "ex")):
                    continue
                if inspect.isfunction(method) and not hasattr(method, "_api_model"):
                    found[name] = method
        return found

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_methods(self):
        """Whatever an outsider calls on a hidden record is refused."""
        tried = 0
        for model in self._get_models():
            secrets = self._get_secrets(model)[:1]
            if not secrets:
                continue
            for name, method in sorted(self._get_public_methods(model).items()):
                args = self._get_arguments(method)
                for user in self.outsiders:
                    with self.subTest(model, method=name, user=user.login):
                        self.assertHidden(secrets, name, args, user)
                        tried += 1
        self.assertGreater(tried, 100)

    def _get_arguments(self, method):
        parameters = list(inspect.signature(method).parameters.values())[1:]
        values = ARGUMENTS | {
            "matter": self.matter_b.id,
            "entries": self.env["account.analytic.line"],
            "cost": self._create_disbursement(self.matter_b),
        }
        return [
            values.get(parameter.name, False)
            for parameter in parameters
            if parameter.default is inspect.Parameter.empty
            and parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]

    def assertHidden(self, records, name, args, user):
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.env(user=user, context={})[records._name]
        savepoint = self.env.cr.savepoint()
        try:
            result = call_kw(model, name, [records.ids, *args], {"context": CONTEXT})
            self.env.flush_all()
        except UserError as error:
            self.assertNotIn(WORD, str(error))
        else:
            self.assertTrue(name.startswith(PAGES), f"{name} was not refused")
            self.assertNotIn(WORD, repr(result))
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def _get_windows(self):
        """Windows that an outsider fills with hidden records: (model, values, button)."""
        draft = self._get_secrets("account.move").filtered(lambda m: m.state == "draft")
        entry = self._get_secrets("account.analytic.line").filtered(
            lambda line: line.wip_type and not line.bill_id
        )
        bill = {
            "bill_ids": [Command.set(draft.ids)],
            "company_id": self.company.id,
        }
        matter = {"matter_id": self.secret.id}
        slip = self._get_secrets("legal.payment")
        movement = self._get_secrets("legal.trust.transaction")
        return [
            ("legal.matter.bill", matter, "action_bill"),
            ("legal.matter.close", matter, "action_close"),
            ("legal.bill.operation", bill | {"operation": "delete"}, "action_do"),
            ("legal.bill.produce", bill | {"mode": "send"}, "action_produce"),
            (
                "legal.wip.operation",
                {
                    "operation": "write_off",
                    "entry_ids": [Command.set(entry.ids)],
                    "company_id": self.company.id,
                    "reason": "x",
                },
                "action_do",
            ),
            (
                "legal.rate.apply",
                {"line_ids": [Command.create({"entry_id": entry.id, "new_rate": 1.0})]},
                "action_apply",
            ),
            (
                "legal.payment.credit",
                matter
                | {
                    "operation": "refund",
                    "amount": 1.0,
                    "reason": "x",
                    "currency_id": self.company.currency_id.id,
                },
                "action_confirm",
            ),
            (
                "legal.payment.reverse",
                {"payment_id": slip.id, "kind": "correction", "reason": "x"},
                "action_reverse",
            ),
            ("legal.trust.retain", matter | {"amount": 1.0}, "action_retain"),
            (
                "legal.trust.reverse",
                {"movement_ids": [Command.set(movement.ids)], "reason": "x"},
                "action_reverse",
            ),
            (
                "legal.billing.run.confirm",
                {
                    "run_id": self.billing_run.id,
                    "line_ids": [Command.set(self.billing_run.line_ids.ids)],
                },
                "action_bill",
            ),
        ]

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_windows(self):
        """A window filled with hidden records does nothing to them."""
        for model, vals, button in self._get_windows():
            for user in self.outsiders:
                with self.subTest(model, user=user.login):
                    self.env.flush_all()
                    self.env.invalidate_all()
                    with (
                        self.assertRaises(UserError) as refused,
                        self.env.cr.savepoint(),
                    ):
                        window = self._look(self.env[model], user).create(vals)
                        self.env.invalidate_all()
                        getattr(window, button)()
                        self.env.flush_all()
                    self.assertNotIn(WORD, str(refused.exception))

    # --- totals

    def test_totals(self):
        """Totals are those of a firm without the secret matter."""
        open_time = self._create_time(self.matter, 1.0)
        run = self._look(self.billing_run, self.manager)
        strip = run.get_strip()
        self.assertNotIn(WORD, repr(strip))
        self.assertEqual(strip["total"], 0)
        self.assertFalse(run.line_count)
        self.assertFalse(run.ready_amount)
        inside = self._look(self.billing_run, self.biller).get_strip()
        self.assertEqual(inside["total"], 1)

        bills = self._look(self.env["account.move"], self.manager)
        for kind in ("draft", "production", "all"):
            strip = bills.get_bill_strip(kind, [("matter_ids", "!=", False)])
            self.assertEqual(strip["count"], 0, kind)
            self.assertNotIn(WORD, repr(strip))

        entries = self._look(self.env["account.analytic.line"], self.manager)
        [(amount,)] = entries._read_group(
            [("matter_id", "!=", False)], [], ["wip_amount:sum"]
        )
        self.assertEqual(amount, open_time.wip_amount)
        zoo = self._look(self.animal, self.manager)
        self.assertEqual(zoo.unallocated_credit_balance, 0.0)
        self.assertEqual(
            self._look(self.animal, self.cashier).unallocated_credit_balance, 40.0
        )

    # --- search

    def test_search(self):
        for user in self.outsiders:
            look = self._look(self.env["project.project"], user)
            self.assertFalse(look.name_search(WORD))
            self.assertFalse(look.search([("name", "ilike", WORD)]))
            accounts = self._look(self.env["account.analytic.account"], user)
            self.assertFalse(accounts.name_search(WORD))
            entries = self._look(self.env["account.analytic.line"], user)
            self.assertFalse(entries.search([("name", "ilike", WORD)]))
        run = self._look(self.billing_run, self.manager)
        self.assertEqual(run.explain_matters(WORD), [])
        self.assertEqual(run.explain_matters("Zoo"), [])
        inside = self._look(self.billing_run, self.biller).explain_matters(WORD)
        self.assertEqual(len(inside), 1)

    # --- papers

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_papers(self):
        """The print file of a run, PDFs and previews are for the team."""
        bills = self._get_secrets("account.move").filtered(
            lambda move: move.billing_stage == "finalized"
        )
        bill = self._as(bills, "biller").sudo(False)
        pdf = self.env["ir.attachment"].create(
            {
                "name": "bill.pdf",
                "raw": b"%PDF-1.4 secret",
                "res_model": "account.move",
                "res_id": bill.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        with self.assertRaises(AccessError):
            self._look(pdf, self.manager).read(["raw"])
        with self.assertRaises(AccessError):
            self._look(bill, self.manager).action_preview_bills()
        other = self._make_bill(self.matter)
        run = self.env["legal.billing.run"].sudo().create({"operation": "produce"})
        lines = self.env["legal.billing.run.line"].sudo()
        lines = lines.create(
            [
                {"run_id": run.id, "bill_id": move.id, "matter_id": move.matter_id.id}
                for move in (other, bill)
            ]
        )
        parts = dict(run._split_print_lines(lines))
        self.assertEqual(list(parts.values()), [run, bill.sudo()])
        self.assertEqual([part.bill_id for part in parts], [other.sudo(), bill.sudo()])

    # --- messages

    def test_messages(self):
        """An error names no matter that its reader may not see."""
        self.secret.sudo().write({"discount_type": "percent"})
        for user, records, method, args in (
            (self.manager, self.secret, "write", [{"matter_number": "1"}]),
            (self.manager, self.secret, "unlink", []),
            (self.manager, self.secret.account_id, "unlink", []),
            (self.manager, self.animal, "unlink", []),
        ):
            with self.subTest(method, model=records._name):
                with (
                    mute_logger(
                        "odoo.addons.base.models.ir_rule",
                        "odoo.addons.base.models.ir_model",
                        "odoo.sql_db",
                    ),
                    self.assertRaises(UserError) as refused,
                    self.env.cr.savepoint(),
                ):
                    getattr(self._look(records, user), method)(*args)
                    self.env.flush_all()
                self.assertNotIn(WORD, str(refused.exception))

    # --- injection

    def test_html(self):
        """What a lawyer types is text, on screen and on paper."""
        evil = "<img src=x onerror=alert(1)>"
        matter = self._create_matter(name=evil)
        entry = self._create_time(matter, 1.0, name=evil)
        entry.bill_narrative = evil
        bill = self._bill(matter)
        bill.bill_text = evil
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "legal_billing.action_report_bill_itemised", bill.ids
        )
        self.assertNotIn(b"<img src=x", html)
        self.assertIn(b"&lt;img src=x", html)
        self._as(entry, "biller").action_remove_from_bill()
        self._as(entry, "biller").action_write_off(evil)
        notes = bill.message_ids + matter.message_ids
        for body in notes.mapped("body"):
            self.assertNotIn("<img src=x", body)
        template = self.env.ref("legal_billing.mail_template_bill")
        mail = template._render_field("body_html", bill.ids)[bill.id]
        self.assertNotIn("<img src=x", mail)

    def test_formulas(self):
        """A spreadsheet shows what begins with = + - @ as text."""
        texts = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "plain")
        for text in texts:
            self._create_time(self.matter, 1.0, name=text)
        entries = self.env["account.analytic.line"].search(
            [("matter_id", "=", self.matter.id)], order="id"
        )
        rows = entries.export_data(["name", "unit_amount"])["datas"]
        content = LegalCSVExport().from_data([], ["Name", "Hours"], rows)
        cells = list(csv.reader(io.StringIO(content)))[1:]
        self.assertEqual(
            [cell for cell, _hours in cells], [*(f"'{t}" for t in texts[:-1]), "plain"]
        )
        fields = [{"name": "name", "type": "char"}, {"name": "h", "type": "float"}]
        with patch.object(http_export, "request", self):
            content = LegalExcelExport().from_data(fields, ["Name", "Hours"], rows)
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        for (cell, hours), text in zip(sheet.iter_rows(min_row=2), texts, strict=True):
            self.assertEqual(cell.data_type, "s", text)
            self.assertEqual(hours.value, 1.0)
        tree = http_export.GroupsTreeNode(entries, ["name"], ["name"], [])
        tree.child("=1+1").data = [["=1+1"], ["plain"]]
        _as_text_groups(tree)
        self.assertEqual(tree.children["'=1+1"].data, [["'=1+1"], ["plain"]])

    def test_paths(self):
        """Names of files have no path in them."""
        self.billing_run.sudo().name = "../../etc/passwd"
        self.assertNotIn("/", self.billing_run._get_print_name(0))
        matter = self._create_matter(name="../../etc/passwd")
        self._create_time(matter)
        bill = self._bill(matter)
        self.assertNotIn("/", bill._get_invoice_report_filename())
