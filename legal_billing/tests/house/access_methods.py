"""Every public method, and every window, of billing."""

import base64
import inspect

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.service.model import call_kw
from odoo.tools import mute_logger

from .access_table import ACTIONS, HARMLESS

OURS = "odoo.addons.legal_billing."
#: Core's calls on every model that has a conversation; see TestWallsEffects.
OF_ALL_MODELS = {"message_subscribe"}


class MethodTests:
    """Part of ``TestAccess``, which gives the records."""

    def _get_public_methods(self, name):
        """What can be called over RPC on a model because of this addon.

        :param str name: of the model
        :rtype: set
        """
        cls = type(self.env[name])
        found = set()
        for base in cls.mro():
            if not base.__module__.startswith(OURS):
                continue
            found |= {
                method
                for method, function in vars(base).items()
                if inspect.isfunction(function)
                and not method.startswith("_")
                and not hasattr(models.BaseModel, method)
                and method not in OF_ALL_MODELS
                and not any(
                    getattr(getattr(part, method, None), "_api_private", False)
                    for part in cls.mro()
                )
            }
        return found

    def test_every_public_method_is_tried(self):
        tried = set(HARMLESS)
        for _heading, actions in ACTIONS:
            for action in actions:
                records = self.records.get(action.record)
                model = action.record if records is None else records._name
                tried.add((model, action.method))
        public = {
            (name, method)
            for name in self.env.registry
            for method in self._get_public_methods(name)
        }
        self.assertFalse(public - tried, "add rows to the access table")
        self.assertFalse(set(HARMLESS) - public, "these are gone")

    # --- windows of other people

    def _make_window(self, model, depth=0):
        """A window with whatever it must have.

        :param models.Model model: of the transient model, as its owner
        """
        by_model = {
            records._name: records
            for records in self.records.values()
            if isinstance(records, models.Model)
        }
        vals = {}
        for name, field in model._fields.items():
            if not field.required or not field.store or field.compute or field.related:
                continue
            if field.type == "many2one":
                comodel = self.env[field.comodel_name]
                if comodel._transient:
                    parent = self._make_window(comodel.with_env(model.env), depth + 1)
                    vals[name] = parent.id
                else:
                    vals[name] = by_model[field.comodel_name][:1].id
            elif field.type == "selection":
                vals[name] = field.get_values(model.env)[0]
            elif field.type in ("char", "text"):
                vals[name] = "x"
            elif field.type == "date":
                vals[name] = Date.today()
            elif field.type == "binary":
                vals[name] = base64.b64encode(b"secret")
            elif field.type in ("float", "monetary", "integer"):
                vals[name] = 1
        return model.create(vals)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_windows_are_their_owners(self):
        """Another person, with all roles too, neither sees nor uses a window."""
        other = self._create_user("manager", login="legal_other_manager")
        other.sudo().group_ids += self.env.ref("base.group_allow_export")
        names = [
            name
            for name, model in self.env.registry.items()
            if model._transient and name.startswith("legal.")
        ]
        self.assertGreater(len(names), 30)
        for name in names:
            owned = self._make_window(self._as(self.env[name], "manager"))
            self.env.flush_all()
            self.assertTrue(owned.read())
            model = self.env(user=other, context={})[name]
            context = {"context": {"allowed_company_ids": self.company.ids}}
            self.assertNotIn(owned.id, call_kw(model, "search", [[]], context))
            calls = {
                "read": [],
                "write": [{}],
                "unlink": [],
                "copy": [],
                "export_data": [["id", "display_name"]],
                "web_read": [{"display_name": {}}],
                **{method: [] for method in self._get_public_methods(name)},
            }
            for method, args in calls.items():
                with self.subTest(name, method=method):
                    self.env.invalidate_all()
                    with (
                        self.assertRaises(UserError) as refused,
                        self.env.cr.savepoint(),
                    ):
                        call_kw(model, method, [owned.ids, *args], context)
                    self.assertIsInstance(refused.exception, AccessError)
            attachments = (
                self.env["ir.attachment"]
                .sudo()
                .search(
                    [
                        ("res_model", "=", name),
                        ("res_id", "=", owned.id),
                        ("res_field", "!=", False),
                    ]
                )
            )
            for attachment in attachments.with_user(other).sudo(False):
                with self.subTest(name), self.assertRaises(AccessError):
                    attachment.read(["datas"])
