from odoo import fields, models

from ...exceptions import LegalBillingError
from ...tools import INTERNAL, read_amount, read_reason


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    split_from_id = fields.Many2one(
        "account.analytic.line",
        string="Split off",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    split_ids = fields.One2many("account.analytic.line", "split_from_id")

    def action_split(self, amount):
        """Take a part of an unbilled entry off into an entry of its own. Hours, cost
        and value of both add up to what they were; nothing is rounded again (C-9).

        :param float amount: value of the new entry, in the entry's billing currency
        :return: the new entry
        :rtype: account.analytic.line
        :raise LegalBillingError: if the part is not between nothing and the whole
        """
        self.ensure_one()
        entry = self._get_wip_selection("split", roles=("biller", "manager")).sudo()
        currency = entry.wip_currency_id
        whole = entry.wip_amount
        amount = currency.round(self._read_part(amount))
        if not whole or not 0 < amount / whole < 1:
            raise LegalBillingError(
                self.env._(
                    "The part must be more than zero and less than the %(whole).2f "
                    "of %(entry)s.",
                    whole=whole,
                    entry=entry.name,
                )
            )
        share = amount / whole
        standard = currency.round(entry.standard_amount * share)
        new = entry.with_context(
            legal_billing_internal=INTERNAL, skip_analytic_sync=True
        ).copy(
            entry._prepare_split_vals(share)
            | {
                "wip_amount": amount,
                "standard_amount": standard,
                "split_from_id": entry.id,
            }
            | entry._prepare_part_charge(amount)
        )
        rest = {
            "unit_amount": entry.unit_amount - new.unit_amount,
            "bill_quantity": entry.bill_quantity - new.bill_quantity,
            "wip_amount": whole - amount,
            "standard_amount": entry.standard_amount - standard,
            **entry._prepare_part_charge(whole - amount),
        }
        if not entry.project_id:
            rest["amount"] = entry.amount - new.amount
            rest["agent_amount"] = entry.agent_amount - new.agent_amount
        entry.with_context(
            legal_billing_internal=INTERNAL, skip_analytic_sync=True
        ).write(rest)
        entry._log_on_matters(
            self.env._("Split: %(part).2f of %(whole).2f", part=amount, whole=whole)
        )
        return new.with_env(self.env)

    def action_write_down(self, amount, reason=None):
        """Give up a part of an unbilled entry: the part is written off as an entry of
        its own, so that nothing disappears.

        :param float amount: what is taken off, in the entry's billing currency
        :param str reason: mandatory
        :return: the entry that is written off
        :rtype: account.analytic.line
        :raise LegalBillingError: without a reason, or for more than the entry
        """
        self.ensure_one()
        if not read_reason(reason):
            raise LegalBillingError(self.env._("Say why this entry is written down."))
        amount = self._read_part(amount)
        if self.wip_currency_id.compare_amounts(amount, self.wip_amount) == 0:
            part = self
        else:
            part = self.action_split(amount)
        part.action_write_off(reason)
        return part

    def action_join(self):
        """Take splits back: these parts go into the entries that they were split off.

        :return: the entries that are whole again
        :rtype: account.analytic.line
        :raise LegalBillingError: if a part was not split off, or either side is not
            unbilled any more
        """
        entries = self._get_wip_selection("join", roles=("biller", "manager")).sudo()
        wholes = self.browse()
        for part in entries.with_context(
            legal_billing_internal=INTERNAL, skip_analytic_sync=True
        ):
            whole = part.split_from_id
            unbilled = part.wip_status in ("unbilled", "held")
            if (
                not whole
                or not unbilled
                or whole.wip_status not in ("unbilled", "held")
                or whole.matter_id != part.matter_id
            ):
                raise LegalBillingError(
                    self.env._(
                        "%(entry)s cannot be joined: it was not split off an entry of "
                        "the same matter that is still unbilled, as it must be itself.",
                        entry=part.name,
                    )
                )
            names = ["unit_amount", "bill_quantity", "wip_amount", "standard_amount"]
            if not part.project_id:
                names += ["amount", "agent_amount"]
            vals = {name: whole[name] + part[name] for name in names}
            vals |= whole._prepare_part_charge(vals["wip_amount"])
            part.split_ids.write({"split_from_id": whole.id})
            part.unlink()
            whole.write(vals)
            whole._log_on_matters(self.env._("Split taken back"))
            wholes |= whole
        return wholes.with_env(self.env)

    def _read_part(self, amount):
        """
        :rtype: float
        :raise LegalBillingError: if it is no amount
        """
        return read_amount(
            amount,
            LegalBillingError(
                self.env._(
                    "%(value)s is not an amount to take off an entry.", value=amount
                )
            ),
        )

    def _prepare_part_charge(self, value):
        """What is charged of a vendor's cost follows the value of the part.

        :param float value: of the part
        :rtype: dict
        """
        return self._prepare_charge_vals(value) if self.charge_currency_id else {}

    def _prepare_split_vals(self, share):
        """Values of a part of the entry.

        :param float share: between 0 and 1
        :rtype: dict
        """
        self.ensure_one()
        vals = {
            "unit_amount": self.unit_amount * share,
            "bill_quantity": self.bill_quantity * share,
            "bill_rate": self.bill_rate,
            "matter_id": self.matter_id.id,
            "wip_type": self.wip_type,
            "bill_behavior": self.bill_behavior,
        }
        if not self.project_id:
            vals["amount"] = self.amount * share
            vals["agent_amount"] = self.agent_amount * share
        return vals
