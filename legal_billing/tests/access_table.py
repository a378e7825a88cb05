"""Who may do what: one table. ``test_access.py`` tries each row as each person, and
``docs/security.md`` is written from it:

    python3 legal_billing/tests/access_table.py > docs/security.md

No Odoo in here: the table is data.
"""

import sys
from dataclasses import dataclass

PERSONS = {
    "fee_earner": "Fee earner",
    "reviewer": "Reviewer",
    "biller": "Biller",
    "approver": "Approver",
    "cashier": "Cashier",
    "client_account_officer": "Client-account officer",
    "manager": "Manager",
    "internal": "Internal user",
    "accountant": "Accountant",
    "other_company": "Manager elsewhere",
    "portal": "Portal user",
}
SENDERS = ("biller", "manager")
APPROVERS = ("approver", "manager")
DRAFTERS = ("reviewer", "biller", "manager")
UNDOERS = ("biller", "approver", "manager")
CASH = ("cashier", "manager")
SLIPS = ("cashier", "client_account_officer", "manager")
TRUST = ("client_account_officer", "manager")
NOBODY = ()


@dataclass(frozen=True)
class Action:
    """One call over RPC.

    :param record: name of the record in the test's data; a model's name for calls
        without a record
    :param method: as called
    :param allowed: persons for whom it succeeds; all others are refused
    :param args: of the call; ``"@name"`` is that record's id
    :param by_rule: what stands against it is a rule, which names the way out, not
        the role alone
    """

    record: str
    method: str
    allowed: tuple
    args: tuple = ()
    by_rule: bool = False


#: (heading, actions)
ACTIONS = [
    (
        "Work in progress",
        [
            Action("entry", "action_hold", DRAFTERS),
            Action("held_entry", "action_release", DRAFTERS),
            Action("entry", "action_no_charge", DRAFTERS),
            Action("entry", "action_bill_normally", DRAFTERS),
            Action("entry", "action_write_off", SENDERS, ("too much",)),
            Action("written_off_entry", "action_undo_write_off", SENDERS),
            Action("entry", "action_move", SENDERS, ("@matter_b",)),
            Action("entry", "action_split", SENDERS, (100.0,)),
        ],
    ),
    (
        "Matters",
        [
            Action("matter", "action_bill_matter", SENDERS),
            Action("matter", "action_take_over_client_options", SENDERS),
            Action("matter", "action_close_matter", SENDERS),
            Action("matter", "write", SENDERS, ({"discount_type": "percent"},)),
            Action("legal.rate", "create", ("manager",), ({"price": 1.0},)),
            Action("legal.practice.area", "create", ("manager",), ({"name": "x"},)),
            Action(
                "legal.payment.rule",
                "create",
                ("manager",),
                ({"name": "x", "mode": "bill"},),
            ),
            Action(
                "legal.fee.instalment",
                "create",
                SENDERS,
                ({"matter_id": "@matter", "amount": 10.0},),
            ),
        ],
    ),
    (
        "Billing runs",
        [
            Action("legal.billing.run", "create", SENDERS, ({},)),
            Action("run", "action_load", SENDERS),
            Action("run", "action_bill_all", SENDERS),
            Action("run", "process", SENDERS),
            Action("run", "set_header", SENDERS, ({"cutoff_date": "2026-10-31"},)),
            Action("run", "action_undo", NOBODY),
            Action("run", "get_strip", UNDOERS),
            Action("run", "explain_matters", UNDOERS, ("Sale",)),
            Action("run_lines", "action_bill_selected", SENDERS),
            Action("run_lines", "action_leave_out", SENDERS),
            Action("run_lines", "action_refresh", SENDERS),
        ],
    ),
    (
        "Bills",
        [
            Action("draft", "action_approve_bills", APPROVERS),
            Action("draft", "action_post", APPROVERS),
            Action("draft", "action_delete_bills", SENDERS),
            Action("draft", "unlink", SENDERS),
            Action("draft", "button_cancel", UNDOERS),
            Action("draft", "action_add_new_wip", DRAFTERS),
            Action("draft", "write", DRAFTERS, ({"fee_override": 9.0},)),
            Action("approved", "action_revert_bills", UNDOERS),
            Action("approved", "button_draft", UNDOERS),
            Action("approved", "action_credit_and_rebill", APPROVERS),
            Action("approved", "action_produce_without_sending", SENDERS, ("n",)),
            Action("approved", "action_open_produce", SENDERS),
            Action("approved", "action_email_bill", SENDERS),
            Action("approved", "action_create_payment", CASH),
            Action("produced", "action_confirm_posted", SENDERS),
            Action(
                "delivered",
                "action_revert_bills",
                ("manager",),
                ("wrong",),
                by_rule=True,
            ),
        ],
    ),
    (
        "Payments",
        [
            Action(
                "legal.payment",
                "create",
                CASH,
                ({"source": "bank", "amount": 10.0, "received_from_id": "@client"},),
            ),
            Action("slip", "action_apply_rule", SLIPS),
            Action("slip", "action_keep_amounts", SLIPS),
            Action("slip", "action_post", CASH),
            Action("slip", "unlink", SLIPS),
            Action("posted_slip", "action_reverse", CASH, ("wrong", "correction")),
            Action("posted_slip", "unlink", NOBODY),
            Action("posted_slip", "read", SLIPS + UNDOERS, (["amount"],)),
        ],
    ),
    (
        "Client money",
        [
            Action(
                "legal.trust.transaction",
                "create",
                TRUST,
                ({"kind": "deposit", "matter_id": "@matter", "amount": 5.0},),
            ),
            Action("deposit", "action_submit", TRUST),
            Action("deposit", "action_post", TRUST),
            Action("posted_deposit", "action_reverse", TRUST, ("wrong",)),
            Action("posted_deposit", "unlink", NOBODY),
            Action("matter", "action_retain_client_money", TRUST, (5.0,)),
            Action("legal.trust.run", "create", TRUST, ({},)),
            Action("trust_run", "action_load", TRUST),
            Action(
                "legal.trust.reconciliation",
                "create",
                TRUST,
                ({"journal_id": "@client_bank", "date": "2026-11-20"},),
            ),
        ],
    ),
    (
        "Another person's window",
        [
            Action("wizard_of_another", "read", NOBODY, (["operation"],)),
            Action("wizard_of_another", "write", NOBODY, ({"reason": "x"},)),
            Action("wizard_of_another", "action_do", NOBODY),
        ],
    ),
]

#: The persons with most rights; the others may not even write to these records.
FORGERS = ("biller", "cashier", "client_account_officer", "manager", "accountant")
#: Written by billing's own actions and by nobody over RPC: (record, values).
FORGED = [
    ("draft", {"billing_stage": "finalized"}),
    ("draft", {"approved_by_id": "@user"}),
    ("draft", {"billing_run_id": "@run"}),
    ("approved", {"produced_on": "2026-11-01 10:00:00"}),
    ("approved", {"delivered_on": "2026-11-01 10:00:00"}),
    ("approved", {"delivery_method": "post"}),
    ("approved", {"fee_override": 1.0}),
    ("approved", {"state": "draft"}),
    ("approved", {"state": "cancel"}),
    ("approved", {"posted_before": False}),
    ("approved", {"name": "INV/2026/09999"}),
    ("approved", {"matter_ids": [(5, 0, 0)]}),
    ("draft", {"state": "posted"}),
    ("entry", {"bill_id": "@approved"}),
    ("entry", {"billed_amount": 1.0}),
    ("entry", {"written_off_on": "2026-11-01"}),
    ("billed_entry", {"bill_id": False}),
    ("billed_entry", {"unit_amount": 9.0}),
    ("billed_entry", {"matter_id": "@matter_b"}),
    ("run", {"operation": "approve"}),
    ("run", {"user_id": "@admin"}),
    ("run", {"finished_on": "2026-11-01 10:00:00"}),
    ("run_lines", {"state": "done"}),
    ("run_lines", {"bill_id": "@draft"}),
    ("run_lines", {"amount": 1.0}),
    ("adjustment", {"after_amount": 1.0}),
    ("instalment", {"bill_id": "@draft"}),
    ("slip", {"state": "posted"}),
    ("posted_slip", {"amount": 1.0}),
    ("posted_slip", {"state": "draft"}),
    ("posted_slip", {"received_from_id": "@other_client"}),
    ("posted_row", {"amount": 1.0}),
    ("posted_row", {"bill_id": "@produced"}),
    ("posted_deposit", {"amount": 1.0}),
    ("posted_deposit", {"state": "draft"}),
    ("posted_deposit", {"matter_id": "@matter_b"}),
    ("deposit", {"state": "posted"}),
    ("balance", {"balance": 1.0}),
    ("trust_line", {"amount": 1.0}),
    ("trust_run", {"state": "posted"}),
    ("posted_move", {"state": "draft"}),
    ("posted_move", {"legal_payment_id": False}),
    ("trust_move", {"state": "draft"}),
    ("trust_move", {"trust_transaction_id": False}),
]

PAGE = """\
# Who may do what

Written from `legal_billing/tests/access_table.py` by
`python3 legal_billing/tests/access_table.py > docs/security.md`. Every row is tried
over RPC as every person (`test_access.py::TestAccess.test_table`): ● succeeds, · is
refused for want of the right. {count} calls, each allowed one with its refused twins.
A part of them goes over HTTP as well (`test_access.py::TestAccessHttp`).

"Accountant" has all of core's accounting rights and no role of ours; "Manager
elsewhere" has all of ours, in another company.

{tables}

## Written by billing itself

Nobody writes these over RPC, whatever stands in the context
(`test_access.py::TestAccess.test_forged_values`):

{forged}

## Walls

Rule → test, all in `test_walls.py::TestWalls`:

| what an outsider tries | test |
| --- | --- |
{walls}
"""
WALLS = (
    ("read any record of a walled matter, or of another company", "test_records"),
    ("call any public method on such a record", "test_methods"),
    ("fill a window of his own with hidden records", "test_windows"),
    ("totals: strips, groups, money of the client", "test_totals"),
    ("search by name, why is this matter not here?", "test_search"),
    ("PDF, print file, attachments", "test_papers"),
    ("what an error message says", "test_messages"),
    ("HTML in narratives and names on screen and paper", "test_html"),
    ("formulas in exported files", "test_formulas"),
    ("paths in names of files", "test_paths"),
)


def render():
    """The table as a page of Markdown.

    :rtype: str
    """
    tables, count = [], 0
    for heading, actions in ACTIONS:
        rows = [
            f"| call | {' | '.join(PERSONS.values())} |",
            f"| --- |{' :-: |' * len(PERSONS)}",
        ]
        for action in actions:
            marks = " | ".join("●" if p in action.allowed else "·" for p in PERSONS)
            vals = action.args[0] if action.args else None
            extra = ", ".join(vals) if isinstance(vals, dict) else ""
            rows.append(f"| {action.record}: `{action.method}({extra})` | {marks} |")
            count += len(PERSONS)
        tables.append(f"## {heading}\n\n" + "\n".join(rows))
    return PAGE.format(
        count=count,
        tables="\n\n".join(tables),
        forged="\n".join(
            f"- {record}: {', '.join(f'`{name}`' for name in vals)}"
            for record, vals in FORGED
        ),
        walls="\n".join(f"| {what} | `{test}` |" for what, test in WALLS),
    )


if __name__ == "__main__":
    sys.stdout.write(render())
