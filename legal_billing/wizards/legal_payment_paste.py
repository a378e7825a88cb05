import re

from odoo import fields, models
from odoo.fields import Domain

from ..exceptions import PaymentError
from ..tools import open_window

#: A line of a remittance: a number, and perhaps an amount in the last column.
AMOUNT = re.compile(r"^-?[0-9.,' ]{0,20}[0-9]$")


class LegalPaymentPaste(models.TransientModel):
    """Adds bills from a pasted remittance advice."""

    _name = "legal.payment.paste"
    _inherit = ["legal.window.guard"]
    _description = "Paste Remittance"

    payment_id = fields.Many2one("legal.payment", required=True)
    text = fields.Text(
        required=True,
        help="Bill numbers, one per line; an amount may follow, as copied from a "
        "spreadsheet.",
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
        :raise PaymentError: if there is no number
        """
        rows = []
        for line in self.text.splitlines():
            cells = [cell.strip() for cell in re.split(r"[\t;|]|\s{2,}", line)]
            cells = [cell for cell in cells if cell]
            if len(cells) == 1:
                cells = cells[0].split()
                if len(cells) != 2 or not AMOUNT.match(cells[1]):
                    rows += [(cell.strip(","), None) for cell in cells]
                    continue
            if cells:
                amount = cells[-1] if AMOUNT.match(cells[-1]) else None
                amount = self._to_amount(amount) if len(cells) > 1 and amount else None
                rows.append((cells[0], amount))
        if not rows:
            raise PaymentError(self.env._("Paste at least one bill number."))
        return rows

    @staticmethod
    def _to_amount(text):
        """A printed amount, with the last of point and comma as decimal sign.

        :rtype: float
        """
        text = text.replace(" ", "").replace("'", "")
        decimal = max(text.rfind("."), text.rfind(","))
        if decimal == -1 or len(text) - decimal == 4:
            return float(re.sub(r"[.,]", "", text))
        whole = re.sub(r"[.,]", "", text[:decimal])
        return float(f"{whole}.{text[decimal + 1 :]}")

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
