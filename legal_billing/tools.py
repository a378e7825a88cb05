"""Small helpers of the models."""

import re

from odoo import fields

FILE_NAME_LENGTH = 120
#: What an entry's reference may take: a third of PostgreSQL's page holds 2,704 bytes.
REFERENCE_BYTES = 2600
#: What no file system takes in a name, or what means something there.
NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|]+')


class Sign(str):
    """A sign in the context that no caller from outside can send: what comes over the
    network is another object, and a sign is equal to itself alone. It is a text all the
    same, so that a context with a sign in it can be shown and sent.

    What it carries is as trustworthy as the sign: ``Sign("origin", {...}).content``.
    """

    def __new__(cls, text, content=None):
        sign = super().__new__(cls, text)
        sign.content = content
        return sign

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    __hash__ = object.__hash__

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


INTERNAL = Sign("internal")  #: billing's own code runs, which has checked the role
IN_CRON = Sign("cron")  #: the cron works: each chunk may be committed
WHOLE_BILL = Sign("whole bill")  #: a whole bill is deleted, its lines with it
STATE_CHANGE = Sign("state change")  #: core's own ways change a bill's state
BILL_EMAIL = Sign("bill email")  #: the message carries the bill to its recipients
BY_RULE = Sign("by rule")  #: amounts come from the payment rule, nobody typed them
BY_SLIP = Sign("by slip")  #: a payment slip records the receipts of all its bills
COLLECTION = Sign("collection")  #: the entry gathers open items of a client account


def is_internal(env):
    """Whether the code that runs is billing's own, which has checked the role.

    :param odoo.api.Environment env:
    :rtype: bool
    """
    return env.su and env.context.get("legal_billing_internal") is INTERNAL


def is_making_bills(env):
    """Whether the code that runs makes many drafts at a time.

    :param odoo.api.Environment env:
    :rtype: bool
    """
    return is_internal(env) and bool(env.context.get("legal_billing_making"))


def companies_fit(records, names=None):
    """Whether what these records are linked with is of their company: core's check,
    which looks at each link of each record, over all of them together.

    :param odoo.models.BaseModel records: of a model with ``company_id``
    :param names: fields to look at; all of them by default
    :return: False also where only core's own check can tell, which says what is wrong
    :rtype: bool
    """
    company = records.company_id
    if len(company) != 1:
        return False
    if names is None or "company_id" in names:
        names = records._fields
    for name in names:
        field = records._fields[name]
        if not (field.relational and field.check_company):
            continue
        if field.company_dependent:
            return False
        linked = records.sudo().mapped(name)
        domain = linked and linked._check_company_domain(company)
        if domain and linked != linked.with_context(active_test=False).filtered_domain(
            domain
        ):
            return False
    return True


def given_values(env, vals):
    """What a caller gives a new record: its values, and the defaults that came with
    the context. A guard that looked at the values alone could be gone around.

    :param odoo.api.Environment env:
    :param dict vals: values for ``create``
    :rtype: dict
    """
    defaults = {
        key.removeprefix("default_"): value
        for key, value in env.context.items()
        if key.startswith("default_")
    }
    return defaults | vals


def read_date(value, error):
    """The date that a caller gives; over the network it is a text.

    :param value: date, text or nothing
    :param Exception error: raised where it is no date
    :return: None for nothing
    :rtype: date
    """
    try:
        return fields.Date.to_date(value)
    except (TypeError, ValueError):
        raise error from None


def read_reason(value):
    """The reason that a caller gives, without spaces around it; empty where it is none.

    :rtype: str
    """
    return value.strip() if isinstance(value, str) else ""


def make_file_name(text):
    """A name for a file out of what people typed: no path, no control characters, not
    longer than file systems take.

    :param str text:
    :rtype: str
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    name = NOT_IN_FILE_NAMES.sub("_", printable).lstrip(".- ")
    return name[:FILE_NAME_LENGTH].strip() or "_"


def fit_reference(text):
    """A text that fits into the reference of an entry: core indexes the references of
    all items, and PostgreSQL indexes no value above a third of a page.

    :param str text:
    :return: the text, or as many of its words as fit and a sign that some are missing
    :rtype: str
    """
    data = text.encode()
    if len(data) <= REFERENCE_BYTES:
        return text
    kept = data[: REFERENCE_BYTES - 4].decode(errors="ignore")
    return f"{kept.rpartition(' ')[0] or kept} …"


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
