from collections import defaultdict

from odoo import api, fields, models

from ...tools import ELEMENT_ORDER, ELEMENT_TONES, get_element_labels
from .legal_payment_allocation import ELEMENT_FIELDS, WITHOUT_MONEY


class LegalPaymentAllocation(models.Model):
    """What is outstanding and payable of each row, and what each rule would give it."""

    _inherit = "legal.payment.allocation"

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
    held_amount = fields.Monetary(
        string="Held by other drafts",
        compute="_compute_outstanding",
        help="What would be payable, were it not on other drafts. It is never made a "
        "credit unless somebody says so.",
    )
    overpayment_amount = fields.Monetary(
        string="To credit",
        compute="_compute_overpayment_amount",
        help="Part of the amount above what is payable. It becomes an unallocated "
        "credit of the bill's matter.",
    )
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

    @api.depends(
        "state",
        "kind",
        "matter_id",
        "is_selected",
        "bill_id.amount_residual",
        "bill_id.disputed_amount",
        "bill_id.payment_state",
        "bill_id.payment_allocation_ids.amount",
        "bill_id.payment_allocation_ids.matter_id",
        "bill_id.payment_allocation_ids.is_selected",
        "bill_id.payment_allocation_ids.state",
        "payment_id.ignore_reservations",
        "payment_id.payment_rule_id",
        "payment_id.direction",
        "payment_id.received_from_id",
        "payment_id.source",
    )
    def _compute_outstanding(self):
        drafts = self.filtered(lambda row: row.state == "draft" and row.bill_id)
        reserved = drafts._get_reservations()
        parts = drafts._get_open_parts()
        drafts.bill_id._origin._read_shares()
        for row in self:
            row.payable_note = row.final_note
            row.held_amount = 0.0
            if row.state != "draft":
                row.outstanding_amount = row.final_outstanding
                row.payable_amount = row.final_payable
            elif not row.bill_id:
                row.outstanding_amount = row.payable_amount = 0.0
                row.payable_note = row._get_kind_note()
            else:
                own = row.payment_id._origin
                row._set_outstanding(
                    [
                        held
                        for held in reserved.get(row.bill_id._origin.id, [])
                        if held[0] != own
                    ],
                    parts.get(row),
                )

    def _get_open_parts(self):
        """What is open of the matter's part, of rows that are confined to it.

        :return: ``{row: amount}``, positive of credit notes, too
        :rtype: dict
        """
        confined = self.filtered(lambda row: row._get_part_matter())
        if not confined:
            return {}
        # sudo: figures of bills that the user reads
        found = confined.bill_id._origin.sudo()._get_open_of_matters()
        return {
            row: abs(
                float(
                    found.get(row.bill_id._origin.id, {}).get(row.matter_id._origin, 0)
                )
            )
            for row in confined
        }

    def _set_outstanding(self, reservations, part=None):
        """Set what is outstanding and payable of one draft row (rules C-19, C-32).

        :param list reservations: ``(slip, amount, matter)`` of other drafts
        :param float part: open of the matter to which the row is confined
        """
        bill, currency = self.bill_id, self.currency_id
        notes, held = [], 0.0
        outstanding = bill.amount_residual if bill.state == "posted" else 0.0
        if part is not None:
            part = min(part, outstanding)
        if bill.move_type == "out_refund":
            sign = -1 if self.payment_id.direction == "in" else 1
            outstanding = sign * (outstanding if part is None else part)
            payable = outstanding
        else:
            payable = outstanding
            if part is not None:
                notes.append(
                    self.env._(
                        "part of %(amount)s", amount=currency.format_signed(outstanding)
                    )
                )
                outstanding = part
            if bill.disputed_amount:
                payable -= bill.disputed_amount
                notes.append(
                    self.env._(
                        "%(amount)s disputed",
                        amount=currency.format_signed(bill.disputed_amount),
                    )
                )
            share = self._get_open_share()
            if share is not None and currency.compare_amounts(share, outstanding) < 0:
                notes.append(
                    self.env._(
                        "%(amount)s is the share of %(payer)s",
                        amount=currency.format_signed(share),
                        payer=self.payment_id._get_share_payer().display_name,
                    )
                )
            else:
                share = None
            limits = [limit for limit in (part, share) if limit is not None]
            free = max(0.0, min([payable, *limits]))
            payer = self.payment_id._get_share_payer()
            for slip, amount, matter in reservations:
                if not self.payment_id.ignore_reservations:
                    payable -= amount
                    if share is not None and slip._get_share_payer() == payer:
                        share -= amount
                    if part is not None and matter == self.matter_id:
                        part -= amount
                notes.append(
                    self.env._(
                        "%(amount)s held by %(slip)s",
                        amount=currency.format_signed(amount),
                        slip=slip.display_name,
                    )
                )
            limits = [limit for limit in (part, share) if limit is not None]
            payable = max(0.0, min([payable, *limits]))
            held = free - payable
        if discount := self._get_early_discount():
            notes.append(
                self.env._(
                    "%(amount)s settles it early",
                    amount=currency.format_signed(outstanding - discount),
                )
            )
        include_blocked = self.payment_id.payment_rule_id.include_blocked
        if bill.payment_state == "blocked" and not include_blocked:
            payable = held = 0.0
            notes.append(self.env._("blocked for payment"))
        self.outstanding_amount = currency.round(outstanding)
        self.payable_amount = currency.round(payable)
        self.held_amount = currency.round(held)
        if self.kind in WITHOUT_MONEY:
            notes = [self._get_kind_note()]
        self.payable_note = ", ".join(notes)

    def _get_open_share(self):
        """What the slip's payer has still to pay of a bill that names its payers. A
        credit of the matter may pay any share.

        :return: None where there is no such limit
        :rtype: float | None
        """
        payment = self.payment_id
        if payment._get_source().debits == "credits":
            return None
        return self.bill_id._origin._get_open_share(payment._get_share_payer())

    def _get_kind_note(self):
        """What a row is that pays no bill.

        :rtype: str
        """
        return {
            "write_off": self.env._("write-off"),
            "withheld": self.env._("withheld tax"),
        }.get(self.kind) or self.env._("credit of the matter")

    def _get_early_discount(self):
        """What the payment term gives for paying by the payment's date.

        :rtype: float
        """
        bill, payment = self.bill_id, self.payment_id
        if (
            not bill.invoice_payment_term_id.early_discount
            or bill.move_type != "out_invoice"
            or self._get_part_matter()
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

        :return: ``{bill id: [(payment, amount, matter), …]}``; the matter is of rows that
            are confined to its part
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
            ["bill_id", "payment_id", "matter_id"],
            ["amount:sum"],
        )
        for bill, payment, matter, amount in groups:
            result[bill.id].append((payment, amount, matter))
        return result

    @api.depends(
        "amount",
        "is_selected",
        "payable_amount",
        "outstanding_amount",
        "kind",
        "state",
    )
    def _compute_overpayment_amount(self):
        """What is above the bill itself is refused by posting, and promised to nobody."""
        for row in self:
            if row.state != "draft":
                row.overpayment_amount = row.final_overpayment
            elif row.kind != "bill" or not row.is_selected or row.amount <= 0:
                row.overpayment_amount = 0.0
            else:
                over = (row.currency_id or row.env.company.currency_id).round(
                    min(row.amount, row.outstanding_amount) - row.payable_amount
                )
                row.overpayment_amount = max(0.0, over)

    @api.depends(
        "state",
        "matter_id",
        "bill_id.amount_residual",
        "bill_id.payment_allocation_ids.state",
    )
    def _compute_element_outstanding(self):
        drafts = self.filtered(lambda row: row.state == "draft")
        confined = drafts.filtered(lambda row: row._get_part_matter())
        outstanding = (drafts - confined).bill_id._origin._get_element_outstanding()
        # sudo: figures of bills that the user reads
        parts = confined.bill_id._origin.sudo()._get_part_outstanding()
        for row in self - drafts:
            row.element_outstanding = row.final_elements
        for row in drafts:
            bill = row.bill_id._origin
            amounts = outstanding.get(bill.id)
            if row in confined:
                amounts = [
                    (name, amount)
                    for (name, matter), amount in parts.get(bill.id, ())
                    if matter == row.matter_id._origin
                ]
            row.element_outstanding = (
                {name: float(amount) for name, amount in amounts} if amounts else False
            )

    @api.depends("element_outstanding", *ELEMENT_FIELDS.values())
    def _compute_element_bar(self):
        labels = get_element_labels(self.env)
        for row in self:
            row.element_bar = [
                {
                    "label": labels[name],
                    "open": amount,
                    "paid": row[ELEMENT_FIELDS[name]],
                    "element": name,
                    "tone": ELEMENT_TONES[name],
                }
                for name, amount in sorted(
                    (row.element_outstanding or {}).items(),
                    key=lambda item: ELEMENT_ORDER.index(item[0]),
                )
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
