"""What is opened and what is done there, ours and Odoo's own in turns."""

from typing import NamedTuple


class Act(NamedTuple):
    """Something a person does, in JavaScript that may use ``lb`` (page.js), ``id`` (of
    the page's record) and ``n`` (the round)."""

    key: str
    #: what it is called in the table
    name: str
    script: str
    #: key of what of Odoo's own it is held against; empty: it is Odoo's own
    beside: str = ""


class Page(NamedTuple):
    """A page that is opened, and what is then done on it."""

    opened: Act
    #: name of its record among those of the firm
    record: str = ""
    edits: tuple = ()
    #: how to get there first, without being measured
    before: str = ""


#: A small list of core's, from which each page is opened.
NEUTRAL = "lb.open('account.action_payment_term_form')"

TICK = "(await lb.row(n % 40)).querySelector('.o_list_record_selector input').click()"

PAGES = (
    Page(
        Act(
            "invoices",
            "Odoo: Invoices",
            "lb.open('account.action_move_out_invoice')",
        ),
        edits=(Act("invoices_tick", "Odoo: tick an invoice", TICK),),
    ),
    Page(
        Act(
            "mass_billing",
            "Mass Billing",
            "lb.open('legal_billing.legal_billing_run_action_new')",
            "invoices",
        ),
        edits=(
            Act("run_tick", "Mass Billing: tick a matter", TICK, "invoices_tick"),
            Act(
                "run_date",
                "Mass Billing: change the run's date",
                "lb.type(await lb.find('.o_legal_invoice_date'),"
                " n % 2 ? '11/30/2026' : '12/01/2026')",
                "invoice_date",
            ),
        ),
    ),
    Page(
        Act(
            "drafts",
            "Draft Bills",
            "lb.open('legal_billing.draft_bill_action')",
            "invoices",
        ),
    ),
    Page(
        Act(
            "production",
            "Bill Production",
            "lb.open('legal_billing.production_action')",
            "invoices",
        ),
    ),
    Page(
        Act("bills", "Bills", "lb.open('legal_billing.bill_action')", "invoices"),
        edits=(Act("bills_tick", "Bills: tick a bill", TICK, "invoices_tick"),),
    ),
    Page(
        Act(
            "client_money",
            "Client money",
            "lb.open('legal_billing.legal_trust_balance_action')",
            "invoices",
        ),
    ),
    Page(
        Act(
            "invoice",
            "Odoo: a draft invoice of 200 lines",
            "lb.form('account.action_move_out_invoice', id)",
        ),
        record="invoice",
        edits=(
            Act(
                "invoice_cell",
                "Odoo: price of a line of 200",
                "lb.cell(await lb.row(3 + n % 20), 'price_unit', `${90 + n}`)",
            ),
            Act(
                "invoice_date",
                "Odoo: date of the invoice of 200 lines",
                "lb.day('invoice_date', n % 2 ? '10/30/2026' : '10/29/2026')",
            ),
        ),
    ),
    Page(
        Act(
            "draft",
            "A draft of 200 entries",
            "lb.form('legal_billing.draft_bill_action', id)",
            "invoice",
        ),
        record="draft",
        edits=(
            Act(
                "draft_cell",
                "Hours of an entry of 200",
                "lb.cell(await lb.row(3 + n % 20), 'bill_quantity', `${2 + (n % 5)}`)",
                "invoice_cell",
            ),
            Act(
                "draft_date",
                "Date of the draft of 200 entries",
                "lb.day('invoice_date', n % 2 ? '10/30/2026' : '10/29/2026')",
                "invoice_date",
            ),
        ),
    ),
    Page(
        Act(
            "payment",
            "Odoo: Pay, of an invoice of 200 lines",
            "(await lb.find('button[name=action_register_payment]')).click()",
        ),
        record="posted",
        before="lb.form('account.action_move_out_invoice', id)",
        edits=(
            Act(
                "payment_amount",
                "Odoo: amount in its payment window",
                "lb.type(await lb.find('.modal [name=amount] input'), `${90 + n}.00`)",
            ),
        ),
    ),
    Page(
        Act(
            "payment_many",
            "Odoo: Pay, of 300 invoices",
            "lb.action.doAction(await lb.orm.call('account.move',"
            " 'action_register_payment', [id]),"
            " {additionalContext: {default_group_payment: true}})",
        ),
        record="invoices",
        edits=(
            Act(
                "payment_many_amount",
                "Odoo: amount in the payment window of 300",
                "lb.type(await lb.find('.modal [name=amount] input'),"
                " `${9000 + n}.00`)",
            ),
        ),
    ),
    Page(
        Act(
            "slip",
            "A slip of 300 bills",
            "lb.form('legal_billing.legal_payment_action', id)",
            "payment_many",
        ),
        record="slip",
        edits=(
            Act(
                "slip_rule",
                "Slip of 300: apply the rule",
                "(await lb.find('.o_form_sheet .btn-sm[name=action_apply_rule]'))"
                ".click()",
                "payment_many_amount",
            ),
            Act(
                "slip_tick",
                "Slip of 300: tick a bill",
                "(await lb.row(3 + n % 20))"
                ".querySelector('td[name=is_selected] input').click()",
                "payment_many_amount",
            ),
            Act(
                "slip_amount",
                "Slip of 300: amount of a bill",
                "lb.cell(await lb.row(20 + n % 20), 'amount', `${40 + (n % 5)}`)",
                "payment_many_amount",
            ),
        ),
    ),
)
#: Milliseconds that an edit may take, at the median.
QUICK = 300


def get_acts():
    """All that is measured, in the order of the pages.

    :return: ``{key: Act}``
    """
    return {act.key: act for page in PAGES for act in (page.opened, *page.edits)}


def get_edits():
    """Keys of what is done on a page that is open."""
    return {act.key for page in PAGES for act in page.edits}
