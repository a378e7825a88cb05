from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import float_repr, format_date

from ...exceptions import ReversalError
from ...tools import fit_reference, is_amount, read_date, read_reason

KINDS = ("correction", "dishonour")


class LegalPayment(models.Model):
    """Undoing a posted payment: once, with a reason."""

    _inherit = "legal.payment"

    # --- actions

    def action_reverse(self, reason=None, kind=None, date=None, fee=None):
        """Reverse posted payments; their bills are open again.

        ``correction``: entered wrongly. Mirrors the entries on their own date, or
        today where that period is locked; not once the bank is matched. ``dishonour``:
        the bank took it back. A new entry of the day of the bounce, whose bank item
        stays open for the bounce's statement line.

        Without a reason, from a button, asks for it.

        :param str reason: demanded
        :param str kind: ``correction`` (default) or ``dishonour``
        :param date date: of the bounce; default today
        :param dict fee: the bank's charge of a dishonour: ``amount``, and ``account``,
            a record or its id
        :return: True, or the window that asks
        :raise RoleError: without the cashier's role
        :raise ReversalError: without a reason, for the second time, when a credit it
            made is used, (correction) when the bank is matched, or where date or fee
            are none
        """
        self._check_cashier()
        if reason is None and kind is None:
            return self._get_reverse_action()
        kind = kind or "correction"
        reason = read_reason(reason)
        if kind not in KINDS:
            raise ReversalError(
                self.env._("A payment is reversed as a correction or as dishonoured.")
            )
        if not reason:
            raise ReversalError(
                self.env._(
                    "Say why the payment is reversed; the reason is kept with it."
                )
            )
        error = ReversalError(self.env._("Enter the day of the bounce as a date."))
        date = read_date(date, error)
        for payment in self:
            payment._check_can_reverse(kind)
            if kind == "dishonour":
                payment._check_can_bounce(date)
        fee = self._read_fee(fee) if kind == "dishonour" else None
        for payment in self._internal():
            payment._reverse_payment(reason, kind, date, fee)
        return True

    def _get_reverse_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reverse payment"),
            "res_model": "legal.payment.reverse",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_payment_id": self.id},
        }

    # --- checks

    def _check_can_reverse(self, kind):
        """:raise ReversalError: naming the payment, the reason and the way out"""
        self.ensure_one()
        if self.state == "reversed":
            raise ReversalError(
                self.env._(
                    "%(payment)s was reversed on %(date)s (%(reason)s). A reversal "
                    "cannot itself be reversed: enter the payment again.",
                    payment=self.display_name,
                    date=self.reversed_on,
                    reason=self.reversal_reason,
                )
            )
        if self.state != "posted":
            raise ReversalError(
                self.env._(
                    "%(payment)s is not posted: change or delete it instead.",
                    payment=self.display_name,
                )
            )
        if users := self._get_credit_users():
            raise ReversalError(
                self.env._(
                    "The credit that %(payment)s made was used by %(users)s. Reverse "
                    "that first.",
                    payment=self.display_name,
                    users=", ".join(
                        move.legal_payment_id.name or move.display_name
                        for move in users
                    ),
                )
            )
        if kind == "correction" and (lines := self._get_matched_bank_lines()):
            others = (
                lines.matched_debit_ids.debit_move_id
                | lines.matched_credit_ids.credit_move_id
            ).move_id
            raise ReversalError(
                self.env._(
                    "%(payment)s is matched with the bank (%(statements)s). Unmatch the "
                    "statement line first, or reverse it as dishonoured.",
                    payment=self.display_name,
                    statements=", ".join(others.mapped("display_name")),
                )
            )

    def _check_can_bounce(self, date):
        """A bank takes back what came through it, and not before it came.

        :param date date: of the bounce, or None for today
        :raise ReversalError: naming the payment
        """
        self.ensure_one()
        if not self._get_source().is_handed_over or not self.account_payment_id:
            raise ReversalError(
                self.env._(
                    "%(payment)s is not money that a bank could take back (%(origin)s). "
                    "Reverse it as a correction.",
                    payment=self.display_name,
                    origin=self._get_source_label(),
                )
            )
        date = date or fields.Date.context_today(self)
        if date < self.date:
            raise ReversalError(
                self.env._(
                    "%(payment)s is dated %(day)s and cannot have bounced on "
                    "%(date)s. Enter the day of the bounce as it is on the statement.",
                    payment=self.display_name,
                    day=format_date(self.env, self.date),
                    date=format_date(self.env, date),
                )
            )

    def _read_fee(self, fee):
        """The bank's charge, as it can be booked on each of these payments.

        :param dict fee: see :meth:`action_reverse`
        :return: the same with a record as its account; None where nothing is charged
        :rtype: dict
        :raise ReversalError: naming what is wrong with it
        """
        if not fee:
            return None
        amount = fee.get("amount", 0.0) if isinstance(fee, dict) else None
        if not (isinstance(amount, int | float) and is_amount(amount) and amount >= 0):
            raise ReversalError(
                self.env._("Enter the charge of the bank as an amount and its account.")
            )
        if not amount:
            return None
        accounts_sudo = self.env["account.account"].sudo()  # cashiers need not read it
        account = fee.get("account")
        if isinstance(account, models.BaseModel) and account._name == "account.account":
            account = account.id
        account_sudo = accounts_sudo.browse(
            account if isinstance(account, int) else ()
        ).exists()
        for payment in self:
            if not payment.account_payment_id:
                raise ReversalError(
                    self.env._(
                        "%(payment)s did not go through a bank, which charges nothing "
                        "for it. Reverse it without a charge.",
                        payment=payment.display_name,
                    )
                )
            payment._check_fee_account(account_sudo)
        return {"amount": amount, "account": account_sudo}

    def _check_fee_account(self, account):
        """A charge is an expense, or taken off an income.

        :raise ReversalError: naming the account
        """
        company_domain = account._check_company_domain(self.company_id)
        if (
            account.internal_group not in ("income", "expense")
            or not account.filtered_domain(company_domain)
            or not self._is_nominal_account(account)
        ):
            raise ReversalError(
                self.env._(
                    "%(account)s does not take the charge of a bank: choose an account "
                    "of expenses or income of %(company)s.",
                    account=account.display_name or self.env._("No account"),
                    company=self.company_id.name,
                )
            )

    def _get_entries(self):
        """The payment's own entries, on the office side.

        :rtype: account.move
        """
        return self.move_id | self.write_off_move_id

    def _get_credit_users(self):
        """Entries that used a credit which this payment made.

        :rtype: account.move
        """
        lines_sudo = self.sudo().move_id.line_ids  # whoever may see the users
        made = lines_sudo.filtered(
            lambda line: (
                line.account_id == self.company_id.sudo().legal_unallocated_account_id
                and line.balance < 0
            )
        )
        return made.matched_debit_ids.debit_move_id.move_id

    def _get_matched_bank_lines(self):
        """Bank items of the payment that a statement line is matched with; what its own
        reversal mirrors was in no bank.

        :rtype: account.move.line
        """
        payment_sudo = self.sudo().account_payment_id  # also shown to billers
        if not payment_sudo.move_id:
            return self.env["account.move.line"]
        liquidity = payment_sudo._seek_for_lines()[0]
        mirrors = self.sudo().reversal_move_ids
        return liquidity.filtered(
            lambda line: (
                (
                    line.matched_debit_ids.debit_move_id
                    | line.matched_credit_ids.credit_move_id
                ).move_id
                - mirrors
            )
        )

    # --- reversing

    def _reverse_payment(self, reason, kind, date, fee):
        """Mirror the entries, open the bills, take the receipts back.

        :param str reason:
        :param str kind:
        :param date date: of a dishonour
        :param dict fee: of a dishonour
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self._get_source().is_held:
            self._give_client_money_back(reason)
        if self.pay_in_slip_id.state == "draft":  # it is not carried to the bank
            self.pay_in_slip_id = False
        bills = self.allocation_ids.bill_id
        with bills._noting_payment_state():
            reversals = self._reverse_entries(reason, kind, date or today, fee)
        text = self.env._(
            "%(payment)s reversed (%(reason)s)", payment=self.name, reason=reason
        )
        bills._note_payment(dict.fromkeys(bills, text))
        self.write(
            {
                "state": "reversed",
                "reversal_kind": kind,
                "reversal_reason": reason,
                "reversed_by_id": self.env.uid,
                "reversed_on": max(reversals.mapped("date"), default=today),
                "reversal_move_ids": [Command.set(reversals.ids)],
            }
        )
        bills._record_fee_receipts()
        self._forget_balances()
        labels = dict(self._fields["reversal_kind"]._description_selection(self.env))
        self.message_post(
            body=self.env._(
                "Reversed (%(kind)s): %(reason)s. Entries: %(entries)s.",
                kind=labels[kind],
                reason=reason,
                entries=", ".join(reversals.mapped("name")),
            )
        )

    def _reverse_entries(self, reason, kind, bounced_on, fee):
        """Take the payment's entries off the bills, and mirror them.

        :param str reason:
        :param str kind:
        :param date bounced_on: day of a dishonour
        :param dict fee: of a dishonour
        :return: the mirrors
        :rtype: account.move
        """
        is_bounce = kind == "dishonour"
        entries = self._get_entries()
        bank_lines = self.env["account.move.line"]
        if self.account_payment_id:
            bank_lines = self.account_payment_id._seek_for_lines()[0]
        (entries.line_ids - bank_lines).remove_move_reconcile()
        reversals = self.env["account.move"]
        for entry in entries:
            day = self._get_reversal_day(entry, bounced_on if is_bounce else entry.date)
            reversals |= self._reverse_entry(
                entry,
                day,
                reason,
                fee=fee if is_bounce and entry == self.move_id else None,
                keep_open=bank_lines if is_bounce else bank_lines.browse(),
            )
        self.account_payment_id.state = "rejected" if is_bounce else "canceled"
        return reversals

    def _get_reversal_day(self, entry, day):
        """The day of an entry's mirror: today where its own is in a closed period.

        :param account.move entry:
        :param date day: on which it would be
        :rtype: date
        """
        if entry._get_violated_lock_dates(day, bool(entry.line_ids.tax_ids)):
            return fields.Date.context_today(self)
        return day

    def _reverse_entry(self, entry, day, reason, fee, keep_open):
        """Mirror one entry and match it with the original.

        :param account.move entry:
        :param date day: of the mirror
        :param str reason:
        :param dict fee: charge of the bank on top, or None
        :param account.move.line keep_open: items whose mirror waits for the bank
        :return: the posted mirror
        :rtype: account.move
        """
        mirror = entry._reverse_moves(
            [
                {
                    "date": day,
                    "ref": fit_reference(
                        self.env._(
                            "Reversal of %(payment)s: %(reason)s (%(entry)s)",
                            payment=self.name,
                            entry=entry.ref,
                            reason=reason,
                        )
                    ),
                    "legal_payment_id": self.id,
                }
            ]
        )
        pairs = self._pair_with_mirror(entry, mirror)
        if fee and fee.get("amount"):
            mirror.with_context(skip_invoice_sync=True).write(
                {
                    "line_ids": [
                        Command.create(vals)
                        for vals in self._prepare_fee_vals(fee, keep_open)
                    ]
                }
            )
        mirror._post(soft=False)
        plan = [
            original + copy
            for original, copy in pairs
            if original not in keep_open and not original.reconciled
        ]
        self._reconcile(plan)
        return mirror

    @api.model
    def _pair_with_mirror(self, entry, mirror):
        """Each item that can be matched with the one that takes it back. Core makes
        the lines of taxes anew, so that the mirror's order is another.

        :param account.move entry:
        :param account.move mirror:
        :return: pairs of items
        :rtype: list
        """

        def get_key(line, sign):
            amounts = (
                (line.currency_id, line.amount_currency),
                (line.company_currency_id, line.balance),
            )
            return (
                line.account_id,
                line.partner_id,
                line.matter_id,
                *(
                    float_repr(currency.round(sign * amount) + 0.0, 6)
                    for currency, amount in amounts
                ),
            )

        def get_lines(move):
            return move.line_ids.filtered("account_id.reconcile").sorted("id")

        copies = defaultdict(list)
        for line in reversed(get_lines(mirror)):
            copies[get_key(line, -1)].append(line)
        originals = [(line, copies[get_key(line, 1)]) for line in get_lines(entry)]
        return [(line, matching.pop()) for line, matching in originals if matching]

    def _prepare_fee_vals(self, fee, bank_lines):
        """The bank's charge of a bounced payment.

        :rtype: list
        """
        amount = self.company_id.currency_id.round(fee["amount"])
        common = {
            "name": self.env._("Charge of the bank, %(payment)s", payment=self.name),
            "currency_id": self.company_id.currency_id.id,
            "partner_id": self.received_from_id.id,
        }
        return [
            {
                **common,
                "account_id": fee["account"].id,
                "balance": amount,
                "amount_currency": amount,
            },
            {
                **common,
                "account_id": bank_lines.account_id[:1].id,
                "balance": -amount,
                "amount_currency": -amount,
            },
        ]
