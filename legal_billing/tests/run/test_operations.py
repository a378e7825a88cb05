from odoo.tests import tagged

from ...exceptions import BillStageError, RoleError
from ...models.run.operations import OPERATIONS
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestOperations(LegalBillingCommon):
    """What ``OPERATIONS`` says of an operation is what windows, buttons and refusals do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter()
        cls._create_time(cls.matter, 2.0)

    def setUp(self):
        super().setUp()
        self.bill = self._bill(self.matter)

    def _ask(self, operation, role):
        """Open the window that asks before.

        :rtype: legal.bill.operation
        """
        action = getattr(self._as(self.bill, role), f"action_open_{operation}")()
        window = self._as(self.env[action["res_model"]], role)
        return action, window.browse(action["res_id"])

    def test_the_window_says_what_the_operation_says(self):
        action, window = self._ask("delete", "biller")
        self.assertEqual(action["name"], "Delete drafts")
        self.assertRecordValues(
            window,
            [{"do_label": "Delete drafts", "is_danger": True, "problem_count": 0}],
        )
        _action, window = self._ask("approve", "approver")
        self.assertRecordValues(window, [{"do_label": "Approve", "is_danger": False}])
        window.action_do()
        self.assertEqual(self.bill.state, "posted")

    def test_the_window_counts_what_stands_against_it(self):
        self.bill.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.bill.ids
        ).create({"amount": 100})._create_payments()
        action, window = self._ask("revert", "biller")
        self.assertEqual(action["name"], "Revert bills to draft")
        self.assertRecordValues(
            window,
            [
                {
                    "problem_title": "1 cannot be reverted",
                    "do_fine_label": "Revert the other 0",
                    "is_danger": False,
                }
            ],
        )
        self.assertIn(
            "Reverse the payment or the credit note first", window.problem_text
        )

    def test_every_operation_that_asks_has_its_two_buttons(self):
        for key, kind in OPERATIONS.items():
            if kind.question:
                for name in (f"action_open_{key}", f"action_{key}_bills"):
                    self.assertTrue(callable(getattr(self.bill, name)), name)

    def test_the_window_is_for_the_roles_of_the_operation(self):
        for operation in ("approve", "delete", "revert"):
            with self.assertRaisesRegex(RoleError, "cashier"):
                self._ask(operation, "cashier")

    def test_bills_in_another_stage_are_refused_by_the_operations_name(self):
        self.bill.action_post()
        with self.assertRaisesRegex(BillStageError, "^Approve: none of these bills"):
            self._ask("approve", "approver")
        with self.assertRaisesRegex(BillStageError, "^Delete: none of these bills"):
            self._as(self.bill, "biller").action_delete_bills()
