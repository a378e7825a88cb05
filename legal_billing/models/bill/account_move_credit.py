from odoo import fields, models
from odoo.fields import Command

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import UndoError
from ...tools import DEFAULT_ELEMENT, format_amount, open_window


class AccountMove(models.Model):
    """Crediting a part of a bill: chosen elements and types, each with its own taxes.
    The entries stay billed; only a credit of everything frees them (rule C-25)."""

    _inherit = "account.move"

    def action_open_credit(self):
        """Ask which parts of the bill are credited, by amount or share.

        :return: the window
        :rtype: dict
        :raise RoleError: for users who neither bill nor approve
        :raise UndoError: if nothing is left to credit
        """
        self.ensure_one()
        self._check_role("biller", "approver", "manager")
        self._check_can_be_credited()
        rows = self._get_credit_rows()
        if not any(row["open"] for row in rows):
            raise UndoError(
                self.env._(
                    "%(bill)s is credited in full already.",
                    bill=self._get_short_name(),
                )
            )
        window = self.env["legal.bill.credit"].create(
            {
                "bill_id": self.id,
                "line_ids": [
                    Command.create(
                        {
                            "key": row["key"],
                            "name": row["name"],
                            "bill_element": row["element"],
                            "tax_ids": [
                                Command.set(
                                    row["taxes"]
                                    .union(*(taxes for taxes, _held in row["pieces"]))
                                    .ids
                                )
                            ],
                            "billed_amount": row["billed"],
                            "open_amount": row["open"],
                        }
                    )
                    for row in rows
                ],
            }
        )
        return open_window(
            window, self.env._("Credit a part of %(bill)s", bill=self.name)
        )

    def _check_can_be_credited(self):
        """:raise UndoError: if the bill is not approved, or no bill"""
        if self.move_type != "out_invoice" or self.state != "posted":
            raise UndoError(
                self.env._(
                    "%(bill)s: only approved bills are credited. A draft is edited.",
                    bill=self._get_short_name(),
                )
            )

    def _get_credit_rows(self):
        """What can be credited of the bill, net: one row per matter, element, type,
        taxes and account.

        :return: dicts with ``key``, ``name``, ``element``, ``product``, ``taxes``,
            ``pieces`` (taxes of each line that also has some per piece, and what was
            billed of those by formula), ``account``, ``matter``, ``lines`` that were
            billed, ``billed``, ``open``
        :rtype: list
        """
        self.ensure_one()
        rows = {}
        credit_notes_sudo = self.sudo().reversal_move_ids.filtered(  # figures only
            lambda move: (
                move.state != "cancel"
                and move.move_type == "out_refund"
                and not move.legal_write_off_id
            )
        )
        for sign, lines in (
            (1, self.invoice_line_ids),
            (-1, credit_notes_sudo.invoice_line_ids),
        ):
            for line in lines.filtered(lambda x: x.display_type == "product"):
                key = line._get_credit_key()
                if key not in rows:
                    rows[key] = {
                        "key": key,
                        "name": self._name_credit_row(line),
                        "element": line.bill_element or DEFAULT_ELEMENT,
                        "product": line.product_id,
                        "taxes": line.tax_ids._without_fixed(),
                        "pieces": [],
                        "account": line.account_id,
                        "on_account": line.on_account_line_id,
                        "matter": line.matter_id,
                        "lines": line.browse(),
                        "billed": 0.0,
                        "open": 0.0,
                    }
                if sign > 0:
                    rows[key]["billed"] += line.price_subtotal
                    rows[key]["lines"] |= line
                rows[key]["open"] += sign * line.price_subtotal
                pieces = rows[key]["pieces"]
                if line.tax_ids == rows[key]["taxes"]:
                    continue
                if sign > 0:
                    pieces.append((line.tax_ids, line._get_formula_taxes()))
                    continue
                given_back = [piece for piece in pieces if piece[0] == line.tax_ids]
                if given_back:
                    pieces.remove(given_back[0])
        for row in rows.values():
            row["billed"] = self.currency_id.round(row["billed"])
            row["open"] = max(self.currency_id.round(row["open"]), 0.0)
        return [row for row in rows.values() if row["billed"] > 0]

    def _name_credit_row(self, line):
        """What a part is called; over several matters it says of which.

        :param account.move.line line: of the part
        :rtype: str
        """
        name = line._get_credit_name()
        if len(self.matter_ids) < 2 or not line.matter_id:
            return name
        matter_sudo = line.matter_id.sudo()  # named on the bill
        return f"{matter_sudo.matter_number or matter_sudo.name}: {name}"

    def _split_credit(self, row, amount):
        """Net and taxes of the lines that credit an amount of a row. What is owed per
        piece is given back with the last cent of the row, once for each piece.

        :param dict row: of ``_get_credit_rows``
        :param float amount: net
        :return: ``(net, taxes, amounts of taxes by formula)``
        :rtype: list
        """
        pieces = row["pieces"]
        if not pieces or self.currency_id.compare_amounts(amount, row["open"]):
            return [(amount, row["taxes"], {})]
        parts = engine.largest_remainder(
            to_decimal(amount),
            [to_decimal(1)] * len(pieces),
            to_decimal(self.currency_id.rounding),
        )
        return [
            (float(part), taxes, held)
            for part, (taxes, held) in zip(parts, pieces, strict=True)
        ]

    def _get_credit_gross(self, row, amount):
        """What crediting an amount of a row comes to with its taxes.

        :param dict row: of ``_get_credit_rows``
        :param float amount: net
        :rtype: float
        """
        gross = 0.0
        for net, taxes, held in self._split_credit(row, amount):
            computed = taxes.compute_all(
                net,
                currency=self.currency_id,
                product=row["product"],
                partner=self.partner_id,
            )
            gross += computed["total_included"] + sum(
                held[tax["id"]] - tax["amount"]
                for tax in computed["taxes"]
                if tax["id"] in held
            )
        return gross

    def _prepare_held_taxes(self, net, taxes, held):
        """What lets core take the amounts of taxes by formula as they were billed: of the
        rest of a line the formula would come to something else.

        :param float net: of the credit note's line
        :param account.tax taxes: of the line
        :param dict held: amounts by id of the tax
        :return: values of the line; none where there is no such tax
        :rtype: dict
        """
        if not held:
            return {}
        amounts = {
            str(tax.id): {"tax_amount_currency": held[tax.id]} if tax.id in held else {}
            for tax in taxes.flatten_taxes_hierarchy()
        }
        return {
            "extra_tax_data": {
                "currency_id": self.currency_id.id,
                "price_unit": net,
                "quantity": 1,
                "discount": 0.0,
                "manual_tax_amounts": amounts,
            }
        }

    def _get_credit_problems(self):
        """What stands against posting credit notes that waited: their bill may be a
        draft again, cancelled, or credited meanwhile.

        :return: ``{credit note: sentences}``; those that are fine are missing
        :rtype: dict
        """
        notes = self.filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.reversed_entry_id
                and not move.legal_write_off_id
            )
        )
        not_approved = self.env._(
            "%(note)s: %(bill)s, which it credits, is not approved any more; delete the "
            "credit note"
        )
        too_much = self.env._(
            "%(note)s: it would credit more than is left of %(bill)s; correct or delete it"
        )
        problems = {}
        # sudo: state and totals of the bills and of their other credit notes
        for bill_sudo, waiting in notes.sudo().grouped("reversed_entry_id").items():
            posted = bill_sudo._get_posted_credit_notes()
            left = bill_sudo.amount_total - sum(posted.mapped("amount_total"))
            for note_sudo in waiting:
                left -= note_sudo.amount_total
                if bill_sudo.state != "posted":
                    text = not_approved
                elif bill_sudo.currency_id.compare_amounts(left, 0.0) < 0:
                    text = too_much
                else:
                    continue
                names = {
                    "note": note_sudo._get_short_name(),
                    "bill": bill_sudo._get_short_name(),
                }
                problems[note_sudo.with_env(self.env)] = [text % names]
        return problems

    def _credit_parts(self, parts, reason, date=None):
        """Make a credit note of these parts; an approver's is posted and settles the
        bill, a biller's waits among the drafts for approval.

        :param dict parts: ``{key of a row: net amount}``
        :param str reason: demanded, on the credit note
        :param date date: default today
        :return: the credit note
        :rtype: account.move
        :raise RoleError: for users who neither bill nor approve
        :raise UndoError: without a reason, without an amount, or above what is open
        """
        self.ensure_one()
        self._check_role("biller", "approver", "manager")
        self._check_can_be_credited()
        reason = (reason or "").strip()
        if not reason:
            raise UndoError(self.env._("Say why the bill is credited."))
        rows = {row["key"]: row for row in self._get_credit_rows()}
        parts = {key: amount for key, amount in parts.items() if amount}
        self._check_credit_parts(rows, parts)
        date = date or fields.Date.context_today(self)
        note = (
            self._internal()
            .env["account.move"]
            .with_company(self.company_id)
            .create(self._prepare_credit_vals(rows, parts, reason, date))
        )
        # sudo: the right was checked above; approving checks limit and period
        note.invoice_user_id = self.invoice_user_id
        if self._has_role("approver", "manager"):
            note._post(soft=False)
        self.message_post(
            body=self.env._(
                "%(amount)s credited: %(reason)s",
                amount=format_amount(self.env, note.amount_total, self.currency_id),
                reason=reason,
            )
        )
        return note.with_env(self.env)

    def _check_credit_parts(self, rows, parts):
        """:raise UndoError: naming the parts"""
        if not parts:
            raise UndoError(self.env._("Enter what is credited."))
        if parts.keys() - rows.keys():
            raise UndoError(
                self.env._(
                    "%(bill)s changed meanwhile: a part that is to be credited is not on it. "
                    "Open the window again.",
                    bill=self._get_short_name(),
                )
            )
        wrong = [
            rows[key]["name"]
            for key, amount in parts.items()
            if self.currency_id.compare_amounts(amount, 0.0) < 0
            or self.currency_id.compare_amounts(amount, rows[key]["open"]) > 0
        ]
        if wrong:
            raise UndoError(
                self.env._(
                    "%(bill)s: you cannot credit more than was billed, or less than "
                    "zero, of %(parts)s.",
                    bill=self._get_short_name(),
                    parts=", ".join(wrong),
                )
            )

    def _prepare_credit_vals(self, rows, parts, reason, date):
        """Values of the credit note; what the client reads is in the client's language.

        :rtype: dict
        """
        bill = self.with_context(lang=self.partner_id.lang or self.env.lang)
        names = {row["key"]: row["name"] for row in bill._get_credit_rows()}
        return {
            "move_type": "out_refund",
            "journal_id": self.journal_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": date,
            "date": date,
            "invoice_date_due": date,
            "invoice_payment_term_id": False,
            "ref": bill.env._(
                "Credit of %(bill)s: %(reason)s", bill=self.name, reason=reason
            ),
            "reversed_entry_id": self.id,
            "client_id": self.client_id.id,
            "bill_report_id": self.bill_report_id.id,
            "bill_email_template_id": self.bill_email_template_id.id,
            "recipient_ids": [Command.set(self._get_recipients().ids)],
            "print_copies": self.print_copies,
            "bill_channel_ids": [Command.set(self.bill_channel_ids.ids)],
            "bill_text": reason,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": names[key],
                        "product_id": rows[key]["product"].id,
                        "account_id": rows[key]["account"].id,
                        "quantity": 1,
                        "price_unit": net,
                        "tax_ids": [Command.set(taxes.ids)],
                        "matter_id": rows[key]["matter"].id,
                        "bill_element": rows[key]["element"],
                        "on_account_line_id": rows[key]["on_account"].id,
                        "analytic_distribution": rows[key][
                            "lines"
                        ]._get_common_distribution(),
                        **self._prepare_held_taxes(net, taxes, held),
                    }
                )
                for key, amount in parts.items()
                for net, taxes, held in self._split_credit(rows[key], amount)
            ],
        }
