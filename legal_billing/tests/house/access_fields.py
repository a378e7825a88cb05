"""Every stored field of billing, written over RPC by a person with all roles.

What may be written is listed, per record; everything else is refused or has no effect.
"""

from datetime import date, datetime

from psycopg2 import Error as DatabaseError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tools import mute_logger

from .access_table import FORGED, FORGED_CONTEXT, WRITABLE

#: Not given to a new record either. Others of ``FORGED`` are a draft's own to choose.
NEVER = {
    "approved_by_id",
    "billed_amount",
    "billing_run_id",
    "billing_stage",
    "delivered_on",
    "delivery_method",
    "finished_on",
    "legal_payment_id",
    "produced_on",
    "trust_transaction_id",
    "user_id",
    "written_off_on",
}
#: Written by administrators of the database alone, or by billing.
ADMINISTRATORS = {"ir.actions.report", "legal.billing.choice", "mail.mail"}
#: Everybody's own files; those that are papers have tests of their own (TestWallsPaper).
FILES = {"ir.attachment"}
LOG_FIELDS = {"id", "create_uid", "create_date", "write_uid", "write_date"}


class FieldTests:
    """Part of ``TestAccess``, which gives the records."""

    def _get_billing_fields(self, model):
        """Stored fields that this addon defines on a model, by name.

        :rtype: list
        """
        return [
            name
            for name, field in sorted(model._fields.items())
            if field.store
            and name not in LOG_FIELDS
            and field._modules
            and "legal_billing" in field._modules
        ]

    def _make_value(self, record, name):
        """A value that the field has not got.

        :return: as for ``write``
        """
        field, value = record._fields[name], record[name]
        if name == "filter_domain":  # another text is refused for what it says
            return "[('id', '=', 7777)]"
        if field.type in ("char", "text", "html"):
            return "Forged"
        if field.type == "boolean":
            return not value
        if name == "bill_quantity":  # hours have a limit
            return 77
        if field.type in ("integer", "float", "monetary"):
            return 7777
        if field.type == "date":
            return date(2001, 1, 1)
        if field.type == "datetime":
            return datetime(2001, 1, 1)
        if field.type == "json":
            return {"forged": 1}
        if field.type == "binary":
            return b"Rm9yZ2Vk"
        if field.type == "selection":
            keys = [key for key in field.get_values(record.env) if key != value]
            return keys[0] if keys else False
        others = (
            self.env[field.comodel_name]
            .sudo()
            .search([("id", "not in", value.ids)], limit=1)
        )
        if field.type == "many2one":
            return others.id
        if field.type == "many2many":
            return [Command.set(others.ids)]
        return [Command.clear()] if value else [Command.create({})]

    def _write_field(self, record, name, value):
        """Write over RPC as the manager, with every key that opens doors from inside.

        :return: ``refused``, ``ignored`` or ``written``
        :rtype: str
        """
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.env(user=self.manager, context={})[record._name]
        kwargs = {
            "context": {**FORGED_CONTEXT, "allowed_company_ids": self.company.ids}
        }
        before = self._read_raw(record, name)
        savepoint = self.env.cr.savepoint()
        try:
            call_kw(model, "write", [record.ids, {name: value}], kwargs)
            self.env.flush_all()
            self.env.invalidate_all()
            after = self._read_raw(record, name) if record.exists() else None
            return "ignored" if after == before else "written"
        except (UserError, DatabaseError, ValueError):
            return "refused"
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def _read_raw(self, record, name):
        value = record.sudo()[name]
        return value.ids if record._fields[name].relational else value

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @mute_logger("odoo.sql_db")
    def test_fields(self):
        """What a manager cannot write, nobody writes."""
        for name, allowed in WRITABLE.items():
            record = self.records[name][:1]
            written = {
                field
                for field in self._get_billing_fields(record)
                if self._write_field(record, field, self._make_value(record, field))
                == "written"
            }
            with self.subTest(name):
                self.assertEqual(written, set(allowed))

    def test_fields_of_all_models(self):
        """No model with fields of billing is left out."""
        tried = {self.records[name]._name for name in WRITABLE}
        missing = {
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and not model._transient
            and self._get_billing_fields(self.env[name])
        }
        self.assertEqual(missing - tried - FILES, ADMINISTRATORS)
        for name in ADMINISTRATORS:
            self.assertFalse(self.env(user=self.manager)[name].has_access("write"))

    # --- other ways to the same end

    def _try(self, record, method, *args, **context):
        """A call as the manager.

        :return: the record that it made, or None for a refusal
        """
        self.env.invalidate_all()
        model = self.env(user=self.manager, context={})[record._name]
        context = {**FORGED_CONTEXT, "allowed_company_ids": self.company.ids, **context}
        try:
            result = call_kw(model, method, list(args), {"context": context})
            self.env.flush_all()
        except (UserError, DatabaseError, ValueError):
            return None
        ids = result if isinstance(result, list) else [result]
        return record.sudo().browse(
            [part["id"] if isinstance(part, dict) else part for part in ids]
        )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @mute_logger("odoo.sql_db")
    def test_forged_in_other_ways(self):
        """The form's own save, a copy with values, a new record with values, and with
        defaults in the context."""
        for name, forged in FORGED:
            record = self.records[name][:1]
            vals = self._fill_in(forged, self.manager)
            if any(isinstance(value, list) for value in vals.values()):
                continue  # an edited row has one parent
            fresh = {
                key: value
                for key, value in record.sudo().copy_data()[0].items()
                if key not in vals
            }
            defaults = {f"default_{key}": value for key, value in vals.items()}
            ways = [("web_save", (record.ids, vals, {"id": {}}), {})]
            if vals.keys() <= NEVER and all(vals.values()):
                ways += [
                    ("copy", (record.ids, vals), {}),
                    ("create", ([{**fresh, **vals}],), {}),
                    ("create", ([fresh],), defaults),
                ]
            for method, args, context in ways:
                savepoint = self.env.cr.savepoint()
                made = self._try(record, method, *args, **context)
                with self.subTest(name, vals=forged, method=method, defaults=context):
                    for key, value in vals.items() if made else ():
                        found = made[key]
                        found = found.id if record._fields[key].relational else found
                        self.assertNotEqual(
                            record._fields[key].convert_to_cache(found, made),
                            record._fields[key].convert_to_cache(value, made),
                        )
                self.env.invalidate_all(flush=False)
                savepoint.close(rollback=True)
