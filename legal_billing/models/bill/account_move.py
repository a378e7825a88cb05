from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date
from odoo.tools.sql import table_exists

from ...exceptions import BillStageError, ProtectedFieldError
from ...tools import (
    CREDITING,
    LARGEST_AMOUNT,
    STATE_CHANGE,
    day_of,
    find_figures,
    given_values,
    is_amount,
    is_changed,
)
from ..common.legal_billing_defaults import (
    ARRANGEMENTS,
    COPIES,
    DISCOUNTS,
    DISPLAYS,
    QUOTE_RULES,
)
from . import numbers

BILL_TYPES = ("out_invoice", "out_refund")

#: Written by the billing actions and by nothing else.
PROTECTED_FIELDS = {
    "matter_ids",
    "matter_id",
    "client_id",
    "responsible_id",
    "practice_area_id",
    "entries_snapshot",
    "left_out_ids",
    "is_fee_overridden",
    "bill_arrangement",
    "arrangement_text",
    "subscription_periods",
    "standard_fees",
    "edit_effect",
    "quote_effect",
    "discount_effect",
    "agreed_effect",
    "fees_amount",
    "disbursements_amount",
    "review_difference",
    "billing_stage",
    "billing_run_id",
    "approved_by_id",
    "approved_on",
    "approved_day",
    "produced_by_id",
    "produced_on",
    "delivered_on",
    "delivered_day",
    "delivery_method",
    "delivery_error",
    "delivery_message_ids",
    "replaces_sent_on",
    "replaces_sent_day",
    "is_changed_since_review",
    "legal_write_off_id",
    "reviewer_id",
    "review_state",
    "review_since",
    "review_requested_by_id",
    "review_note",
    "is_changed_since_ready",
    "billing_kind",
    "on_account_deducted",
    "is_shared",
    "is_split",
    "is_split_due",
    "is_together",
    "split_of_id",
    "split_ids",
    "payer_share_ids",
    "dispute_reason",
    "disputed_on",
    "disputed_by_id",
}

#: Days are kept beside their moments: ``{moment: day}``.
DAYS = {
    "approved_on": "approved_day",
    "delivered_on": "delivered_day",
    "replaces_sent_on": "replaces_sent_day",
}

#: Written by posting, resetting and cancelling, and by nothing else.
STATE_FIELDS = {"move_type", "payment_state", "posted_before", "state"}


#: Written by others than those who bill: conversation, what core notes of payments, and
#: core's own marks.
OPEN_FIELDS = {
    "activity_ids",
    "access_token",
    "checked",
    "is_manually_modified",
    "matched_payment_ids",
    "message_follower_ids",
    "message_ids",
    "message_main_attachment_id",
    "needed_terms_dirty",
    "no_followup",
    "preferred_payment_method_line_id",
}
#: What is noted on a bill that is produced: neither items nor amounts follow.
NOTED_FIELDS = {
    "access_token",
    "delivered_day",
    "delivered_on",
    "delivery_error",
    "delivery_message_ids",
    "delivery_method",
    "delivery_note",
    "is_move_sent",
    "message_main_attachment_id",
    "produced_by_id",
    "produced_on",
    "sending_data",
}
#: What a bill says of payer, bank, terms and texts: each change by a person is noted.
SAID_FIELDS = {
    "fiscal_position_id",
    "invoice_date_due",
    "invoice_payment_term_id",
    "narration",
    "partner_bank_id",
    "partner_id",
    "payment_reference",
    "ref",
}


class AccountMove(models.Model):
    """A bill: a customer invoice or credit note with lines of a matter."""

    _name = "account.move"
    _inherit = ["account.move", "legal.billing.guard", "legal.bill.channels"]

    matter_ids = fields.Many2many(
        "project.project",
        "legal_bill_matter_rel",
        "bill_id",
        "matter_id",
        string="Matters",
        compute="_compute_matter_ids",
        store=True,
        copy=False,
        context={"active_test": False},
    )
    matter_id = fields.Many2one(
        "project.project",
        compute="_compute_matter_id",
        store=True,
        copy=False,
        index="btree_not_null",
        help="The matter, where the bill is of exactly one.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        compute="_compute_of_matters",
        store=True,
        string="Responsible lawyer",
        help="Of the matter; of several, where all have the same.",
    )
    practice_area_id = fields.Many2one(
        "legal.practice.area",
        compute="_compute_of_matters",
        store=True,
        string="Practice area",
    )
    client_id = fields.Many2one(
        "res.partner",
        copy=False,
        readonly=True,
        help="The matter's client when the bill was made. The invoice's own partner "
        "is who is billed.",
    )
    billing_stage = fields.Selection(
        [
            ("draft", "Draft"),
            ("production", "In production"),
            ("finalized", "Finalised"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_billing_stage",
        store=True,
        index="btree_not_null",
        copy=False,
        string="Stage",
    )
    billing_run_id = fields.Many2one(
        "legal.billing.run",
        string="Billing run",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    wip_line_ids = fields.One2many(
        "account.analytic.line", "bill_id", string="Entries", copy=False
    )
    instalment_ids = fields.One2many("legal.fee.instalment", "bill_id", copy=False)
    adjustment_ids = fields.One2many("legal.bill.adjustment", "bill_id", copy=False)
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
    )
    bill_email_template_id = fields.Many2one(
        "mail.template",
        string="Bill e-mail template",
        domain=[("model", "=", "account.move")],
        copy=False,
    )
    cutoff_date = fields.Date(string="Entries up to", copy=False)
    fee_override = fields.Monetary(
        string="Bill fees at",
        copy=False,
        tracking=True,
        help="Agreed fee of this bill, net of tax. Stays whatever entries are added, "
        "until it is released.",
    )
    is_fee_overridden = fields.Boolean(copy=False, readonly=True)
    bill_discount_type = fields.Selection(
        DISCOUNTS, copy=False, tracking=True, string="Bill discount type"
    )
    bill_discount_value = fields.Float(
        digits="Product Price", copy=False, tracking=True, string="Bill discount value"
    )
    bill_quote_rule = fields.Selection(
        [*QUOTE_RULES, ("sum", "Bill the sum of both")],
        copy=False,
        help="What was chosen for this bill. Empty: as the matter says.",
        string="Bill quote rule",
    )
    bill_adjustment_display = fields.Selection(
        DISPLAYS, copy=False, string="Bill adjustment display"
    )
    disputed_amount = fields.Monetary(copy=False, string="Disputed amount")
    bill_text = fields.Text(
        string="Text of the bill",
        copy=False,
        help="A paragraph above the itemised list.",
    )
    print_copies = fields.Selection(COPIES, copy=False, string="Print copies")
    bill_channel_ids = fields.Many2many(
        "legal.bill.channel",
        "legal_bill_channel_rel",
        "bill_id",
        "channel_id",
        string="Goes by",
        copy=False,
        domain=[("is_available", "=", True)],
        help="E-mail goes to the recipients, print makes the copies; networks and "
        "letters go to who is billed.",
    )
    recipient_ids = fields.Many2many(
        "res.partner",
        "legal_bill_recipient_rel",
        "bill_id",
        "partner_id",
        string="E-mail to",
        copy=False,
        context={"active_test": False},
    )
    bill_arrangement = fields.Selection(
        ARRANGEMENTS, string="Arrangement", copy=False, readonly=True
    )
    arrangement_text = fields.Char(
        string="Effect of the arrangement",
        copy=False,
        readonly=True,
        help="What the fee arrangement made of this bill, as its paper says it.",
    )
    subscription_periods = fields.Json(
        copy=False,
        readonly=True,
        help="Periods of the matter's subscription whose fee or hours this bill took.",
        string="Subscription periods",
    )
    standard_fees = fields.Monetary(
        copy=False,
        readonly=True,
        help="Recorded hours at the rates that apply on the day of the work, whatever "
        "was edited, and also what is not charged.",
        string="Standard fees",
    )
    edit_effect = fields.Monetary(
        string="Edited",
        copy=False,
        readonly=True,
        help="What edited hours and rates, and work that is not charged, make of the "
        "standard fees.",
    )
    quote_effect = fields.Monetary(copy=False, readonly=True, string="Quote effect")
    discount_effect = fields.Monetary(
        copy=False, readonly=True, string="Discount effect"
    )
    agreed_effect = fields.Monetary(copy=False, readonly=True, string="Agreed effect")
    fees_amount = fields.Monetary(copy=False, readonly=True, string="Fees")
    disbursements_amount = fields.Monetary(
        copy=False, readonly=True, string="Disbursements"
    )
    approved_by_id = fields.Many2one(
        "res.users", copy=False, readonly=True, string="Approved by"
    )
    approved_on = fields.Datetime(string="Approved at", copy=False, readonly=True)
    approved_day = fields.Date(
        string="Approved on",
        copy=False,
        readonly=True,
        help="The day on which it was approved, where the approver is.",
    )
    produced_by_id = fields.Many2one(
        "res.users", copy=False, readonly=True, string="Produced by"
    )
    produced_on = fields.Datetime(copy=False, readonly=True, string="Produced on")
    delivered_on = fields.Datetime(
        string="Delivered at",
        copy=False,
        readonly=True,
        help="When the client got it: e-mail accepted, print confirmed as posted, or "
        "sent by hand. Produced alone is not delivered.",
    )
    delivered_day = fields.Date(
        string="Delivered on",
        copy=False,
        readonly=True,
        help="The day on which the client got it: as it was entered, or where it was "
        "noted. The same for every reader, whatever the time zone.",
    )
    delivery_method = fields.Selection(
        [
            ("email", "E-mail"),
            ("post", "Post"),
            ("hand", "By hand"),
            ("peppol", "Peppol"),
            ("snailmail", "Letter"),
            ("network", "Network"),
            ("before", "Before this system"),
        ],
        copy=False,
        readonly=True,
        string="Delivery method",
    )
    delivery_note = fields.Char(copy=False)
    delivery_error = fields.Char(
        copy=False,
        readonly=True,
        help="Why the last attempt to send this bill failed.",
        string="Delivery error",
    )
    is_changed_since_review = fields.Boolean(copy=False, readonly=True)
    review_difference = fields.Monetary(
        copy=False,
        readonly=True,
        help="Change of WIP between review and billing.",
        string="Review difference",
    )

    def init(self):
        """A number that was given to a bill stays its own, in the database too."""
        result = super().init()
        cr = self.env.cr
        if not table_exists(cr, "legal_bill_number"):
            cr.execute(numbers.TABLE)
            cr.execute(numbers.FILL)
        cr.execute(numbers.TRIGGERS)
        return result

    # --- computes

    @api.depends("move_type", "line_ids.matter_id")
    def _compute_matter_ids(self):
        field = self._fields["matter_ids"]
        found = {
            move: move.line_ids.matter_id
            if move.move_type in BILL_TYPES
            else self.env["project.project"]
            for move in self
        }
        stored = self.filtered("id")
        stored.filtered(
            lambda move: found[move] and move.state == "posted"
        )._check_is_bill_already()
        # one statement for all: an assignment each would be one each
        field.write_batch([(move, [Command.set(found[move].ids)]) for move in stored])
        for move in self - stored:
            move.matter_ids = found[move]

    @api.depends("matter_ids")
    def _compute_matter_id(self):
        for move in self:
            move.matter_id = move.matter_ids if len(move.matter_ids) == 1 else False

    @api.depends("matter_ids.responsible_id", "matter_ids.practice_area_id")
    def _compute_of_matters(self):
        for move in self:
            matters_sudo = move.sudo().matter_ids  # names that every reader sees
            for name in ("responsible_id", "practice_area_id"):
                value = matters_sudo[:1][name]
                is_same = all(matter[name] == value for matter in matters_sudo)
                move[name] = is_same and value

    @api.depends("state", "produced_on", "matter_ids")
    def _compute_billing_stage(self):
        for move in self:
            if not move.matter_ids:
                move.billing_stage = False
            elif move.state == "draft":
                move.billing_stage = "draft"
            elif move.state == "cancel":
                move.billing_stage = "cancelled"
            else:
                move.billing_stage = "finalized" if move.produced_on else "production"

    # --- dates

    @api.onchange("invoice_date", "date", "journal_id")
    def _onchange_date_of_number(self):
        """Refused as it is typed.

        :raise BillStageError: if the date leaves the period of the draft's number
        """
        self._check_date_fits_number()

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """What billing alone writes comes with billing's own code only, and by no
        default of the context either.

        :raise ProtectedFieldError:
        """
        for vals in vals_list:
            given = given_values(self.env, vals)
            if given.get("billing_kind") == "work":
                del given["billing_kind"]  # a bank line's entry is given its defaults
            self._check_protected(given)
        moves = super().create([self._complete_days(vals) for vals in vals_list])
        channels = set(self._channel_fields())
        for move, vals in zip(moves, vals_list, strict=True):
            if channels & vals.keys():
                move._internal()._align_channels(vals)
        bills = moves._get_bills()
        bills._check_approved_by_a_person()
        bills._check_begins_as_draft()
        return moves

    def write(self, vals):
        """What is written to a bill: who may, what stays, and what follows. Rooms that
        have a say extend `_check_protected` and `_check_frozen`.
        """
        if self._is_written_by_reviewer():
            return self._write_as_reviewer(vals)
        self._check_state_not_forged(vals)
        self._check_protected(vals)
        self._check_frozen(vals)
        if not self._is_internal():
            self._check_may_change(vals)
            if "currency_id" in vals:
                self._check_currency_change(vals["currency_id"])
            self._check_terms_change(vals)
        said = self._get_said(vals)
        drafts = self.browse()
        if {"journal_id", "invoice_date"} & vals.keys():
            drafts = self._get_bills().filtered(lambda bill: bill.state == "draft")
        if drafts and "journal_id" in vals and "currency_id" not in vals:
            # core would take the journal's own currency, with the figures as they are
            for currency, moves in self.grouped("currency_id").items():
                moves.write({**vals, "currency_id": currency.id})
            return True
        due_at_once = drafts.filtered(
            lambda bill: (
                not bill.invoice_payment_term_id
                and bill.invoice_date_due == bill.invoice_date
            )
        )
        vals = self._complete_days(self._complete_fee_override(vals))
        written = self
        if vals.keys() <= NOTED_FIELDS:  # core would look at all items again
            written = self.with_context(
                check_move_validity=False, skip_invoice_sync=True
            )
        result = super(AccountMove, written).write(vals)
        self._follow_changes(vals)
        if {"invoice_date", "date", "journal_id"} & vals.keys():
            self._check_date_fits_number()
        self._log_said(said)
        if "auto_post" in vals:
            self._get_bills()._check_approved_by_a_person()
        if "invoice_date" in vals:
            if vals["invoice_date"] and "invoice_date_due" not in vals:
                due_at_once.invoice_date_due = vals["invoice_date"]
            drafts._reprice_at_date()
        return result

    def _complete_days(self, vals):
        """Whoever notes a moment notes its day with it: the one that is given, else the
        day where the user is, or the company where nobody is.

        :param dict vals: for ``create`` or ``write``
        :rtype: dict
        """
        days = {
            day: day_of(vals[moment], *self._get_time_zones())
            for moment, day in DAYS.items()
            if moment in vals and day not in vals
        }
        return {**vals, **days} if days else vals

    def _get_time_zones(self):
        """Time zones that count, in this order.

        :return: names, some of them empty
        :rtype: list
        """
        return [
            self.env.context.get("tz"),
            self.env.user.tz,
            self.company_id[:1].sudo().partner_id.tz,
        ]

    def _complete_fee_override(self, vals):
        """
        :param dict vals: for ``write``
        :rtype: dict
        """
        if "fee_override" in vals:
            vals = {
                **vals,
                # 0.00 is an agreed fee, False and None release it
                "is_fee_overridden": vals["fee_override"] is not False
                and vals["fee_override"] is not None,
            }
        return vals

    def _follow_changes(self, vals):
        """Lines by hand get their matter and element, and drafts their price, after a
        change.

        :param dict vals: that were written
        """
        if {"invoice_line_ids", "line_ids"} & vals.keys():
            drafts = self._get_bills().filtered(lambda bill: bill.state == "draft")
            drafts.invoice_line_ids._complete_hand_lines()
            drafts._refresh_shares()
        if vals.keys() & set(self._channel_fields()):
            self._get_bills()._align_channels(vals)
        if "partner_id" in vals:
            self._get_bills()._tell_share_of_payer()
        if (
            vals.keys() & self._get_repricing_fields()
            and not self._is_removing_matters()
        ):
            self._get_bills().filtered(lambda bill: bill.state == "draft")._reprice()

    @api.model
    def _get_repricing_fields(self):
        """Fields of a draft whose change makes its lines anew.

        :rtype: set
        """
        return {
            "fee_override",
            "bill_discount_type",
            "bill_discount_value",
            "bill_quote_rule",
            "bill_adjustment_display",
        }

    # --- what makes a bill, and who changes one

    def _check_is_bill_already(self):
        """A document that was posted without a matter never becomes a bill, whatever put
        the matter on its lines: nobody approved it as one. Asked where the bill's matters
        follow from the lines.

        :raise BillStageError: naming the documents
        """
        self.env.cr.execute(
            SQL(
                "SELECT bill_id FROM legal_bill_matter_rel WHERE bill_id IN %s",
                tuple(self.ids) or (0,),
            )
        )
        known = {row[0] for row in self.env.cr.fetchall()}
        if new := self.filtered(lambda move: move.id not in known):
            raise BillStageError(
                self.env._(
                    "%(documents)s was posted without a matter and was approved by nobody: "
                    "it does not become a bill. Reset it to draft, put the matter on its "
                    "lines and have it approved; or credit it and bill the matter.",
                    documents=", ".join(new.mapped("display_name")),
                )
            )

    def _check_approved_by_a_person(self):
        """Nothing posts a bill by itself later.

        :raise BillStageError: naming the bills that are to be posted by a job
        """
        if later := self.filtered(lambda bill: bill.auto_post != "no"):
            raise BillStageError(
                self.env._(
                    "%(bills)s: a bill is approved by a person, not posted automatically "
                    "at a date or again and again. Set Auto-post to No; use Mass Billing, "
                    "or instalments that repeat.",
                    bills=", ".join(bill._get_short_name() for bill in later),
                )
            )

    def _check_begins_as_draft(self):
        """A bill is a draft first, whoever makes it.

        :raise ProtectedFieldError: for another state, naming the bills
        """
        if not self.env.su:
            self.filtered(lambda bill: bill.state != "draft")._refuse_forged_state()

    def _check_may_change(self, vals):
        """Whoever has core's Invoicing may write invoices; a bill is changed by those who
        bill, a draft by its reviewer too. Core's own steps of posting, resetting and
        crediting were asked before.

        :param dict vals: for ``write``
        :raise RoleError: naming the role
        """
        context = self.env.context
        if (
            self.env.su
            or vals.keys() <= OPEN_FIELDS
            or context.get("legal_billing_state_change") is STATE_CHANGE
            or context.get("legal_billing_crediting") is CREDITING
        ):
            return
        changed = self._get_bills().filtered(
            lambda bill: any(
                is_changed(bill, name, value)
                for name, value in vals.items()
                if name not in OPEN_FIELDS
            )
        )
        changed._check_may_edit()

    def _check_may_edit(self):
        """
        :raise RoleError: for users who neither bill nor, on drafts, review
        """
        drafts = self.filtered(lambda bill: bill.state == "draft")
        if drafts:
            drafts._check_can_edit_draft()
        if self - drafts:
            self._check_role("biller", "manager")

    def _get_said(self, vals):
        """What bills say of payer, bank, terms and texts, before a person changes it.

        :param dict vals: for ``write``
        :return: ``{bill: {field: text}}``
        :rtype: dict
        """
        names = SAID_FIELDS & vals.keys()
        if not names or self._is_internal() or self.env.su:
            return {}
        return {
            bill: {name: bill._say(name) for name in names}
            for bill in self._get_bills()
        }

    def _say(self, name):
        value = self[name]
        return value.display_name if isinstance(value, models.BaseModel) else value

    def _log_said(self, before):
        """Note on bills what a person changed of what they say.

        :param dict before: of `_get_said`
        """
        bodies = {}
        for bill, texts in before.items():
            changes = [
                self.env._(
                    "%(field)s: %(before)s → %(after)s",
                    field=self._fields[name]._description_string(self.env),
                    before=text or "–",
                    after=bill._say(name) or "–",
                )
                for name, text in texts.items()
                if text != bill._say(name)
            ]
            if changes:
                bodies[bill.id] = ". ".join(changes)
        if bodies:
            self.browse(bodies)._message_log_batch(bodies=bodies)

    @api.constrains("disputed_amount", "fee_override", "bill_discount_value")
    def _check_amounts(self):
        """
        :raise BillStageError: for amounts that are none, naming the bills
        """
        wrong = self._get_bills().filtered(
            lambda bill: (
                not (
                    is_amount(bill.disputed_amount, most=abs(bill.amount_total))
                    and is_amount(bill.fee_override)
                    and is_amount(
                        bill.bill_discount_value,
                        most=100
                        if bill.bill_discount_type == "percent"
                        else LARGEST_AMOUNT,
                    )
                )
            )
        )
        if wrong:
            raise BillStageError(
                self.env._(
                    "%(bills)s: a disputed amount must be between 0.00 and the bill's "
                    "total, an agreed fee cannot be negative, and a discount cannot "
                    "exceed the fee.",
                    bills=", ".join(bill._get_short_name() for bill in wrong),
                )
            )

    # --- protected fields

    @api.model
    def _protected_fields(self):
        """Fields that billing alone writes."""
        return super()._protected_fields() | PROTECTED_FIELDS

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s is set by the billing actions. Use Approve, Produce, Revert or "
            "Confirm posted.",
            fields=labels,
        )

    def _check_terms_change(self, vals):
        """How a bill is priced changes on drafts only, and never below nothing.

        :raise BillStageError: naming the bills or the field
        """
        touched = self._get_repricing_fields() & vals.keys()
        if not touched:
            return
        approved = self._get_bills().filtered(lambda bill: bill.state != "draft")
        if approved:
            raise BillStageError(
                self.env._(
                    "%(bills)s is not a draft: fees and discount stay as approved. Revert "
                    "it first.",
                    bills=", ".join(bill._get_short_name() for bill in approved),
                )
            )
        self._get_bills()._check_can_edit_draft()
        self._get_bills()._check_charges_work()
        self._get_bills()._check_holds_entries()
        self._get_bills()._check_one_matter()
        for name in ("fee_override", "bill_discount_value"):
            if not is_amount(vals.get(name)):
                raise BillStageError(
                    self.env._(
                        "%(field)s is an amount, and cannot be negative.",
                        field=self._fields[name].string,
                    )
                )

    def _check_currency_change(self, currency_id):
        """Entries have their value in the matter's currency: a bill keeps it.

        :raise BillStageError: naming the bills
        """
        changed = self._get_bills().filtered(
            lambda bill: (
                bill.currency_id.id != currency_id
                and (bill.wip_line_ids or bill.instalment_ids)
            )
        )
        if changed:
            raise BillStageError(
                self.env._(
                    "%(bills)s has entries in another currency. Delete the draft, change "
                    "the matter's billing currency and bill it again.",
                    bills=", ".join(bill._get_short_name() for bill in changed),
                )
            )

    def _get_bills(self):
        """The bills of matters among these moves.

        :rtype: account.move
        """
        return self.filtered(
            lambda move: move.move_type in BILL_TYPES and move.matter_ids
        )

    @api.model
    def _get_stage_domain(self, *stages):
        """Bills in these stages.

        :rtype: odoo.fields.Domain
        """
        return Domain("billing_stage", "in", stages) & Domain(
            "move_type", "in", BILL_TYPES
        )

    # --- state and number

    def _check_state_not_forged(self, vals):
        """
        :raise ProtectedFieldError: naming bills and entries of payments
        """
        names = vals.keys() & (STATE_FIELDS | {"name", "legal_payment_id"})
        names |= find_figures(self, vals)
        if not names or self.env.su:
            return
        if self.env.context.get("legal_billing_state_change") is STATE_CHANGE:
            return
        forged = self.filtered(
            lambda move: any(
                is_changed(move, name, vals[name])
                and not move._is_blocking(name, vals[name])
                and (name != "name" or move.posted_before)
                for name in names
            )
        )
        guarded = forged._get_bills() | forged.filtered("legal_payment_id")
        guarded._refuse_forged_state()

    def _refuse_forged_state(self):
        """:raise ProtectedFieldError: naming these, if there are any"""
        if self:
            raise ProtectedFieldError(
                self.env._(
                    "%(moves)s: state, number and totals are not written directly. Use "
                    "Approve, Revert, Delete, or Reverse on the payment.",
                    moves=", ".join(self.mapped("display_name")),
                )
            )

    def _is_blocking(self, name, value):
        """Whether core's button blocks or frees the payment of this bill.

        :rtype: bool
        """
        return name == "payment_state" and (
            value == "blocked"
            or (self.payment_state == "blocked" and value == "not_paid")
        )

    def _check_date_fits_number(self):
        """A draft that has a number stays in the number's period: elsewhere the number
        would be given to another bill.

        :raise BillStageError: naming all drafts whose date leaves it
        """
        problems = [
            bill._get_number_problem()
            for bill in self._get_bills()
            if bill.state == "draft" and bill._origin.posted_before
        ]
        if any(problems):
            raise BillStageError("\n".join(filter(None, problems)))

    def _get_number_problem(self, day=None):
        """Why this bill cannot have the date under its number, and the way out.

        :param date day: that it would get; default: its own
        :return: empty if it can, or has no number
        :rtype: str
        """
        self.ensure_one()
        if not self._origin.posted_before or not self.name or self.name == "/":
            return ""
        bill = self
        if day and day != self.date:
            bill = self.new(
                {
                    "name": self.name,
                    "date": day,
                    "journal_id": self.journal_id.id,
                    "company_id": self.company_id.id,
                    "move_type": self.move_type,
                }
            )
        if bill._sequence_matches_date():
            return ""
        return self.env._(
            "%(number)s is a number of another period than %(date)s, and numbers are not "
            "given twice. Keep the date in the period of the number; or delete the draft "
            "(its number stays on a cancelled bill) and bill the matter again.",
            number=self.name,
            date=format_date(self.env, bill.date),
        )

    @api.model
    def _sql_error_to_message(self, exc):
        if exc.diag.constraint_name == numbers.CONSTRAINT:
            return self.env._(
                "This number was given to another bill, and numbers are not given twice, "
                "not even those of cancelled bills. Leave the number empty: the next "
                "free one is taken."
            )
        return super()._sql_error_to_message(exc)

    def _changing_state(self):
        """These moves, on one of the ways that may write the state."""
        return self.with_context(legal_billing_state_change=STATE_CHANGE)

    @api.model
    def _get_balance_domain(self):
        """Approved bills of matters with an open balance.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("matter_ids", "!=", False)
            & Domain("move_type", "=", "out_invoice")
            & Domain("state", "=", "posted")
            & Domain("amount_residual", ">", 0)
        )

    def _get_email_default(self):
        """Who gets this matter's bills, else who is billed."""
        # its recipients, not its secrets; those of several have the same
        matter_sudo = self.sudo().matter_id or self.sudo().matter_ids[:1]
        if self.is_split or self.is_shared:
            return (
                self.sudo()._get_matter_payer().recipient_ids.sudo(False)
                or self.partner_id
            )
        return matter_sudo._get_bill_recipients().sudo(False) or self.partner_id

    def _get_recipients(self):
        """Who gets the bill by e-mail, archived partners included.

        :rtype: res.partner
        """
        return self.with_context(active_test=False).recipient_ids

    def _get_open_receivable_lines(self):
        """Open items of the bill, one per instalment.

        :rtype: account.move.line
        """
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        )
