import json

from odoo import api, models
from odoo.tools import SQL, json_default

from ..matter.base import Base
from .reasons import get_group

#: Columns that a new row takes from its matter: those of the related fields.
MATTER_COLUMNS = {
    "matter_number": "matter_number",
    "client_id": "partner_id",
    "payer_id": "billing_partner_id",
    "responsible_id": "responsible_id",
    "practice_area_id": "practice_area_id",
    "bill_together": "bill_together",
}
#: Whose ``create`` is known: core's, and what billing itself asks of every record, which
#: rows that a run makes of matters its user reads are past.
KNOWN_CREATE = {models.BaseModel.__module__, Base.__module__}
#: What is stored of a type where nothing is given; of the others it is nothing.
EMPTY_VALUES = {
    **dict.fromkeys(("float", "integer", "monetary"), SQL("0")),
    "boolean": SQL("FALSE"),
}
#: Stored fields that are empty in a new row.
EMPTY = {
    "bill_id",
    "attempts",
    "bill_report_id",
    "payment_term_id",
    "warnings",
    "print_file_id",
    "note",
    "unticked_ids",
}


class LegalBillingRunLine(models.Model):
    """New rows of a run by one statement: every stored value is known, and the ORM's
    way costs more than looking at the matters does."""

    _inherit = "legal.billing.run.line"

    @api.model
    def _insert(self, run, vals_list):
        """Make the rows of a run; what is made is what ``create`` makes.

        :param legal.billing.run run:
        :param list vals_list: values as for ``create``, the same keys in each
        :raise AccessError: if the user may not create rows
        """
        if not vals_list:
            return
        self.check_access("create")
        names = sorted(vals_list[0])
        if not self._can_insert(names):
            self.create(vals_list)
            return
        # the rows read their matters from the database
        self.env["project.project"].flush_model(MATTER_COLUMNS.values())
        self.env["legal.billing.run"].flush_model()
        self._add_derived(run, vals_list)
        names += ["reason_group", "is_foreign"]
        fixed = {
            "company_id": run.company_id.id,
            "shown_on": self.env.cr.now(),
            "create_uid": self.env.uid,
            "create_date": self.env.cr.now(),
            "write_uid": self.env.uid,
            "write_date": self.env.cr.now(),
        }
        columns = [*names, *MATTER_COLUMNS, *fixed]
        values = [
            *map(self._get_given_column, names),
            *(SQL.identifier("matter", name) for name in MATTER_COLUMNS.values()),
            *(SQL("%s", value) for value in fixed.values()),
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO legal_billing_run_line (%s)
                     SELECT %s
                       FROM ROWS FROM (json_to_recordset(%s) AS (%s))
                            WITH ORDINALITY AS given(%s, position)
                       JOIN project_project matter ON matter.id = given.matter_id
                   ORDER BY given.position
                """,
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
                self._as_json(vals_list),
                self._get_column_types(names),
                SQL(", ").join(map(SQL.identifier, names)),
            )
        )
        self.invalidate_model()
        run.invalidate_recordset()

    @api.model
    def _renew(self, run, rows):
        """Give rows of a run the figures that were found now, by one statement; what is
        written is what ``write`` writes.

        :param legal.billing.run run:
        :param list rows: ``[(row, values)]``, the same keys in each
        """
        if not rows:
            return
        names = sorted(rows[0][1])
        if not self._can_insert(names):
            for line, vals in rows:
                line.write(vals)
            return
        self.flush_model()
        for line, vals in rows:
            vals["id"] = line.id
        self._add_derived(run, [vals for _line, vals in rows])
        names = sorted(rows[0][1])
        changed = [name for name in names if name not in ("id", "run_id", "matter_id")]
        fixed = {
            "shown_on": self.env.cr.now(),
            "write_uid": self.env.uid,
            "write_date": self.env.cr.now(),
        }
        self.env.cr.execute(
            SQL(
                """
                UPDATE legal_billing_run_line line
                   SET %s
                  FROM json_to_recordset(%s) AS given(%s)
                 WHERE line.id = given.id
                """,
                SQL(", ").join(
                    [
                        *(
                            SQL(
                                "%s = %s",
                                SQL.identifier(name),
                                self._get_given_column(name),
                            )
                            for name in changed
                        ),
                        *(
                            SQL("%s = %s", SQL.identifier(name), value)
                            for name, value in fixed.items()
                        ),
                    ]
                ),
                self._as_json([vals for _line, vals in rows]),
                self._get_column_types(names),
            )
        )
        self.invalidate_model()
        run.invalidate_recordset()

    @api.model
    def _add_derived(self, run, vals_list):
        """Stored values that follow from the others."""
        own = (False, None, run.currency_id.id)
        for vals in vals_list:
            vals["reason_group"] = get_group(vals["reason_code"])
            vals["is_foreign"] = vals["currency_id"] not in own

    @api.model
    def _get_given_column(self, name):
        """A value as it is stored; numbers that are not given are 0, nothing is not true.

        :rtype: SQL
        """
        empty = EMPTY_VALUES.get(self._fields[name].type)
        given = SQL.identifier("given", name)
        return SQL("COALESCE(%s, %s)", given, empty) if empty else given

    @api.model
    def _get_column_types(self, names):
        """Names and types, as a statement takes them.

        :rtype: SQL
        """
        return SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(self._fields[name].column_type[1]))
            for name in names
        )

    @api.model
    def _as_json(self, vals_list):
        """Values that are something: what is left out is stored empty.

        :rtype: str
        """
        return json.dumps(
            [
                {name: value for name, value in vals.items() if value}
                for vals in vals_list
            ],
            default=json_default,
        )

    @api.model
    def _can_insert(self, names):
        """Whether all that ``create`` would fill is known here: another addon's stored
        field or its own ``create`` takes the ORM's way.

        :rtype: bool
        """
        known = {*names, *EMPTY, *MATTER_COLUMNS, *models.MAGIC_COLUMNS}
        known |= {"company_id", "shown_on", "reason_group", "is_foreign"}
        makers = {
            kind.__module__ for kind in type(self).__mro__ if "create" in vars(kind)
        }
        return makers <= KNOWN_CREATE and not any(
            field.store
            and name not in known
            and (field.compute or field.default or field.required)
            for name, field in self._fields.items()
        )
