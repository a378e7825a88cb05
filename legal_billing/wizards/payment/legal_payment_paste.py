import re

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import formatLang
from odoo.tools.misc import get_lang

from ... import engine
from ...exceptions import PaymentError
from ...tools import open_window

#: A line of a remittance: a number, and perhaps an amount in the last column.
AMOUNT = re.compile(r"^-?[0-9.,'\u2019 ]{0,20}[0-9]$")
#: Spaces that do not break: they group the digits of an amount.
BETWEEN_DIGITS = re.compile(r"(?<=\d)[\u00a0\u202f](?=\d{3}(?!\d))")


class LegalPaymentPaste(models.TransientModel):
    """Adds bills from a pasted remittance advice."""

    _name = "legal.payment.paste"
    _inherit = ["legal.window.guard"]
    _description = "Paste Remittance"

    payment_id = fields.Many2one("legal.payment", required=True)
    text = fields.Text(
        required=True,
        help="Bill numbers, one per line; an amount may follow, as copied from a "
        "spreadsheet, with the signs of your language.",
    )
    unknown = fields.Text(readonly=True)

    def action_add(self):
        """Add the bills. What was not found stays in the window.

        :return: the window again, or closes it
        :rtype: dict
        """
        self.ensure_one()
        self.payment_id._check_cashier("client_account_officer")
        rows = self._parse()
        found, unknown = self._find_bills(rows)
        amounts = {bill: amount for bill, amount in found.items() if amount is not None}
        self.payment_id._add_bills(
            self.env["account.move"].union(*found), amounts=amounts
        )
        added = self.payment_id.allocation_ids.bill_id
        unknown += [
            self.env._("%(bill)s: in another currency", bill=bill.name)
            for bill in found
            if bill not in added
        ]
        if not unknown:
            return {"type": "ir.actions.act_window_close"}
        self.unknown = "\n".join(unknown)
        self.text = "\n".join(unknown)
        return open_window(self, self.env._("Not found"))

    def _parse(self):
        """Numbers and amounts of the text.

        :return: ``[(number, amount or None), …]``
        :rtype: list
        :raise PaymentError: if there is no number, or an amount that can be read in
            more than one way
        """
        rows = []
        for line in self.text.splitlines():
            line = BETWEEN_DIGITS.sub("", line)
            cells = [cell.strip() for cell in re.split(r"[\t;|]|\s{2,}", line)]
            cells = [cell for cell in cells if cell]
            if len(cells) == 1:
                cells = cells[0].split()
                if len(cells) != 2 or not AMOUNT.match(cells[1]):
                    rows += [(cell.strip(","), None) for cell in cells]
                    continue
            if cells:
                has_amount = len(cells) > 1 and AMOUNT.match(cells[-1])
                rows.append((cells[0], cells[-1] if has_amount else None))
        if not rows:
            raise PaymentError(self.env._("Paste at least one bill number."))
        return self._read_amounts(rows)

    def _read_amounts(self, rows):
        """The amounts of rows, as the user's language writes them.

        :param list rows: ``(number, text of an amount or None)``
        :return: ``[(number, amount or None), …]``
        :rtype: list
        :raise PaymentError: naming the rows whose amount can be read in two ways
        """
        lang = get_lang(self.env)
        currency = self.payment_id.currency_id
        result, unclear = [], []
        for number, text in rows:
            amount = None
            if text:
                amount = engine.read_amount(
                    text,
                    lang.decimal_point,
                    lang.thousands_sep,
                    currency.decimal_places,
                )
                if amount is None:
                    unclear.append(f"{number}: {text}")
            result.append((number, None if amount is None else float(amount)))
        if unclear:
            raise PaymentError(
                self.env._(
                    "These amounts can be read in more than one way:\n%(rows)s\nWrite "
                    "them with all decimals, as %(example)s. No bill was added.",
                    rows="\n".join(unclear),
                    example=formatLang(
                        self.env, 1250.0, digits=currency.decimal_places
                    ),
                )
            )
        return result

    def _find_bills(self, rows):
        """Open bills of these numbers. Of a bill that is listed several times the
        amounts are added up.

        :param list rows: see ``_parse``
        :return: ``({bill: amount or None}, [what was not found])``
        :rtype: tuple
        """
        payment = self.payment_id
        numbers = [number for number, _amount in rows]
        bills = self.env["account.move"].search(
            Domain("name", "in", numbers)
            & Domain("company_id", "=", payment.company_id.id)
            & Domain("matter_ids", "!=", False)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
        )
        by_number = {bill.name: bill for bill in bills}
        found, unknown = {}, []
        for number, amount in rows:
            bill = by_number.get(number)
            if not bill:
                unknown.append(number)
            elif bill.state != "posted" or bill.currency_id.is_zero(
                bill.amount_residual
            ):
                unknown.append(self.env._("%(bill)s: nothing is open", bill=number))
            else:
                known = found.get(bill)
                if known is not None and amount is not None:
                    amount = bill.currency_id.round(known + amount)
                found[bill] = known if amount is None else amount
        return found, unknown
