from odoo import models
from odoo.fields import Command

from ...exceptions import MatterOptionError
from ...tools import Sign, open_window
from ..common.legal_billing_defaults import OPTIONS


class ProjectProject(models.Model):
    """Taking over the settings of client and company, when a person asks."""

    _inherit = "project.project"

    def action_take_over_client_options(self, names=None):
        """Set options anew from the client, else the company.

        :param list names: options, default: all that have a default
        :return: True
        :raise AccessError: without the right to change the matters
        """
        matters = self.filtered("is_matter")
        matters.check_access("write")
        for group, defaults in matters._group_by_defaults():
            chosen = {
                field: default
                for field, default in defaults.items()
                if names is None or field in names
            }
            group.with_context(
                legal_billing_origin_of_options=Sign(
                    "origin",
                    {field: origin for field, (_value, origin) in chosen.items()},
                )
            ).write(
                {
                    field: [Command.set(value.ids)]
                    if self._fields[field].type == "many2many"
                    else self._fields[field].convert_to_write(value, group)
                    for field, (value, _origin) in chosen.items()
                }
            )
            group._write_origins(
                {
                    matter.id: {f: origin for f, (_v, origin) in chosen.items()}
                    for matter in group
                }
            )
        return True

    def action_open_take_over(self):
        """Show what taking over the client's settings would change, option by option.

        :return: the window
        :rtype: dict
        """
        self._check_role("biller", "manager")
        matters = self.env["legal.bulk.selection"]._select(self).filtered("is_matter")
        option = self.env.context.get("legal_billing_option")
        wizard = self.env["legal.matter.takeover"].create(
            {
                "matter_ids": [Command.set(matters.ids)],
                "option": option if option in OPTIONS else False,
            }
        )
        return open_window(wizard, self.env._("Use the client's settings"))

    def action_change_options(self):
        """Open the window that changes the options of many matters: those ticked, or
        all of the list's filter.

        :return: the window
        :rtype: dict
        :raise MatterOptionError: if there is none
        """
        self._check_role("biller", "manager")
        matters = self.env["legal.bulk.selection"]._select(self).filtered("is_matter")
        if not matters:
            raise MatterOptionError(self.env._("Tick the matters to change first."))
        wizard = self.env["legal.matter.options"].create(
            {
                "matter_ids": [Command.set(matters.ids)],
                "company_id": matters[:1].company_id.id,
            }
        )
        return open_window(
            wizard,
            self.env._("Change options of %(count)s matters", count=len(matters)),
        )

    def _group_by_defaults(self):
        """Matters that start with the same options, together. Matters whose
        instalments wait to be billed stay on their fixed fee.

        :return: ``(matters, their option defaults)``
        :rtype: list
        """
        result = []
        for (client, company, waits), matters in self.grouped(
            lambda matter: (
                matter.partner_id,
                matter.company_id,
                bool(matter.instalment_ids.filtered(lambda row: not row.bill_id)),
            )
        ).items():
            defaults = self._get_option_defaults(client, company)
            if waits:
                defaults.pop("billing_arrangement", None)
            result.append((matters, defaults))
        return result

    def _get_take_over_changes(self):
        """What would change if all options were taken over.

        :return: ``{field: [(matter, value now, value then, origin)]}``
        :rtype: dict
        """
        result = {}
        for matters, defaults in self._group_by_defaults():
            for field, (value, origin) in defaults.items():
                for matter in matters:
                    if not self._is_same_option(field, matter[field], value):
                        result.setdefault(field, []).append(
                            (matter, matter[field], value, origin)
                        )
        return {field: result[field] for field in OPTIONS if field in result}
