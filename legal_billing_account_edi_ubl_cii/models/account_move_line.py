from decimal import Decimal

from odoo import models

from odoo.addons.legal_billing import engine


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_einvoice_name(self):
        """The item's name (BT-153) of a line that no product names, or one that means
        something else: what it says.

        :return: empty where the product's name is right
        :rtype: str
        """
        self.ensure_one()
        if self.product_id.name and self.legal_line_kind in (
            False,
            "fee",
            "disbursement",
        ):
            return ""
        return (self.name or "").split("\n")[0].strip()

    def _get_einvoice_shares(self):
        """This line by timekeeper and rate, where its matter wants that and it is of
        fees by the hour.

        The amounts add up to the line's exactly. They are what the entries say where
        those add up to the line: standard values, or else what was billed of each.
        Otherwise the line is shared out by standard value.

        :return: ``[(name, hours, amount)]``, amounts as the line's sign; empty: the line
            stays one
        :rtype: list
        """
        self.ensure_one()
        matter_sudo = self.sudo().matter_id
        if (
            self.legal_line_kind != "fee"
            or matter_sudo.bill_line_detail != "timekeeper"
            or self.move_id.move_type != "out_invoice"
            or self.move_id.is_split  # hours are not shared, money is
        ):
            return []
        entries_sudo = self.sudo().move_id.wip_line_ids.filtered(
            lambda entry: (
                entry.wip_type == "time"
                and entry.bill_behavior == "bill"
                and entry.matter_id == matter_sudo
            )
        )
        groups = entries_sudo.sorted("date, id").grouped(
            lambda entry: (entry.employee_id, entry.bill_rate)
        )
        if not groups:
            return []
        currency = self.currency_id
        shares = []
        for name in ("wip_amount", "billed_amount"):
            amounts = [sum(entries.mapped(name)) for entries in groups.values()]
            if not currency.compare_amounts(sum(amounts), self.price_subtotal):
                shares = amounts
                break
        if not shares:
            weights = [
                Decimal(str(abs(sum(entries.mapped("wip_amount")))))
                for entries in groups.values()
            ]
            if not sum(weights):
                return []
            shares = [
                float(share)
                for share in engine.largest_remainder(
                    Decimal(str(self.price_subtotal)),
                    weights,
                    Decimal(str(currency.rounding)),
                )
            ]
        return [
            (employee.name or "", sum(entries.mapped("bill_quantity")), amount)
            for ((employee, _rate), entries), amount in zip(
                groups.items(), shares, strict=True
            )
            if not currency.is_zero(amount)
        ]
