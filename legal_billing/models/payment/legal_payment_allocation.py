from odoo import api, fields, models
from odoo.exceptions import UserError

from ...exceptions import PaymentError
from ...tools import BY_RULE, ELEMENT_ORDER, companies_fit

#: element → field that holds what this allocation pays of it
ELEMENT_FIELDS = {element: f"element_{element}" for element in ELEMENT_ORDER}


#: kinds of rows that settle a bill and take nothing of the payment's amount
WITHOUT_MONEY = ("write_off", "withheld")


class LegalPaymentAllocation(models.Model):
    """One row of a payment: what a bill gets, what becomes a credit of a matter, what
    is written off, or what the client withheld as tax."""

    _name = "legal.payment.allocation"
    _description = "Payment Allocation"
    _inherit = ["legal.billing.guard"]
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
            ("withheld", "Withheld tax"),
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
        help="Of the bill, or whose credit this is. Of a bill over several matters the one "
        "whose part is paid; none: all of it.",
    )
    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain=lambda self: self._domain_account_id(),
        ondelete="restrict",
        help="Of withheld tax: where the firm claims it. Proposed as for this payer "
        "before.",
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
    reason = fields.Char(
        help="Why this is written off, or becomes a credit of a matter that is neither of "
        "the bills nor of the payer."
    )
    amount = fields.Monetary()
    element_disbursement_exempt = fields.Monetary(string="Exempt disb.")
    element_disbursement_taxable = fields.Monetary(string="Taxable disb.")
    element_anticipated_exempt = fields.Monetary(string="Exempt anticipated")
    element_anticipated_taxable = fields.Monetary(string="Taxable anticipated")
    element_fees = fields.Monetary(string="Fees")

    # kept when the payment is posted
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

    @api.model
    def _domain_account_id(self):
        """What is claimed from a tax office is owed to the firm, or takes from what it
        owes: no income, no expense, no bank."""
        return [
            (
                "account_type",
                "in",
                (
                    "asset_current",
                    "asset_non_current",
                    "asset_prepayments",
                    "liability_current",
                ),
            )
        ]

    # --- computes

    @api.depends("bill_id")
    def _compute_kind(self):
        for row in self:
            if row.kind not in WITHOUT_MONEY:
                row.kind = "bill" if row.bill_id else "credit"

    @api.depends("bill_id", "kind", "payment_id.source", "payment_id.matter_id")
    def _compute_matter_id(self):
        """Money of one matter pays that matter's part of a bill over several."""
        for row in self:
            if not row.bill_id:
                row.matter_id = row.matter_id
            elif row.bill_id.matter_id or row.kind != "bill":
                row.matter_id = row.bill_id.matter_id
            else:
                payment = row.payment_id
                is_owned = payment._get_source().is_of_one_matter
                row.matter_id = is_owned and payment.matter_id & row.bill_id.matter_ids

    def _get_part_matter(self):
        """The matter to whose part of a bill over several this row is confined.

        :return: none where it pays the whole bill
        :rtype: project.project
        """
        self.ensure_one()
        bill = self.bill_id
        if (
            self.kind != "bill"
            or bill.matter_id  # of that one alone
            or len(bill.sudo().matter_ids) < 2
        ):
            return self.env["project.project"]
        return self.matter_id

    @api.depends("kind")
    def _compute_account_id(self):
        """The account of the last tax that this payer withheld, else of the last one."""
        for row in self:
            if row.kind != "withheld":
                row.account_id = False
            elif not row.account_id:
                row.account_id = row._get_last_account()

    def _get_last_account(self):
        """
        :rtype: account.account
        """
        payer = self.payment_id.received_from_id
        rows_sudo = self.sudo().search(  # the account alone
            [
                ("kind", "=", "withheld"),
                ("state", "=", "posted"),
                ("company_id", "=", self.payment_id.company_id.id),
            ],
            order="id desc",
            limit=50,
        )
        same = rows_sudo.filtered(lambda row: row.payment_id.received_from_id == payer)
        return (same or rows_sudo)[:1].account_id.with_env(self.env)

    # --- constraints and onchanges

    def _check_company(self, fnames=None):
        """Rows come by the hundred: core's answer is found for all of them together;
        where it is not plainly yes, core checks and refuses as ever.

        :raise PaymentError: naming bills of another company or branch
        """
        if companies_fit(self, fnames):
            return None
        try:
            return super()._check_company(fnames)
        except UserError as error:
            foreign = self.filtered(
                lambda row: row.bill_id and row.bill_id.company_id != row.company_id
            )
            if not foreign:
                raise
            raise PaymentError(
                self.env._(
                    "This payment is of %(company)s, and books there. %(bills)s. Make a "
                    "payment of that company or branch for them.",
                    company=foreign.company_id.mapped("name")[0],
                    bills="; ".join(
                        self.env._(
                            "%(bill)s is of %(company)s",
                            bill=row.bill_id._get_short_name(),
                            company=row.bill_id.company_id.name,
                        )
                        for row in foreign
                    ),
                )
            ) from error

    @api.constrains("amount", "kind", "bill_id", "is_selected")
    def _check_amount(self):
        """An amount is not above what is outstanding, and of the bill's sign. The rule
        keeps to it by itself, and posting looks again."""
        problems = []
        if self.env.context.get("legal_billing_applied_rule") is BY_RULE:
            return
        # rows without an amount are fine, and need not work out what is outstanding
        for row in self.filtered(
            lambda r: r.amount and r.bill_id and r.state == "draft"
        ):
            currency = row.currency_id
            bill = row.bill_id
            if (
                row.is_selected
                and currency.compare_amounts(
                    abs(row.amount), abs(row.outstanding_amount)
                )
                > 0
            ):
                problems.append(row._get_above_text(bill.name, row.amount))
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

    def _get_above_text(self, name, amount):
        """That a row takes more than is open, of the bill or of its matter's part.

        :param str name: of the bill
        :param float amount: that is taken
        :rtype: str
        """
        matter = self._get_part_matter()
        if not matter:
            return self.env._(
                "%(bill)s: %(amount)s is above the outstanding %(outstanding)s",
                bill=name,
                amount=self.currency_id.format_signed(amount),
                outstanding=self.currency_id.format_signed(self.outstanding_amount),
            )
        return self.env._(
            "%(bill)s is of several matters: %(amount)s is above the %(outstanding)s that "
            "is open of the part of %(matter)s. Its money pays no more of this bill; the "
            "rest is paid from bank or cash, or by the other matters",
            bill=name,
            amount=self.currency_id.format_signed(amount),
            outstanding=self.currency_id.format_signed(self.outstanding_amount),
            matter=matter.display_name,
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
