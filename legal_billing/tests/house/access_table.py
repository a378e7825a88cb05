"""Who may do what: one table. ``test_access.py`` tries each row as each person, and
``docs/security.md`` is written from it:

    python3 legal_billing/tests/house/access_table.py > docs/security.md

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
ESTIMATERS = ("fee_earner", "reviewer", "biller", "approver", "manager")
DRAFTERS = ("reviewer", "biller", "manager")
UNDOERS = ("biller", "approver", "manager")
CASH = ("cashier", "manager")
SLIPS = ("cashier", "client_account_officer", "manager")
TRUST = ("client_account_officer", "manager")
ASKERS = ("biller", *TRUST[:1], *CASH)
NOBODY = ()
STATERS = ("biller", "approver", "cashier", "manager")
BILL_PREVIEWERS = ("reviewer", "client_account_officer", *STATERS)
SLIP_READERS = ("biller", "approver", "cashier", "client_account_officer", "manager")
BILL_READERS = ("reviewer", "accountant", *SLIP_READERS)
TRUST_READERS = ("fee_earner", "reviewer", *SLIP_READERS)


@dataclass(frozen=True)
class Action:
    """One call over RPC.

    :param record: name of the record in the test's data; a model's name for calls
        without a record
    :param method: as called
    :param allowed: persons for whom it succeeds; all others are refused
    :param args: of the call; ``"@name"`` is that record's id
    :param window: the record is a model: a window of it is made with these values
        first, by the same person
    :param context: sent with the call
    :param by_rule: what stands against it is a rule, which names the way out, not
        the role alone
    """

    record: str
    method: str
    allowed: tuple
    args: tuple = ()
    by_rule: bool = False
    window: dict | None = None
    context: dict | None = None


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
            Action("entry", "action_hide", DRAFTERS),
            Action("entry", "action_write_down", SENDERS, (100.0, "too much")),
            Action("split_part", "action_join", SENDERS),
            Action("entry", "action_open_hold", DRAFTERS),
            Action("entry", "action_open_split", SENDERS),
            Action("entry", "action_open_write_off", SENDERS),
            Action("entry", "action_open_write_down", SENDERS),
            Action("entry", "action_open_move", SENDERS),
            Action("billed_entry", "action_open_bill", BILL_READERS),
            Action("draft_entry", "action_remove_from_bill", DRAFTERS),
            Action("draft_entry", "action_hold_on_bill", DRAFTERS),
            Action("anticipated", "action_open_match", SENDERS),
            Action("matched", "action_unmatch_cost", SENDERS),
            Action("proposed", "action_reject_match", SENDERS),
            Action(
                "legal.wip.operation",
                "action_do",
                DRAFTERS,
                window={
                    "operation": "hold",
                    "entry_ids": "@@entry",
                    "company_id": "@company",
                },
            ),
            Action(
                "legal.wip.operation",
                "action_do",
                SENDERS,
                window={
                    "operation": "write_off",
                    "entry_ids": "@@entry",
                    "company_id": "@company",
                    "reason": "x",
                },
            ),
            Action(
                "legal.wip.operation",
                "action_do",
                SENDERS,
                window={
                    "operation": "move",
                    "entry_ids": "@@entry",
                    "company_id": "@company",
                    "matter_id": "@matter_b",
                },
            ),
            Action(
                "legal.disbursement.match",
                "action_match",
                SENDERS,
                window={
                    "company_id": "@company",
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "matter_id": "@matter",
                                "entry_id": "@anticipated",
                                "cost_id": "@cost",
                            },
                        )
                    ],
                },
            ),
            Action(
                "entry",
                "action_prebill",
                DRAFTERS,
                context={"legal_billing_entry_action": "no_charge"},
            ),
            Action(
                "entry",
                "action_prebill",
                SENDERS,
                context={
                    "legal_billing_entry_action": "tick",
                    "legal_billing_run_line_id": "@run_lines",
                },
            ),
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
            Action(
                "legal.matter.payer",
                "create",
                SENDERS,
                (
                    {
                        "matter_id": "@matter",
                        "partner_id": "@client",
                        "share_type": "remainder",
                    },
                ),
            ),
            Action(
                "legal.fee.estimate",
                "create",
                ESTIMATERS,
                ({"matter_id": "@matter", "fees": 10.0},),
            ),
            Action(
                "legal.fee.estimate",
                "action_send",
                ESTIMATERS,
                window={"matter_id": "@matter", "fees": 10.0},
            ),
            Action("owing", "action_open_write_off", APPROVERS),
            Action("owing", "action_open_statement", STATERS),
            Action("matter", "action_bill_on_account", SENDERS),
            Action("matter", "action_receive_payment", CASH),
            Action("matter", "action_use_credits", CASH),
            Action("matter", "action_transfer_client_money", TRUST),
            Action("matter", "action_change_client", SENDERS),
            Action("matter", "action_open_take_over", SENDERS),
            Action("matter", "action_change_options", SENDERS),
            Action("matter", "action_apply_options_to_drafts", SENDERS),
            Action("quoted", "action_open_quote_excess", SENDERS),
            Action("closed", "action_reopen_matter", SENDERS),
            Action(
                "project.project",
                "get_draft_effects",
                SENDERS,
                (["@matter"], {"discount_value": 5.0}),
            ),
            Action("rate", "get_rerate_offer", ("manager",)),
            Action("rate", "action_rerate", ("manager",)),
            Action("client", "action_open_write_off", APPROVERS),
            Action("client", "action_open_statement", STATERS),
            Action("client", "action_receive_payment", CASH),
            Action(
                "legal.matter.bill",
                "action_bill",
                SENDERS,
                window={"matter_id": "@matter"},
            ),
            Action(
                "legal.matter.close",
                "action_close",
                SENDERS,
                window={"matter_id": "@idle"},
            ),
            Action(
                "legal.matter.client",
                "action_change",
                SENDERS,
                window={"matter_id": "@idle", "partner_id": "@other_client"},
            ),
            Action(
                "legal.matter.options",
                "action_change",
                SENDERS,
                window={
                    "matter_ids": "@@matter",
                    "change_discount_type": True,
                    "discount_type": "percent",
                },
            ),
            Action(
                "legal.matter.takeover",
                "action_take_over",
                SENDERS,
                window={"matter_ids": "@@matter"},
            ),
            Action(
                "legal.quote.excess",
                "action_write_off",
                SENDERS,
                window={
                    "matter_id": "@quoted",
                    "invoice_date": "2026-11-25",
                    "cutoff_date": "2026-11-25",
                    "reason": "x",
                },
            ),
            Action(
                "legal.quote.excess",
                "action_raise_quote",
                SENDERS,
                window={
                    "matter_id": "@quoted",
                    "invoice_date": "2026-11-25",
                    "cutoff_date": "2026-11-25",
                    "new_amount": 5000.0,
                },
            ),
            Action(
                "legal.quote.excess",
                "action_bill_anyway",
                SENDERS,
                window={
                    "matter_id": "@quoted",
                    "invoice_date": "2026-11-25",
                    "cutoff_date": "2026-11-25",
                },
            ),
            Action(
                "legal.rate.apply",
                "action_apply",
                ("manager",),
                window={"date_from": "2026-01-01", "company_id": "@company"},
            ),
            Action(
                "legal.rate.enquiry",
                "read",
                SENDERS,
                window={"matter_id": "@matter", "employee_id": "@lawyer"},
            ),
            Action(
                "legal.matter.close.line",
                "action_clear",
                SENDERS,
                window={
                    "close_id": {
                        "model": "legal.matter.close",
                        "vals": {"matter_id": "@matter"},
                    },
                    "code": "drafts",
                    "name": "x",
                },
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
            Action("legal.set.up", "action_dismiss", ("manager",)),
            Action("legal.set.up", "action_make_cash_journal", ("manager",)),
            Action("run", "explain_matters", UNDOERS, ("Sale",)),
            Action("run_lines", "action_bill_selected", SENDERS),
            Action("run_lines", "action_leave_out", SENDERS),
            Action("run_lines", "action_refresh", SENDERS),
            Action("legal.billing.run", "action_new_mass_billing", SENDERS),
            Action("run", "action_reload", SENDERS),
            Action("run", "action_put_all_back", SENDERS),
            Action("run", "action_open_scope", SENDERS),
            Action("run", "action_apply_scope", SENDERS),
            Action("run", "action_save_selection", SENDERS),
            Action("run", "action_open_lines", UNDOERS),
            Action("run", "action_open_bills", UNDOERS),
            Action("run", "action_open_failed", UNDOERS),
            Action("run", "action_stop", SENDERS),
            # who may not do it himself looks on
            Action("run", "action_work_on", UNDOERS),
            Action("run", "choose_selection", SENDERS, (False,)),
            Action("run", "action_open_reason", UNDOERS, ("failed", "other")),
            Action("stopped_run", "action_retry_reason", SENDERS, ("failed", "other")),
            Action(
                "stopped_run", "action_cure_reason", SENDERS, ("excluded", "left_out")
            ),
            Action("stopped_run", "action_continue", SENDERS),
            Action("stopped_run", "action_retry_all", SENDERS),
            Action("fresh_run", "action_open_undo", SENDERS),
            Action("fresh_run", "action_undo", SENDERS),
            Action("bill_run", "action_open_lane", UNDOERS, ("pdf",)),
            Action("produce_run", "action_confirm_posted", SENDERS),
            # nothing to print here; production/test_full_disk.py has a run that does
            Action("run", "action_make_print_files", NOBODY),
            Action("run_lines", "get_paper_html", SENDERS),
            Action("run_lines", "action_confirm_bill", SENDERS),
            Action("run_lines", "action_bill_now", SENDERS),
            Action("run_lines", "action_open_matter", UNDOERS),
            Action("run_lines", "action_open_entries", UNDOERS),
            Action("bill_run_line", "action_open_bill", UNDOERS),
            Action("together_row", "action_take_back", SENDERS),
            Action("left_out_line", "action_cure", SENDERS),
            Action("failed_line", "action_retry_failed", SENDERS),
            Action("failed_line", "action_retry", SENDERS),
            Action("legal.billing.selection", "create", SENDERS, ({"name": "Mine"},)),
            Action("selection", "write", ("biller",), ({"name": "Yours"},)),
            Action("selection", "unlink", ("biller",)),
            Action(
                "legal.billing.run.confirm",
                "action_bill",
                SENDERS,
                window={"run_id": "@run", "line_ids": "@@run_lines"},
            ),
            Action(
                "legal.billing.run.undo",
                "action_undo",
                SENDERS,
                window={"run_id": "@fresh_run"},
            ),
            Action(
                "legal.billing.run.undo",
                "action_open_kept",
                SENDERS,
                window={"run_id": "@fresh_run"},
            ),
            Action("run_lines", "get_paper_html", SENDERS),
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
            Action("draft", "action_add_later_wip", DRAFTERS),
            Action("draft", "action_add_left_out", DRAFTERS),
            Action("draft", "action_add_left_out", DRAFTERS),
            Action("draft", "write", DRAFTERS, ({"fee_override": 9.0},)),
            Action("split_draft", "action_resplit", DRAFTERS),
            Action("share", "action_preview_copy", ("reviewer", *STATERS)),
            Action("draft", "action_deduct_on_account", DRAFTERS),
            Action("together_line", "action_take_matter_out", SENDERS),
            Action("split_draft", "action_post", APPROVERS),
            Action("split_draft", "unlink", SENDERS),
            Action(
                "legal.bill.share",
                "create",
                SENDERS,
                ({"bill_id": "@draft", "partner_id": "@client", "value": 10.0},),
            ),
            Action("approved", "action_revert_bills", UNDOERS),
            Action("approved", "button_draft", UNDOERS),
            Action("approved", "action_credit_and_rebill", APPROVERS),
            Action("approved", "action_produce_without_sending", SENDERS, ("n",)),
            Action("approved", "action_open_produce", SENDERS),
            Action("approved", "action_email_bill", SENDERS),
            Action("approved", "action_create_payment", CASH),
            Action("produced", "action_confirm_posted", SENDERS),
            # made here; production/test_take_over.py has bills of before
            Action("approved", "action_take_over_as_delivered", NOBODY),
            Action(
                "delivered",
                "action_revert_bills",
                ("manager",),
                ("wrong",),
                by_rule=True,
            ),
            Action("draft", "get_paper_html", BILL_READERS),
            Action("draft", "action_open_review", UNDOERS),
            Action("draft", "action_open_options", SENDERS),
            Action("draft", "action_open_approve", APPROVERS),
            Action("draft", "action_open_delete", SENDERS),
            Action("draft", "action_add_new_wip_selected", DRAFTERS),
            Action("draft", "action_open_matter", BILL_READERS),
            Action("draft", "action_release_fee_override", DRAFTERS),
            Action("reviewed", "action_open_return", ("reviewer", *UNDOERS)),
            Action("reviewed", "action_review_ready", ("reviewer", *UNDOERS)),
            Action("approved", "action_open_revert", UNDOERS),
            Action("approved", "action_produce_bills", SENDERS),
            Action("approved", "action_open_produce_without_sending", SENDERS),
            Action("approved", "action_preview_bills", BILL_PREVIEWERS),
            Action("produced", "action_open_credit", UNDOERS),
            Action("produced", "action_open_dispute", STATERS),
            Action("disputed", "action_end_dispute", STATERS),
            Action("produced", "action_open_write_off", APPROVERS),
            Action("produced", "action_open_statement", STATERS),
            Action("paid", "action_open_legal_payment", SLIP_READERS),
            Action("vendor_bill", "action_match_disbursements", SENDERS),
            Action(
                "account.move",
                "get_bill_strip",
                BILL_READERS,
                ("draft", []),
            ),
            Action("layout", "action_copy_layout", ("manager", "other_company")),
            Action("layout", "action_preview", ("reviewer", *STATERS)),
            Action("layout", "write", ("manager", "other_company"), ({"name": "x"},)),
            Action("layout_copy", "unlink", ("manager", "other_company")),
            Action("write_off", "action_take_back", APPROVERS, ("wrong",)),
            Action("write_off", "action_open_move", STATERS),
            Action("write_off", "unlink", NOBODY),
            Action(
                "legal.bill.write.off",
                "create",
                NOBODY,
                ({"bill_id": "@produced", "amount": 1.0},),
            ),
            Action(
                "legal.bill.adjustment",
                "create",
                NOBODY,
                ({"bill_id": "@draft", "matter_id": "@matter"},),
            ),
            Action(
                "legal.bill.operation",
                "action_do",
                APPROVERS,
                window={
                    "operation": "approve",
                    "bill_ids": "@@draft",
                    "company_id": "@company",
                    "reason": "x",
                },
            ),
            Action(
                "legal.bill.operation",
                "action_do",
                SENDERS,
                window={
                    "operation": "delete",
                    "bill_ids": "@@draft",
                    "company_id": "@company",
                    "reason": "x",
                },
            ),
            Action(
                "legal.bill.operation",
                "action_do",
                UNDOERS,
                window={
                    "operation": "revert",
                    "bill_ids": "@@approved",
                    "company_id": "@company",
                    "reason": "x",
                },
            ),
            Action(
                "legal.bill.operation",
                "action_do_fine",
                APPROVERS,
                window={
                    "operation": "approve",
                    "bill_ids": "@@draft",
                    "company_id": "@company",
                },
            ),
            Action(
                "legal.bill.options",
                "action_save",
                SENDERS,
                window={
                    "bill_ids": "@@draft",
                    "company_id": "@company",
                    "original": {
                        "recipient_ids": False,
                        "print_copies": "1",
                        "bill_email_template_id": False,
                        "bill_report_id": False,
                        "invoice_payment_term_id": False,
                    },
                    "print_copies": "2",
                },
            ),
            Action(
                "legal.bill.produce",
                "action_produce",
                SENDERS,
                window={
                    "bill_ids": "@@approved",
                    "company_id": "@company",
                    "mode": "quiet",
                    "note": "n",
                },
            ),
            Action(
                "legal.bill.produce",
                "action_produce_fine",
                SENDERS,
                window={
                    "bill_ids": "@@approved",
                    "company_id": "@company",
                    "mode": "quiet",
                    "note": "n",
                },
            ),
            Action(
                "legal.bill.produce",
                "action_test_send",
                SENDERS,
                window={"bill_ids": "@@approved", "company_id": "@company"},
            ),
            Action(
                "legal.bill.review",
                "action_do",
                UNDOERS,
                window={"mode": "send", "bill_ids": "@@draft"},
            ),
            Action(
                "legal.bill.review",
                "action_do",
                ("reviewer", *UNDOERS),
                window={"mode": "return", "bill_ids": "@@reviewed", "note": "n"},
            ),
            Action(
                "legal.bill.credit",
                "action_credit",
                UNDOERS,
                window={
                    "bill_id": "@produced",
                    "reason": "x",
                    "line_ids": [(0, 0, {"key": "@credit_key", "amount": 10.0})],
                },
            ),
            Action(
                "legal.on.account.bill",
                "action_bill",
                SENDERS,
                window={
                    "matter_id": "@matter",
                    "partner_id": "@client",
                    "amount": 10.0,
                },
            ),
            Action(
                "legal.bill.dispute",
                "action_dispute",
                STATERS,
                window={"bill_id": "@produced", "reason": "x"},
            ),
            Action(
                "legal.bill.write.off.make",
                "action_write_off",
                APPROVERS,
                window={
                    "company_id": "@company",
                    "reason": "x",
                    "line_ids": [(0, 0, {"bill_id": "@produced", "amount": 10.0})],
                },
            ),
            Action(
                "legal.bill.write.off.undo",
                "action_take_back",
                APPROVERS,
                window={"write_off_ids": "@@write_off", "reason": "x"},
            ),
            Action(
                "legal.statement",
                "action_print",
                STATERS,
                window={
                    "company_id": "@company",
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "partner_id": "@client",
                                "currency_id": "@currency",
                                "bill_ids": "@@produced",
                            },
                        )
                    ],
                },
            ),
            Action(
                "legal.statement",
                "action_email",
                STATERS,
                window={
                    "company_id": "@company",
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "partner_id": "@client",
                                "currency_id": "@currency",
                                "bill_ids": "@@produced",
                            },
                        )
                    ],
                },
            ),
            Action(
                "account.move.send.batch.wizard",
                "action_send_and_print",
                SENDERS,
                window={},
                context={"active_model": "account.move", "active_ids": "@*sendable"},
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
            Action("posted_slip", "action_open_entries", SLIP_READERS),
            Action("posted_slip", "action_open_bills", SLIP_READERS),
            Action("posted_slip", "action_print_receipt", SLIP_READERS),
            Action("slip", "action_clear", SLIPS),
            Action("slip", "action_add_bills", SLIPS),
            Action("slip", "action_find_combination", SLIPS),
            Action("slip", "action_take_over", SLIPS),
            Action("slip", "action_use_bill", SLIPS),
            Action("slip", "action_use_element", SLIPS),
            Action("slip", "action_use_proportional", SLIPS),
            Action("row", "action_write_off_rest", SLIPS),
            Action("row", "action_withhold_rest", SLIPS),
            Action("row", "action_typed", SLIPS),
            Action("row", "action_use_bill", SLIPS),
            Action("row", "action_use_element", SLIPS),
            Action("row", "action_use_proportional", SLIPS),
            Action("row", "write", SLIPS, ({"amount": 5.0},)),
            Action("row", "unlink", SLIPS),
            Action("posted_row", "unlink", NOBODY),
            Action(
                "legal.payment.allocation",
                "create",
                SLIPS,
                ({"payment_id": "@slip", "bill_id": "@paid"},),
            ),
            Action("credit_item", "action_use_matter_credits", CASH),
            Action("posted_payment", "action_draft", NOBODY),
            Action("posted_payment", "action_cancel", NOBODY),
            Action("posted_payment", "action_reject", NOBODY),
            Action("posted_partial", "unlink", NOBODY),
            Action(
                "legal.payment.credit",
                "action_confirm",
                CASH,
                window={
                    "matter_id": "@credited",
                    "currency_id": "@currency",
                    "operation": "refund",
                    "amount": 5.0,
                    "journal_id": "@office_bank",
                    "date": "2026-11-20",
                    "reason": "x",
                },
            ),
            Action(
                "legal.remittance",
                "action_apply",
                SLIPS,
                window={"payment_id": "@slip", "text": "NO/1"},
            ),
            Action(
                "legal.remittance",
                "action_read",
                SLIPS,
                window={"payment_id": "@slip", "text": "NO/1"},
            ),
            Action(
                "legal.remittance",
                "action_restart",
                SLIPS,
                window={"payment_id": "@slip", "text": "NO/1"},
            ),
            Action(
                "legal.payment.day",
                "action_export",
                CASH,
                window={
                    "company_id": "@company",
                    "date_from": "2026-11-01",
                    "date_to": "2026-11-20",
                },
            ),
            Action(
                "legal.payment.day",
                "action_make_pay_in_slips",
                CASH,
                window={
                    "company_id": "@company",
                    "date_from": "2026-11-01",
                    "date_to": "2026-11-20",
                },
            ),
            Action("pay_in_slip", "action_print", CASH),
            Action("pay_in_slip", "action_pay_in", CASH),
            Action("pay_in_slip", "write", CASH, ({"note": "bag 3"},)),
            Action("pay_in_slip", "unlink", CASH),
            Action("paid_in_slip", "action_take_back", ("manager",)),
            Action("paid_in_slip", "unlink", NOBODY),
            Action("legal.pay.in.slip", "create", NOBODY, ({"name": "X"},)),
            Action("carried_slip", "action_leave_pay_in_slip", CASH),
            Action(
                "legal.payment.day",
                "action_print",
                CASH,
                window={
                    "company_id": "@company",
                    "date_from": "2026-11-01",
                    "date_to": "2026-11-20",
                },
            ),
            Action(
                "legal.payment.reverse",
                "action_reverse",
                CASH,
                window={
                    "payment_id": "@posted_slip",
                    "kind": "correction",
                    "reason": "x",
                },
            ),
            Action(
                "legal.payment.combination.line",
                "action_use",
                SLIPS,
                window={
                    "combination_id": {
                        "model": "legal.payment.combination",
                        "vals": {"payment_id": "@slip"},
                    },
                    "bill_ids": "@@produced",
                },
            ),
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
            Action("legal.trust.balance", "get_trust_strip", TRUST_READERS, ([],)),
            Action("balance", "action_open_ledger", ("reviewer", *SLIPS)),
            Action("balance", "action_deposit", ("reviewer", *SLIPS)),
            Action("balance", "action_refund", ("reviewer", *SLIPS)),
            Action("balance", "action_between_matters", ("reviewer", *SLIPS)),
            Action("trust_line", "action_open_movement", ("reviewer", *SLIPS)),
            Action("uncleared", "action_clear", TRUST),
            Action("trust_run", "action_submit", TRUST),
            Action("trust_run", "action_post", TRUST),
            Action("reconciliation", "action_refresh", TRUST),
            Action("reconciliation", "action_sign", TRUST),
            Action(
                "legal.trust.report",
                "action_export",
                SLIPS,
                window={
                    "company_id": "@company",
                    "date_from": "2026-11-01",
                    "date_to": "2026-11-20",
                },
            ),
            Action(
                "legal.trust.report",
                "action_print",
                SLIPS,
                window={
                    "company_id": "@company",
                    "date_from": "2026-11-01",
                    "date_to": "2026-11-20",
                },
            ),
            Action(
                "legal.trust.retain",
                "action_retain",
                TRUST,
                window={"matter_id": "@matter", "amount": 5.0},
            ),
            Action(
                "legal.trust.reverse",
                "action_reverse",
                TRUST,
                window={"movement_ids": "@@posted_deposit", "reason": "x"},
            ),
        ],
    ),
    (
        "Requests for money",
        [
            Action(
                "legal.money.request",
                "create",
                ASKERS,
                ({"kind": "client_money", "matter_id": "@matter", "amount": 5.0},),
            ),
            Action("request", "action_send", ASKERS),
            Action("request", "action_print", ("reviewer", *ASKERS)),
            Action("request", "action_open_page", ("reviewer", *ASKERS)),
            Action("request", "action_cancel", ASKERS, ("no longer",)),
            Action("request", "action_receive", TRUST),
            Action("asked_request", "action_receive", CASH),
            Action("unbilled_request", "action_bill", SENDERS[:1] + CASH),
            Action("request", "unlink", NOBODY),
            Action("matter", "action_ask_for_money", ASKERS),
            Action("evergreen", "action_ask_for_retainers", ASKERS),
            Action(
                "legal.money.request.cancel",
                "action_cancel_requests",
                ASKERS,
                window={"request_ids": "@@request", "reason": "x"},
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

PAGE_OF = "opens a page, whose contents are searched with the rules"
#: Public and tried nowhere in the table, with the reason: (model, method).
HARMLESS = {
    ("account.analytic.line", "action_new_disbursement"): "opens an empty form",
    ("account.analytic.line", "action_open_entry"): PAGE_OF,
    ("account.move", "action_open_client_money_payments"): PAGE_OF,
    ("account.move", "action_open_client_money_undelivered"): PAGE_OF,
    ("account.move", "action_open_left_out"): PAGE_OF,
    ("legal.money.request", "action_open_bills"): PAGE_OF,
    ("project.project", "action_open_money_requests"): PAGE_OF,
    ("project.project", "action_open_waiting_requests"): PAGE_OF,
    ("account.move", "action_open_split"): PAGE_OF,
    ("account.move", "get_formview_id"): "core's, the id of a view",
    ("account.move", "get_views"): "core's, which leaves entries of menus out",
    ("account.move", "message_post"): "core's, with core's rights",
    **{
        (model, "get_archive_question"): "counts of what is open"
        for model in (
            "legal.archive.remark",
            "hr.employee",
            "product.product",
            "product.template",
            "res.partner",
        )
    },
    ("ir.actions.report", "get_paperformat"): "core's, how large the paper is",
    ("ir.module.module", "button_uninstall"): "core's, with core's rights",
    ("legal.paper.window", "action_export"): "abstract: its windows are tried",
    ("legal.paper.window", "action_print"): "abstract: its windows are tried",
    ("legal.payment", "action_open_preview"): PAGE_OF,
    ("legal.set.up", "get_set_up"): "empty for all but managers, see TestSetUp",
    ("legal.payment", "action_credit_held"): "as action_take_over, for held bills only",
    ("legal.payment", "action_open_holding"): PAGE_OF,
    ("legal.payment", "action_paste"): "opens an empty window",
    ("project.project", "action_deposit_client_money"): "opens an empty form",
    ("project.project", "action_open_bills"): PAGE_OF,
    ("project.project", "action_open_client_ledger"): PAGE_OF,
    ("project.project", "action_open_credit_ledger"): PAGE_OF,
    ("project.project", "action_open_drafts"): PAGE_OF,
    ("project.project", "action_open_held"): PAGE_OF,
    ("project.project", "action_open_instalments"): PAGE_OF,
    ("project.project", "action_open_matter_form"): PAGE_OF,
    ("project.project", "action_open_office_ledger"): PAGE_OF,
    ("project.project", "action_open_on_account"): PAGE_OF,
    ("project.project", "action_open_unallocated_credits"): PAGE_OF,
    ("project.project", "action_open_unbilled"): PAGE_OF,
    ("project.project", "action_open_unpaid"): PAGE_OF,
    ("project.project", "action_open_wip_ledger"): PAGE_OF,
    ("project.project", "get_formview_id"): "core's, the id of a view",
    ("res.currency", "format_signed"): "how an amount is written",
    ("res.partner", "action_open_matters"): PAGE_OF,
    ("res.partner", "action_open_unallocated_credits"): PAGE_OF,
}

#: Keys of contexts that open doors from the inside; from outside they open nothing.
FORGED_CONTEXT = {
    "legal_billing_internal": True,
    "legal_billing_applied_rule": True,
    "legal_billing_slip": True,
    "legal_billing_trust_collection": True,
    "legal_billing_state_change": True,
    "legal_billing_making": True,
    "legal_billing_whole_bill": True,
    "legal_billing_bill_email": True,
    "legal_billing_cron": True,
    "dynamic_unlink": True,
    "force_delete": True,
    "check_move_validity": False,
    "skip_invoice_sync": True,
    "skip_analytic_sync": True,
    "cron_id": 1,
}

#: Record → fields of billing that a manager may write on it, one at a time.
WRITABLE = {
    "matter": """
        abatement_from adjustment_display bill_channel_ids bill_email_template_id bill_journal_id
        bill_line_detail bill_payment_term_id
        bill_print_copies bill_recipient_ids bill_report_id billing_currency_id
        bill_together billing_partner_id billing_status blended_rate cap_amount
        client_account_authorisation contingency_basis_amount
        client_account_retained client_reference default_bill_behavior discount_type
        discount_value exclude_from_mass_billing fee_product_id instalment_ids
        is_walled matter_number minimum_bill_amount option_origins payment_rule_id
        practice_area_id quote_basis quote_rule quote_scope quoted_amount
        responsible_id split_mode retainer_ask_with_bill retainer_minimum retainer_target
        subscription_amount subscription_carry_over subscription_from
        subscription_hours subscription_period wall_user_ids
    """.split(),
    "entry": """
        agent_amount bill_behavior bill_narrative bill_quantity bill_rate hold_until
        is_anticipated is_on_hold wip_amount wip_currency_id
    """.split(),
    "draft_entry": """
        bill_behavior bill_narrative bill_quantity bill_rate hold_until is_anticipated
        is_on_hold wip_amount
    """.split(),
    "billed_entry": (),
    "draft": """
        bill_adjustment_display bill_channel_ids bill_discount_type bill_discount_value
        bill_email_template_id bill_quote_rule bill_report_id bill_text cutoff_date
        delivery_note fee_override print_copies recipient_ids
    """.split(),
    "approved": """
        bill_channel_ids bill_email_template_id bill_report_id bill_text cutoff_date
        delivery_note print_copies recipient_ids
    """.split(),
    "delivered": """
        bill_channel_ids bill_email_template_id delivery_note print_copies
        recipient_ids
    """.split(),
    "bill_line": (),
    "rate": """
        active date_from date_to grade matter_id partner_id practice_area_id price
        scope
    """.split(),
    "instalment": """
        amount anchor_day due_date matter_id name repeat
    """.split(),
    "adjustment": (),
    "estimate": """
        consent_on date disbursements fees matter_id scope sent_on
    """.split(),
    "payer": """
        bears_tax bill_report_id cap_amount partner_id print_copies recipient_ids
        reference scope share_type
    """.split(),
    "share": """
        bears_tax bill_report_id cap_amount partner_id print_copies recipient_ids
        reference scope sequence share_type value
    """.split(),
    "write_off": (),
    "run": """
        bill_report_id client_ids cutoff_date filter_domain has_client_money
        invoice_date minimum_age minimum_amount name payment_term_id practice_area_ids
        print_order responsible_ids scope_arrangement selection_id
    """.split(),
    "run_lines": """
        bill_report_id bill_together note payment_term_id
    """.split(),
    "selection": (),
    "slip": """
        allocation_ids amount any_payer applied_amount applied_rule_id apply_count
        apply_note bank_amount client_authorisation client_money_prepared_by_id date
        direction ignore_reservations keeps_manual matter_id means memo
        money_request_id nominal_account_id
        payment_rule_id received_from_id reference source
    """.split(),
    "posted_slip": (),
    "pay_in_slip": """
        date note
    """.split(),
    "paid_in_slip": (),
    "row": """
        account_id currency_id is_manual is_selected kind matter_id partner_id reason
        sequence
    """.split(),
    "posted_row": (),
    "payment_rule": """
        active allow_overpayment allow_partial bill_order element_ids include_blocked
        match_exact_first mode name sequence
    """.split(),
    "rule_element": """
        sequence
    """.split(),
    "practice_area": """
        active code color fee_product_id name sequence
    """.split(),
    "deposit": """
        amount authorisation cleared_on date is_uncleared kind matter_id memo
        partner_id reference
    """.split(),
    "posted_deposit": (),
    "request": """
        amount date kind matter_id narrative partner_id
    """.split(),
    "unbilled_request": (),
    "balance": (),
    "trust_line": (),
    "trust_bill": (),
    "trust_run": """
        date line_ids memo
    """.split(),
    "trust_run_line": """
        amount
    """.split(),
    "reconciliation": """
        date journal_id note statement_balance
    """.split(),
    "reconciliation_line": (),
    "posted_payment": (),
    "client": (),
    "company": (),
    "journal": (),
    "product": (),
    "employee": (),
    "layout": """
        agreed_fees closing_text has_schedule has_slip intro_text name
        show_client_money show_disbursements show_entries show_hours show_payment
        show_rates show_signature show_summary show_timekeeper show_unpaid title
    """.split(),
    "receipt": (),
    "channel": """
        name sequence
    """.split(),
    "res_users": (),
}

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
    ("share", {"share_bill_id": "@approved"}),
    ("share", {"bill_id": "@approved"}),
    ("split_draft", {"split_of_id": "@approved"}),
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
    ("request", {"state": "paid"}),
    ("request", {"paid_amount": 5.0}),
    ("request", {"name": "RQ/2026/09999"}),
    ("request", {"sent_on": "2026-11-20 10:00:00"}),
    ("unbilled_request", {"amount": 1.0}),
    ("posted_deposit", {"money_request_id": "@request"}),
    ("draft", {"money_request_id": "@asked_request"}),
    ("balance", {"balance": 1.0}),
    ("trust_line", {"amount": 1.0}),
    ("trust_run", {"state": "posted"}),
    ("posted_move", {"state": "draft"}),
    ("posted_move", {"legal_payment_id": False}),
    ("trust_move", {"state": "draft"}),
    ("trust_move", {"trust_transaction_id": False}),
    ("approved", {"responsible_id": "@user"}),
    ("billed_entry", {"agent_amount": 1.0}),
    ("row", {"state": "posted"}),
    ("row", {"final_discount": 5.0}),
    ("row", {"payment_id": "@posted_slip"}),
    ("posted_payment", {"legal_payment_id": False}),
    ("posted_deposit", {"payment_id": "@slip"}),
    ("trust_run_line", {"bill_id": "@produced"}),
    # into another company
    ("run", {"company_id": "@elsewhere"}),
    ("slip", {"company_id": "@elsewhere"}),
    ("instalment", {"company_id": "@elsewhere"}),
    ("rate", {"company_id": "@elsewhere"}),
    # through the record that they belong to
    ("draft", {"wip_line_ids": [(1, "@draft_entry", {"billed_amount": 1.0})]}),
    ("draft", {"adjustment_ids": [(1, "@adjustment", {"after_amount": 1.0})]}),
    ("approved", {"invoice_line_ids": [(1, "@bill_line", {"price_unit": 1.0})]}),
    ("run", {"line_ids": [(1, "@run_lines", {"state": "done"})]}),
    ("matter", {"instalment_ids": [(1, "@instalment", {"bill_id": "@draft"})]}),
    ("posted_slip", {"allocation_ids": [(1, "@posted_row", {"amount": 1.0})]}),
    ("posted_deposit", {"line_ids": [(1, "@trust_line", {"amount": 1.0})]}),
    ("trust_run", {"line_ids": [(1, "@trust_run_line", {"state": "done"})]}),
]

PAGE = """\
# Who may do what

## Thirteen rules

Each is held where its effect happens, whichever window, import, job or other addon comes
there; a refusal names the record, the reason and the way out.

| | rule | held in `models/` | tested by |
| --- | --- | --- | --- |
| 1 | A bill comes into being by billing or by a biller, and is posted by a person who may approve, within the limit. A posted document never becomes a bill; a job approves nothing. | `bill/account_move.py`, `account_move_line.py`, `account_move_stage.py` | `TestWallsBecoming` |
| 2 | WIP value comes from recording and from the acts on WIP alone: what an entry is worth, whose it is and whom it is billed to is compared after every write. | `wip/account_analytic_line_effect.py` | `TestWallsWip` |
| 3 | A cost becomes a disbursement from a vendor's bill, an expense, a purchase or by hand, never from what the firm gives up. | `wip/account_move_line.py`, `wip/triggers.py` | `TestWallsCosts` |
| 4 | Bills are settled by cashiers, or by the firm's accountant. A credit has matter, role and source, stays with its matter over whole entries and chains, and is never used before its date. | `payment/account_partial_reconcile.py`, `account_move_set_off.py`, `tools/credit_triggers.py` | `TestPaymentSettlers`, `TestPaymentCreditWall` |
| 5 | Drafts are changed by those who bill or review, approved bills by those who bill; amounts, payer, bank and terms leave a record. Papers are never changed, replaced, deleted or planted. | `bill/account_move.py`, `bill/account_move_line.py`, `production/ir_attachment.py` | `TestWallsDraft`, `TestWallsPaper` |
| 6 | Archived is not gone: guards see it, and what still holds something is not put away. | relations of all rooms; `matter/project_project.py` | `TestArchivedMatter`, `TestArchivedOthers` |
| 7 | The wall hides a matter in records, reports, unsaved records, domains, mails, names and files; never from its client. | `matter/legal_wall*.py`, `matter/base.py` | `TestWalls`, `TestWallsEffects`, `TestWallsScan` |
| 8 | Days are days: of delivery, receipt and approval, the same for every zone. | `tools/days.py`, `bill/account_move.py` | `TestDays`, `TestTrustDays` |
| 9 | Numbers once given are never given again; they count per company. | `bill/numbers.py` | `TestNumbers`, `TestNumbersOfCompanies` |
| 10 | Core's answer is checked: after it, the state is looked at. | `bill/account_move_stage.py` | `TestWallsDraft` |
| 11 | What is printed is data: nothing but data reaches the converter, which has a time limit. | `production/ir_actions_report.py`, `tools/paper.py` | `TestKeepDataOnly`, `TestPaperData` |
| 12 | Money fields refuse what is no money; a slip writes off within a tolerance; a refund goes to its owner. | `tools/text.py`, `payment/` | `TestPaymentLimits`, `TestWallsDraft` |
| 13 | A signed reconciliation holds its month; the addon does not go with money on the books. | `client_account/legal_trust_reconciliation.py`, `firm/ir_module_module.py` | `TestTrustReconciliation` |

What went through before each rule held, with its test and a second one of the same kind:
[examples](walls_examples.md). `make effects` writes every field of every model as every
person and compares the money, the papers and what is seen before and after
([effects](effects.md)); `make test` does a part of it, each
day another one. `make walk` lets these people act at random and looks at the books after
each act ([walk](walk.md)).

## The table

Written from `legal_billing/tests/house/access_table.py` by
`python3 legal_billing/tests/house/access_table.py > docs/security.md`. Tests named here
are below `legal_billing/tests/`. Every row is tried over RPC as every person
(`house/test_access.py::TestAccess.test_table`): ● succeeds, · is refused for want of the
right. {count} calls, each allowed one with its refused twins. A part of them goes over
HTTP as well (`house/test_access.py::TestAccessHttp`). A row with "window" makes the
window with those values first, as the same person, then presses the button.

"Accountant" has all of core's accounting rights and no role of ours; "Manager
elsewhere" has all of ours, in another company. Templates of bills belong to all
companies of the database, so managers of each of them change them.

{tables}

## Public and not in the tables

`test_every_public_method_is_tried` finds every method that a client can call because
of this addon, and demands a row above or a reason here:

{harmless}

## Windows of other people

Only the person who opened a window reads it, writes it, deletes it, copies it or
presses its buttons, and only that person opens the papers in it
(`test_windows_are_their_owners`, for every window of the addon).

## Written by billing itself

Nobody writes these over RPC, whatever stands in the context
(`house/test_access.py::TestAccess.test_forged_values`):

{forged}

Beyond these, every stored field of the addon is written in turn by a manager
(`test_fields`). These can be written, on the record of that name; all others are
refused or stay as they were:

{writable}

## Signs

Billing's own code marks its context with signs (`tools.py::Sign`): objects that are
equal to themselves alone and do not travel. What a client sends under the same key is
another object and opens nothing, neither for the client nor for what is done with all
rights on its behalf (`house/test_forged_context.py`).

## Walls

A matter behind an information barrier, and matters of another company. People with the
whole of accounting see complete ledgers.

| what an outsider tries | test |
| --- | --- |
{walls}

## Texts that people type, paste and import

| where they come out | test |
| --- | --- |
{texts}
"""
WALLS = (
    ("read any record, in debug mode too", "house/test_walls.py::test_records"),
    (
        "find the matter's name in any text, or beside any record, of the database",
        "house/test_walls_scan.py::test_no_text_and_no_name",
    ),
    ("call any public method on such a record", "house/test_walls.py::test_methods"),
    (
        "fill a window of his own with hidden records",
        "house/test_walls.py::test_windows",
    ),
    ("read what such a window shows", "house/test_walls.py::test_windows_show_nothing"),
    (
        "put new rates on all of the WIP",
        "house/test_walls.py::test_new_rates_are_for_what_the_user_sees",
    ),
    ("totals: strips, groups, money of the client", "house/test_walls.py::test_totals"),
    ("figures of the client, and filters on them", "test_figures_of_a_client"),
    (
        "strips and header buttons with a made-up filter",
        "test_filters_that_a_caller_makes_up",
    ),
    (
        "search by name, why is this matter not here?",
        "house/test_walls.py::test_search",
    ),
    ("PDF, print file, attachments", "house/test_walls.py::test_papers"),
    (
        "reports, files and the portal's pages by number, over HTTP",
        "house/test_import.py::test_another_persons_paper",
    ),
    ("what an error message says", "house/test_walls.py::test_messages"),
)
TEXTS = (
    ("bill in its three layouts, live paper, e-mail, chatter", "test_bill_and_email"),
    ("receipt, statement, papers of the client account", "test_money_papers"),
    ("instalments and rates", "test_other_imports"),
    ("columns that only billing writes", "test_what_billing_writes_is_not_imported"),
    ("pasted remittance", "test_pasted_remittance"),
    ("names of files and addresses", "test_names_of_files"),
    ("lists as XLSX and CSV", "TestExportHttp.test_lists"),
    ("pivot tables as XLSX", "TestExportHttp.test_pivot_table"),
)


def _describe(values):
    """What makes one window differ from another: its plain values."""
    plain = [
        f"{name} {value}"
        for name, value in values.items()
        if isinstance(value, str) and name in ("operation", "mode", "choice")
    ]
    plain += [value for name, value in values.items() if name.endswith("_action")]
    return ", ".join(plain) or "filled in"


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
            call = f"`{action.method}({extra})`"
            if action.window:
                call += f", window {_describe(action.window)}"
            elif action.context:
                call += f", context {_describe(action.context)}"
            rows.append(f"| {action.record}: {call} | {marks} |")
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
        texts="\n".join(f"| {what} | `{test}` |" for what, test in TEXTS),
        harmless="\n".join(
            f"- `{model}.{method}`: {why}" for (model, method), why in HARMLESS.items()
        ),
        writable="\n".join(
            f"- {record}: {', '.join(f'`{name}`' for name in names) or 'nothing'}"
            for record, names in WRITABLE.items()
        ),
    )


if __name__ == "__main__":
    sys.stdout.write(render())
