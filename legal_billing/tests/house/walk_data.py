"""What a random walk is made of: records named by the act that made them, calls, acts,
and the kinds of acts that people do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ref:
    """A record by what made it: the number of the act and which of its records, or the
    id of one that was there before."""

    model: str
    act: int
    place: int

    def __str__(self):
        return f"{self.model}#{self.act or ''}.{self.place}"

    __repr__ = __str__


@dataclass(frozen=True)
class Result:
    """What an earlier call of the same act has returned."""

    call: int

    def __repr__(self):
        return f"result {self.call}"


@dataclass(frozen=True)
class Call:
    """One request of a client."""

    model: str
    method: str
    args: tuple = ()
    context: tuple = ()

    def __str__(self):
        text = f"{self.model}.{self.method}{self.args!r}"
        if self.context:
            text += f" with {dict(self.context)!r}"
        return text


@dataclass(frozen=True)
class Act:
    """What one person does at once: all of it, or nothing."""

    number: int
    kind: str
    person: str
    calls: tuple

    def __str__(self):
        calls = "; ".join(map(str, self.calls))
        return f"{self.number:>5} {self.person} {self.kind}: {calls}"


@dataclass(frozen=True)
class Kind:
    """A kind of act: who does it, how often, and what makes one.

    :param make: ``(walk, random)`` → calls, or None where there is nothing to do it to;
        records among the values stand for themselves
    :param bool records: whether WIP may be worth more or less after it
    """

    name: str
    topic: str
    persons: tuple
    weight: int
    make: object
    records: bool = False


#: All kinds by name, in the order in which they are defined.
KINDS = {}
EARNERS = ("fee_earner", "reviewer", "biller", "manager")
DRAFTERS = ("reviewer", "biller", "manager")
BILLERS = ("biller", "manager")
APPROVERS = ("approver", "manager")
UNDOERS = ("biller", "approver", "manager")
CASHIERS = ("cashier", "manager")
SLIPS = ("cashier", "client_account_officer", "manager")
OFFICERS = ("client_account_officer", "manager")
BOOKS = ("accountant",)
SETTLERS = ("cashier", "accountant", "manager")
LISTS = ("office", "manager")
ALL = (
    "fee_earner",
    "biller",
    "approver",
    "cashier",
    "client_account_officer",
    "manager",
    "accountant",
)
SYSTEM = ("system",)


def act(topic, persons, weight=10, records=False):
    """Make a function one that makes acts of a kind, named as the function.

    :param str topic: under which the page lists it
    :param tuple persons: who mostly does it
    :param int weight: how often, among all
    :param bool records: whether WIP may be worth more or less after it
    """

    def add(make):
        KINDS[make.__name__] = Kind(
            make.__name__, topic, persons, weight, make, records
        )
        return make

    return add
