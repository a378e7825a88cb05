from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..exceptions import RoleError
from .access_table import ACTIONS, FORGED, FORGERS, PERSONS
from .common import LegalBillingCommon
from .trust_common import TrustCommon

#: Keys of contexts that open doors from the inside; from outside they open nothing.
FORGED_CONTEXT = {
    "legal_billing_internal": True,
    "legal_billing_applied_rule": True,
    "legal_billing_whole_bill": True,
    "legal_billing_bill_email": True,
    "dynamic_unlink": True,
    "force_delete": True,
    "check_move_validity": False,
    "skip_invoice_sync": True,
    "cron_id": 1,
}


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestAccess(TrustCommon):
    """Every row of the access table, tried over RPC as every person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {name: getattr(cls, name, None) for name in PERSONS}
        cls.users |= {
            "internal": new_test_user(
                cls.env, "legal_internal", "base.group_user", company_id=cls.company.id
            ),
            "accountant": new_test_user(
                cls.env,
                "legal_accountant",
                "base.group_user,account.group_account_manager",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            ),
            "portal": new_test_user(
                cls.env, "legal_portal", "base.group_portal", company_id=cls.company.id
            ),
        }
        elsewhere = cls.env["res.company"].sudo().create({"name": "Elsewhere LLP"})
        cls.users["other_company"] = new_test_user(
            cls.env,
            "legal_elsewhere",
            "base.group_user,legal_billing.legal_billing_group_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        cls.records = cls._make_records(cls())

    @classmethod
    def _make_wip(cls):
        def time(**vals):
            return cls._create_time(cls.matter, 2.0, **vals)

        written_off = time()
        written_off.action_write_off("too much")
        return {
            "entry": time(),
            "held_entry": time(is_on_hold=True),
            "written_off_entry": written_off,
        }

    def _make_bills(self):
        def bill(name):
            matter = self._create_matter(name=f"{name} matter")
            self._create_time(matter)
            return self._bill(matter)

        draft, approved, produced, delivered = map(
            bill, ("Draft", "Approved", "Produced", "Delivered")
        )
        draft.write({"fee_override": 250.0})
        self._approve(approved + produced + delivered)
        self._as(produced, "biller").action_produce_without_sending("by hand")
        self._deliver(delivered)
        self._create_time(draft.matter_ids, 1.0)
        return {
            "draft": draft,
            "approved": approved,
            "produced": produced,
            "delivered": delivered,
            "billed_entry": approved.wip_line_ids,
            "adjustment": draft.adjustment_ids[:1],
        }

    def _make_money(self, bills):
        def slip(bill):
            return self._as(self.env["legal.payment"], "cashier").create(
                {
                    "source": "bank",
                    "received_from_id": self.client.id,
                    "amount": 100.0,
                    "date": date(2026, 11, 2),
                    "allocation_ids": [Command.create({"bill_id": bill.id})],
                }
            )

        matter = self._create_matter(name="Paid matter")
        self._create_time(matter)
        posted = slip(self._approve(self._bill(matter)))
        posted.action_post()
        posted_deposit = self._book("deposit", 500.0)
        return {
            "slip": slip(bills["produced"]),
            "posted_slip": posted,
            "posted_row": posted.allocation_ids,
            "posted_move": posted.sudo().move_id,
            "deposit": self._move("deposit", 50.0),
            "posted_deposit": posted_deposit,
            "trust_move": posted_deposit.sudo().move_id,
            "balance": self.env["legal.trust.balance"].search(
                [("matter_id", "=", self.matter.id)]
            ),
            "trust_line": posted_deposit.sudo().line_ids,
            "trust_run": self._as(
                self.env["legal.trust.run"], "client_account_officer"
            ).create({}),
        }

    def _make_records(self):
        records = self._make_wip() | self._make_bills()
        records |= self._make_money(records)
        run = self._create_run()
        colleague = self._create_user("biller", login="legal_colleague")
        window = (
            self.env["legal.bill.operation"]
            .with_user(colleague)
            .create(
                {
                    "operation": "delete",
                    "bill_ids": [Command.set(records["draft"].ids)],
                    "company_id": self.company.id,
                }
            )
        )
        return records | {
            "run": run,
            "run_lines": run.line_ids.filtered(
                lambda line: line.matter_id == self.matter
            ),
            "instalment": self.env["legal.fee.instalment"].create(
                {"matter_id": self.matter.id, "amount": 10.0}
            ),
            "matter": self.matter,
            "matter_b": self.matter_b,
            "client": self.client,
            "other_client": self.other_client,
            "client_bank": self.client_bank,
            "admin": self.env.ref("base.user_admin"),
            "wizard_of_another": window,
        }

    # --- calling

    def _fill_in(self, value, user):
        if isinstance(value, dict):
            return {key: self._fill_in(part, user) for key, part in value.items()}
        if isinstance(value, str) and value.startswith("@"):
            return user.id if value == "@user" else self.records[value[1:]].id
        return value

    def _call(self, user, record, method, args, context=None):
        """The call as the server makes it for a request of the user, undone again.

        :return: the refusal, or None
        """
        self.env.flush_all()
        self.env.invalidate_all()
        records = self.records.get(record)
        model = self.env[record] if records is None else records.browse()
        model = model.with_env(self.env(user=user, context={}))
        model = model.with_company(user.company_id)
        args = [self._fill_in(part, user) for part in args]
        if records is not None:
            args = [records.ids, *args]
        # whoever calls, it is about this company
        context = {"allowed_company_ids": self.company.ids, **(context or {})}
        kwargs = {"context": context}
        refusal = None
        savepoint = self.env.cr.savepoint()
        try:
            call_kw(model, method, args, kwargs)
            self.env.flush_all()
        except UserError as error:
            refusal = error
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)
        return refusal

    # --- tests

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_table(self):
        """Allowed persons succeed; all others are refused for want of access."""
        for heading, actions in ACTIONS:
            for action in actions:
                for person, user in self.users.items():
                    with self.subTest(heading, call=action.method, person=person):
                        refusal = self._call(
                            user,
                            action.record,
                            action.method,
                            action.args,
                        )
                        if person in action.allowed:
                            self.assertIsNone(refusal, f"{action} {person}")
                        elif action.allowed and not action.by_rule:
                            self.assertIsInstance(
                                refusal, (AccessError, RoleError), f"{action} {person}"
                            )
                        else:
                            self.assertIsInstance(
                                refusal, UserError, f"{action} {person}"
                            )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_forged_values(self):
        """What billing itself writes is written by nobody, whatever the context."""
        for record, vals in FORGED:
            for person in FORGERS:
                user = self.users[person]
                with self.subTest(record, vals=vals, person=person):
                    refusal = self._call(user, record, "write", (vals,), FORGED_CONTEXT)
                    self.assertIsInstance(refusal, UserError)


@tagged("post_install", "-at_install")
class TestAccessHttp(LegalBillingCommon, HttpCase):
    """The same through the front door: log-in, session, JSON."""

    def _request(self, role, model, method, ids, **kwargs):
        """The answer to a request of the web client."""
        user = self.portal if role == "portal" else getattr(self, role)
        self.authenticate(user.login, user.login)
        params = {"model": model, "method": method, "args": [ids], "kwargs": kwargs}
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={"jsonrpc": "2.0", "method": "call", "params": params},
        )
        return response.json()

    def assertAnswer(self, answer, error):
        name = answer.get("error", {}).get("data", {}).get("name", "").split(".")[-1]
        self.assertEqual(name, error, answer)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @mute_logger("odoo.http")
    def test_requests(self):
        """One bill through its stages, each step tried by the wrong person first."""
        self.portal = new_test_user(self.env, "legal_http_portal", "base.group_portal")
        matter = self._create_matter(name="Over HTTP")
        self._create_time(matter)
        bill = self._bill(matter)
        forged = {"context": {"legal_billing_internal": True}}
        for role, method, kwargs, error in (
            ("fee_earner", "action_approve_bills", {}, "RoleError"),
            ("portal", "action_approve_bills", {}, "RoleError"),
            ("biller", "action_approve_bills", {}, "RoleError"),
            ("biller", "_internal", {}, "AccessError"),
            ("biller", "write", {"vals": {"state": "posted"}}, "ProtectedFieldError"),
            ("approver", "action_approve_bills", {}, ""),
            ("approver", "action_produce_without_sending", {}, "RoleError"),
            (
                "biller",
                "write",
                {"vals": {"produced_on": "2026-11-01 10:00:00"}, **forged},
                "ProtectedFieldError",
            ),
            ("biller", "action_produce_without_sending", {"note": "by hand"}, ""),
            ("cashier", "action_confirm_posted", {}, "RoleError"),
            ("biller", "action_confirm_posted", {}, ""),
        ):
            with self.subTest(role=role, method=method):
                answer = self._request(role, "account.move", method, bill.ids, **kwargs)
                self.assertAnswer(answer, error)
        bill.invalidate_recordset()
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertEqual(bill.approved_by_id, self.approver)
        self.assertTrue(bill.delivered_on)
