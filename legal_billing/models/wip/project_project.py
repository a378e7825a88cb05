from odoo import api, fields, models
from odoo.fields import Domain

from ...exceptions import MatterOptionError
from ...tools import format_amount


class ProjectProject(models.Model):
    """Instalments make a matter one of fixed fee: they are never left aside."""

    _inherit = "project.project"

    wip_entry_ids = fields.One2many(
        "account.analytic.line", "matter_id", string="Entries"
    )
    unbilled_amount = fields.Monetary(
        compute="_compute_unbilled",
        search="_search_unbilled_amount",
        currency_field="billing_currency_id",
        string="WIP",
        help="Standard value of the entries that no bill holds, held ones included.",
    )
    unbilled_count = fields.Integer(compute="_compute_unbilled")
    unbilled_hours = fields.Float(compute="_compute_unbilled")
    held_amount = fields.Monetary(
        compute="_compute_unbilled",
        currency_field="billing_currency_id",
        string="Held amount",
    )

    @api.onchange("instalment_ids")
    def _onchange_instalment_ids(self):
        """Say at once what adding an instalment does to the arrangement."""
        if self.billing_arrangement == "fixed" or not self.instalment_ids:
            return None
        self.billing_arrangement = "fixed"
        return {
            "warning": {
                "title": self.env._("Fixed fee"),
                "message": self._get_fixed_fee_text(),
                "type": "notification",
            }
        }

    @api.model
    def _get_fixed_fee_text(self):
        return self.env._(
            "An instalment was added, so the arrangement is a fixed fee now: the work "
            "is billed with the instalments, not by the hour."
        )

    def _make_fixed(self):
        """Bill these matters by their instalments from now on, and say so."""
        # sudo: follows from an instalment that the user may make
        for matter in self.sudo().filtered(lambda m: m.billing_arrangement != "fixed"):
            matter.billing_arrangement = "fixed"
            matter.message_post(body=self._get_fixed_fee_text())

    def _check_option_changes(self, vals):
        """Refuse to go back to the hour while instalments wait to be billed.

        :raise MatterOptionError: naming matters and instalments
        """
        result = super()._check_option_changes(vals)
        if vals.get("billing_arrangement", "fixed") == "fixed":
            return result
        waiting = self.sudo().instalment_ids.filtered(lambda row: not row.bill_id)
        waiting = waiting.filtered(
            lambda row: row.matter_id.billing_arrangement == "fixed"
        )
        commands = vals.get("instalment_ids") or []
        deleted = {command[1] for command in commands if command[0] == 2}
        waiting = waiting.filtered(lambda row: row.id not in deleted)
        if waiting:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s is billed by instalments, and some are not billed yet: "
                    "%(names)s. Delete or bill them first; they would be left aside "
                    "otherwise.",
                    matters=", ".join(waiting.matter_id.mapped("display_name")),
                    names=", ".join(waiting.mapped("display_name")),
                )
            )
        return result

    @api.depends(
        "wip_entry_ids.wip_type",
        "wip_entry_ids.wip_amount",
        "wip_entry_ids.bill_id",
        "wip_entry_ids.is_on_hold",
        "wip_entry_ids.written_off_on",
    )
    def _compute_unbilled(self):
        entries = self.env["account.analytic.line"]
        groups = entries._read_group(
            entries._get_unbilled_domain() & Domain("matter_id", "in", self.ids),
            ["matter_id", "is_on_hold"],
            ["__count", "wip_amount:sum"],
        )
        hours = dict(
            entries._read_group(
                entries._get_unbilled_domain()
                & Domain("matter_id", "in", self.ids)
                & Domain("wip_type", "=", "time"),
                ["matter_id"],
                ["bill_quantity:sum"],
            )
        )
        totals = {}
        for matter, held, count, amount in groups:
            row = totals.setdefault(matter.id, [0, 0.0, 0.0])
            row[0] += count
            row[1] += amount
            row[2] += amount if held else 0.0
        for matter in self:
            count, amount, held = totals.get(matter.id, (0, 0.0, 0.0))
            matter.unbilled_count = count
            matter.unbilled_amount = amount
            matter.held_amount = held
            matter.unbilled_hours = hours.get(matter, 0.0)

    @api.model
    def _search_unbilled_amount(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "=", "!=", "in", "not in"):
            return NotImplemented
        entries = self.env["account.analytic.line"]
        sums = {
            matter.id: amount
            for matter, amount in entries._read_group(
                entries._get_unbilled_domain() & Domain("matter_id", "!=", False),
                ["matter_id"],
                ["wip_amount:sum"],
            )
        }
        return self._get_amount_search_domain(sums, operator, value)

    @api.model
    def _get_amount_search_domain(self, sums, operator, value):
        """Domain of the matters whose amount compares to the value; those that are not
        in ``sums`` have 0.00.

        :param dict sums: ``{matter id: amount}``
        :rtype: odoo.fields.Domain
        """
        compare = {
            "<": lambda a: a < value,
            "<=": lambda a: a <= value,
            ">": lambda a: a > value,
            ">=": lambda a: a >= value,
            "=": lambda a: a == value,
            "!=": lambda a: a != value,
            "in": lambda a: any(a == (v or 0.0) for v in value),
            "not in": lambda a: all(a != (v or 0.0) for v in value),
        }[operator]
        sums = {matter: round(amount, 6) for matter, amount in sums.items()}
        if compare(0.0):
            return Domain(
                "id", "not in", [m for m, amount in sums.items() if not compare(amount)]
            )
        return Domain("id", "in", [m for m, amount in sums.items() if compare(amount)])

    def _get_open_items(self):
        """Besides: unbilled work, instalments that wait."""
        waiting = self.instalment_ids.filtered(lambda row: not row.bill_id)
        return [
            *super()._get_open_items(),
            (
                "wip",
                self.env._("Unbilled WIP"),
                self.env._(
                    "%(count)s entries, %(amount)s",
                    count=self.unbilled_count,
                    amount=format_amount(
                        self.env, self.unbilled_amount, self.billing_currency_id
                    ),
                ),
                bool(self.unbilled_count),
            ),
            (
                "instalments",
                self.env._("Instalments not billed"),
                str(len(waiting)),
                bool(waiting),
            ),
        ]

    @api.model
    def _get_open_item_fields(self):
        return [*super()._get_open_item_fields(), "unbilled_count", "unbilled_amount"]

    def action_open_unbilled(self):
        """Open the unbilled entries of these matters.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.wip_action"
        )
        return action | {"domain": [("matter_id", "in", self.ids)]}

    def action_open_wip_ledger(self):
        """Open the unbilled entries alone, held ones too.

        :rtype: dict
        """
        entries = self.env["account.analytic.line"]
        domain = entries._get_unbilled_domain() & Domain("matter_id", "in", self.ids)
        return self.action_open_unbilled() | {"domain": list(domain), "context": {}}

    def action_open_held(self):
        """Open the entries on hold.

        :rtype: dict
        """
        action = self.action_open_unbilled()
        return action | {
            "domain": [("matter_id", "in", self.ids), ("wip_status", "in", ["held"])]
        }

    def action_open_instalments(self):
        """Open the instalments that are not billed, to bill, change or delete them.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_fee_instalment_action"
        )
        return action | {
            "domain": [("matter_id", "in", self.ids), ("bill_id", "=", False)],
            "context": {"default_matter_id": self[:1].id},
        }
