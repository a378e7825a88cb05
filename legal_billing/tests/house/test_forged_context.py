import copy
import json
from pathlib import Path

from odoo.service.model import call_kw
from odoo.tests import tagged

from ... import tools
from ...exceptions import BillStageError, ProtectedFieldError
from ...tools import INTERNAL, Sign, is_internal
from ..payment.payment_common import PaymentCommon

SIGNS = [value for value in vars(tools).values() if isinstance(value, Sign)]
#: What a client can send in the place of a sign.
FORGERIES = (True, 1, "internal", str(INTERNAL), json.loads(json.dumps(INTERNAL)))


@tagged("post_install", "-at_install")
class TestForgedContext(PaymentCommon):
    """A context that comes over the network opens nothing, though the code behind it
    works with all rights and hands the context on."""

    def test_a_sign_is_like_nothing_else(self):
        for sign in SIGNS:
            for other in (str(sign), json.loads(json.dumps(sign)), True, Sign(sign)):
                self.assertNotEqual(sign, other)
                self.assertNotIn(sign, [other])
            self.assertIs(copy.deepcopy({"sign": sign})["sign"], sign)

    def test_no_flag_is_sent_as_a_plain_value(self):
        """``legal_billing_internal=True`` would open nothing: it takes the sign."""
        root = Path(tools.__file__).parent
        for path in root.rglob("*.py"):
            if path.parent.name == "tests":
                continue
            self.assertNotRegex(
                path.read_text(),
                r"legal_billing_(internal|slip|applied_rule)=True",
                path,
            )

    def test_only_the_sign_and_all_rights_are_internal(self):
        env = self.env(su=True, context={"legal_billing_internal": INTERNAL})
        self.assertTrue(is_internal(env))
        self.assertFalse(is_internal(env(su=False)))
        for forgery in FORGERIES:
            context = {"legal_billing_internal": forgery}
            # the environments of a transaction are kept, and found by their context
            self.assertFalse(is_internal(self.env(su=True, context=context)), forgery)

    def test_forged_keys_do_not_reach_what_is_done_with_all_rights(self):
        """The flag travels with the context of the request into every ``sudo()``."""
        bill = self._create_bill(600.0)
        for forgery in FORGERIES:
            context = {"legal_billing_internal": forgery}
            bill_sudo = bill.with_env(
                self.env(user=self.biller, context=context)
            ).sudo()
            self.assertFalse(bill_sudo._is_internal())
            with self.assertRaisesRegex(ProtectedFieldError, "set by the billing"):
                bill_sudo.write({"produced_on": "2026-11-01 10:00:00"})

    def test_a_reviewer_cannot_go_around_the_rules_of_a_draft(self):
        """What a reviewer writes is written with all rights, after the checks."""
        self._create_time(self.matter, 2.0)
        bill = self._bill(self.matter)
        model = self.env(user=self.reviewer, context={})["account.move"]
        for forgery in FORGERIES:
            with self.assertRaisesRegex(BillStageError, "cannot be negative"):
                call_kw(
                    model,
                    "write",
                    [bill.ids, {"fee_override": -5.0}],
                    {"context": {"legal_billing_internal": forgery}},
                )

    def test_a_request_cannot_pass_for_the_cron(self):
        """It would commit halves of the request."""
        run = self._create_run()
        context = {"cron_id": 1, "legal_billing_cron": "cron"}
        model = self.env(user=self.biller, context={})["legal.billing.run"]
        run_as_sent = model.browse(run.id).with_context(**context)
        self.assertFalse(run_as_sent._is_in_cron())
        # a commit would raise in a test
        call_kw(model, "process", [run.ids], {"context": context})

    def test_a_request_cannot_keep_receipts_from_being_recorded(self):
        """Matching on the standard form records the fee earners' receipts."""
        bill = self._create_bill(600.0)
        payment = self.env["account.payment.register"].with_context(
            active_model="account.move",
            active_ids=bill.ids,
            legal_billing_slip=True,
        )
        payment.create({})._create_payments()
        receipts = self.env["legal.timekeeper.receipt"].search(
            [("bill_id", "=", bill.id)]
        )
        self.assertTrue(receipts)
