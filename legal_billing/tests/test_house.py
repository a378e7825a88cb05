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
#: Where they are overridden more than once: the files, whoever has the first word first.
ORDER = {
    "account.move.create": ["account_move_trust", "account_move"],
    "account.move.write": [
        "account_move_state",
        "account_move_trust",
        "account_move_redate",
        "account_move_bulk",
        "account_move_review",
        "account_move_stored_paper",
        "account_move_delivery",
        "account_move",
    ],
    "account.move.unlink": ["account_move_vendor_bill", "account_move_billing"],
    "account.move._post": [
        "account_move_state",
        "account_move_trust",
        "account_move_review_request",
        "account_move_vendor_bill",
        "account_move_bulk",
        "account_move_billing",
    ],
    "account.move.button_draft": [
        "account_move_state",
        "account_move_trust",
        "account_move_write_off",
        "account_move_payment_state",
        "account_move_vendor_bill",
        "account_move_produce",
        "account_move_email_stop",
        "account_move_billing",
        "account_analytic_line_write_off",
    ],
    "account.move.button_cancel": [
        "account_move_state",
        "account_move_trust",
        "account_move_write_off",
        "account_move_payment_state",
        "account_move_vendor_bill",
        "account_move_billing",
        "account_analytic_line_write_off",
    ],
    "account.move._reverse_moves": [
        "account_move_trust",
        "account_move_write_off",
        "account_move_payment_state",
        "account_move_billing",
        "account_analytic_line_write_off",
    ],
    "account.move._compute_payment_state": [
        "account_move_write_off",
        "account_move_payment_state",
    ],
    "account.move.line.create": ["account_move_line_trust", "account_move_line_bulk"],
    "account.move.line.write": ["account_move_line_trust", "account_move_line"],
    "account.partial.reconcile.create": [
        "account_partial_reconcile_trust",
        "account_partial_reconcile",
    ],
    "account.partial.reconcile.unlink": [
        "account_partial_reconcile_write_off",
        "account_partial_reconcile",
    ],
    "ir.actions.report._run_wkhtmltopdf": [
        "ir_actions_report_parallel",
        "ir_actions_report",
    ],
    "legal.billing.run.write": ["legal_billing_run", "legal_own_company"],
    "legal.billing.run.line.write": [
        "legal_billing_run_line_prebill",
        "legal_billing_run_line",
    ],
    "legal.billing.selection.write": ["legal_billing_selection", "legal_own_company"],
    "legal.fee.instalment.write": ["legal_fee_instalment", "legal_own_company"],
    "legal.payment.create": ["legal_payment_trust", "legal_payment_guard"],
    "legal.payment.write": [
        "legal_payment_trust",
        "legal_payment_guard",
        "legal_own_company",
    ],
    "legal.payment.allocation.write": [
        "legal_payment_allocation_trust",
        "legal_payment_allocation_edit",
    ],
    "legal.trust.reconciliation.write": [
        "legal_trust_reconciliation",
        "legal_own_company",
    ],
    "legal.trust.run.write": ["legal_trust_run", "legal_own_company"],
    "project.project.create": [
        "project_project_trust",
        "project_project_options",
        "project_project",
    ],
    "project.project.write": [
        "project_project_trust",
        "project_project_mirror",
        "project_project_client",
        "project_project_options",
        "project_project",
    ],
    "res.company.write": ["res_company_trust", "res_company_payment"],
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
                    and part.__module__.startswith("odoo.addons.legal_billing.")
                ]
                if len(files) > 1:
                    found[f"{name}.{method}"] = files
        self.assertEqual(found, ORDER)
