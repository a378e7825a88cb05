"""Signs in the context that no caller from outside can send, and what they mean."""


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
CREDITING = Sign("crediting")  #: core copies a bill to its credit note
BILL_EMAIL = Sign("bill email")  #: the message carries the bill to its recipients
DELIVERY_LATER = Sign("delivery later")  #: the mail queue notes deliveries together
BY_RULE = Sign("by rule")  #: amounts come from the payment rule, nobody typed them
BY_SLIP = Sign("by slip")  #: a payment slip records the receipts of all its bills
FROM_BOOKS = Sign("from the books")  #: core makes entries of posted items anew
FROM_CHOICE = Sign("from the choice")  #: a row takes over what was chosen before
PAYERS_TOGETHER = Sign("payers")  #: a matter's payers are checked when all are there
DROPPING = Sign("dropping")  #: a set is split anew, and this bill is left out of it
WHOLE_SET = Sign("whole set")  #: the other bills of a split are worked on, too
COLLECTION = Sign("collection")  #: the entry gathers open items of a client account


def is_internal(env):
    """Whether the code that runs is billing's own, which has checked the role.

    :param odoo.api.Environment env:
    :rtype: bool
    """
    return env.su and env.context.get("legal_billing_internal") is INTERNAL


def is_from_books(env):
    """Whether core makes analytic entries of journal items, or takes them away: the
    items decide, not whoever posts them.

    :param odoo.api.Environment env:
    :rtype: bool
    """
    return env.context.get("legal_billing_books") is FROM_BOOKS


def is_making_bills(env):
    """Whether the code that runs makes many drafts at a time.

    :param odoo.api.Environment env:
    :rtype: bool
    """
    return is_internal(env) and bool(env.context.get("legal_billing_making"))
