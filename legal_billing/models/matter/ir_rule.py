from odoo import api, models, tools


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _compute_domain(self, model_name, mode="read"):
        """Besides, a record that shows the name of what an information barrier hides is
        hidden as well, of whichever addon it is: rows of a report over SQL, a task's
        place on somebody's own board. Models with a rule of the barrier have theirs.

        :rtype: odoo.fields.Domain
        """
        domain = super()._compute_domain(model_name, mode)
        if self.env.su or mode == "create":
            return domain
        return domain & self.env["legal.wall"]._get_pointing_domain(model_name)

    def _compute_domain_context_values(self):
        """A barrier that goes up counts at once."""
        yield from super()._compute_domain_context_values()
        yield self.env["legal.wall"]._has_hidden_matters()

    def _get_rules(self, model_name, mode="read"):
        """Without those of the barriers where none hides anything from the user: they
        ask for the matters of each record, on every page, Odoo's own as well.

        :rtype: ir.rule
        """
        rules = super()._get_rules(model_name, mode=mode)
        if (
            not rules
            or self.env.user.share  # their rules say other things
            or self.env["legal.wall"]._has_hidden_matters()
        ):
            return rules
        idle = set(self._get_barrier_rule_ids())
        return rules.filtered(lambda rule: rule.id not in idle)

    @api.model
    @tools.ormcache()
    def _get_barrier_rule_ids(self):
        """
        :return: ids of this addon's rules of the information barrier
        :rtype: tuple
        """
        names_sudo = self.env["ir.model.data"].sudo()  # of our own records
        return tuple(
            names_sudo.search(
                [
                    ("module", "=", "legal_billing"),
                    ("model", "=", self._name),
                    ("name", "=like", r"%\_rule\_wall%"),
                ]
            ).mapped("res_id")
        )
