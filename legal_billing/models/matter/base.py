from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools import find_nul, is_number
from .legal_wall import WALLED

#: Relations by number: they say that a record is there, whoever may see it.
BY_NUMBER = {"=", "!=", "in", "not in", "child_of", "parent_of"}

NUMERIC = ("float", "monetary", "integer")
#: Types of values that a numeric field may get and that may be no number.
NUMBERS_OR_NOT = (float, str, list, tuple, dict)


class Base(models.AbstractModel):
    """What an information barrier hides is not told by other records either; and texts
    and numbers are such as can be stored."""

    _inherit = "base"

    # --- records that are saved

    @api.model_create_multi
    def create(self, vals_list):
        """Who reads a record reads the names of what it points to: nobody makes one that
        points to what a barrier hides from him.

        :raise AccessError: for such records
        :raise ValidationError: for values that cannot be stored
        """
        for vals in vals_list:
            self._check_values(vals)
        self._check_wall_of_links(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """
        :raise AccessError: for values that a barrier hides from the user
        :raise ValidationError: for values that cannot be stored
        """
        self._check_values(vals)
        self._check_wall_of_links([vals])
        return super().write(vals)

    @api.model
    def _check_values(self, vals):
        """What no form sends and a script may: core and the database answer it with an
        error of their own.

        :param dict vals: for ``create`` or ``write``
        :raise ValidationError: naming the fields
        """
        if names := find_nul(vals):
            raise ValidationError(
                self.env._(
                    "%(fields)s contains an invisible character that cannot be stored "
                    "(NUL), as copied from a damaged file. Paste it without "
                    "formatting, or type it.",
                    fields=self._get_field_names(names),
                )
            )
        if names := self._find_no_numbers(vals):
            raise ValidationError(
                self.env._(
                    "%(fields)s: that is not a number. Enter digits.",
                    fields=self._get_field_names(names),
                )
            )

    @api.model
    def _find_no_numbers(self, vals):
        """Names of the numeric fields among the values that get what is no number.

        :rtype: list
        """
        return [
            name
            for name, value in vals.items()
            # most values are no floats, texts or lists
            if type(value) in NUMBERS_OR_NOT
            and (field := self._fields.get(name)) is not None
            and field.type in NUMERIC
            and value != ""
            and not is_number(value)
        ]

    @api.model
    def _get_field_names(self, names):
        return ", ".join(
            self._fields[name]._description_string(self.env)
            for name in names
            if name in self._fields
        )

    @api.model
    def _check_wall_of_links(self, vals_list):
        """
        :param list vals_list: for ``create`` or ``write``
        :raise AccessError: if they name a record that a barrier hides from the user
        """
        if self.env.su:
            return
        wall = self.env["legal.wall"]
        found = {}
        for name, comodel in wall._get_link_fields(self._name):
            for vals in vals_list:
                if vals.get(name):
                    found.setdefault(comodel, set()).add(vals[name])
        if not found or not wall._has_hidden_matters():
            return
        for comodel, ids in found.items():
            if hidden := wall._get_hidden(self.env[comodel].browse(ids)):
                hidden.check_access("read")

    # --- records that are not saved

    def onchange(self, values, field_names, fields_spec):
        """A record that is not saved yet is under no rule: nobody fills it with what a
        barrier hides from him, to read what follows from it.

        :raise AccessError: for such records
        """
        if self.env.su:
            return super().onchange(values, field_names, fields_spec)
        given = dict(values)
        if not self:
            for key, value in self.env.context.items():
                if key.startswith("default_"):
                    given.setdefault(key[len("default_") :], value)
        self._check_wall_of_values(given)
        result = super().onchange(values, field_names, fields_spec)
        self._check_wall_of_values(result.get("value") or {})
        return result

    @api.model
    def _check_wall_of_values(self, values):
        """
        :param dict values: of the client, for a record or from one
        :raise AccessError: if they name a record that a barrier hides from the user
        """
        found = {}
        self._collect_walled(values, found)
        for model, ids in found.items():
            records = self.env[model].browse(ids)
            if hidden := self.env["legal.wall"]._get_hidden(records):
                hidden.check_access("read")

    @api.model
    def _collect_walled(self, values, found):
        """Gather the records that values name, where a barrier may hide them.

        :param dict values: of the client: ids, commands, ``{"id": …}``
        :param dict found: ``{model: set of ids}``, added to
        """
        for name, value in values.items():
            field = self._fields.get(name)
            if not value or field is None:
                continue
            if field.type == "many2one_reference":
                comodel = values.get(field.model_field)
            elif field.type == "reference":
                comodel, _comma, value = str(value).partition(",")
                value = int(value) if value.isdigit() else False
            elif field.relational:
                comodel = field.comodel_name
            else:
                continue
            if comodel not in self.env:
                continue
            target = found.setdefault(comodel, set()) if comodel in WALLED else set()
            if isinstance(value, (list, tuple)) and field.type in (
                "one2many",
                "many2many",
            ):
                self.env[comodel]._collect_commands(value, target, found)
            elif isinstance(value, dict):
                target.add(value.get("id"))
            elif isinstance(value, (list, tuple)):
                target.add(value[0])
            else:
                target.add(value)

    @api.model
    def _collect_commands(self, commands, target, found):
        """
        :param list commands: for a field of records of this model
        :param set target: ids, added to
        :param dict found: of `_collect_walled`
        """
        for command in commands:
            if not isinstance(command, (list, tuple)):
                target.add(command)
                continue
            operation, record_id, content = (*command, False, False)[:3]
            if operation in (1, 4):
                target.add(record_id)
            elif operation == 6:
                target.update(content or ())
            if operation in (0, 1, 4) and isinstance(content, dict):
                self._collect_walled(content, found)

    # --- relations

    @api.model
    def _search(
        self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs
    ):
        """Core follows a relation by number without looking at who may see the other
        record: "is 61 among the projects of this client?". What a barrier hides is
        among nobody's."""
        if not (self.env.su or bypass_access or self._name in WALLED or domain is None):
            domain = self._hide_walled_relations(Domain(domain))
        return super()._search(
            domain, offset, limit, order, bypass_access=bypass_access, **kwargs
        )

    @api.model
    def _hide_walled_relations(self, domain):
        """
        :param odoo.fields.Domain domain: of records of this model
        :return: without the numbers of hidden records
        :rtype: odoo.fields.Domain
        """
        if not any(
            self._get_walled_relation(condition)
            for condition in domain.iter_conditions()
        ):
            return domain

        def hide(condition):
            comodel = self._get_walled_relation(condition)
            if not comodel:
                return condition
            value = condition.value
            values = [value] if isinstance(value, int) else list(value)
            records = self.env[comodel].browse(v for v in values if type(v) is int)
            hidden = set(self.env["legal.wall"]._get_hidden(records)._ids)
            if not hidden:
                return condition
            operator = {"=": "in", "!=": "not in"}.get(
                condition.operator, condition.operator
            )
            return Domain(
                condition.field_expr, operator, [v for v in values if v not in hidden]
            )

        return domain.map_conditions(hide)

    @api.model
    def _get_walled_relation(self, condition):
        """
        :param condition: of a domain
        :return: the model that it names records of by number, if a barrier may hide
            them
        :rtype: str
        """
        field = self._fields.get(condition.field_expr)
        value = condition.value
        if (
            field is None
            or field.type not in ("one2many", "many2many")
            or field.comodel_name not in WALLED
            or condition.operator not in BY_NUMBER
            or isinstance(value, (bool, str))
            or not (isinstance(value, int) or hasattr(value, "__iter__"))
        ):
            return False
        return field.comodel_name
