from pathlib import Path

from odoo.tests import TransactionCase, tagged

#: Names that installations have stored, one a line.
PINNED = Path(__file__).parent / "pinned_names.txt"
#: Core methods whose overrides have an order that counts.
METHODS = (
    "create",
    "write",
    "unlink",
    "copy",
    "_post",
    "button_draft",
    "button_cancel",
    "_reverse_moves",
    "_compute_payment_state",
    "_run_wkhtmltopdf",
)
#: Asked of every model there is, before all others.
EVERYWHERE = {"odoo.addons.legal_billing.models.matter.base"}
#: Where they are overridden more than once: the files, whoever has the first word first.
ORDER = {
    "account.move.write": [
        "production.account_move_stored_paper",
        "bulk.account_move",
        "bill.account_move",
    ],
    "account.move.unlink": ["bill.account_move_stage", "wip.account_move"],
    "account.move._post": [
        "payment.account_move_set_off",
        "bulk.account_move",
        "bill.account_move_stage",
        "wip.account_move",
    ],
    "account.move.button_draft": ["bill.account_move_stage", "wip.account_move"],
    "account.move.button_cancel": ["bill.account_move_stage", "wip.account_move"],
    "account.move._compute_payment_state": [
        "write_off.account_move",
        "payment.account_move",
    ],
    "account.move.line.create": [
        "client_account.account_move_line",
        "payment.account_move_line",
        "bulk.account_move_line",
        "bill.account_move_line",
    ],
    "account.move.line.write": [
        "client_account.account_move_line",
        "payment.account_move_line",
        "bill.account_move_line",
    ],
    "account.partial.reconcile.create": [
        "request.account_partial_reconcile",
        "client_account.account_partial_reconcile",
        "payment.account_partial_reconcile",
    ],
    "account.partial.reconcile.unlink": [
        "write_off.account_partial_reconcile",
        "payment.account_partial_reconcile",
    ],
    "ir.actions.report._run_wkhtmltopdf": [
        "production.ir_actions_report_parallel",
        "production.ir_actions_report",
    ],
    "legal.bill.adjustment.write": [
        "bill.legal_bill_adjustment",
        "drafting.legal_bill_adjustment",
    ],
    "legal.bill.share.write": [
        "drafting.legal_bill_share",
        "common.legal_own_company",
    ],
    "legal.billing.run.write": ["run.legal_billing_run", "common.legal_own_company"],
    "legal.billing.selection.write": [
        "run.legal_billing_selection",
        "common.legal_own_company",
    ],
    "legal.fee.estimate.write": [
        "bill.legal_fee_estimate",
        "common.legal_own_company",
    ],
    "legal.fee.instalment.write": [
        "wip.legal_fee_instalment",
        "common.legal_own_company",
    ],
    "legal.matter.payer.write": [
        "matter.legal_matter_payer",
        "common.legal_own_company",
    ],
    "legal.pay.in.slip.write": [
        "payment.legal_pay_in_slip",
        "common.legal_own_company",
    ],
    "legal.payment.create": [
        "client_account.legal_payment",
        "payment.legal_payment_guard",
    ],
    "legal.payment.write": [
        "client_account.legal_payment",
        "payment.legal_payment_guard",
        "common.legal_own_company",
    ],
    "legal.payment.allocation.write": [
        "client_account.legal_payment_allocation",
        "payment.legal_payment_allocation_edit",
    ],
    "legal.trust.reconciliation.write": [
        "client_account.legal_trust_reconciliation",
        "common.legal_own_company",
    ],
    "legal.trust.run.write": [
        "client_account.legal_trust_run",
        "common.legal_own_company",
    ],
    "project.project.create": [
        "client_account.project_project",
        "matter.project_project_wall",
        "matter.project_project_options",
        "matter.project_project",
    ],
    "project.project.write": [
        "client_account.project_project",
        "bill.project_project_client",
        "matter.project_project_wall",
        "matter.project_project_options",
        "matter.project_project",
    ],
    "res.company.write": ["client_account.res_company", "payment.res_company"],
    "legal.trust.transaction.create": [
        "request.legal_trust_transaction",
        "client_account.legal_trust_transaction_guard",
    ],
}


@tagged("post_install", "-at_install")
class TestHouse(TransactionCase):
    """What is written down of the house stays so until somebody means to change it."""

    def test_no_name_that_installations_have_stored_is_gone(self):
        """Models, fields, selection keys and records of the data keep their names; one
        that goes needs a migration, and then goes from the list."""
        data = self.env["ir.model.data"].search([("module", "=", "legal_billing")])
        gone = set(PINNED.read_text().split()) - set(data.mapped("name"))
        self.assertFalse(gone, "Gone; see DEVELOP.md, Names")

    def test_order_of_the_overrides(self):
        """Who has the first word at an event is no accident of imports."""
        found = {}
        for name, model in sorted(self.registry.items()):
            for method in METHODS:
                files = [
                    part.__module__.rpartition(".models.")[2]
                    for part in model.__mro__
                    if method in vars(part)
                    and part.__module__ not in EVERYWHERE
                    and part.__module__.startswith("odoo.addons.legal_billing.")
                ]
                if len(files) > 1:
                    found[f"{name}.{method}"] = files
        self.assertEqual(found, ORDER)
