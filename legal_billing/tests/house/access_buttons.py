"""Every button of every view of billing, pressed as the web client presses it."""

import ast
import logging
from collections import Counter, defaultdict

from lxml import etree

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tools import SQL, mute_logger
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

from ...exceptions import LegalBillingError

_logger = logging.getLogger(__name__)

#: Who uses billing's pages.
PRESSERS = (
    "fee_earner",
    "reviewer",
    "biller",
    "approver",
    "cashier",
    "client_account_officer",
    "manager",
)


class ButtonTests:
    """Part of ``TestAccess``, which gives the records."""

    @mute_logger(
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_actions_report",
        "odoo.addons.mail.models.mail_mail",
        "odoo.sql_db",
    )
    def test_every_button(self):
        """A result that opens, or a refusal in words: with nothing ticked where the
        list shows the button then, with one record and with several. Each button is
        pressed by one of those who see it, another one every day."""
        seen = defaultdict(list)
        for person in PRESSERS:
            for key, button in self._get_buttons(self.users[person]).items():
                seen[key].append((person, button))
        # the machine's day, not the frozen one
        [[day]] = self.env.execute_query(SQL("SELECT CURRENT_DATE - DATE '2000-01-01'"))
        pressed = Counter()
        problems = {}
        for number, key in enumerate(sorted(seen, key=str)):
            person, button = seen[key][(number + day) % len(seen[key])]
            for records in self._get_pressed_on(button):
                pressed[key[:2]] += 1
                problem = self._press(button, records)
                if problem:
                    problems[(*key[:2], problem)] = f"{person}: {records}"
        _logger.info("%d buttons pressed %d times", len(pressed), sum(pressed.values()))
        self.assertGreater(len(pressed), 100)
        self.assertFalse(
            problems,
            "\n" + "\n".join(f"{key}: {where}" for key, where in problems.items()),
        )

    # --- which buttons there are

    def _get_views(self):
        """Ours that stand alone, and those of core that we extend, with the names of
        the buttons that our part brings.

        :return: ``[(view, names or None for all), …]``
        :rtype: list
        """
        views = self.env["ir.ui.view"].search(
            [
                ("type", "in", ("form", "list", "kanban")),
                ("model_data_id.module", "=", "legal_billing"),
            ]
        )
        result = []
        for view in views:
            if view.mode == "primary" or not view.inherit_id:
                result.append((view, None))
                continue
            names = {
                node.get("name") for node in etree.fromstring(view.arch).iter("button")
            } - {None}
            root = view.inherit_id
            while root.inherit_id and root.mode != "primary":
                root = root.inherit_id
            if names:
                result.append((root, names))
        return result

    def _get_buttons(self, user):
        """Buttons that a person's views have, each once.

        :rtype: dict
        """
        found = {}
        for view, names in self._get_views():
            model = self.env(user=user.id)[view.model]
            try:
                arch = model.get_view(view.id, view.type)["arch"]
            except AccessError:
                continue  # no page of this person
            self._collect(etree.fromstring(arch), model, view.type, names, found)
        return found

    def _collect(self, node, model, place, names, found):
        for child in node:
            if not isinstance(child.tag, str):
                continue
            inner, inner_place = model, place
            if child.tag == "field" and len(child):
                field = model._fields.get(child.get("name"))
                if field is not None and field.relational:
                    inner = model.env[field.comodel_name]
            elif child.tag in ("list", "kanban", "form"):
                inner_place = child.tag
            elif child.tag == "header" and place == "list":
                inner_place = "header"
            kind, name = child.get("type"), child.get("name")
            if (
                child.tag in ("button", "a")
                and kind in ("object", "action")
                and name
                and (names is None or name in names)
            ):
                button = {
                    "model": model._name,
                    "env": model.env,
                    "kind": kind,
                    "name": name,
                    "context": child.get("context") or "{}",
                    "args": child.get("args") or "[]",
                    "place": place,
                    "always": child.get("display") == "always",
                }
                key = (model._name, name, place, button["context"])
                found.setdefault(key, button)
            self._collect(child, inner, inner_place, names, found)

    # --- what they are pressed on

    def _get_pressed_on(self, button):
        """Nothing, one record and several, as the place of the button allows.

        :return: recordsets
        :rtype: list
        """
        model = button["env"][button["model"]].with_context(
            allowed_company_ids=self.company.ids
        )
        if model._transient:
            with mute_logger("odoo.tests"):
                return [self._make_window(model)]
        known = [
            records
            for records in self.records.values()
            if isinstance(records, models.Model) and records._name == model._name
        ]
        known = model.browse(list(dict.fromkeys(i for r in known for i in r.ids)))
        known = known._filtered_access("read")
        result = list(known[:3])
        if button["place"] == "header":
            result.append(known[:3])
            if button["always"]:
                result.append(model)
        return [records for records in result if records or button["always"]]

    # --- pressing

    def _press(self, button, records):
        """Press, and open what comes.

        :return: what is wrong
        :rtype: str or None
        """
        self.env.flush_all()
        context = {"lang": "en_US", "tz": "Europe/London"}
        context["allowed_company_ids"] = self.company.ids
        context["active_model"] = button["model"]
        context |= {"active_id": records[:1].id, "active_ids": records.ids}
        try:
            with self.env.cr.savepoint() as savepoint:
                context |= self._evaluate(button["context"], records, context)
                self._answer(button, records, context)
                savepoint.rollback()
        except (LegalBillingError, UserError) as refusal:
            return self._judge(refusal)
        except Exception as error:  # what the person would see as a traceback
            return f"{type(error).__name__}: {str(error)[:200]}"
        finally:
            self.env.invalidate_all()
        return None

    def _answer(self, button, records, context):
        if button["kind"] == "action":
            action = self.env["ir.actions.actions"].browse(int(button["name"]))
            action = self.env[action.sudo().type].sudo().browse(action.id)
            self._open(records.env, action._get_action_dict(), context)
            return
        args = [records.ids, *ast.literal_eval(button["args"])]
        result = call_kw(
            records.env[button["model"]],
            button["name"],
            args,
            {"context": context},
        )
        if isinstance(result, dict) and result.get("type"):
            self._open(records.env, result, context)

    def _evaluate(self, text, records, context):
        """A context or domain of a view, with what the web client knows."""
        if not isinstance(text, str):
            return text
        names = {
            node.id
            for node in ast.walk(ast.parse(text.strip(), mode="eval"))
            if isinstance(node, ast.Name) and node.id in records._fields
        }
        values = {}
        if names and len(records) == 1:
            values = records.read(list(names), load="")[0]
        values |= {
            "uid": records.env.uid,
            "context": context,
            "parent": type("Parent", (), {"__getattr__": lambda *_args: False})(),
            "context_today": safe_datetime.date.today,
            "datetime": safe_datetime,
            "time": safe_time,
            "allowed_company_ids": self.company.ids,
            "current_company_id": self.company.id,
            **context,
        }
        return safe_eval(text, values)

    def _open(self, env, action, context):
        """Open a window or list as the web client does."""
        if action["type"] != "ir.actions.act_window":
            return
        given = self._evaluate(action.get("context") or {}, env["res.users"], context)
        model = env[action["res_model"]].with_context(**(context | given))
        views = action.get("views") or [(False, "list"), (False, "form")]
        views = [(view_id, kind) for view_id, kind in views]
        loaded = model.get_views(views)["views"]
        domain = self._evaluate(action.get("domain") or [], env["res.users"], context)
        if views[0][1] == "form":
            arch = etree.fromstring(loaded["form"]["arch"])
            names = {
                node.get("name")
                for node in arch.iter("field")
                if not any(above.tag == "field" for above in node.iterancestors())
            }
            if action.get("res_id"):
                model.browse(action["res_id"]).web_read({name: {} for name in names})
            else:
                model.onchange({}, [], {name: {} for name in names})
        else:
            model.search(domain, limit=3).read(["display_name"])

    def _judge(self, refusal):
        """A refusal says why; core's bare *Access Error* does not."""
        if isinstance(refusal, AccessError) and not isinstance(
            refusal, LegalBillingError
        ):
            return f"bare {type(refusal).__name__}: {str(refusal)[:160]}"
        if not str(refusal).strip():
            return "a refusal without words"
        return None
