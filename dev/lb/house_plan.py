"""The plan of the house: its rooms in order, and what is excepted from its rules.

``house.py`` holds the addon against this plan; docs/house.md is written from it. An
exception says why, in words that stand in that page; one that nothing needs any more is
a finding of its own.
"""

from dataclasses import dataclass, field
from pathlib import Path

#: The rooms from the ground up, and what each is about. A room calls, imports and asks
#: for the models of itself and of lower rooms, those before it.
ROOMS = {
    "common": (
        "what every room leans on: guards of windows and fields, bulk selection, "
        "defaults of the options"
    ),
    "firm": (
        "the firm and its people: company, users, grades, practice areas, products, "
        "taxes"
    ),
    "matter": (
        "matters and their clients: billing options, where they come from, who may see "
        "what"
    ),
    "wip": (
        "unbilled time and disbursements, rates, instalments: valued, held, split, "
        "matched, written off"
    ),
    "drafting": (
        "the arithmetic of a bill: from WIP and options to lines, taxes and items"
    ),
    "bill": (
        "a bill's life: draft, review, approve, revert, credit, dispute; lists of "
        "bills, drafts of a matter"
    ),
    "bulk": "core's own steps, taken once for many bills instead of once a bill",
    "production": "paper, PDF, e-mail and print of bills, and whether they arrived",
    "payment": (
        "payments over many bills: rules, allocation, posting, reversal; receipts, "
        "credits of a matter"
    ),
    "write_off": (
        "what the firm gives up of a bill, with payment or without; what a client owes "
        "in all"
    ),
    "client_account": (
        "client money per matter: movements, balances, runs, reconciliation, transfer "
        "to the office"
    ),
    "request": (
        "requests for money: client money and payments on account, retainers filled up"
    ),
    "run": (
        "bulk operations: which matters, what of each or why not, the queue, what "
        "failed"
    ),
}

#: More is two rooms.
FILES_A_ROOM = 25
#: More is slices, unless CROWDED says why.
FILES_A_MODEL = 5

#: (room, folder): what it holds a file each of. Such a folder counts as one file of its
#: room, for a further entry is nothing more to read.
REGISTRIES = {
    ("run", "operations"): "operations of a run, all of one form, found by OPERATIONS",
}

#: Core has methods of these names, on models that we do not extend with them: a call is
#: taken for core's where the model is not plain to see.
CORE = {
    "_get_distribution",
    "_get_selection",
    "_is_internal",
    "_load",
    "_write",
    "action_post",
    "action_retry",
    "action_reverse",
}

#: A model is opened once per room, in the file of its name; (room, model): the further
#: files, and the topic of each.
FILES = {
    ("firm", "res.company"): {
        "res_company_chart": "what the company takes from its chart of accounts",
    },
    ("matter", "project.project"): {
        "project_project_options": (
            "where each billing option comes from, and what guards its change"
        ),
        "project_project_take_over": (
            "taking over the options of client and company, when a person asks"
        ),
        "project_project_wall": (
            "who puts up an information barrier, and who stays inside"
        ),
    },
    ("wip", "account.analytic.line"): {
        "account_analytic_line_value": (
            "what an entry is worth: quantity, rate, currency, value"
        ),
        "account_analytic_line_status": (
            "where an entry stands and how old it is, shown and searched"
        ),
        "account_analytic_line_guard": "who may change what of an entry",
        "account_analytic_line_effect": (
            "what a write did to an entry, and whether the writer may"
        ),
        "account_analytic_line_actions": "the buttons of the WIP list",
        "account_analytic_line_split": "splitting, writing down and joining entries",
        "account_analytic_line_match": (
            "disbursements billed before the vendor's bill is there"
        ),
        "account_analytic_line_write_off": "giving up WIP, and its entry in the ledger",
    },
    ("drafting", "legal.bill.maker"): {
        "legal_bill_maker_price": (
            "what a bill costs: entries and options as the engine takes them"
        ),
        "legal_bill_maker_arrangement": (
            "fee arrangements as the engine takes them, and in words"
        ),
        "legal_bill_maker_lines": "the lines of a bill: accounts, taxes, texts",
        "legal_bill_maker_together": "one bill over several matters, each priced alone",
        "legal_bill_maker_split": (
            "a bill among several payers: its lines by shares, its taxes held"
        ),
        "legal_bill_maker_shares": "one bill that names its payers: what each owes",
        "legal_bill_maker_on_account": (
            "bills before the work is done, and what later bills deduct of them"
        ),
        "legal_bill_maker_items": (
            "the journal items that core would derive bill by bill"
        ),
    },
    ("bill", "account.move"): {
        "account_move_together": "bills over several matters, priced, and one taken out",
        "account_move_split": (
            "the bills of several payers: a set that is priced and taken back together"
        ),
        "account_move_shares": "one bill that names its payers, and what they owe of it",
        "account_move_on_account": (
            "bills before the work is done, and what stands against undoing them"
        ),
        "account_move_stage": (
            "the ways of a bill: approve, delete, revert, credit and rebill"
        ),
        "account_move_draft": (
            "the entries of a draft: added, removed, edited, priced again"
        ),
        "account_move_look": "what is worth a look before a draft is approved",
        "account_move_review": "lawyers who review drafts without any accounting right",
        "account_move_options": "what changed options would do to drafts, and doing it",
        "account_move_credit": "crediting a part of a bill",
        "account_move_dispute": (
            "what a client disputes, and that payments leave it alone"
        ),
        "account_move_list": (
            "what the lists show beside the stored figures, and their buttons"
        ),
        "account_move_ageing": (
            "how late unpaid bills are: shown, searched and grouped, never stored"
        ),
    },
    ("bill", "project.project"): {
        "project_project_drafts": "what changed options of a matter do to its drafts",
        "project_project_client": (
            "a matter that changes hands or closes: billed history stays"
        ),
        "project_project_estimate": (
            "what the client was told that the matter would cost, and how far it has come"
        ),
    },
    ("production", "account.move"): {
        "account_move_paper": (
            "a bill's paper as plain values: sections, totals, payments, terms"
        ),
        "account_move_shares": "the paper of a bill that names its payers, and copies",
        "account_move_paper_rows": (
            "the itemised rows of that paper, and how they add up"
        ),
        "account_move_preview": "looking at a bill before it goes out",
        "account_move_take_over": "opening bills, delivered by the system before",
        "account_move_stored_paper": (
            "the stored PDF says what the bill's fields say, and stays once it went out"
        ),
        "account_move_delivery": "e-mailing bills, and knowing whether they arrived",
        "account_move_channel": (
            "networks and postal services that carry bills, and what became of it"
        ),
        "account_move_produce": "producing bills: PDF, e-mail, print; the plan of it",
    },
    ("production", "ir.actions.report"): {
        "ir_actions_report_parallel": (
            "many bills laid out slice by slice, side by side"
        ),
    },
    ("payment", "account.move"): {
        "account_move_settlement": (
            "what each entry settled of one bill, element by element"
        ),
        "account_move_receipt": "who earned what was received for fees",
        "account_move_set_off": "no matter's credit serves another, in no journal",
    },
    ("payment", "legal.payment"): {
        "legal_payment_figures": "what is spread, what is left, what the bank knows",
        "legal_payment_guard": "who may change a payment, and until when",
        "legal_payment_spread": "choosing bills, and spreading the amount by a rule",
        "legal_payment_check": "what must be right before it is posted",
        "legal_payment_entry": "the items of its entry, adding up exactly",
        "legal_payment_post": "posting: one entry, exact pairs",
        "legal_payment_reverse": "undoing a posted payment: once, with a reason",
    },
    ("payment", "legal.payment.allocation"): {
        "legal_payment_allocation_figures": (
            "what is outstanding of a row, and what each rule would give it"
        ),
        "legal_payment_allocation_edit": (
            "typing amounts, ticking rows, and what follows for the elements"
        ),
        "legal_payment_allocation_post": (
            "what one row posts, and what must be right for it"
        ),
    },
    ("write_off", "legal.bill.write.off"): {
        "legal_bill_write_off_post": (
            "checking, posting and undoing write-offs, as sets"
        ),
    },
    ("client_account", "legal.trust.transaction"): {
        "legal_trust_transaction_guard": (
            "a posted movement stays; a draft says who prepared it"
        ),
        "legal_trust_transaction_check": "what must be right before client money moves",
        "legal_trust_transaction_post": "posting: entry, ledger, balance",
        "legal_trust_transaction_reverse": (
            "undoing movements by movements of the other side"
        ),
        "legal_trust_transaction_office": (
            "client money that pays delivered bills of its own matter"
        ),
    },
    ("client_account", "legal.trust.balance"): {
        "legal_trust_balance_apply": (
            "writing balances, and what is available at a date"
        ),
    },
    ("request", "legal.money.request"): {
        "legal_money_request_receive": (
            "what comes in: deposits, or payments with their bills on account"
        ),
        "legal_money_request_paper": "its paper, and how it gets to the client",
        "legal_money_request_portal": "the client's own page of it",
    },
    ("run", "legal.billing.loader"): {
        "legal_billing_loader_plain": (
            "the many matters whose bill is the sum of their entries, by statements"
        ),
    },
    ("run", "legal.billing.run"): {
        "legal_billing_run_load": "which matters a mass billing looks at",
        "legal_billing_run_process": "how the queue is worked off, chunk by chunk",
        "legal_billing_run_undo": "taking back drafts that nobody has worked on",
        "legal_billing_run_print": (
            "producing bills, and the files that are left to print"
        ),
        "legal_billing_run_screen": (
            "the progress page: time to go, what failed and why"
        ),
        "legal_billing_run_strip": (
            "the strip above the rows: header, filters and totals"
        ),
    },
    ("run", "legal.billing.run.line"): {
        "legal_billing_run_line_screen": "what the list of rows shows, and its buttons",
        "legal_billing_run_line_prebill": (
            "the entries of a row, edited before the bill is made"
        ),
        "legal_billing_run_line_insert": "thousands of rows by one statement",
    },
}

#: (room, model): why more than FILES_A_MODEL files open it.
CROWDED = {
    ("drafting", "legal.bill.maker"): (
        "the one maker of bills: loading, prices, arrangements, payers, advances, lines and items "
        "are steps of some 300 lines, each read alone"
    ),
    ("wip", "account.analytic.line"): (
        "core's one model is the whole room: what an entry is worth, may become and "
        "was are different questions"
    ),
    ("bill", "account.move"): (
        "core's one model is the whole room: each file is one thing that is done to a "
        "bill"
    ),
    ("production", "account.move"): (
        "paper, preview, stored PDF, production and delivery of a bill; core has no "
        "model for any of them"
    ),
    ("payment", "legal.payment"): (
        "spread, checked, posted and reversed are four passages of some 300 lines, "
        "each read alone"
    ),
    ("client_account", "legal.trust.transaction"): (
        "checked, posted, reversed and moved to the office: each a passage that is "
        "audited alone"
    ),
    ("run", "legal.billing.run"): (
        "three screens and three ways to work share the record of a run"
    ),
}

#: (room, model, method): the files that override it beside the first, and why.
OVERRIDES = {
    ("matter", "project.project", "create"): {
        "project_project_options": (
            "origins of options are noted of complete matters, after all else"
        ),
        "project_project_wall": "a barrier is completed once the matter is there",
    },
    ("matter", "project.project", "write"): {
        "project_project_options": (
            "options are compared before and after; it reads as one with what it logs"
        ),
        "project_project_wall": (
            "teams are compared before and after; it reads as one with who may do so"
        ),
    },
    ("production", "ir.actions.report", "_run_wkhtmltopdf"): {
        "ir_actions_report_parallel": (
            "takes the page that was laid out already; the other asks for a light "
            "layout"
        ),
    },
}

#: (file, name of the method or model): why it may reach up.
CALLS = {}

#: (file, module): why it may reach up.
IMPORTS = {}


@dataclass(frozen=True)
class Plan:
    """What the house is held against; tests have small ones of their own."""

    rooms: dict
    core: set = field(default_factory=set)
    files: dict = field(default_factory=dict)
    crowded: dict = field(default_factory=dict)
    overrides: dict = field(default_factory=dict)
    calls: dict = field(default_factory=dict)
    imports: dict = field(default_factory=dict)
    registries: dict = field(default_factory=dict)
    files_a_room: int = FILES_A_ROOM
    files_a_model: int = FILES_A_MODEL
    path: Path = Path(__file__)


PLAN = Plan(ROOMS, CORE, FILES, CROWDED, OVERRIDES, CALLS, IMPORTS, REGISTRIES)
