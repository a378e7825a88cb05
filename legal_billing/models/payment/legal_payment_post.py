from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...exceptions import ConfigurationError, PaymentError
from ...tools import BY_RULE, BY_SLIP


class LegalPayment(models.Model):
    """Posting: one office entry, exact pairs."""

    _inherit = "legal.payment"

    # --- actions

    def action_post(self):
        """Post the payments: journal entries, reconciliation of every bill with
        exactly its amount, credits of matters.

        All or none. Each is checked against what those before it left of the bills.

        :return: True
        :raise RoleError: without the cashier's role
        :raise PaymentError: if the rows do not add up to the amount, a bill changed
            meanwhile, or something is missing
        :raise CreditError: if money of one matter would pay another
        """
        with self.env.cr.savepoint():  # all or none, even if the caller goes on
            for payment in self:
                payment._check_can_post()
                payment._internal()._post_payment()
        return True

    @api.model
    def _collect(self, bills, vals, amounts=None):
        """Post what somebody collected for the firm, a payment provider or a bank by an
        order, as a slip. Bills take what they are owed, whatever other drafts hold of
        them: the client said what he pays. A surplus is a credit of a matter of these
        bills, the one that fell due last where there are several. Call with the right
        to post.

        :param account.move bills: what was paid for, paid meanwhile or not
        :param dict vals: of the slip, its amount among them
        :param dict amounts: ``{bill: what it gets}``, else by the payment rule
        :return: the posted slip
        :rtype: legal.payment
        :raise LegalBillingError: where it cannot be posted; nothing is left of it
        """
        amounts = amounts or {}
        bills = bills.sorted(lambda bill: (bill.invoice_date_due, bill.id))
        payable = bills.filtered("amount_residual")
        matter = (bills[-1:].matter_id or bills.matter_ids)[:1]
        rows = [
            {"bill_id": bill.id, "sequence": sequence}
            | ({"amount": amounts[bill]} if bill in amounts else {})
            for sequence, bill in enumerate(payable, start=1)
        ]
        if not rows:
            rows = [
                {"kind": "credit", "matter_id": matter.id, "amount": vals["amount"]}
            ]
        with self.env.cr.savepoint():
            slips = self._internal().with_context(legal_billing_applied_rule=False)
            slip = slips.create(
                {
                    "ignore_reservations": True,
                    **vals,
                    "allocation_ids": [Command.create(row) for row in rows],
                }
            )
            homeless = slip._get_rows().filtered(
                lambda row: row.kind == "credit" and not row.matter_id
            )
            homeless.matter_id = matter
            slip.action_post()
            if homeless:
                slip.message_post(
                    body=self.env._(
                        "%(amount)s is above the bills, which are of several matters: it "
                        "is a credit of %(matter)s. Move it under Unallocated Credits if "
                        "another was meant.",
                        amount=slip.currency_id.format_signed(
                            sum(homeless.mapped("amount"))
                        ),
                        matter=matter.display_name,
                    )
                )
        return slip

    def _internal(self):
        """What billing itself writes on a slip: its amounts are those of the rule, typed
        by nobody, and the slip records the receipts of all its bills at once.

        :rtype: legal.payment
        """
        return (
            super()
            ._internal()
            .with_context(
                legal_billing_applied_rule=BY_RULE, legal_billing_slip=BY_SLIP
            )
        )

    # --- posting

    def _post_payment(self):
        """Make, post and match the entries of one payment whose rows were checked."""
        self.ensure_one()
        rows = self._get_posting_rows()
        before = {
            bill: bill.amount_residual for bill in rows.filtered("bill_id").bill_id
        }
        write_offs = rows.filtered(lambda row: row.kind == "write_off")
        if not self.name:
            self.name = self.company_id._next_legal_number(
                "legal.payment", "legal.payment", day=self.date
            )
        rows._freeze()
        items = [
            item for row in rows - write_offs for item in row._prepare_posting_items()
        ]
        with rows.bill_id._noting_payment_state():
            if items:
                self._post_items(items)
            if write_offs:
                self.write_off_move_id = write_offs._post_write_offs()
        self._check_posted(rows, before)
        self._note_on_bills(before)
        self.write(
            {
                "state": "posted",
                "posted_by_id": self.env.uid,
                "posted_on": fields.Datetime.now(),
            }
        )
        rows.bill_id._record_fee_receipts()
        self._forget_balances()
        self.message_post(body=self._get_posted_message(rows))

    def _forget_balances(self):
        """Money of matters and clients that was read before is out of date."""
        names = ["unallocated_credit_balance", "unallocated_credit_date"]
        self.env["project.project"].invalidate_model(names)
        self.env["res.partner"].invalidate_model(names[:1])

    def _post_items(self, items):
        """Make the office entry of these items, and match each with its targets.

        :param list items: of ``PostingItem``
        """
        source = self._get_source()
        if source.is_held:
            self._take_client_money()
        if source.debits == "journal" and self.amount:
            move = self._create_account_payment(items)
        else:
            move = self._create_entry(items)
        self._check_entry(move)
        lines = move.line_ids.sorted("id")[-len(items) :]
        settling = {}  # of one bill there may be two items: money, and withheld tax
        for line, item in zip(lines, items, strict=True):
            if item.targets:
                settling[item.targets] = settling.get(item.targets, line) | line
        self._reconcile([found + targets for targets, found in settling.items()])

    def _reconcile(self, plan):
        """Match items as core does. Core would also look for lines of the bills that
        follow from others: matching changes none.

        :param list plan: of ``account.move.line``, each group matched with itself
        """
        if plan:
            lines = self.env["account.move.line"].with_context(skip_invoice_sync=True)
            lines._reconcile_plan(plan)
            # all that follows is computed before any of it is written
            self.env.flush_all()

    def _note_on_bills(self, before):
        """Say on every bill what came in and what is left.

        :param dict before: ``{bill: residual before}``
        """
        bills = self.env["account.move"].union(*before)
        bills._note_payment(
            {
                bill: self.env._(
                    "%(payment)s: %(amount)s",
                    payment=self.name,
                    amount=bill.currency_id.format_signed(
                        residual - bill.amount_residual
                    ),
                )
                for bill, residual in before.items()
            }
        )

    def _take_client_money(self):
        """The client side of a transfer to office; the room of the client account does
        it, before the office entry is made and matched.

        :raise ConfigurationError: where there is no client account
        """
        raise ConfigurationError(self.env._("There is no client account to pay from."))

    def _give_client_money_back(self, reason):
        """Undo `_take_client_money`; the room of the client account does it.

        :param str reason:
        """

    # --- checks after

    def _check_entry(self, move):
        """Core checks neither the sum of a payment's entry nor that its date stands.

        :raise PaymentError:
        """
        if move.state != "posted" or move.date != self.date:
            raise PaymentError(
                self.env._(
                    "The payment of %(amount)s: %(date)s is in a locked period. Choose a "
                    "later date.",
                    amount=self.currency_id.format_signed(
                        self.amount
                    ),  # no number is given
                    date=format_date(self.env, self.date),
                )
            )

    def _check_posted(self, rows, before):
        """Every bill is settled by exactly what the rows say.

        :param dict before: ``{bill: residual before}``
        :raise PaymentError:
        """
        rows_by_bill = rows.grouped("bill_id")
        for bill, residual in before.items():
            taken = sum(
                abs(row.amount - row.final_overpayment) + row.final_discount
                for row in rows_by_bill[bill]
            )
            if bill.currency_id.compare_amounts(bill.amount_residual, residual - taken):
                raise PaymentError(
                    self.env._(
                        "%(bill)s was to be paid with %(amount)s, but its balance went "
                        "from %(before)s to %(after)s. Somebody may be paying it at the "
                        "same time: try again.",
                        bill=bill.name,
                        amount=bill.currency_id.format_signed(taken),
                        before=bill.currency_id.format_signed(residual),
                        after=bill.currency_id.format_signed(bill.amount_residual),
                    )
                )

    def _get_posted_message(self, rows):
        bills = rows.filtered("bill_id").bill_id
        amount = self.currency_id.format_signed(self.amount)
        if len(bills) > 1:
            text = self.env._(
                "Posted: %(amount)s for %(count)s bills.",
                amount=amount,
                count=len(bills),
            )
        elif bills:
            text = self.env._("Posted: %(amount)s for one bill.", amount=amount)
        else:
            text = self.env._("Posted: %(amount)s.", amount=amount)
        parts = [text]
        for row in rows:
            over = row.amount if row.kind == "credit" else row.final_overpayment
            if over and self.direction == "in":
                parts.append(
                    self.env._(
                        "Credit of %(matter)s: %(amount)s.",
                        matter=row.matter_id.display_name,
                        amount=self.currency_id.format_signed(over),
                    )
                )
            if row.kind == "withheld":
                parts.append(
                    self.env._(
                        "Tax withheld of %(bill)s: %(amount)s.",
                        bill=row.bill_id.name,
                        amount=self.currency_id.format_signed(row.amount),
                    )
                )
            if row.kind == "write_off":
                parts.append(
                    self.env._(
                        "Written off on %(bill)s: %(amount)s (%(reason)s).",
                        bill=row.bill_id.name,
                        amount=self.currency_id.format_signed(row.amount),
                        reason=row.reason,
                    )
                )
        return " ".join(parts)
