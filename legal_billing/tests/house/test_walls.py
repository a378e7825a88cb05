import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .walls_common import WORD, WallsCommon

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
PAGES = (
    "action_open_",
    "action_new_",
    "get_formview_id",
    "action_deposit_",
    "action_paste",
)
CONTEXT = {"legal_billing_entry_action": "hold", "legal_billing_run_line_id": 1}


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestWalls(WallsCommon):
    """What an outsider tries on a matter with an information barrier."""

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
                    # debug mode names what is refused, and anybody turns it on
                    with self.debug_mode():
                        with self.assertRaises(AccessError) as refused:
                            hidden[:1].read()
                        self.assertNotIn(WORD, str(refused.exception))
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
                    with (
                        self.subTest(model, method=name, user=user.login),
                        self.debug_mode(),
                    ):
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

    def _get_figures(self):
        """Windows that show figures of what they are filled with: (model, values)."""
        paid = self._get_secrets("account.move").filtered(
            lambda m: m.state == "posted" and m.move_type == "out_invoice"
        )[:1]
        matter = {"matter_id": self.secret.id}
        matters = {"matter_ids": [Command.set(self.secret.ids)]}
        bills = {"bill_ids": [Command.set(paid.ids)], "company_id": self.company.id}
        day = "2026-11-25"
        return [
            *(
                (model, vals)
                for model, vals, _button in self._get_windows()
                if model not in ("legal.rate.apply", "legal.billing.run.confirm")
            ),
            ("legal.matter.client", matter),
            ("legal.matter.options", matters),
            ("legal.matter.takeover", matters),
            ("legal.quote.excess", matter | {"invoice_date": day, "cutoff_date": day}),
            ("legal.rate.enquiry", matter | {"employee_id": self.lawyer.id}),
            ("legal.rate.apply", matter | {"date_from": "2026-01-01"}),
            ("legal.bill.options", bills),
            ("legal.bill.review", {"mode": "send", "bill_ids": bills["bill_ids"]}),
            ("legal.bill.dispute", {"bill_id": paid.id}),
            ("legal.on.account.bill", matter | {"partner_id": self.client.id}),
        ]

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_windows_show_nothing(self):
        """Nobody opens a window on hidden records, by values, a default, a change or
        while it is filled in: stored figures are worked out with all rights."""
        for model, vals in self._get_figures():
            names = self.env[model]._get_link_names()
            default = {f"default_{name}": vals[name] for name in names & vals.keys()}
            rest = {name: vals[name] for name in vals.keys() - names}
            fields = list(self.env[model]._fields)
            spec = dict.fromkeys(fields, {})
            for user in self.outsiders:
                windows = self._look(self.env[model], user)
                for way, call in {
                    "create": lambda w=windows, v=vals: w.create(v),
                    "default": lambda w=windows, d=default, r=rest: w.with_context(
                        **d
                    ).create(r),
                    "onchange": lambda w=windows, v=vals, s=spec: w.onchange(v, [], s),
                    "typing": lambda w=windows, v=vals, s=spec: w.onchange(
                        v, list(v), s
                    ),
                }.items():
                    with (
                        self.subTest(model, way=way, user=user.login),
                        self.assertRaises(AccessError) as refused,
                        self.env.cr.savepoint(),
                    ):
                        call()
                    self.assertNotIn(WORD, str(refused.exception))
        window = self._look(self.env["legal.matter.bill"], self.manager)
        window = window.create({"matter_id": self.matter_b.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            window.write({"matter_id": self.secret.id})
        team = self._look(self.env["legal.matter.bill"], self.biller)
        self.assertTrue(team.create({"matter_id": self.secret.id}).entry_ids)

    def test_new_rates_are_for_what_the_user_sees(self):
        """A manager outside the wall re-rates the rest, and learns nothing."""
        entry = self._create_time(self.matter_b, 1.0)
        self.env["legal.rate"].search([]).unlink()
        self.env["legal.rate"].create({"price": 400.0, "company_id": self.company.id})
        windows = self._look(self.env["legal.rate.apply"], self.manager)
        window = windows.create({"date_from": "2026-01-01"})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(entry, window.line_ids.entry_id)
        lines = window.line_ids.sudo()
        self.assertNotIn(self.secret, lines.matter_id)
        self.assertNotIn(WORD, repr(lines.mapped("name")))
        values = windows.onchange({}, [], {"line_ids": {"fields": {"name": {}}}})
        self.assertNotIn(WORD, repr(values))
        window.action_apply()
        self.assertEqual(entry.bill_rate, 400.0)
        secret = self._get_secrets("account.analytic.line").filtered("wip_type")
        self.assertNotIn(400.0, secret.mapped("bill_rate"))

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

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_figures_of_a_client(self):
        """A client of the secret matter alone looks like one without any."""
        idle = self.env["res.partner"].create({"name": "Idle"})
        names = [
            name
            for name, field in self.animal._fields.items()
            if "legal_billing" in (field._modules or ())
        ]
        self.assertGreater(len(names), 20)
        for user in self.outsiders:
            for name in names:
                with self.subTest(name, user=user.login):
                    busy = self._look(self.animal, user)
                    calm = self._look(idle, user)
                    found = [partner.read([name])[0][name] for partner in (busy, calm)]
                    if busy._fields[name].comodel_name != "res.partner":
                        self.assertEqual(*found)
                    self.assertNotIn(WORD, repr(found))
                    if busy._fields[name].search:
                        domain = [(name, "!=", False), ("id", "in", (busy | calm).ids)]
                        self.assertIn(len(busy.search(domain)), (0, 2))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_filters_that_a_caller_makes_up(self):
        """Strips and header buttons take a filter from the caller: it finds what the
        caller may see."""
        secret = [("matter_id", "=", self.secret.id)]
        for user in self.outsiders:
            balances = self._look(self.env["legal.trust.balance"], user)
            strip = balances.get_trust_strip(secret)
            self.assertEqual((strip["count"], strip["matters"]), (0, 0))
            self.assertNotIn(WORD, repr(balances.get_trust_strip([])))
            with self.assertRaises(AccessError):
                self._look(self.env["project.project"], user).get_draft_effects(
                    self.secret.ids, {"discount_value": 5.0}
                )
            for model, domain, method, args in (
                (
                    "account.move",
                    [("matter_ids", "!=", False)],
                    "action_open_approve",
                    (),
                ),
                ("account.move", [], "action_open_delete", ()),
                ("account.move", [("id", ">", 0)], "action_open_statement", ()),
                ("account.analytic.line", secret, "action_open_write_off", ()),
                ("account.analytic.line", [], "action_write_off", ("x",)),
                ("legal.billing.run.line", secret, "action_leave_out", ()),
                (
                    "project.project",
                    [("id", "=", self.secret.id)],
                    "action_bill_matter",
                    (),
                ),
            ):
                with self.subTest(model, method=method, user=user.login):
                    records = self._look(self.env[model], user).with_context(
                        active_domain=domain, active_model=model
                    )
                    text = ""
                    try:
                        with self.env.cr.savepoint():
                            text = repr(getattr(records, method)(*args))
                    except (UserError, ValueError) as error:
                        text = str(error)
                    self.assertNotIn(WORD, text)
        written_off = self._get_secrets("account.analytic.line").filtered(
            "written_off_on"
        )
        self.assertFalse(written_off)

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
        files = self.env["ir.attachment"].sudo()  # as production does
        pdf = files.create(
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
