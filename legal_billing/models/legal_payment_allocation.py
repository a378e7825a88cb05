from collections import defaultdict

from odoo import api, fields, models

from ..exceptions import PaymentError
from .account_move_line import BILL_ELEMENTS

#: element → field that holds what this allocation pays of it
ELEMENT_FIELDS = {element: f"element_{element}" for element, _label in BILL_ELEMENTS}


class LegalPaymentAllocation(models.Model):
    """One row of a payment: what a bill gets, what becomes a credit of a matter, or
    what is written off."""

    _name = "legal.payment.allocation"
    _description = "Payment Allocation"
    _order = "payment_id, sequence, id"
    _rec_name = "bill_id"
    _check_company_auto = True

    payment_id = fields.Many2one(
        "legal.payment", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="payment_id.company_id", store=True)
    currency_id = fields.Many2one(related="payment_id.currency_id", store=True)
    state = fields.Selection(related="payment_id.state", store=True, index=True)
    kind = fields.Selection(
        [
            ("bill", "Bill"),
            ("credit", "Credit of the matter"),
            ("write_off", "Write-off"),
        ],
        compute="_compute_kind",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    bill_id = fields.Many2one(
        "account.move",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain=lambda self: self._domain_bill_id(),
    )
    matter_id = fields.Many2one(
        "project.project",
        compute="_compute_matter_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        check_company=True,
        domain=[("is_matter", "=", True)],
        ondelete="restrict",
        help="Of the bill, or whose credit this is.",
    )
    partner_id = fields.Many2one(
        related="bill_id.partner_id", string="Billed to", store=True
    )
    client_id = fields.Many2one(related="matter_id.partner_id", string="Client")
    invoice_date_due = fields.Date(related="bill_id.invoice_date_due", string="Due")
    is_selected = fields.Boolean(string="Pay", default=True)
    is_manual = fields.Boolean(
        string="Typed",
        help="The amount was typed: re-applying the rule leaves it, unless it is "
        "pressed again.",
    )
    reason = fields.Char(help="Why this is written off.")
    outstanding_amount = fields.Monetary(
        string="Outstanding", compute="_compute_outstanding"
    )
    payable_amount = fields.Monetary(
        string="Payable",
        compute="_compute_outstanding",
        help="Outstanding, less what is disputed, blocked, or held by other drafts of "
        "payments.",
    )
    payable_note = fields.Char(string="Why less", compute="_compute_outstanding")
    amount = fields.Monetary()
    overpayment_amount = fields.Monetary(
        string="To credit",
        compute="_compute_overpayment_amount",
        help="Part of the amount above what is payable. It becomes an unallocated "
        "credit of the bill's matter.",
    )
    element_disbursement_exempt = fields.Monetary(string="Exempt disb.")
    element_disbursement_taxable = fields.Monetary(string="Taxable disb.")
    element_anticipated_exempt = fields.Monetary(string="Exempt anticipated")
    element_anticipated_taxable = fields.Monetary(string="Taxable anticipated")
    element_fees = fields.Monetary(string="Fees")
    element_outstanding = fields.Json(compute="_compute_element_outstanding")
    element_bar = fields.Json(
        compute="_compute_element_bar",
        help="Per element: what is open and what this row pays of it.",
    )
    preview_bill = fields.Monetary(string="Bill by bill", compute="_compute_preview")
    preview_element = fields.Monetary(
        string="Element by element", compute="_compute_preview"
    )
    preview_proportional = fields.Monetary(
        string="In proportion", compute="_compute_preview"
    )

    # --- kept when the payment is posted
    final_outstanding = fields.Monetary(readonly=True)
    final_payable = fields.Monetary(readonly=True)
    final_overpayment = fields.Monetary(readonly=True)
    final_discount = fields.Monetary(string="Early discount", readonly=True)
    final_note = fields.Char(readonly=True)
    final_elements = fields.Json(readonly=True)

    _bill_once = models.UniqueIndex(
        "(payment_id, bill_id, kind) WHERE bill_id IS NOT NULL",
        "A payment has each bill once.",
    )

    @api.model
    def _domain_bill_id(self):
        return list(self.env["legal.payment"]._get_open_bills_domain(with_credits=True))

    # --- computes

    @api.depends("bill_id")
    def _compute_kind(self):
        for row in self:
            if row.kind != "write_off":
                row.kind = "bill" if row.bill_id else "credit"

    @api.depends("bill_id", "kind")
    def _compute_matter_id(self):
        for row in self:
            if row.bill_id:
                row.matter_id = row.bill_id.matter_id
            else:
                row.matter_id = row.matter_id

    @api.depends(
        "state",
        "kind",
        "is_selected",
        "bill_id.amount_residual",
        "bill_id.disputed_amount",
        "bill_id.payment_state",
        "bill_id.payment_allocation_ids.amount",
        "bill_id.payment_allocation_ids.is_selected",
        "bill_id.payment_allocation_ids.state",
        "payment_id.ignore_reservations",
        "payment_id.payment_rule_id",
        "payment_id.direction",
    )
    def _compute_outstanding(self):
        drafts = self.filtered(lambda row: row.state == "draft" and row.bill_id)
        reserved = drafts._get_reservations()
        for row in self:
            row.payable_note = row.final_note
            if row.state != "draft":
                row.outstanding_amount = row.final_outstanding
                row.payable_amount = row.final_payable
            elif not row.bill_id:
                row.outstanding_amount = row.payable_amount = 0.0
                row.payable_note = self.env._("credit of the matter")
            else:
                own = row.payment_id._origin
                row._set_outstanding(
                    [
                        (slip, amount)
                        for slip, amount in reserved.get(row.bill_id._origin.id, [])
                        if slip != own
                    ]
                )

    def _set_outstanding(self, reservations):
        """Set what is outstanding and payable of one draft row (rule C-19).

        :param list reservations: ``(slip, amount)`` of other drafts
        """
        bill, currency = self.bill_id, self.currency_id
        notes = []
        outstanding = bill.amount_residual if bill.state == "posted" else 0.0
        if bill.move_type == "out_refund":
            outstanding *= -1 if self.payment_id.direction == "in" else 1
            payable = outstanding
        else:
            payable = outstanding
            if bill.disputed_amount:
                payable -= bill.disputed_amount
                notes.append(
                    self.env._(
                        "%(amount)s disputed",
                        amount=currency.format(bill.disputed_amount),
                    )
                )
            for slip, amount in reservations:
                if not self.payment_id.ignore_reservations:
                    payable -= amount
                notes.append(
                    self.env._(
                        "%(amount)s held by %(slip)s",
                        amount=currency.format(amount),
                        slip=slip.display_name,
                    )
                )
            payable = max(0.0, payable)
        if discount := self._get_early_discount():
            notes.append(
                self.env._(
                    "%(amount)s settles it early",
                    amount=currency.format(outstanding - discount),
                )
            )
        include_blocked = self.payment_id.payment_rule_id.include_blocked
        if bill.payment_state == "blocked" and not include_blocked:
            payable = 0.0
            notes.append(self.env._("blocked for payment"))
        self.outstanding_amount = currency.round(outstanding)
        self.payable_amount = currency.round(payable)
        if self.kind == "write_off":
            notes = [self.env._("write-off")]
        self.payable_note = ", ".join(notes)

    def _get_early_discount(self):
        """What the payment term gives for paying by the payment's date.

        :rtype: float
        """
        bill, payment = self.bill_id, self.payment_id
        if (
            not bill.invoice_payment_term_id.early_discount
            or bill.move_type != "out_invoice"
            or not bill._is_eligible_for_early_payment_discount(
                bill.currency_id, payment.date
            )
        ):
            return 0.0
        return sum(
            line.amount_residual_currency - line.discount_amount_currency
            for line in bill.line_ids
            if line.display_type == "payment_term"
        )

    def _get_reservations(self):
        """What drafts hold of these rows' bills, their own included.

        :return: ``{bill id: [(payment, amount), …]}``
        :rtype: dict
        """
        result = defaultdict(list)
        bills = self.bill_id._origin
        if not bills:
            return result
        groups = self.sudo()._read_group(  # other cashiers' drafts count as well
            [
                ("bill_id", "in", bills.ids),
                ("state", "=", "draft"),
                ("is_selected", "=", True),
                ("amount", ">", 0),
            ],
            ["bill_id", "payment_id"],
            ["amount:sum"],
        )
        for bill, payment, amount in groups:
            result[bill.id].append((payment, amount))
        return result

    @api.depends("amount", "is_selected", "payable_amount", "kind", "state")
    def _compute_overpayment_amount(self):
        for row in self:
            if row.state != "draft":
                row.overpayment_amount = row.final_overpayment
            elif row.kind != "bill" or not row.is_selected or row.amount <= 0:
                row.overpayment_amount = 0.0
            else:
                over = (row.currency_id or row.env.company.currency_id).round(
                    row.amount - row.payable_amount
                )
                row.overpayment_amount = max(0.0, over)

    @api.depends(
        "state", "bill_id.amount_residual", "bill_id.payment_allocation_ids.state"
    )
    def _compute_element_outstanding(self):
        drafts = self.filtered(lambda row: row.state == "draft")
        outstanding = drafts.bill_id._origin._get_element_outstanding()
        for row in self - drafts:
            row.element_outstanding = row.final_elements
        for row in drafts:
            amounts = outstanding.get(row.bill_id._origin.id)
            row.element_outstanding = (
                {name: float(amount) for name, amount in amounts} if amounts else False
            )

    @api.depends("element_outstanding", *ELEMENT_FIELDS.values())
    def _compute_element_bar(self):
        labels = dict(BILL_ELEMENTS)
        for row in self:
            row.element_bar = [
                {
                    "label": labels[name],
                    "open": amount,
                    "paid": row[ELEMENT_FIELDS[name]],
                    "element": name,
                }
                for name, amount in (row.element_outstanding or {}).items()
                if amount
            ] or False

    @api.depends(
        "is_selected",
        "payment_id.amount",
        "payment_id.payment_rule_id",
        "payment_id.allocation_ids.is_selected",
        "payable_amount",
    )
    def _compute_preview(self):
        modes = ("bill", "element", "proportional")
        for payment, rows in self.grouped("payment_id").items():
            previews = {mode: payment._preview_mode(mode) for mode in modes}
            for row in rows:
                for mode in modes:
                    row[f"preview_{mode}"] = previews[mode].get(row.bill_id, 0.0)

    # --- constraints and onchanges

    @api.constrains("amount", "kind", "bill_id", "is_selected")
    def _check_amount(self):
        """An amount is not above what is outstanding, and of the bill's sign. The rule
        keeps to it by itself, and posting looks again."""
        problems = []
        if self.env.context.get("legal_billing_applied_rule"):
            return
        for row in self.filtered(lambda r: r.state == "draft" and r.bill_id):
            currency = row.currency_id
            bill = row.bill_id
            if (
                row.is_selected
                and currency.compare_amounts(
                    abs(row.amount), abs(row.outstanding_amount)
                )
                > 0
            ):
                problems.append(
                    self.env._(
                        "%(bill)s: %(amount)s is above the outstanding %(outstanding)s",
                        bill=bill.name,
                        amount=currency.format(row.amount),
                        outstanding=currency.format(row.outstanding_amount),
                    )
                )
            elif row.amount and row.amount * row.outstanding_amount < 0:
                problems.append(
                    self.env._(
                        "%(bill)s: the amount has the wrong sign", bill=bill.name
                    )
                )
        if problems:
            raise PaymentError(
                self.env._(
                    "An allocation cannot exceed the bill:\n%(problems)s\nPut what is "
                    "left on a credit row of the matter.",
                    problems="\n".join(problems),
                )
            )

    @api.constrains("bill_id", "payment_id")
    def _check_bill(self):
        """Posted bills of matters, of one currency."""
        for payment in self.payment_id:
            if len(payment.allocation_ids.bill_id.currency_id) > 1:
                raise PaymentError(
                    self.env._(
                        "%(payment)s has bills of %(currencies)s: one payment is of one "
                        "currency. Make one slip for each.",
                        payment=payment.display_name,
                        currencies=", ".join(
                            payment.allocation_ids.bill_id.currency_id.mapped("name")
                        ),
                    )
                )
        for row in self.filtered("bill_id"):
            bill = row.bill_id
            if bill not in bill._get_bills():
                raise PaymentError(
                    self.env._(
                        "%(bill)s is not a bill of a matter. Pay it with Odoo's own "
                        "Pay button.",
                        bill=bill.display_name,
                    )
                )
            if bill.state != "posted":
                raise PaymentError(
                    self.env._(
                        "%(bill)s is not approved yet and cannot be paid. Approve it "
                        "first.",
                        bill=bill._get_short_name(),
                    )
                )

    @api.onchange("is_selected")
    def _onchange_is_selected(self):
        if not self.is_selected:
            self._assign(0.0)
            self.is_manual = False
        elif self.bill_id and not self.amount:
            left = self.payment_id.difference_amount
            amount = self.payable_amount
            self._assign(min(amount, max(left, 0.0)) if amount > 0 else amount)

    @api.onchange("amount")
    def _onchange_amount(self):
        if not self.amount and not self._origin:
            return  # a new row, nobody typed yet
        self.is_manual = True
        self.is_selected = self.is_selected or bool(self.amount)
        self._assign(self.amount)

    @api.onchange(*ELEMENT_FIELDS.values())
    def _onchange_elements(self):
        total = self.currency_id.round(sum(self._get_elements().values()))
        if self.currency_id.compare_amounts(
            total, self.amount - self.overpayment_amount
        ):
            self.is_manual = True
            self.amount = total

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        typed = []
        for vals in vals_list:
            vals.setdefault("is_manual", bool(vals.get("amount")))
            typed.append(
                bool(vals.get("amount"))
                and not any(vals.get(name) for name in ELEMENT_FIELDS.values())
            )
        rows = super().create(vals_list)
        rows.payment_id._check_is_draft()
        rows.browse(
            row.id for row, split in zip(rows, typed, strict=True) if split
        )._split_again()
        return rows

    def write(self, vals):
        if not self.env["account.move"]._is_billing_internal():
            self.payment_id._check_is_draft()
            if "is_manual" not in vals and "amount" in vals:
                is_rule = self.env.context.get("legal_billing_applied_rule")
                vals = {**vals, "is_manual": not is_rule}
        if vals.get("is_selected") is False:
            vals = {**vals, "amount": 0.0, "is_manual": False}
        elements = vals.keys() & set(ELEMENT_FIELDS.values())
        result = super().write(vals)
        if "amount" in vals and not elements:
            self._split_again()
        elif elements and "amount" not in vals:
            for row in self:
                total = row.currency_id.round(sum(row._get_elements().values()))
                super(LegalPaymentAllocation, row).write(
                    {"amount": total, "is_manual": True, "is_selected": bool(total)}
                )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        """Rows of posted payments stay."""
        if not self.env["account.move"]._is_billing_internal():
            self.payment_id._check_is_draft()

    # --- actions

    def action_typed(self):
        """Give typed amounts back to the rule.

        :return: True
        """
        self.payment_id._check_cashier("client_account_officer")
        self.write({"is_manual": False})
        return True

    def action_use_bill(self):
        """Spread the slip's amount bill by bill.

        :rtype: dict
        """
        return self._use_mode("bill")

    def action_use_element(self):
        """Spread the slip's amount element by element.

        :rtype: dict
        """
        return self._use_mode("element")

    def action_use_proportional(self):
        """Spread the slip's amount in proportion.

        :rtype: dict
        """
        return self._use_mode("proportional")

    def _use_mode(self, mode):
        payment = self.payment_id or self.env["legal.payment"].browse(
            self.env.context.get("default_payment_id")
        )
        payment._use_mode(mode)
        return payment._get_form_action()

    # --- helpers

    def _get_elements(self):
        """What this row pays of each element, elements without an amount left out.

        :rtype: dict
        """
        self.ensure_one()
        return {
            element: self[name]
            for element, name in ELEMENT_FIELDS.items()
            if self[name]
        }

    @api.model
    def _prepare_element_vals(self, elements):
        """Values of the element fields.

        :param elements: ``(element, amount)`` pairs
        :rtype: dict
        """
        amounts = dict(elements)
        return {
            name: float(amounts.get(element, 0))
            for element, name in ELEMENT_FIELDS.items()
        }

    def _assign(self, amount, elements=None):
        """Set amount and elements of one row, saved or not.

        :param float amount:
        :param elements: ``(element, amount)`` pairs; else by the payment's rule
        """
        self.ensure_one()
        if elements is None and self.bill_id:
            paid = (
                amount - max(0.0, amount - self.payable_amount)
                if amount > 0
                else amount
            )
            elements = self.payment_id._split_bill_amount(self, paid)
        vals = {"amount": amount, **self._prepare_element_vals(elements or ())}
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if self._origin == self and changed:
            self.write({"amount": amount, **self._prepare_kept_elements(), **changed})
        else:
            self.update(changed)

    def _prepare_kept_elements(self):
        return {name: self[name] for name in ELEMENT_FIELDS.values()}

    def _split_again(self):
        """Spread typed amounts over the elements of their bills."""
        for row in self.filtered("bill_id"):
            paid = row.amount - row.overpayment_amount
            elements = row.payment_id._split_bill_amount(row, paid)
            row.write(
                {
                    **row._prepare_element_vals(elements),
                    "amount": row.amount,
                    "is_manual": row.is_manual,
                }
            )
