"""Small helpers of the models."""

#: Signs in the context that no caller from outside can send: objects do not travel.
WHOLE_BILL = object()  #: a whole bill is being deleted, its generated lines with it
STATE_CHANGE = object()  #: core's own ways change a bill's state
BILL_EMAIL = object()  #: the message that is posted carries the bill to its recipients


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
