from odoo import api, fields, models
from odoo.fields import Domain

from ...exceptions import LegalBillingError
from ...tools import format_amount

#: What the cost of a vendor's bill gives to an entry that stands for it.
COST_FIELDS = (
    "amount",
    "agent_amount",
    "unit_amount",
    "bill_quantity",
    "bill_rate",
    "wip_amount",
)


class AccountAnalyticLine(models.Model):
    """Anticipated disbursements ("not yet paid"): billed before the vendor's bill is
    there, matched with it when it comes, so that it is never recharged a second time.

    A matched entry stands for the vendor's line. When it was billed before, the
    difference to what the vendor charged, either way, is WIP; when not, it takes the
    vendor's amount over.
    """

    _inherit = "account.analytic.line"

    matched_on = fields.Date(copy=False, readonly=True, string="Matched on")
    matched_by_id = fields.Many2one(
        "res.users", copy=False, readonly=True, string="Matched by"
    )
    estimated_amount = fields.Monetary(
        string="Estimate",
        copy=False,
        readonly=True,
        currency_field="wip_currency_id",
        help="Value of the anticipated disbursement before its cost was known.",
    )
    estimated_cost = fields.Monetary(copy=False, readonly=True, string="Estimated cost")
    match_proposal_id = fields.Many2one(
        "account.analytic.line",
        string="Looks like",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The anticipated disbursement that this cost appears to belong "
        "to. It is on hold until "
        "somebody decides.",
    )
    is_awaiting_cost = fields.Boolean(
        string="Billed, not yet matched",
        compute="_compute_is_awaiting_cost",
        search="_search_is_awaiting_cost",
        help="Anticipated, billed to the client, and the vendor's bill is not here yet.",
    )
    # costs of a vendor bill that was posted again
    vendor_move_id = fields.Many2one(
        "account.move",
        copy=False,
        readonly=True,
        index="btree_not_null",
        string="Vendor move",
    )
    vendor_line_id = fields.Many2one(
        "account.move.line",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Item of the vendor bill that this billed cost belongs to while the "
        "vendor bill is reset.",
        string="Vendor line",
    )

    @api.depends("is_anticipated", "bill_id", "matched_on")
    def _compute_is_awaiting_cost(self):
        for entry in self:
            entry.is_awaiting_cost = bool(
                entry.is_anticipated and entry.bill_id and not entry.matched_on
            )

    @api.model
    def _search_is_awaiting_cost(self, operator, value):
        if operator != "in" or set(value) - {True}:
            return NotImplemented
        return self._get_unmatched_domain() & Domain("bill_id", "!=", False)

    @api.model
    def _get_unmatched_domain(self):
        """Anticipated disbursements whose cost is still to come.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("is_anticipated", "=", True)
            & Domain("wip_type", "=", "disbursement")
            & Domain("matched_on", "=", False)
            & Domain("move_line_id", "=", False)
            & Domain("written_off_on", "=", False)
        )

    @api.model
    def _get_cost_domain(self):
        """Unbilled costs that vendors' bills or expenses made.

        :rtype: odoo.fields.Domain
        """
        return (
            self._get_unbilled_domain()
            & Domain("wip_type", "=", "disbursement")
            & Domain("move_line_id", "!=", False)
            & Domain("matched_on", "=", False)
        )

    # --- actions

    @api.private
    def action_match_cost(self, cost):
        """Say that this anticipated disbursement is that cost.

        :param account.analytic.line cost: unbilled, made by a vendor's bill
        :return: True
        :raise RoleError: without the biller's role
        :raise LegalBillingError: if one of the two cannot be matched; the message says
            why
        """
        self.ensure_one()
        cost.ensure_one()
        self._check_role("biller", "manager")
        (self | cost).check_access("read")
        self._check_can_match(cost)
        # sudo: the biller's role covers entries of others
        entry = self._internal().with_context(skip_analytic_sync=True)
        cost = cost._internal().with_context(skip_analytic_sync=True)
        vendor_bill = cost.move_line_id.move_id
        estimate, actual = entry.wip_amount, cost.wip_amount
        entry.write(
            {
                "matched_on": fields.Date.context_today(self),
                "matched_by_id": self.env.uid,
                "estimated_amount": estimate,
                "estimated_cost": entry.amount,
            }
        )
        cost.write({"match_proposal_id": False, "is_on_hold": False})
        entry._replace_cost(cost)
        entry._note_on_matter(
            self.env._(
                "%(name)s is matched with %(bill)s: %(estimate)s anticipated, %(actual)s "
                "charged by the vendor.",
                name=entry.name,
                bill=vendor_bill.display_name,
                estimate=entry._format_wip(estimate),
                actual=entry._format_wip(actual),
            )
        )
        return True

    def action_unmatch_cost(self):
        """Take matches back: the costs are WIP of their own again, and the entries are
        as they were before.

        :return: True
        :raise LegalBillingError: if an entry is not matched
        """
        self._check_role("biller", "manager")
        self.check_access("read")
        for entry in self:
            if not entry.matched_on:
                raise LegalBillingError(
                    self.env._(
                        "%(entry)s is not matched with a vendor's bill.",
                        entry=entry.name,
                    )
                )
            # sudo: the biller's role covers entries of others
            entry._internal().with_context(skip_analytic_sync=True)._unmatch()
        return True

    def action_reject_match(self):
        """These costs are no anticipated disbursements: charge them.

        :return: True
        """
        self._check_role("biller", "manager")
        self.check_access("read")
        self._internal().filtered("match_proposal_id").write(
            {"match_proposal_id": False, "is_on_hold": False}
        )
        return True

    # --- helpers

    def _check_can_match(self, cost):
        """Say what stands against matching this entry with that cost.

        :raise LegalBillingError:
        """
        entry, cost = self.sudo(), cost.sudo()  # names of bills, for the message
        problem = False
        if not entry.filtered_domain(entry._get_unmatched_domain()):
            problem = self.env._(
                "is not an anticipated disbursement waiting for its cost"
            )
        elif cost.bill_id:
            problem = self.env._(
                "was charged a second time already, on %(bill)s; credit it there",
                bill=cost.bill_id.display_name,
            )
        elif not cost.filtered_domain(cost._get_cost_domain()):
            problem = self.env._(
                "is offered a cost that is not an unbilled vendor's line"
            )
        elif cost.matter_id != entry.matter_id:
            problem = self.env._(
                "belongs to %(matter)s and the cost to %(other)s",
                matter=entry.matter_id.display_name,
                other=cost.matter_id.display_name,
            )
        elif cost.wip_currency_id != entry.wip_currency_id:
            problem = self.env._(
                "is in %(currency)s and the cost in %(other)s",
                currency=entry.wip_currency_id.name,
                other=cost.wip_currency_id.name,
            )
        if problem:
            raise LegalBillingError(
                self.env._(
                    "%(entry)s (%(amount)s) cannot be matched: it %(problem)s.",
                    entry=entry.name,
                    amount=entry._format_wip(entry.wip_amount),
                    problem=problem,
                )
            )

    def _replace_cost(self, cost):
        """Take the place of a vendor's line, once billed with the difference left as
        WIP, else at the vendor's amount.

        :param account.analytic.line cost: made by the vendor's bill
        """
        self.ensure_one()
        if self.bill_id:
            self._absorb(cost, cost.move_line_id)
            return
        vals = {name: cost[name] for name in COST_FIELDS}
        vals |= cost._prepare_charge_vals(cost.wip_amount)
        line = cost.move_line_id
        cost.unlink()
        self.write(vals | {"move_line_id": line.id, "is_anticipated": False})

    def _unmatch(self):
        """Give the vendor's line its cost back and wait for a cost again."""
        self.ensure_one()
        line = self.move_line_id
        if line:
            self._give_cost_back(line)
        vals = {
            "move_line_id": False,
            "vendor_move_id": False,
            "vendor_line_id": False,
            "matched_on": False,
            "matched_by_id": False,
            "estimated_amount": False,
            "estimated_cost": False,
        }
        if not self.bill_id:
            quantity = self.bill_quantity or 1.0
            vals |= {
                "is_anticipated": True,
                "amount": self.estimated_cost,
                "agent_amount": 0.0,
                "charge_amount": 0.0,
                "charge_currency_id": False,
                "wip_amount": self.estimated_amount,
                "bill_rate": self.estimated_amount / quantity,
            }
        self.write(vals)
        self._note_on_matter(
            self.env._("%(name)s waits for its cost again.", name=self.name)
        )

    def _give_cost_back(self, line):
        """Make the part of the vendor's line that this entry stood for WIP of its own,
        together with an unbilled rest of that line.

        :param account.move.line line: of the vendor's bill
        """
        rest = line.analytic_line_ids.filtered(
            lambda entry: (
                entry != self
                and entry.matter_id == self.matter_id
                and entry.wip_type
                and not entry.bill_id
                and not entry.written_off_on
                and not entry.matched_on
            )
        )[:1]
        vals = {name: self[name] for name in COST_FIELDS}
        vals |= self._prepare_charge_vals(self.wip_amount)
        text = {"name": line.name, "bill_narrative": line.name}
        if not rest:
            self.copy(
                vals
                | text
                | {
                    "date": line.date,
                    "product_id": line.product_id.id or self.product_id.id,
                    "move_line_id": line.id,
                    "matter_id": self.matter_id.id,
                    "wip_type": "disbursement",
                    "is_anticipated": False,
                    "is_on_hold": False,
                }
            )
            return
        value = rest.wip_amount + self.wip_amount
        rest.write(
            text
            | {
                "amount": rest.amount + self.amount,
                "agent_amount": rest.agent_amount + self.agent_amount,
                "wip_amount": value,
                "bill_rate": value / (rest.bill_quantity or 1.0),
            }
            | rest._prepare_charge_vals(value)
        )

    def _find_match(self, candidates):
        """The anticipated disbursement that this cost seems to be: of its matter, and
        of its type or its amount; the nearest amount wins.

        :param account.analytic.line candidates: anticipated, not matched
        :rtype: account.analytic.line
        """
        self.ensure_one()
        currency = self.wip_currency_id
        likely = candidates.filtered(
            lambda entry: (
                entry.matter_id == self.matter_id
                and entry.wip_currency_id == currency
                and (
                    entry.product_id == self.product_id
                    or not currency.compare_amounts(entry.wip_amount, self.wip_amount)
                )
            )
        )
        return likely.sorted(
            lambda entry: (
                entry.product_id != self.product_id,
                abs(entry.wip_amount - self.wip_amount),
                entry.date,
                entry.id,
            )
        )[:1]

    def _propose_matches(self):
        """Hold back those of these new costs that look like an anticipated
        disbursement, until somebody decides."""
        costs = self.filtered_domain(self._get_cost_domain()).filtered(
            lambda cost: cost.wip_amount > 0
        )
        if not costs:
            return
        candidates = self.search(
            self._get_unmatched_domain()
            & Domain("matter_id", "in", costs.matter_id.ids)
            & Domain("wip_amount", ">", 0)
        )
        for cost in costs if candidates else ():
            found = cost._find_match(candidates)
            if not found:
                continue
            candidates -= found
            cost.write({"match_proposal_id": found.id, "is_on_hold": True})
            cost._note_on_matter(
                self.env._(
                    "%(cost)s of %(bill)s (%(actual)s) looks like the anticipated "
                    "disbursement %(entry)s (%(estimate)s). It is on hold: match it, or "
                    "say that it is another one.",
                    cost=cost.name,
                    bill=cost.move_line_id.move_id.display_name,
                    actual=cost._format_wip(cost.wip_amount),
                    entry=found.name,
                    estimate=found._format_wip(found.wip_amount),
                )
            )

    def _prepare_charge_vals(self, value):
        """What is charged of a cost of this entry, when billing's own act decides it.

        :param float value: in the entry's billing currency
        :rtype: dict
        """
        return {"charge_amount": value, "charge_currency_id": self.wip_currency_id.id}

    def _format_wip(self, amount):
        return format_amount(self.env, amount, self.wip_currency_id)

    def _note_on_matter(self, text):
        """Leave a note on the matter, whoever is at work.

        :param str text:
        """
        self.sudo().matter_id.message_post(body=text)

    # --- costs of a vendor bill that was posted again

    def _replace_cost_again(self, new):
        """Stand for the cost that a vendor bill made when it was posted again.

        :param account.analytic.line new: made by posting it
        """
        self.ensure_one()
        if self.matched_on:
            self._replace_cost(new)
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
            | new._prepare_charge_vals(difference)
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
            | self._prepare_charge_vals(-self.wip_amount)
        )
