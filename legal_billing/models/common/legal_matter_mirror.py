from odoo import api, fields, models


class LegalMatterMirror(models.AbstractModel):
    """Records that show their matter's client in a stored column.

    The column does not depend on the matter's own: core would look into the tables of
    these records whenever the customer of any project changes, also of one that is no
    matter. A matter whose client changes refreshes them.
    """

    _name = "legal.matter.mirror"
    _description = "Record with its Matter's Client"

    matter_id = fields.Many2one("project.project")
    client_id = fields.Many2one("res.partner", compute="_compute_client_id", store=True)

    @api.depends("matter_id")
    def _compute_client_id(self):
        for record in self:
            record.client_id = record.matter_id.partner_id

    @api.model
    def _get_mirrored(self):
        """Columns that follow the matter.

        :return: ``{field of the matter: own field}``
        :rtype: dict
        """
        return {"partner_id": "client_id"}

    @api.model
    def _refresh_all(self, matters, names):
        """Let the columns of every model that inherits this one follow these matters.

        :param project.project matters:
        :param names: fields of the matters that changed
        """
        for model in self.env.registry.descendants([self._name], "_inherit"):
            if not self.env[model]._abstract:
                self.env[model]._refresh_matters(matters, names)

    @api.model
    def _refresh_matters(self, matters, names):
        """Let the columns follow these matters.

        :param project.project matters:
        :param names: fields of the matters that changed
        """
        mirrored = self._get_mirrored()
        own = [mirrored[name] for name in names if name in mirrored]
        if not own:
            return
        # sudo: columns for search and grouping, whoever may see the records
        records_sudo = self.sudo().search([("matter_id", "in", matters.ids)])
        for name in own:
            self.env.add_to_compute(self._fields[name], records_sudo)
