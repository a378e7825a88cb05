from odoo import models
from odoo.exceptions import AccessError

#: A model with one of these is about matters.
OF_MATTERS = {
    "is_matter",
    "legal_payment_id",
    "matter_id",
    "matter_ids",
    "project_id",
    "project_ids",
}


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """In debug mode, which anybody turns on with ``?debug=1``, core's refusal names
        the records. Nothing of a matter is named to those who may not see it.

        :rtype: odoo.exceptions.AccessError
        """
        error = super()._make_access_error(operation, records)
        if not self.env.user.has_group("base.group_no_one") or not (
            records._name.startswith("legal.") or OF_MATTERS & records._fields.keys()
        ):
            return error
        rules_sudo = self._get_failing(records, mode=operation).sudo()
        records.invalidate_recordset()  # as core does after looking at the rules
        nameless = AccessError(
            self.env._(
                "%(user)s may not %(operation)s these records (%(model)s: %(ids)s). "
                "The rules:\n%(rules)s",
                user=self.env.user.name,
                operation=operation,
                model=records._description,
                ids=", ".join(map(str, records.ids[:6])),
                rules="\n".join(f"- {rule.name}" for rule in rules_sudo),
            )
        )
        if context := getattr(error, "context", None):
            nameless.context = context
        return nameless
