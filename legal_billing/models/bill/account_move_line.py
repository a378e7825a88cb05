from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...exceptions import BillStageError, EntryLockedError, ProtectedFieldError
from ...tools import (
    BILL_ELEMENTS,
    CREDITING,
    DEFAULT_ELEMENT,
    FEE_ELEMENTS,
    STATE_CHANGE,
    WHOLE_BILL,
    find_figures,
    get_element_labels,
    is_changed,
    is_internal,
)

#: Amounts, taxes and account of a generated line: they follow from the entries, and from
#: products through the fiscal position.
GENERATED_FIELDS = {
    "account_id",
    "product_id",
    "product_uom_id",
    "tax_ids",
    "price_unit",
    "quantity",
    "discount",
    "price_subtotal",
    "price_total",
    "is_distribution_set",
}

#: Core writes these itself, from the others or at another rate; a caller may not.
ITEM_FIELDS = {"amount_currency", "balance", "debit", "credit"}

#: Kept in step by core with the entry, and with what an item is matched with.
FOLLOWING_FIELDS = {
    "company_id",
    "date",
    "journal_id",
    "move_name",
    "parent_state",
    "reconciled",
}
#: What an item of a posted entry says and books, and what that is worked out from: core
#: leaves some of it open, and works a posted bill's lines out anew.
SAID_FIELDS = (
    ITEM_FIELDS
    | (GENERATED_FIELDS - {"is_distribution_set"})
    | {"currency_id", "display_type", "move_id", "name"}
)

#: What makes a line one of a matter, and so its invoice a bill.
TIE_FIELDS = {"matter_id", "bill_element", "legal_line_kind", "on_account_line_id"}
#: Of an item of a bill, written by others than those who bill: what matching notes.
OPEN_FIELDS = {
    "discount_allocation_dirty",
    "epd_dirty",
    "full_reconcile_id",
    "matching_number",
    "no_followup",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    matter_id = fields.Many2one(
        "project.project",
        domain=[("is_matter", "=", True)],
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    bill_element = fields.Selection(BILL_ELEMENTS, string="Bill element")
    legal_line_kind = fields.Selection(
        [
            ("fee", "Fees"),
            ("disbursement", "Disbursements"),
            ("instalment", "Instalment"),
            ("subscription", "Subscription"),
            ("quote", "Quote"),
            ("adjustment", "Adjustment"),
            ("discount", "Discount"),
            ("on_account", "On account"),
            ("deduction", "Deducted on account"),
        ],
        string="Generated from WIP as",
        copy=False,
        readonly=True,
        help="Set on lines that billing makes from the entries and makes again when "
        "they change. Empty on lines made by hand, which stay.",
    )

    on_account_line_id = fields.Many2one(
        "account.move.line",
        string="Billed on account as",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of a bill on account that this line deducts of, or credits; the "
        "line itself names itself.",
    )
    is_distribution_set = fields.Boolean(
        copy=False,
        readonly=True,
        help="A person set the analytic distribution of a line that billing makes: it "
        "stays when the line is made again.",
    )

    def _complete_hand_lines(self):
        """Lines that a person made on a draft are of the bill's matter, if it has one
        only, and of an element: fees on an income account, disbursements otherwise."""
        for line in self:
            if line.display_type != "product" or line.legal_line_kind:
                continue
            vals = {}
            if not line.bill_element:
                vals["bill_element"] = line._get_hand_element()
            if not line.matter_id and line.move_id.matter_id:
                matter = line.move_id.matter_id
                vals["matter_id"] = matter.id
                [own] = line._get_matter_distributions(matter)
                if own | (line.analytic_distribution or {}) == own:
                    vals["analytic_distribution"] = own or False
            if vals:
                line.with_context(skip_invoice_sync=True).write(vals)

    def _get_hand_element(self):
        self.ensure_one()
        is_cost = self.product_id.legal_use == "disbursement" or (
            self.account_id and self.account_id.internal_group != "income"
        )
        if not is_cost:
            return DEFAULT_ELEMENT
        is_exempt = self.tax_ids._is_of_no_amount()
        return f"disbursement_{'exempt' if is_exempt else 'taxable'}"

    def _is_deduction(self):
        """Whether the line takes off its bill what another one charged on account, or
        credits such a line.

        :rtype: bool
        """
        self.ensure_one()
        advance = self.sudo().on_account_line_id.move_id  # the same matter
        move = self.move_id
        return bool(advance) and advance not in (move, move.reversed_entry_id)

    def _as_base_values(self):
        """The line as billing prepares its own, for working out taxes.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "price_unit": self.price_unit * (1 - (self.discount or 0.0) / 100),
            "quantity": self.quantity,
            "partner_id": self.partner_id.id,
            "account_id": self.account_id.id,
            "analytic_distribution": self.analytic_distribution,
            "name": self.name,
        }

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """Lines of bills are added by those who may edit the bill, and noted.

        :raise RoleError: for others
        :raise BillStageError: for a sales receipt that would be of a matter
        """
        lines = super().create(vals_list)
        if not self._is_written_by_billing():
            lines.filtered("on_account_line_id")._refuse_deduction()
            lines._check_no_receipt()
            added = lines.filtered(lambda line: line.move_id._get_bills())
            if added:
                added.move_id._check_may_edit()
                added._log_hand_lines({})
        return lines

    def write(self, vals):
        """Lines that were made from entries follow the entries: by hand they change
        neither in what they say nor in what they book. What ties a posted line to its
        matter stays, too. Values that are written again as they are pass: core does
        that a lot.

        :raise EntryLockedError: naming the lines and their bills
        :raise ProtectedFieldError: for amounts that follow, and for what is open
        """
        ties = TIE_FIELDS & vals.keys()
        if ties and not is_internal(self.env):
            self.filtered(
                lambda line: (
                    (line.legal_line_kind or line.parent_state == "posted")
                    and line.move_id._get_bills()
                    and any(is_changed(line, name, vals[name]) for name in ties)
                )
            )._refuse_generated()
        if "on_account_line_id" in vals and not self._is_written_by_billing():
            self.filtered(
                lambda line: is_changed(
                    line, "on_account_line_id", vals["on_account_line_id"]
                )
            )._refuse_deduction()
        touched = GENERATED_FIELDS & vals.keys()
        if touched and not is_internal(self.env):
            changed = self.filtered(
                lambda line: (
                    line.legal_line_kind
                    and any(is_changed(line, name, vals[name]) for name in touched)
                )
            )
            changed._refuse_generated()
        self._check_figures_not_forged(vals)
        self._check_stays_in_entry(vals)
        before = {}
        if not self._is_written_by_billing():
            before = self._check_may_edit_lines(vals)
        distributed = self.browse()
        if "analytic_distribution" in vals and not is_internal(self.env):
            distributed = self.filtered(
                lambda line: (
                    line.legal_line_kind
                    and line.parent_state == "draft"
                    and line.analytic_distribution != vals["analytic_distribution"]
                )
            )
        result = super().write(vals)
        if distributed:
            # sudo: a note on what the user was allowed to do
            super(AccountMoveLine, distributed.sudo()).write(
                {"is_distribution_set": True}
            )
        if "matter_id" in vals and not self._is_written_by_billing():
            self._check_no_receipt()
            self.filtered(
                lambda line: line.matter_id and line.move_id._get_bills()
            ).move_id._check_may_edit()
        self.browse(before)._log_hand_lines(before)
        if ITEM_FIELDS & vals.keys() and not is_internal(self.env):
            self.filtered(
                lambda line: not line._is_worth_its_price()
            )._refuse_generated()
        return result

    def _check_stays_in_entry(self, vals):
        """An item is of the bill that it was made on, draft or not: elsewhere it would
        take matter and price along, and be looked at by nobody.

        :param dict vals: for ``write``
        :raise ProtectedFieldError: naming the bills and entries of matters
        """
        if "move_id" not in vals or self._is_written_by_billing():
            return
        target = self.env["account.move"].browse(vals["move_id"] or ())
        moved = self.filtered(
            lambda line: (
                line.move_id != target
                and (line.matter_id or (line.move_id | target)._get_bills())
            )
        )
        if moved:
            raise ProtectedFieldError(
                self.env._(
                    "%(moves)s: a line stays where it was made. Delete it there, and "
                    "enter it where it belongs.",
                    moves=", ".join(moved.move_id.mapped("display_name")),
                )
            )

    def _check_figures_not_forged(self, vals):
        """What an item comes to, and what of it is open, follows from its price and from
        what it is matched with; once it is posted, it says and books what it did.

        :raise ProtectedFieldError: naming the entries, of bills and of matters
        """
        names = find_figures(self, vals) | (FOLLOWING_FIELDS & vals.keys())
        said = SAID_FIELDS & vals.keys()
        if not (names or said) or self._is_written_by_billing():
            return
        forged = self.filtered(
            lambda line: (
                (line.matter_id or line.move_id._get_bills())
                and any(
                    is_changed(line, name, vals[name])
                    for name in (
                        names | said if line.parent_state == "posted" else names
                    )
                )
            )
        )
        if forged:
            raise ProtectedFieldError(
                self.env._(
                    "%(moves)s: what an item comes to, and what is open of it, is worked "
                    "out. Change its price on a draft; pay or credit what is posted.",
                    moves=", ".join(forged.move_id.mapped("display_name")),
                )
            )

    def _is_written_by_billing(self):
        """Whether billing itself writes, or core does on one of the ways of a bill, whose
        roles were asked.

        :rtype: bool
        """
        context = self.env.context
        return (
            self.env.su
            or context.get("legal_billing_state_change") is STATE_CHANGE
            or context.get("legal_billing_crediting") is CREDITING
            or context.get("legal_billing_whole_bill") is WHOLE_BILL
        )

    def _check_may_edit_lines(self, vals):
        """Lines of bills are changed by those who may edit the bill.

        :param dict vals: for ``write``
        :return: ``{line id: net before}`` of lines by hand of drafts that change
        :rtype: dict
        :raise RoleError: for others
        """
        names = vals.keys() - OPEN_FIELDS
        changed = self.filtered(
            lambda line: (
                names
                and line.move_id._get_bills()
                and any(is_changed(line, name, vals[name]) for name in names)
            )
        )
        if not changed:
            return {}
        changed.move_id._check_may_edit()
        return {line.id: line.price_subtotal for line in changed._get_hand_lines()}

    def _get_hand_lines(self):
        """Those of these lines that a person made on a draft bill.

        :rtype: account.move.line
        """
        return self.filtered(
            lambda line: (
                line.display_type == "product"
                and not line.legal_line_kind
                and line.parent_state == "draft"
                and line.move_id._get_bills()
            )
        )

    def _log_hand_lines(self, before, is_deleted=False):
        """Log what a person changed of a draft's amount by lines of his own.

        :param dict before: ``{line id: net before}``; 0.00 for new lines
        :param bool is_deleted: the lines are about to go
        """
        rows = [
            {
                "bill_id": line.move_id.id,
                "matter_id": line.matter_id.id or line.move_id.matter_id.id,
                "step": "line",
                "before_amount": before.get(line.id, 0.0),
                "after_amount": 0.0 if is_deleted else line.price_subtotal,
                "reason": line.name,
                "user_id": self.env.uid,
            }
            for line in self._get_hand_lines()
        ]
        rows = [row for row in rows if row["before_amount"] != row["after_amount"]]
        if rows:
            # sudo: a log that nobody writes
            self.env["legal.bill.adjustment"].sudo().create(rows)

    def _check_no_receipt(self):
        """A sales receipt is posted without approval and pays nothing: it is no bill.

        :raise BillStageError: naming the receipts
        """
        receipts = self.filtered(
            lambda line: line.matter_id and line.move_id.move_type == "out_receipt"
        ).move_id
        if receipts:
            raise BillStageError(
                self.env._(
                    "%(receipts)s: a sales receipt is not a bill of a matter. Make a customer "
                    "invoice, or bill the matter.",
                    receipts=", ".join(receipts.mapped("display_name")),
                )
            )

    def _is_worth_its_price(self):
        """Whether the item of a generated line of a draft books what the line says, at
        the rate of its bill.

        :rtype: bool
        """
        self.ensure_one()
        if not self.legal_line_kind or self.parent_state != "draft":
            return True
        amount = self.move_id.direction_sign * self.price_unit * self.quantity
        balance = self.amount_currency / (self.currency_rate or 1.0)
        return not (
            self.currency_id.compare_amounts(self.amount_currency, amount)
            or self.company_currency_id.compare_amounts(self.balance, balance)
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_generated(self):
        """Lines made from entries go with their entries, or with the whole bill."""
        whole = self.env.context.get("legal_billing_whole_bill") is WHOLE_BILL
        if not whole and not is_internal(self.env):
            self.filtered("legal_line_kind")._refuse_generated()
        if not self._is_written_by_billing():
            bills = self.move_id._get_bills()
            bills._check_may_edit()
            hand = (self & bills.line_ids)._get_hand_lines()
            hand._log_hand_lines(
                {line.id: line.price_subtotal for line in hand}, is_deleted=True
            )

    def _refuse_deduction(self):
        """:raise ProtectedFieldError: for lines that name a bill on account"""
        if self:
            raise ProtectedFieldError(
                self.env._(
                    "%(moves)s: what was billed on account is deducted by billing alone.",
                    moves=", ".join(self.move_id.mapped("display_name")),
                )
            )

    def _refuse_generated(self):
        if self:
            raise EntryLockedError(
                self.env._(
                    "These lines of %(bills)s are made from its entries: %(lines)s. Edit "
                    "the entries, the discount or the agreed fee, and they follow; "
                    "lines of your own can be added beside them.",
                    bills=", ".join(bill._get_short_name() for bill in self.move_id),
                    lines=", ".join(line.name or "" for line in self),
                )
            )

    def _split_gross(self):
        """The line's gross, apart what is owed per piece and changes no other tax: that
        is not a share of the price, and not given back with a part of it (rule C-36).

        :return: ``{taxes: amount}``
        :rtype: dict
        """
        self.ensure_one()
        shares = self.tax_ids._without_fixed()
        if shares == self.tax_ids:
            return {shares: self.price_total}
        computed = self.tax_ids.compute_all(
            self.price_unit * (1 - self.discount / 100),
            self.currency_id,
            self.quantity,
            self.product_id,
            self.partner_id,
        )
        leaves = self.tax_ids.flatten_taxes_hierarchy()
        apart = leaves.filtered(
            lambda tax: not tax._can_be_discounted() and not tax.include_base_amount
        )
        fixed = sum(
            tax["amount"] for tax in computed["taxes"] if tax["id"] in apart.ids
        )
        return {shares: self.price_total - fixed, shares.browse(): fixed}

    def _get_formula_taxes(self):
        """What the line bears of taxes by formula that no discount has: neither a share
        of the price nor a fixed sum, so a part of the line says nothing of them.

        :return: amounts in the bill's currency, by id of the tax
        :rtype: dict
        """
        self.ensure_one()
        formulas = self.tax_ids.flatten_taxes_hierarchy().filtered(
            lambda tax: not tax._can_be_discounted() and tax.amount_type != "fixed"
        )
        if not formulas:
            return {}
        base_line = self.move_id._prepare_product_base_line_for_taxes_computation(self)
        taxes = self.env["account.tax"]
        taxes._add_tax_details_in_base_line(base_line, self.company_id)
        return {
            data["tax"].id: self.currency_id.round(data["raw_tax_amount_currency"])
            for data in base_line["tax_details"]["taxes_data"]
            if data["tax"] in formulas
        }

    # --- analytic accounts

    def _compute_analytic_distribution(self):
        """Core looks for models when the payer or the account changes: lines of a bill
        keep what a person set."""
        kept = self.filtered("is_distribution_set")
        result = super(AccountMoveLine, self - kept)._compute_analytic_distribution()
        for line in kept:
            line.analytic_distribution = line.analytic_distribution
        return result

    def _related_analytic_distribution(self):
        """Lines of bills have the accounts of their matter, in all plans; core adds what
        the firm's models say of other plans."""
        related = super()._related_analytic_distribution()
        if (
            self.matter_id
            and self.display_type == "product"
            and self.move_id.move_type in ("out_invoice", "out_refund")
        ):
            matter_sudo = self.matter_id.sudo()  # as for generated lines
            related = matter_sudo._get_analytic_distribution() | related
        return related

    def _get_analytic_refusal(self, kwargs):
        """What core's validation has against the distribution of this line.

        :param dict kwargs: of core's ``_validate_distribution``
        :return: names of the plans, or core's sentence; empty: nothing
        :rtype: list
        """
        self.ensure_one()
        try:
            self.with_context(validate_analytic=True)._validate_distribution(**kwargs)
        except ValidationError as error:
            models = self.env["account.analytic.distribution.model"]
            plans = models._get_missing_plans(self.analytic_distribution, **kwargs)
            return plans or [str(error)]
        return []

    def _get_matter_distributions(self, matter):
        """What lines of a matter have that nobody distributed.

        :return: one distribution each
        :rtype: list
        """
        return self.env["account.analytic.distribution.model"]._get_of_matters(
            [
                (matter, line.product_id, line.account_id, line.partner_id)
                for line in self
            ]
        )

    def _get_common_distribution(self):
        """The distribution of these lines taken together, by their amounts.

        :rtype: dict
        """
        first = self[:1].analytic_distribution
        total = sum(self.mapped("price_subtotal"))
        if not total or all(line.analytic_distribution == first for line in self):
            return first
        shares = defaultdict(float)
        for line in self:
            for key, percent in (line.analytic_distribution or {}).items():
                shares[key] += percent * line.price_subtotal / total
        return {key: percent for key, percent in shares.items() if percent > 0}

    # --- lines of several matters

    def action_take_matter_out(self):
        """Take the matter of this line out of its draft over several matters.

        :return: True
        :raise RoleError: without the biller's role
        :raise BillStageError: if it is no draft, or bills no other matter
        """
        self.ensure_one()
        return self.move_id.action_remove_matters(self.matter_id)

    # --- lines credited together

    def _get_credit_key(self):
        """What makes lines one part of a bill when it is credited: matter, element,
        type of disbursement, taxes that are shares of the price, and account.

        :rtype: str
        """
        self.ensure_one()
        element = self.bill_element or DEFAULT_ELEMENT
        product = self.product_id.id if element not in FEE_ELEMENTS else 0
        taxes = ",".join(map(str, sorted(self.tax_ids._without_fixed().ids)))
        key = f"{self.matter_id.id}|{element}|{product}|{taxes}|{self.account_id.id}"
        if self.on_account_line_id:
            key += f"|{self.on_account_line_id.id}"
        return key

    def _get_credit_name(self):
        """:rtype: str"""
        self.ensure_one()
        labels = get_element_labels(self.env)
        element = self.bill_element or DEFAULT_ELEMENT
        if self.on_account_line_id:
            return self.name or self.env._("On account")
        if element in FEE_ELEMENTS:
            return labels[element]
        if self.product_id:
            return self.product_id.display_name
        return labels[element]
