from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import WriteOffError
from ...tools import DEFAULT_ELEMENT, format_amount
from .write_off_entry import compute_net, get_distribution, prepare_items


class LegalBillWriteOff(models.Model):
    """Checking, posting and undoing write-offs; as sets, not bill by bill."""

    _inherit = "legal.bill.write.off"

    @api.model
    def _write_off(self, amounts, reason, date=None, treatment=None):
        """Write balances off: post, match with the bills, remember.

        :param dict amounts: ``{bill: amount}`` in the bill's currency
        :param str reason: demanded
        :param date date: default today
        :param str treatment: default by the company's setting of tax relief
        :rtype: legal.bill.write.off
        :raise RoleError: without the approver's role
        :raise WriteOffError: naming all bills and what stands against them
        """
        bills = self.env["account.move"].union(*amounts)
        bills._check_role("approver", "manager")
        bills.check_access("read")
        date = date or fields.Date.context_today(self)
        reason = (reason or "").strip()
        if not reason:
            raise WriteOffError(self.env._("Say why the balance is written off."))
        problems = self._get_problems(amounts, date, treatment)
        if problems:
            raise WriteOffError(
                self.env._(
                    "These balances cannot be written off:\n%(problems)s",
                    problems="\n".join(
                        text for row in problems.values() for text in row
                    ),
                )
            )
        rows = self._internal().create(
            [
                {
                    "bill_id": bill.id,
                    "amount": bill.currency_id.round(amount),
                    "date": date,
                    "reason": reason,
                    "treatment": treatment or self._get_default_treatment(bill),
                    "user_id": self.env.uid,
                }
                for bill, amount in amounts.items()
            ]
        )
        rows._post()
        return rows.with_env(self.env)

    @api.model
    def _get_default_treatment(self, bill):
        """:rtype: str"""
        relief = bill.company_id.legal_write_off_tax_relief
        return "credit_note" if relief else "entry"

    @api.model
    def _get_problems(self, amounts, date, treatment=None):
        """What stands against writing these amounts off, for this user.

        :param dict amounts: ``{bill: amount}``
        :return: ``{bill: sentences}``; bills that are fine are missing
        :rtype: dict
        """
        problems = defaultdict(list)
        limit = self.env.user.sudo().legal_approval_limit
        with_tax = treatment != "entry"
        for bill, amount in amounts.items():
            texts = []
            name = bill._get_short_name()
            if bill.state != "posted" or bill.move_type != "out_invoice":
                texts.append(
                    self.env._(
                        "%(bill)s: only approved bills have a balance", bill=name
                    )
                )
            elif bill.billing_kind == "on_account":
                texts.append(
                    self.env._(
                        "%(bill)s was billed on account, and nothing of it is earned yet: "
                        "credit it instead",
                        bill=name,
                    )
                )
            elif bill.currency_id.compare_amounts(amount, 0.0) <= 0:
                texts.append(self.env._("%(bill)s: enter an amount", bill=name))
            elif bill.currency_id.compare_amounts(amount, bill.amount_residual) > 0:
                texts.append(
                    self.env._(
                        "%(bill)s: %(amount)s is above its balance of %(balance)s",
                        bill=name,
                        amount=format_amount(self.env, amount, bill.currency_id),
                        balance=format_amount(
                            self.env, bill.amount_residual, bill.currency_id
                        ),
                    )
                )
            elif bill.invoice_date and date < bill.invoice_date:
                texts.append(
                    self.env._(
                        "%(bill)s is dated %(date)s: write it off on that day or later",
                        bill=name,
                        date=bill.invoice_date,
                    )
                )
            company_amount = bill.currency_id._convert(
                amount, bill.company_currency_id, bill.company_id, date
            )
            if (
                limit
                and bill.company_currency_id.compare_amounts(company_amount, limit) > 0
            ):
                texts.append(
                    self.env._(
                        "%(bill)s: %(amount)s is over your limit of %(limit)s",
                        bill=name,
                        amount=format_amount(
                            self.env, company_amount, bill.company_currency_id
                        ),
                        limit=format_amount(self.env, limit, bill.company_currency_id),
                    )
                )
            if locks := bill._get_violated_lock_dates(date, with_tax):
                texts.append(
                    self.env._(
                        "%(bill)s: %(date)s is in a locked period (until %(lock)s); "
                        "choose a later date",
                        bill=name,
                        date=date,
                        lock=max(lock[0] for lock in locks),
                    )
                )
            if texts:
                problems[bill] = texts
        return problems

    # --- posting

    def _post(self):
        """Post these write-offs and match them with their bills."""
        parts = self._split_amounts()
        notes = self.filtered(lambda row: row.treatment == "credit_note")
        moves = self.env["account.move"].browse()
        if notes:
            moves |= self.env["account.move"].create(
                [row._prepare_credit_note_vals(parts[row]) for row in notes]
            )
            for row, move in zip(notes, moves, strict=True):
                row._fit_credit_note(move)
        entries = self - notes
        if entries:
            vals_list = [row._prepare_entry_vals(parts[row]) for row in entries]
            self.env["account.analytic.distribution.model"]._complete_entries(
                entries, vals_list
            )
            moves |= (
                self.env["account.move"]
                .with_context(skip_invoice_sync=True)
                .create(vals_list)
            )
        for row, move in zip(notes + entries, moves, strict=True):
            row.move_id = move
        moves._post(soft=False)
        plan = []
        for row in self:
            lines = row.move_id.line_ids.filtered(
                lambda line: (
                    line.account_type == "asset_receivable" and not line.reconciled
                )
            )
            if lines:
                plan.append(lines + row.bill_id._get_open_receivable_lines())
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)
        for row in self:
            tax_lines = row.move_id.line_ids.filtered("tax_line_id")
            elements = defaultdict(float)
            for (_matter, element, _taxes), amount in parts[row].items():
                elements[element] += amount
            row.write(
                {
                    "tax_amount": sum(tax_lines.mapped("amount_currency")),
                    "element_amounts": {
                        name: row.currency_id.round(value)
                        for name, value in elements.items()
                    },
                }
            )
            row.bill_id.message_post(
                body=self.env._(
                    "%(amount)s written off: %(reason)s (%(entry)s)",
                    amount=format_amount(self.env, row.amount, row.currency_id),
                    reason=row.reason,
                    entry=row.move_id.name,
                )
            )
        moves.filtered(lambda move: move.move_type == "out_refund").write(
            {
                # it changes the books, it is no paper for the client: not in production
                "produced_on": fields.Datetime.now(),
                "produced_by_id": self.env.uid,
            }
        )
        self.bill_id._cap_disputed_amount()

    def _split_amounts(self):
        """The amounts by matter, element and taxes: pro rata to what is open of the
        bill's elements, inside each by its lines.

        :return: ``{write-off: {(matter, element, taxes): amount}}``
        :rtype: dict
        """
        several = self.bill_id._get_bills_of_several()
        parts_open = several._get_part_outstanding()
        outstanding = (self.bill_id - several)._get_element_outstanding()
        result = {}
        for row in self:
            step = to_decimal(row.currency_id.rounding)
            weights = defaultdict(lambda: defaultdict(float))
            for line in row.bill_id.invoice_line_ids:
                if line.display_type == "product":
                    element = line.bill_element or DEFAULT_ELEMENT
                    for taxes, gross in line._split_gross().items():
                        weights[element][line.matter_id, element, taxes] += gross
            # of a bill over several matters each gives up of what it has open
            elements = [
                (*key, amount) for key, amount in parts_open.get(row.bill_id.id, ())
            ] or [(name, None, amount) for name, amount in outstanding[row.bill_id.id]]
            elements = [found for found in elements if found[-1]]
            shares = engine.largest_remainder(
                to_decimal(row.amount), [amount for *_key, amount in elements], step
            )
            parts = {}
            for (name, matter, _open), share in zip(elements, shares, strict=True):
                owner = row.bill_id.matter_ids[:1] if matter is None else matter
                keys = {
                    key: to_decimal(weight)
                    for key, weight in weights[name].items()
                    if weight > 0 and (matter is None or key[0] == matter)
                } or {(owner, name, self.env["account.tax"]): 1}
                for key, part in zip(
                    keys,
                    engine.largest_remainder(share, list(keys.values()), step),
                    strict=True,
                ):
                    if part:
                        parts[key] = float(part)
            result[row] = parts
        return result

    def _get_text(self):
        """:rtype: str"""
        return self.env._(
            "Write-off of %(bill)s: %(reason)s",
            bill=self.bill_id.name,
            reason=self.reason,
        )

    def _get_account(self):
        return self.company_id._get_legal_write_off_account()

    # --- as a credit note

    def _prepare_credit_note_vals(self, parts):
        """A credit note on the account of write-offs, with the bill's own taxes.

        :param dict parts: see ``_split_amounts``
        :rtype: dict
        """
        self.ensure_one()
        bill = self.bill_id
        return {
            "move_type": "out_refund",
            "journal_id": bill.journal_id.id,
            "company_id": bill.company_id.id,
            "partner_id": bill.partner_id.id,
            "partner_shipping_id": bill.partner_shipping_id.id,
            "fiscal_position_id": bill.fiscal_position_id.id,
            "currency_id": bill.currency_id.id,
            "invoice_date": self.date,
            "date": self.date,
            "invoice_payment_term_id": False,
            "invoice_date_due": self.date,
            "ref": self._get_text(),
            "reversed_entry_id": bill.id,
            "client_id": bill.client_id.id,
            "bill_report_id": bill.bill_report_id.id,
            "print_copies": "0",
            "legal_write_off_id": self.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": self._get_text(),
                        "account_id": self._get_account().id,
                        "quantity": 1,
                        "price_unit": compute_net(bill, taxes, amount)[
                            "total_excluded"
                        ],
                        "tax_ids": [Command.set(taxes.ids)],
                        "matter_id": matter.id,
                        "bill_element": element,
                        "analytic_distribution": get_distribution(
                            matter, self._get_account(), bill.commercial_partner_id
                        ),
                    }
                )
                for (matter, element, taxes), amount in parts.items()
            ],
        }

    def _fit_credit_note(self, move):
        """Bring a draft credit note to exactly the amount written off, on the bill's
        own receivable account. Rounding of taxes may leave it a cent apart.

        :param account.move move:
        """
        difference = self.currency_id.round(self.amount - move.amount_total)
        if difference:
            taxed = move.line_ids.filtered("tax_line_id").sorted("balance")
            if taxed:
                taxed[-1].amount_currency += difference
            else:
                line = move.invoice_line_ids[:1]
                line.price_unit += difference
        account = self.bill_id._get_open_receivable_lines().account_id[:1]
        terms = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        if account and terms.account_id != account:
            terms.account_id = account

    # --- as an entry

    def _prepare_entry_vals(self, parts):
        """A plain entry: write-off account, tax taken back or not, receivable.

        :param dict parts: see ``_split_amounts``
        :rtype: dict
        """
        self.ensure_one()
        bill = self.bill_id
        lines = []
        for (matter, _element, taxes), amount in parts.items():
            if self.treatment == "entry":
                taxes = taxes.browse()
            lines += prepare_items(
                bill,
                matter,
                taxes,
                amount,
                self._get_account(),
                self._get_text(),
                self._convert_to_company,
            )
        receivable = bill._get_open_receivable_lines()
        lines.append(
            {
                "name": bill.name,
                "account_id": receivable.account_id[:1].id,
                "partner_id": bill.commercial_partner_id.id,
                "matter_id": bill.matter_id.id,
                "currency_id": self.currency_id.id,
                "amount_currency": -self.amount,
                "balance": -sum(vals["balance"] for vals in lines),
            }
        )
        return {
            "move_type": "entry",
            "journal_id": self.env["legal.payment"]
            .new({"company_id": self.company_id.id})
            ._get_entry_journal()
            .id,
            "company_id": self.company_id.id,
            "date": self.date,
            "ref": self._get_text(),
            "currency_id": self.currency_id.id,
            "legal_write_off_id": self.id,
            "line_ids": [Command.create(vals) for vals in lines],
        }

    # --- taking back

    def _take_back(self, reason):
        """Cancel what was posted, or mirror it today where its period is locked.

        :param str reason:
        """
        today = fields.Date.context_today(self)
        locked = self.filtered(
            lambda row: row.move_id._get_violated_lock_dates(
                row.date, bool(row.move_id.line_ids.tax_ids)
            )
        )
        moves = (self - locked).move_id
        self.move_id.line_ids.remove_move_reconcile()
        if moves:
            moves.button_draft()
            moves.button_cancel()
        mirrors = locked.move_id._reverse_moves(
            [
                {
                    "date": today,
                    "ref": self.env._(
                        "Taken back: %(text)s (%(reason)s)",
                        text=row._get_text(),
                        reason=reason,
                    ),
                    "legal_write_off_id": row.id,
                    **(
                        {"invoice_date": today, "invoice_date_due": today}
                        if row.treatment == "credit_note"
                        else {}
                    ),
                }
                for row in locked
            ],
            cancel=True,
        )
        mirrors.filtered("matter_ids").write(
            {"produced_on": fields.Datetime.now(), "produced_by_id": self.env.uid}
        )
        self.write(
            {
                "state": "reversed",
                "reversed_by_id": self.env.uid,
                "reversed_on": today,
                "reversal_reason": reason,
            }
        )
        for row in self:
            row.bill_id.message_post(
                body=self.env._(
                    "Write-off of %(amount)s taken back: %(reason)s",
                    amount=format_amount(self.env, row.amount, row.currency_id),
                    reason=reason,
                )
            )

    def _convert_to_company(self, amount):
        """An amount of the bill in the company's currency, at the write-off's date.

        :rtype: float
        """
        return self.currency_id._convert(
            amount, self.company_id.currency_id, self.company_id, self.date
        )
