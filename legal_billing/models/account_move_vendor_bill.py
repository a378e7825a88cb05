from odoo import fields, models


class AccountMove(models.Model):
    """Vendor bills whose costs are disbursements of matters.

    Resetting such a bill deletes its analytic lines and posting it again makes new
    ones. A cost that our bill holds already is kept apart meanwhile, tied again when
    the vendor bill is posted, and only the difference becomes new WIP.
    """

    _inherit = "account.move"

    def button_draft(self):
        self._keep_billed_costs()
        return super().button_draft()

    def button_cancel(self):
        self._keep_billed_costs()
        return super().button_cancel()

    def _keep_billed_costs(self):
        """Untie billed disbursements from the items that core is about to clear."""
        # sudo: the accountant need not see the matter's WIP to reset a vendor bill
        billed_sudo = (
            self.filtered(lambda move: move.is_purchase_document(include_receipts=True))
            .sudo()
            .line_ids.analytic_line_ids.filtered(
                lambda entry: entry.bill_id or entry.written_off_on
            )
        )
        for entry in billed_sudo:
            entry.with_context(
                legal_billing_internal=True, skip_analytic_sync=True
            ).write(
                {
                    "vendor_move_id": entry.move_line_id.move_id.id,
                    "vendor_line_id": entry.move_line_id.id,
                    "move_line_id": False,
                }
            )

    def _post(self, soft=True):
        posted = super()._post(soft)
        vendor_bills = posted.filtered(
            lambda move: move.is_purchase_document(include_receipts=True)
        )
        if vendor_bills:
            vendor_bills._tie_billed_costs()
        return posted

    def _tie_billed_costs(self):
        """Give billed costs back to the posted items; what is left over, either way,
        is new WIP of the matter."""
        entries_sudo = (
            self.env["account.analytic.line"]
            .sudo()  # the books decide, whoever posts the vendor bill
            .with_context(legal_billing_internal=True, skip_analytic_sync=True)
        )
        kept = entries_sudo.search([("vendor_move_id", "in", self.ids)])
        for old in kept.sorted(lambda entry: not entry.vendor_line_id):
            # a line that was deleted and entered again is known by what it charges
            lines = old.vendor_line_id or old.vendor_move_id.invoice_line_ids
            new = lines.analytic_line_ids.filtered(
                lambda entry, old=old: (
                    entry.matter_id == old.matter_id
                    and entry.product_id == old.product_id
                    and entry.wip_type
                    and not entry.bill_id
                    and not entry.written_off_on
                )
            )[:1]
            if new:
                old._absorb(new, new.move_line_id)
            elif not old.written_off_on:
                old._reverse_cost(old.vendor_move_id.date)
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

    def _reverse_cost(self, day):
        """The vendor bill no longer charges this matter: give the billed amount back
        as negative WIP.

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
