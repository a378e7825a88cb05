"""Actions for the client: windows over the page, and what a person is told."""


def open_window(record, name):
    """The action that opens a record in a window over the page.

    The client adds the context of the button that was pressed; what the window does is
    done to its own records, not to the filter of the list below it.

    :param odoo.models.BaseModel record: of the window's model, just made
    :param str name: title
    :rtype: dict
    """
    record.ensure_one()
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": record._name,
        "res_id": record.id,
        "views": [(False, "form")],
        "target": "new",
        "context": {"active_domain": False},
    }


#: What follows a notification: the window closes, or the page is read again.
CLOSE_WINDOW = {"type": "ir.actions.act_window_close"}
RELOAD_PAGE = {"type": "ir.actions.client", "tag": "soft_reload"}


def notify(message, then=None, kind="success"):
    """The action that tells a person what was done.

    :param str message:
    :param dict then: ``CLOSE_WINDOW``, ``RELOAD_PAGE`` or nothing
    :param str kind: ``success`` or ``info``
    :rtype: dict
    """
    params = {"message": message, "type": kind}
    if then:
        params["next"] = then
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": params,
    }
