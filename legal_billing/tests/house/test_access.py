from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import RoleError
from ..common import LegalBillingCommon
from .access_buttons import ButtonTests
from .access_common import AccessCommon
from .access_fields import FieldTests
from .access_methods import MethodTests
from .access_table import ACTIONS, FORGED, FORGED_CONTEXT, FORGERS, Action


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestAccess(ButtonTests, FieldTests, MethodTests, AccessCommon):
    """Every row of the access table, tried over RPC as every person."""

    allow_inherited_tests_method = True  # one set-up for all of them

    # --- tests

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_table(self):
        """Allowed persons succeed; all others are refused for want of access."""
        for heading, actions in ACTIONS:
            for action in actions:
                for person, user in self.users.items():
                    with self.subTest(heading, call=action.method, person=person):
                        refusal = self._call(user, action)
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
                    action = Action(record, "write", (), (vals,))
                    refusal = self._call(user, action, FORGED_CONTEXT)
                    self.assertIsInstance(refusal, UserError)


@tagged("post_install", "-at_install")
class TestAccessHttp(LegalBillingCommon, HttpCase):
    """Roles through the front door: log-in, session, JSON."""

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
