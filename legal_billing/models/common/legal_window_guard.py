from odoo import api, models

from ...tools import drop_nul

#: What an information barrier hides, and a window may be filled with.
GUARDED = (
    "project.project",
    "account.move",
    "account.analytic.line",
    "legal.payment",
    "legal.fee.instalment",
    "legal.trust.transaction",
    "legal.money.request",
)


class LegalWindowGuard(models.AbstractModel):
    """A window shows figures of what it is filled with, some of them worked out with
    billing's own rights: nobody may fill it with what he may not read."""

    _name = "legal.window.guard"
    _description = "Window on Records that a Barrier may hide"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: for a window on records that the user may not read"""
        windows = super().create([drop_nul(vals) for vals in vals_list])
        windows._check_links(self._get_link_names())
        return windows

    def write(self, vals):
        """:raise AccessError: for a window on records that the user may not read"""
        result = super().write(drop_nul(vals))
        self._check_links(self._get_link_names() & vals.keys())
        return result

    def onchange(self, values, field_names, fields_spec):
        """:raise AccessError: for a window on records that the user may not read"""
        names = self._get_link_names()
        vals = {} if self else self.default_get(list(names - values.keys()))
        vals |= {name: values[name] for name in names & values.keys()}
        self.new(vals, origin=self)._check_links(names & vals.keys())
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _get_link_names(self):
        """Fields that hold records which a barrier may hide.

        :rtype: set
        """
        return {
            name
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            and field.comodel_name in GUARDED
            and field.store
            and not field.related
        }

    def _check_links(self, names):
        """:raise AccessError: if one of the records may not be read by the user"""
        if self.env.su:
            return
        for name in names:
            # sudo: reading the field would leave out what is to be found
            records = self.sudo().mapped(name)._origin.with_env(self.env)
            records.check_access("read")
