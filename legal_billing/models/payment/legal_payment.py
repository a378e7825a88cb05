from copy import deepcopy
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...exceptions import PaymentError
from ...tools import DEFAULT_ELEMENT
from .legal_payment_allocation import ELEMENT_FIELDS


@dataclass(frozen=True)
class PaymentSource:
    """Where the money of a slip comes from, and what follows from that."""

    key: str
    label: str
    #: what the entry debits: "journal" (banks and cash, by core's payment), "account" (the
    #: one that is chosen), or "credits" of the matter
    debits: str = ""
    #: types of the journals that fit
    journal_types: tuple = ("general",)
    #: the payer hands it over: he is named, gets refunds the same way, and his bank may
    #: take it back
    is_handed_over: bool = False
    #: the firm holds it for the client: it moves to the office first
    is_held: bool = False
    #: its surplus may become a credit
    may_overpay: bool = False
    #: it pays bills of one matter only
    is_of_one_matter: bool = False


#: Sources of payments by key, in the order in which people are shown them.
SOURCES = {
    source.key: source
    for source in (
        PaymentSource(
            "bank",
            "Bank",
            debits="journal",
            journal_types=("bank", "credit"),
            is_handed_over=True,
            may_overpay=True,
        ),
        PaymentSource(
            "cash",
            "Cash",
            debits="journal",
            journal_types=("cash",),
            is_handed_over=True,
            may_overpay=True,
        ),
        PaymentSource("nominal", "Nominal account", debits="account", may_overpay=True),
        PaymentSource(
            "client_account",
            "Client account",
            debits="journal",
            journal_types=("bank",),
            is_held=True,
            is_of_one_matter=True,
        ),
        PaymentSource(
            "unallocated",
            "Unallocated credits",
            debits="credits",
            is_of_one_matter=True,
        ),
    )
}
#: Of a form in which none is chosen yet.
NO_SOURCE = PaymentSource("", "")


class LegalPayment(models.Model):
    """A posting slip: one payment over many bills."""

    _name = "legal.payment"
    _description = "Payment of Bills"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "legal.own.company",
        "legal.billing.guard",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(readonly=True, copy=False, index="trigram")
    state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted"), ("reversed", "Reversed")],
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self._default_company_id(),
    )
    direction = fields.Selection(
        [("in", "Received"), ("out", "Refunded")], default="in", required=True
    )
    source = fields.Selection(
        [(key, source.label) for key, source in SOURCES.items()],
        default="bank",
        required=True,
        tracking=True,
    )
    means = fields.Selection(
        [("transfer", "Transfer"), ("cheque", "Cheque"), ("card", "Card")],
        string="By",
        default="transfer",
        help="How the money comes to the bank. Cheques are on the pay-in slip.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain=lambda self: self._domain_journal_id(),
        help="Office bank or cash; for nominal accounts and credits the journal of the "
        "entry.",
    )
    client_journal_id = fields.Many2one(
        "account.journal",
        string="Client bank",
        check_company=True,
        domain=[("type", "=", "bank")],
    )
    nominal_account_id = fields.Many2one(
        "account.account",
        string="Nominal account",
        check_company=True,
        domain=lambda self: self._domain_nominal_account_id(),
    )
    received_from_id = fields.Many2one(
        "res.partner",
        string="Received from",
        index="btree_not_null",
        tracking=True,
        help="Who pays; may be another than the client of the bills.",
    )
    any_payer = fields.Boolean(
        string="Paid by someone else",
        help="The payer is not the one billed: the list shows all contacts.",
    )
    matter_id = fields.Many2one(
        "project.project",
        domain=[("is_matter", "=", True)],
        check_company=True,
        index="btree_not_null",
        help="Only bills of this matter. Client money and credits pay bills of one "
        "matter only.",
    )
    amount = fields.Monetary(tracking=True)
    bank_amount = fields.Monetary(
        string="Amount in the bank's currency",
        currency_field="bank_currency_id",
        help="As on the statement, where the bank account is in another currency than "
        "the bills. 0: at the rate of the day.",
    )
    date = fields.Date(
        required=True, default=lambda self: self._default_date(), tracking=True
    )
    reference = fields.Char(help="The payer's reference, cheque or transfer number.")
    memo = fields.Char(string="Text", help="Follows the bill numbers in the ledger.")
    payment_rule_id = fields.Many2one(
        "legal.payment.rule",
        string="Payment rule",
        compute="_compute_payment_rule_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        tracking=True,
    )
    ignore_reservations = fields.Boolean(
        string="Ignore other drafts",
        help="Pay also what other draft payments hold of the bills.",
    )
    allocation_ids = fields.One2many(
        "legal.payment.allocation", "payment_id", copy=False
    )
    applied_amount = fields.Monetary(
        copy=False, help="Amount when it was spread.", string="Applied amount"
    )
    applied_rule_id = fields.Many2one(
        "legal.payment.rule", copy=False, string="Applied rule"
    )
    apply_count = fields.Integer(
        copy=False, help="Tells amounts that the rule set from typed ones."
    )
    keeps_manual = fields.Boolean(
        copy=False,
        help="The last Re-apply left typed amounts alone; pressed again, it does not.",
    )
    apply_note = fields.Char(copy=False)

    # result
    account_payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        string="Account payment",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Journal entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    write_off_move_id = fields.Many2one(
        "account.move", readonly=True, copy=False, string="Entry of the write-off"
    )
    reversal_move_ids = fields.Many2many(
        "account.move",
        "legal_payment_reversal_rel",
        readonly=True,
        copy=False,
        string="Reversal entries",
    )
    posted_by_id = fields.Many2one(
        "res.users", string="Posted by", readonly=True, copy=False
    )
    posted_on = fields.Datetime(string="Posted on", readonly=True, copy=False)
    reversed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, string="Reversed by"
    )
    reversed_on = fields.Date(readonly=True, copy=False, string="Reversed on")
    reversal_kind = fields.Selection(
        [("correction", "Correction"), ("dishonour", "Dishonoured")],
        readonly=True,
        copy=False,
        string="Reversal kind",
    )
    reversal_reason = fields.Char(
        readonly=True, copy=False, tracking=True, string="Reversal reason"
    )
    pay_in_slip_id = fields.Many2one(
        "legal.pay.in.slip",
        string="Pay-in slip",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="With which it is carried to the bank; each payment is on one.",
    )

    _amount_not_negative = models.Constraint(
        "CHECK(amount >= 0)", "The amount of a payment cannot be negative."
    )
    _number_unique = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Two payments of a company cannot have one number.",
    )

    # --- defaults

    def _default_company_id(self):
        return self.env.company

    def _default_date(self):
        return fields.Date.context_today(self)

    def _domain_journal_id(self):
        types = {key: list(source.journal_types) for key, source in SOURCES.items()}
        none = list(NO_SOURCE.journal_types)
        return (
            f"[('type', 'in', {types}.get(source, {none})), "
            "('company_id', '=', company_id)]"
        )

    def _domain_nominal_account_id(self):
        return [
            (
                "account_type",
                "not in",
                (
                    "asset_receivable",
                    "liability_payable",
                    "asset_cash",
                    "liability_credit_card",
                    "off_balance",
                ),
            )
        ]

    # --- computes

    @api.depends("name", "state")
    def _compute_display_name(self):
        for payment in self:
            payment.display_name = payment.name or self.env._(
                "Draft payment %(number)s", number=payment._origin.id or ""
            )

    @api.depends("source", "company_id", "direction")
    def _compute_journal_id(self):
        for payment in self:
            domain = payment._get_journal_domain()
            journal = payment.journal_id
            if not (journal and journal.filtered_domain(domain)):
                payment.journal_id = self.env["account.journal"].search(domain, limit=1)

    def _get_source(self):
        """What follows from where the money comes from.

        :rtype: PaymentSource
        """
        return SOURCES.get(self.source, NO_SOURCE)

    def _get_source_label(self):
        """The source, in the user's language.

        :rtype: str
        """
        labels = dict(self._fields["source"]._description_selection(self.env))
        return labels[self.source]

    def _get_journal_domain(self):
        """Journals that fit the source.

        :rtype: odoo.fields.Domain
        """
        types = self._get_source().journal_types
        journals = self.env["account.journal"]
        return Domain(
            journals._check_company_domain(self.company_id or self.env.company)
        ) & Domain("type", "in", types)

    @api.depends("company_id", "received_from_id", "matter_id")
    def _compute_payment_rule_id(self):
        for payment in self.filtered(lambda p: p.state == "draft"):
            payment.payment_rule_id = self.env["legal.payment.rule"]._get_default_rule(
                payment.company_id, payment.received_from_id, payment.matter_id
            )

    def _get_rows(self):
        """Ticked rows.

        :rtype: legal.payment.allocation
        """
        return self.allocation_ids.filtered("is_selected")

    # --- what is carried to the bank

    @api.model
    def _get_carried_domain(self):
        """Cheques and cash that came in; not what came by transfer, and not what was
        taken back.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("direction", "=", "in")
            & Domain("state", "=", "posted")
            & (
                Domain("source", "=", "cash")
                | Domain("source", "=", "bank") & Domain("means", "=", "cheque")
            )
        )

    def action_leave_pay_in_slip(self):
        """Take payments off their pay-in slip, as long as the bank does not have it.

        :return: True
        :raise RoleError:
        :raise PaymentError: naming slips that are paid in
        """
        self._check_role("cashier", "manager")
        self.check_access("write")
        self.pay_in_slip_id._check_frozen()
        self._internal().pay_in_slip_id = False
        return True

    # --- bills

    @api.model
    def _get_open_bills_domain(
        self, company=None, partner=None, matter=None, with_credits=False
    ):
        """Bills that a payment can take.

        :param res.company company: else of the companies at hand
        :param res.partner partner: payer or client
        :param project.project matter:
        :param bool with_credits: credit notes as well
        :rtype: odoo.fields.Domain
        """
        types = ("out_invoice", "out_refund") if with_credits else ("out_invoice",)
        domain = (
            Domain("move_type", "in", types)
            & Domain("state", "=", "posted")
            & Domain("matter_ids", "!=", False)
            & Domain("amount_residual", "!=", 0)
        )
        if company:
            domain &= Domain("company_id", "=", company.id)
        if matter:
            domain &= Domain("matter_ids", "in", matter.ids)
        elif partner:
            clients = partner.commercial_partner_id.ids
            owing, settled = self.env["account.move"]._get_share_bills(partner)
            domain &= (
                Domain("commercial_partner_id", "in", clients)
                | Domain("client_id", "child_of", clients)
                | (
                    Domain("client_id", "=", False)  # made by hand
                    & Domain("matter_ids.partner_id", "child_of", clients)
                )
                | Domain("id", "in", owing.ids)
            ) & Domain("id", "not in", settled.ids)
        return domain

    def _get_share_payer(self):
        """Whose share of a bill that names its payers this slip pays: that of who pays;
        client money is the client's.

        :rtype: res.partner
        """
        self.ensure_one()
        if self.received_from_id:
            return self.received_from_id
        if self._get_source().is_held:
            return (self.matter_id or self.allocation_ids.matter_id[:1]).partner_id
        return self.received_from_id

    @api.onchange("received_from_id", "matter_id", "source")
    def _onchange_payer(self):
        """Where exactly one bill is outstanding, it is filled in."""
        if self.allocation_ids or not (self.received_from_id or self.matter_id):
            return
        bills = self.env["account.move"].search(
            self._get_open_bills_domain(
                self.company_id, self.received_from_id, self.matter_id
            ),
            limit=2,
        )
        if len(bills) == 1:
            self.allocation_ids = [Command.create({"bill_id": bills.id})]

    @api.onchange("amount", "payment_rule_id", "allocation_ids")
    def _onchange_amount(self):
        """The rule is applied at once; once it was, a person decides."""
        if (
            self.state == "draft"
            and self.amount
            and self.allocation_ids
            and not any(self.allocation_ids.mapped("amount"))
        ):
            self._apply_rule()

    # --- what the page shows, opens and prints

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Where a view shows the fees of rows, it shows all elements of bills, in their
        order: a view names one of them, and new ones need no change of it."""
        arch, view = super()._get_view(view_id, view_type, **options)
        labels = self.env["legal.payment.allocation"].fields_get(
            ELEMENT_FIELDS.values(), ["string"]
        )
        for node in arch.xpath(f"//field[@name='{ELEMENT_FIELDS[DEFAULT_ELEMENT]}']"):
            for name in ELEMENT_FIELDS.values():
                column = deepcopy(node)
                column.tail = None
                column.set("name", name)
                if node.get("sum"):
                    column.set("sum", labels[name]["string"])
                node.addprevious(column)
            node.getparent().remove(node)
        return arch, view

    def action_open_entries(self):
        """Open the journal entry of these payments; where there are several, reversals
        included, their list as a book-keeper knows it.

        :rtype: dict
        """
        entries = self._get_shown_entries()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries"),
            "res_model": "account.move",
        }
        if len(entries) == 1:
            form = self.env.ref("account.view_move_form").id
            return action | {"res_id": entries.id, "views": [(form, "form")]}
        tree = self.env.ref("account.view_move_tree").id
        return action | {
            "views": [(tree, "list"), (False, "form")],
            "domain": [("id", "in", entries.ids)],
        }

    def _get_shown_entries(self):
        """Everything that these payments posted, reversals included; rooms extend it.

        :rtype: account.move
        """
        return self._get_entries() | self.reversal_move_ids

    def action_open_bills(self):
        """Open the bills of these payments.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        bills = self._get_posting_rows().bill_id
        return action | {"domain": [("id", "in", bills.ids)], "context": {}}

    def action_open_preview(self):
        """Show what each mode would give each bill, side by side; one click takes one.

        :rtype: dict
        """
        self.ensure_one()
        form = self.env.ref("legal_billing.legal_payment_compare_view_form")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare rules"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(form.id, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_use_bill(self):
        """Spread the amount bill by bill.

        :return: nothing: the window closes
        """
        return self._use_mode("bill")

    def action_use_element(self):
        """Spread the amount element by element.

        :return: nothing: the window closes
        """
        return self._use_mode("element")

    def action_use_proportional(self):
        """Spread the amount in proportion.

        :return: nothing: the window closes
        """
        return self._use_mode("proportional")

    def _use_mode(self, mode):
        """Take a rule of this mode and apply it.

        :param str mode:
        :raise PaymentError: if no rule has it
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        if self.payment_rule_id.mode != mode:
            rule = self.env["legal.payment.rule"].search(
                [
                    ("mode", "=", mode),
                    ("company_id", "in", [self.company_id.id, False]),
                ],
                limit=1,
            )
            if not rule:
                raise PaymentError(
                    self.env._(
                        "No payment rule has this mode. Ask a manager to make one."
                    )
                )
            self.payment_rule_id = rule
        self._apply_rule(overwrite=True)

    def action_print_receipt(self):
        """Print Odoo's payment receipt, which lists every bill.

        :rtype: dict
        """
        return self.env.ref("account.action_report_payment_receipt").report_action(
            self.account_payment_id
        )
