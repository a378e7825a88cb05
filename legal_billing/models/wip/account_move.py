from collections import defaultdict

from odoo import fields, models

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import LegalBillingError, UndoError
from ...tools import FROM_BOOKS, INTERNAL, Obstacles


class AccountMove(models.Model):
    """Vendor bills, receipts and expenses whose costs are disbursements of matters.

    Resetting such a bill deletes its analytic lines and posting it again makes new
    ones. A cost that our bill holds already is kept apart meanwhile, tied again when
    the vendor bill is posted, and only the difference becomes new WIP. An anticipated
    disbursement that is matched with the vendor bill goes the same way.
    """

    _inherit = "account.move"

    match_proposal_count = fields.Integer(compute="_compute_match_proposal_count")

    def _compute_match_proposal_count(self):
        costs = self._get_cost_entries()
        for move in self:
            move.match_proposal_count = len(
                costs.filtered(
                    lambda cost, move=move: (
                        cost.match_proposal_id and cost.move_line_id.move_id == move
                    )
                )
            )

    # --- actions

    def action_match_disbursements(self):
        """Match what this vendor bill charges with anticipated disbursements.

        :return: the window
        :rtype: dict
        :raise LegalBillingError: if it charges no matter, or all of it is billed
        """
        self.ensure_one()
        costs = self._get_cost_entries()
        costs = costs.filtered_domain(costs._get_cost_domain())
        if not costs:
            raise LegalBillingError(
                self.env._(
                    "%(bill)s holds no unbilled cost of a matter: there is nothing to "
                    "match.",
                    bill=self.display_name,
                )
            )
        return costs.sudo(False).action_open_match()

    # --- resetting and posting again

    def button_draft(self):
        """Core deletes the analytic items of what it resets; those that were billed,
        written off or matched are untied before, so that they stay. `_post` ties them
        again."""
        self._keep_billed_costs()
        books = self.with_context(legal_billing_books=FROM_BOOKS)
        return super(AccountMove, books).button_draft()

    def button_cancel(self):
        """As for a reset, what was billed stays; besides, what was matched waits again,
        for no cost is left."""
        self._keep_billed_costs()
        result = super().button_cancel()
        self._release_matches()
        return result

    def unlink(self):
        """What was matched with a vendor's bill waits again. Entries that were billed
        were untied when it was reset."""
        self._release_matches()
        return super().unlink()

    def _may_hold_costs(self):
        """Whether this is the kind of entry that costs come with: a vendor's bill or
        refund, a receipt, an expense.

        :rtype: bool
        """
        self.ensure_one()
        return self.is_purchase_document(include_receipts=True) or (
            self.move_type == "entry"
        )

    def _may_bring_costs(self):
        """Whether a new cost of a matter may come with this entry: not with what billing
        books itself to give up, to settle or to move money; rooms above know theirs.

        :rtype: bool
        """
        self.ensure_one()
        return self._may_hold_costs()

    def _get_cost_moves(self):
        """Those of these moves that can hold costs of matters.

        :rtype: account.move
        """
        return self.filtered(
            lambda move: (
                move._may_hold_costs()
                and any(line.analytic_distribution for line in move.line_ids)
            )
        )

    def _get_gross_costs(self):
        """What each line of these vendors' bills cost with its tax, as the vendor rounded
        it: the lines add up to what is paid, to the vendor and, of what is withheld from
        him, to the state.

        :return: ``{line id: (in the company's currency, in the vendor's)}``, signed as
            entries are
        :rtype: dict
        """
        result = {}
        for move in self:
            lines = move.line_ids.filtered(lambda line: line.display_type == "product")
            taxes = move._get_tax_weights(lines)
            amounts = [
                [
                    -part
                    for part in engine.vendor_gross(
                        [to_decimal(line[name]) for line in lines],
                        [
                            (sum(to_decimal(item[name]) for item in items), weights)
                            for items, weights in taxes
                        ],
                        to_decimal(currency.rounding),
                    )
                ]
                for name, currency in (
                    ("balance", move.company_currency_id),
                    ("amount_currency", move.currency_id),
                )
            ]
            result.update(zip(lines.ids, zip(*amounts, strict=True), strict=True))
        return result

    def _get_tax_weights(self, lines):
        """Tax items of a move, each tax with what the lines bring of it before any
        rounding; a difference of cash rounding belongs to all lines.

        :param account.move.line lines: with the amounts that are taxed
        :return: pairs of items and of one weight per line
        :rtype: list
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        bases = [
            self._prepare_product_base_line_for_taxes_computation(x) for x in lines
        ]
        taxes._add_tax_details_in_base_lines(bases, self.company_id)
        raw = [defaultdict(lambda: to_decimal(0)) for _line in lines]
        for weights, base in zip(raw, bases, strict=True):
            for data in base["tax_details"]["taxes_data"]:
                weights[data["tax"]] += base["sign"] * to_decimal(
                    data["raw_tax_amount_currency"]
                )
        balances = [to_decimal(line.balance) for line in lines]
        is_purchase = self.is_purchase_document(include_receipts=True)
        result = []
        items = self.line_ids.filtered("tax_line_id")
        for tax, items_of_tax in items.grouped("tax_line_id").items():
            weights = [of_line[tax] for of_line in raw]
            if tax._is_withheld():
                continue  # paid all the same, to the state instead of the vendor
            if any(weights):
                result.append((items_of_tax, weights))
            elif is_purchase:  # typed by hand, of no line: all bear it
                result.append((items_of_tax, balances))
        rounding = self.line_ids.filtered(
            lambda line: line.display_type == "rounding" and not line.tax_line_id
        )
        if rounding:
            result.append((rounding, balances))
        return result

    def _get_cost_entries(self):
        """The disbursements that these moves made.

        :rtype: account.analytic.line
        """
        # sudo: the accountant need not see the matter's WIP to post or reset a bill
        return self._get_cost_moves().sudo().line_ids.analytic_line_ids

    def _get_kept_entries(self):
        """Entries that stand for costs of these moves while they are reset.

        :rtype: account.analytic.line
        """
        return (
            self.env["account.analytic.line"]
            .sudo()  # the books decide, whoever posts the vendor bill
            .with_context(legal_billing_internal=INTERNAL, skip_analytic_sync=True)
            .search([("vendor_move_id", "in", self.ids)])
        )

    def _keep_billed_costs(self):
        """Untie from the items that core is about to clear what was billed, written
        off, or matched."""
        kept = self._get_cost_entries().filtered(
            lambda entry: entry.bill_id or entry.written_off_on or entry.matched_on
        )
        for entry in kept:
            entry.with_context(
                legal_billing_internal=INTERNAL, skip_analytic_sync=True
            ).write(
                {
                    "vendor_move_id": entry.move_line_id.move_id.id,
                    "vendor_line_id": entry.move_line_id.id,
                    "move_line_id": False,
                }
            )

    def _release_matches(self):
        """A vendor bill that is cancelled or deleted brings no cost: what was matched
        with it waits again."""
        moves = self.filtered(lambda move: move._may_hold_costs())
        for entry in moves and moves._get_kept_entries():
            if entry.matched_on:
                entry._unmatch()

    def _post(self, soft=True):
        """Costs that were billed before a reset are tied to the items that core made
        anew; what is new is WIP, and may be what was billed in anticipation. Only moves
        that core did post count."""
        posted = super()._post(soft)
        moves = posted.filtered(lambda move: move._may_hold_costs())
        if moves:
            moves._tie_billed_costs()
            costs = moves._get_cost_entries()
            costs.with_context(legal_billing_internal=INTERNAL)._propose_matches()
        return posted

    def _tie_billed_costs(self):
        """Give billed and matched costs back to the posted items; what is left over,
        either way, is new WIP of the matter."""
        kept = self._get_kept_entries()  # even if they charge no matter any more
        for old in kept.sorted(lambda entry: not entry.vendor_line_id):
            # a line that was deleted and entered again is known by what it charges
            lines = old.vendor_line_id or old.vendor_move_id.invoice_line_ids
            new = lines.analytic_line_ids.filtered(
                lambda entry, old=old: (
                    entry.matter_id == old.matter_id
                    and (entry.product_id == old.product_id or old.matched_on)
                    and entry.wip_type
                    and not entry.bill_id
                    and not entry.written_off_on
                )
            )[:1]
            if new:
                old._replace_cost_again(new)
            elif old.matched_on:
                old._unmatch()
            else:
                old._lose_cost()
            old.write({"vendor_line_id": False, "vendor_move_id": False})

    # --- entries of write-offs of WIP

    def _get_obstacles(self, event):
        """What stands against an event of these moves; the first of a chain that every
        room goes on with. See ``bill/account_move_stage.py``.

        :param str event: of ``EVENTS``
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        if event in ("revert", "cancel", "credit", "credit_in_full"):
            return self._get_wip_write_off_obstacles()
        return Obstacles()

    def _get_wip_write_off_obstacles(self):
        """The entry of a write-off goes with the write-off.

        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        moves = self.filtered(
            lambda move: (
                move.move_type == "entry" and move.line_ids.matter_id and move.id
            )
        )
        if not moves:
            return Obstacles()
        entries_sudo = self.env["account.analytic.line"].sudo()  # WIP of any matter
        used = entries_sudo.search([("write_off_move_id", "in", moves.ids)])
        held = moves & used.write_off_move_id.with_env(self.env)
        return Obstacles().add(
            held,
            self.env._(
                "%(moves)s holds disbursements that were written off. Take the "
                "write-off back in the list of WIP.",
                moves=", ".join(held.mapped("display_name")),
            ),
            UndoError,
        )

    # --- hooks for the room of bills

    def _on_entries_edited(self, entries, before):
        """After entries of these drafts were edited; the drafts follow.

        :param account.analytic.line entries: those that changed
        :param dict before: ``{entry id: values}``, as ``_get_charged_values`` gave them
        """
