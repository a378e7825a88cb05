from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import BillStageError


class AccountMove(models.Model):
    """Bills and payments: what is settled by what, and core's ways to undo it."""

    _inherit = "account.move"

    legal_payment_id = fields.Many2one(
        "legal.payment",
        string="Payment of bills",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The slip that posted this entry.",
    )
    payment_allocation_ids = fields.One2many(
        "legal.payment.allocation", "bill_id", string="Allocations", copy=False
    )

    # --- state

    @api.depends("amount_residual", "move_type", "state", "company_id")
    def _compute_payment_state(self):
        """A bill is *reversed* only when credit notes settled all of it. Core says so
        too where the rest was paid by a plain entry (rule C-25)."""
        super()._compute_payment_state()
        reversed_bills = self._get_bills().filtered(
            lambda bill: bill.payment_state == "reversed"
        )
        if not reversed_bills:
            return
        credited = reversed_bills._get_credited_amounts()
        for bill in reversed_bills:
            if bill.move_type != "out_invoice" or bill.currency_id.compare_amounts(
                credited.get(bill.id, 0.0), bill.amount_total
            ):
                bill.payment_state = "paid"

    def _get_credited_amounts(self):
        """What credit notes settled of these bills.

        :return: ``{bill id: amount}`` in the bill's currency
        :rtype: dict
        """
        if not self.ids:
            return {}
        self.env["account.partial.reconcile"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT bill_line.move_id, SUM(part.debit_amount_currency)
                      FROM account_partial_reconcile part
                      JOIN account_move_line bill_line
                           ON bill_line.id = part.debit_move_id
                      JOIN account_move_line other ON other.id = part.credit_move_id
                      JOIN account_move credit_note ON credit_note.id = other.move_id
                     WHERE bill_line.move_id IN %s
                       AND credit_note.move_type = 'out_refund'
                  GROUP BY bill_line.move_id
                    """,
                    tuple(self.ids),
                )
            )
        )

    def _may_bring_costs(self):
        """What a slip books pays something; it is no cost of a client."""
        return super()._may_bring_costs() and not self.legal_payment_id

    # --- core's widget

    def _compute_payments_widget_to_reconcile_info(self):
        """Core offers every open credit of the client; a bill of a matter takes only
        its own, and one over several matters what stays within the matter's part."""
        result = super()._compute_payments_widget_to_reconcile_info()
        for bill in self._get_bills():
            widget = bill.invoice_outstanding_credits_debits_widget
            if not widget:
                continue
            lines = self.env["account.move.line"].browse(
                row["id"] for row in widget["content"]
            )
            matters = lines._get_reconcile_matters()
            content = [
                row
                for row in widget["content"]
                if not matters[row["id"]]
                or bill.sudo()._takes_all(lines.browse(row["id"]).sudo(), matters)
            ]
            bill.invoice_outstanding_credits_debits_widget = (
                {**widget, "content": content} if content else False
            )
        return result

    def _takes_all(self, line, matters):
        """Whether an item can be matched with this bill as far as both are open.

        :param account.move.line line: money or credit note of matters
        :param dict matters: by id of the item
        :rtype: bool
        """
        self.ensure_one()
        own = matters[line.id] & self.matter_ids
        if not own or len(matters[line.id] | self.matter_ids) == 1:
            return bool(own)
        move = line.move_id
        rest = min(self.amount_residual, abs(line.amount_residual_currency))
        parts = (self | move)._get_open_of_matters()
        sides = [
            {matter: abs(amount) for matter, amount in parts[bill.id].items()}
            for bill in (self | move)
            if bill.id in parts
        ]
        shared = sum(min(side.get(matter, 0) for side in sides) for matter in own)
        return self.currency_id.compare_amounts(rest, float(shared)) <= 0

    # --- payments of bills

    def action_create_payment(self):
        """Open a new payment of these bills.

        :return: the payment's page
        :rtype: dict
        :raise BillStageError: if none of them is open
        """
        payments = self.env["legal.payment"]
        payments._check_cashier()
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered_domain(
            payments._get_open_bills_domain(with_credits=True)
        )
        if not bills:
            raise BillStageError(
                self.env._(
                    "None of these bills is open: only approved bills with a balance are "
                    "paid."
                )
            )
        if len(bills.company_id) > 1 or len(bills.currency_id) > 1:
            raise BillStageError(
                self.env._(
                    "One payment is of one company and one currency. Choose bills of one: "
                    "%(companies)s, %(currencies)s.",
                    companies=", ".join(bills.company_id.mapped("name")),
                    currencies=", ".join(bills.currency_id.mapped("name")),
                )
            )
        payers = bills.commercial_partner_id
        vals = {
            "company_id": bills.company_id.id,
            "currency_id": bills.currency_id.id,
            "received_from_id": payers.id if len(payers) == 1 else False,
        }
        if len(bills) == 1:
            left = max(bills.amount_residual - bills.disputed_amount, 0.0)
            share = bills._get_open_share(payers)
            vals["amount"] = left if share is None else min(left, share)
        return payments._start(bills, vals)

    def _get_payable_by_client(self):
        """What money of the matter's client may pay of this bill: what is open and not
        disputed; where the bill names its payers, no more than the client's own share.

        :rtype: float
        """
        self.ensure_one()
        left = max(self.amount_residual - self.disputed_amount, 0.0)
        share = self._get_open_share(self.sudo().client_id) if self.is_shared else None
        return left if share is None else min(left, share)

    def action_open_legal_payment(self):
        """Open the slips that this bill or entry belongs to.

        :rtype: dict
        """
        slips = self.payment_allocation_ids.payment_id | self.legal_payment_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_payment_action"
        )
        return action | {"domain": [("id", "in", slips.ids)], "context": {}}

    # --- guards of the entries of payments

    def _get_obstacles(self, event):
        """Entries of slips are reversed there, never changed or deleted behind the slip's
        back."""
        obstacles = super()._get_obstacles(event)
        if event == "approve":
            return obstacles
        if event in ("revert", "cancel", "delete"):
            obstacles |= self._get_withdrawal_obstacles()
        return self.env["legal.payment"]._get_slip_obstacles(self) | obstacles

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Core matches an entry with its mirror account by account, whatever matters
        the items are of. The entries of a slip are left to the slip, which matches
        item with item; in others each item meets its own matter's only. A credit note
        of a matter that has paid its part of a bill over several stays open.

        :param account.move reverse_moves: one for each move of ``self``
        :param bool move_reverse_cancel: as in core
        :return: ``reverse_moves``
        :rtype: account.move
        """
        rest, rest_reverse = self.browse(), self.browse()
        for move, reverse in zip(self, reverse_moves, strict=False):
            if move.legal_payment_id or not move._is_credited_within_parts(reverse):
                continue
            if len(move.line_ids.matter_id) > 1:
                move._reconcile_reverse_by_matter(reverse, move_reverse_cancel)
            else:
                rest += move
                rest_reverse += reverse
        super(AccountMove, rest)._reconcile_reversed_moves(
            rest_reverse, move_reverse_cancel
        )
        return reverse_moves

    def _is_credited_within_parts(self, note):
        """Whether a credit note takes off this bill over several matters no more than
        its own matters have open; where it would, it says what to do with it.

        :param account.move note: posted
        :rtype: bool
        """
        self.ensure_one()
        if note.move_type != "out_refund" or not self._get_bills_of_several():
            return True
        items = note.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        matters = items._get_reconcile_matters()
        if all(not matters[x.id] or self.sudo()._takes_all(x, matters) for x in items):
            return True
        note.sudo()._message_log(
            body=self.env._(
                "%(matters)s has paid its part of %(bill)s, or most of it: this credit note "
                "is not set off against what the other matters owe. Refund it, use it for "
                "another bill of the matter, or set off the matter's open part with a "
                "payment.",
                matters=", ".join(note.sudo().matter_ids.mapped("display_name")),
                bill=self._get_short_name(),
            )
        )
        return False

    def _reconcile_reverse_by_matter(self, reverse, move_reverse_cancel):
        """Match this entry with its mirror, each account within each matter.

        :param account.move reverse:
        :param bool move_reverse_cancel: as in core
        """
        self.ensure_one()
        lines = (self.line_ids + reverse.line_ids).filtered(
            lambda line: line.account_id.reconcile and not line.reconciled
        )
        groups = lines.grouped(
            lambda line: (line.account_id, line.currency_id, line.matter_id)
        )
        self.env["account.move.line"].with_context(
            move_reverse_cancel=move_reverse_cancel
        )._reconcile_plan([group for group in groups.values() if len(group) > 1])

    # --- one note on a bill that a slip pays

    @contextmanager
    def _noting_payment_state(self):
        """While a slip pays these bills, core's message that follows each bill's payment
        state is left out: it takes ten queries a bill, and the slip's note says the
        same. Core prepares it wherever the state is computed, whatever the context of
        the reconciliation. Where a follower asked to be told of paid invoices, core's
        message is sent."""
        key = f"mail.tracking.{self._name}"
        # sudo: who follows a bill is no secret of the bill's payment
        followers_sudo = self.env["mail.followers"].sudo()
        asked = followers_sudo.search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("subtype_ids", "in", self.env.ref("account.mt_invoice_paid").ids),
            ],
            ["res_id"],
        )
        quiet = set(self.ids) - set(asked.mapped("res_id"))
        known = self.env.cr.precommit.data.get(key, {})
        quiet = {
            bill_id
            for bill_id in quiet
            if "payment_state" not in (known.get(bill_id) or ())
        }
        yield
        self.mapped("payment_state")  # computed now, not after
        tracked = self.env.cr.precommit.data.get(key, {})
        for bill_id in quiet & tracked.keys():
            if tracked[bill_id]:
                tracked[bill_id].pop("payment_state", None)

    def _note_payment(self, texts):
        """Write one note on each of these bills, all together: what happened, what is
        open, the payment state.

        :param dict texts: ``{bill: what happened}``
        """
        states = dict(self._fields["payment_state"]._description_selection(self.env))
        self._message_log_batch(
            bodies={
                bill.id: self.env._(
                    "%(text)s, %(left)s is open (%(state)s).",
                    text=texts[bill],
                    left=bill.currency_id.format_signed(bill.amount_residual),
                    state=states.get(bill.payment_state),
                )
                for bill in self
            }
        )
