from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.sql import table_exists

from .walls_common import WORD, WallsCommon

TEXTS = {"char", "text", "html", "json"}
#: Models whose records say nothing but a number, or whose point it is to be read.
NAMELESS = {
    # who follows what, by number; the record itself is behind the wall
    "mail.followers",
    # the log of the requests of this very database, for administrators
    "ir.logging",
}


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestWallsScan(WallsCommon):
    """The whole database through the eyes of an outsider: whatever names the secret
    matter, in a text of its own or by the name of a record it points to."""

    def _get_stored_models(self):
        """Models with rows of their own.

        :rtype: list
        """
        return [
            self.env[name].sudo()
            for name, model in sorted(self.env.registry.items())
            if model._auto
            and not model._abstract
            and not model._transient
            and name not in NAMELESS
            and table_exists(self.env.cr, model._table)
        ]

    def _find_ids(self, model, conditions):
        if not conditions:
            return []
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT id FROM %s WHERE %s",
                    SQL.identifier(model._table),
                    SQL(" OR ").join(conditions),
                )
            )
        ]

    def _find_named(self, models):
        """Records with the word in one of their texts.

        :return: ``{model name: ids}``
        """
        result = {}
        for model in models:
            names = [
                name
                for name, field in model._fields.items()
                if field.store and field.column_type and field.type in TEXTS
            ]
            conditions = [
                SQL("%s::text ILIKE %s", SQL.identifier(name), f"%{WORD}%")
                for name in names
            ]
            if ids := self._find_ids(model, conditions):
                result[model._name] = ids
        return result

    def _find_pointing(self, models, named):
        """Records that would show the name of one of these beside their own values.

        :return: ``{(model name, field): ids}``
        """
        result = {}
        for model in models:
            for name, field in model._fields.items():
                ids = named.get(field.comodel_name) if field.store else None
                if ids and field.type == "many2one":
                    condition = SQL("%s IN %s", SQL.identifier(name), tuple(ids))
                    if found := self._find_ids(model, [condition]):
                        result[model._name, name] = found
        return result

    def _get_visible(self, model, ids, user):
        records = self._look(self.env[model].browse(ids), user)
        try:
            return records.with_context(active_test=False).search([("id", "in", ids)])
        except AccessError:
            return records.browse()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_no_text_and_no_name(self):
        self._book("deposit", 90.0)
        for giver, target in ((self.secret, self.matter), (self.matter, self.secret)):
            self._book(
                "matter_transfer", 20.0, matter_id=giver.id, to_matter_id=target.id
            )
        self._as(self.env["legal.payment"], "cashier").create(
            {"source": "unallocated", "matter_id": self.secret.id, "amount": 5.0}
        )
        self.env.flush_all()
        models = self._get_stored_models()
        named = self._find_named(models)
        self.assertLessEqual(
            {
                "project.project",
                "account.analytic.line",
                "account.move",
                "legal.payment",
            },
            named.keys(),
        )
        secrets = {
            name: records.filtered(lambda r: WORD in (r.sudo().display_name or "")).ids
            for name in named
            if (records := self.env[name].sudo().browse(named[name]))
        }
        pointing = self._find_pointing(models, secrets)
        self.assertIn(("legal.trust.transaction", "to_matter_id"), pointing)
        for user in self.outsiders:
            for model, ids in named.items():
                with self.subTest(model, user=user.login):
                    visible = self._get_visible(model, ids, user)
                    self.assertFalse(visible, visible.sudo().mapped("display_name"))
            for (model, field), ids in pointing.items():
                with self.subTest(model, field=field, user=user.login):
                    self.assertFalse(self._get_visible(model, ids, user))
