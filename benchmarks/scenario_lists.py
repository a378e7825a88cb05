"""Queries to open each list of the addon, as the web client does."""

import firm
import list_firm
from lxml import etree
from measure import timed


def get_specification(arch):
    """What the client asks for: the list's own fields."""
    return {
        node.get("name"): {"fields": {"display_name": {}}}
        for node in etree.fromstring(arch).iterchildren("field")
    }


def get_actions(env):
    """Window actions of the addon that open a list."""
    data = env["ir.model.data"].search(
        [("module", "=", "legal_billing"), ("model", "=", "ir.actions.act_window")]
    )
    actions = env["ir.actions.act_window"].browse(data.mapped("res_id"))
    return actions.filtered(
        lambda action: (
            action.target != "new"
            and "list" in action.view_mode
            and action.res_model in env
        )
    )


def open_list(env, action):
    """Queries of the first page of an action's list, and how many rows it has."""
    from odoo.tools.safe_eval import safe_eval

    domain = safe_eval(
        action.domain or "[]",
        {"uid": env.uid, "active_id": 0, "allowed_company_ids": env.companies.ids},
    )
    model = env[action.res_model]
    views = {kind: view for view, kind in action.views}
    arch = model.get_views([(views.get("list"), "list")])["views"]["list"]["arch"]
    specification = {
        name: (rule if env[action.res_model]._fields[name].type == "many2one" else {})
        for name, rule in get_specification(arch).items()
        if name in model._fields
    }
    seconds, queries, found = timed(
        env,
        lambda: model.web_search_read(
            domain, specification, limit=80, count_limit=10001
        ),
    )
    return {
        "list": action.name,
        "model": action.res_model,
        "rows": found["length"],
        "queries": queries,
        "ms": 1000 * seconds,
    }


def measure(env, size, rounds):
    """Each list once, warm; those that grow with an office have ``size`` rows."""
    list_firm.fill(env, firm.prepare(env), size)
    env.cr.commit()
    actions = get_actions(env)
    for action in actions:
        open_list(env, action)
    rows = [open_list(env, action) for action in actions]
    rows.sort(key=lambda row: -row["queries"])
    return {"rows": rows, "lists": rows[0]["queries"] if rows else 0}
