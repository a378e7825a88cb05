from odoo import fields, models

from ...exceptions import LegalBillingError
from ...tools import INTERNAL


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
        self._keep_billed_costs()
        return super().button_draft()

    def button_cancel(self):
        self._keep_billed_costs()
        result = super().button_cancel()
        self._release_matches()
        return result

    def unlink(self):
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
                old._stand_for_again(new)
            elif old.matched_on:
                old._unmatch()
            else:
                old._lose_cost()
            old.write({"vendor_line_id": False, "vendor_move_id": False})


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    vendor_move_id = fields.Many2one(
        "account.move", copy=False, readonly=True, index="btree_not_null"
    )
    vendor_line_id = fields.Many2one(
        "account.move.line",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Item of the vendor bill that this billed cost belongs to while the "
        "vendor bill is reset.",
    )

    def _stand_for_again(self, new):
        """Stand for the cost that a vendor bill made when it was posted again.

        :param account.analytic.line new: made by posting it
        """
        self.ensure_one()
        if self.matched_on:
            self._stand_for(new)
        else:
            self._absorb(new, new.move_line_id)

    def _absorb(self, new, line):
        """Stand for the new line's cost again; the new line keeps the difference.

        :param account.analytic.line new: made by posting the vendor bill again
        :param account.move.line line: the vendor bill's item
        """
        self.ensure_one()
        difference = new.wip_amount - self.wip_amount
        cost = new.amount - self.amount
        self.move_line_id = line
        if new.wip_currency_id.is_zero(difference) and new.currency_id.is_zero(cost):
            new.unlink()
            return
        name = self.env._("Correction: %(name)s", name=new.name)
        new.write(
            {
                "amount": cost,
                "agent_amount": new.agent_amount - self.agent_amount,
                "wip_amount": difference,
                "bill_rate": difference / (new.bill_quantity or 1.0),
                "name": name,
                "bill_narrative": name,
            }
        )

    def _lose_cost(self):
        """The vendor bill no longer charges this matter."""
        self.ensure_one()
        if self.written_off_on:
            self._unbook_write_off()
        else:
            self._reverse_cost(self.vendor_move_id.date)

    def _reverse_cost(self, day):
        """Give the billed amount back as negative WIP.

        :param date day: of the vendor bill
        """
        self.ensure_one()
        self.copy(
            {
                "date": day,
                "name": self.env._("No longer charged: %(name)s", name=self.name),
                "amount": -self.amount,
                "agent_amount": -self.agent_amount,
                "unit_amount": self.unit_amount,
                "bill_quantity": self.bill_quantity,
                "bill_rate": -self.bill_rate,
                "wip_amount": -self.wip_amount,
                "move_line_id": False,
                "matter_id": self.matter_id.id,
                "wip_type": "disbursement",
            }
        )
