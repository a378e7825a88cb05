"""Who may change what by writing a field: the table that ``test_effects.py`` holds
every writable field of every reachable model against, and the page that the whole of
it writes (``make effects``, docs/effects.md).

No Odoo in here: the tables are data.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .access_table import PERSONS

#: Persons of the access table, and one with no role who keeps the firm's lists.
PEOPLE = {**PERSONS, "office": "Office administrator"}
#: What is compared before and after.
EFFECTS = {
    "wip": "WIP value per matter, person and charge",
    "draft": "Total, tax and payer of drafts",
    "approved": "Approved bills as printed",
    "settled": "What is open on bills",
    "credits": "Credits per matter",
    "client_money": "Client money per matter",
    "requests": "Requests for money as sent",
    "papers": "Stored papers",
    "rights": "Roles and groups of people",
    "visible": "Who can read what",
}
BILLERS = ("biller", "manager")
APPROVERS = ("approver", "manager")
DRAFTERS = ("reviewer", "biller", "manager")
CASHIERS = ("cashier", "manager")
INVOICING = (
    "biller",
    "approver",
    "cashier",
    "client_account_officer",
    "manager",
    "accountant",
)
LAWYERS = ("fee_earner", "reviewer")
EMPLOYEES = (*LAWYERS, *INVOICING, "internal", "office")
EVERYBODY = tuple(PEOPLE)
ENTRY = "account.analytic.line"


@dataclass(frozen=True)
class Allowed:
    """What is right by design.

    :param str effect: a key of ``EFFECTS``
    :param tuple persons: who has it
    :param tuple targets: ``model.field``, with ``*`` for any; ``(new)`` is a new record
    :param str reason: why
    """

    effect: str
    persons: tuple
    targets: tuple
    reason: str


@dataclass(frozen=True)
class Gap:
    """What is not right and still so; an entry that is no gap any more fails the whole
    test.

    :param str rule: number of the rule that it breaks
    :param str effect: a key of ``EFFECTS``
    :param tuple persons: who has it
    :param tuple targets: ``model.field``
    """

    rule: str
    effect: str
    persons: tuple
    targets: tuple


def _of(model, fields):
    return tuple(f"{model}.{name}" for name in fields.split())


ALLOWED = (
    Allowed(
        "wip",
        EMPLOYEES,
        (
            *_of(ENTRY, "(new) name unit_amount date"),
            *_of("project.project", "timesheet_ids wip_entry_ids"),
        ),
        "Recording: own time, or other people's by those who may record it in Odoo.",
    ),
    Allowed(
        "wip",
        BILLERS,
        (
            f"{ENTRY}.*",
            *_of("project.project", "task_ids tasks"),
            *_of("project.task", "project_id timesheet_ids"),
        ),
        "What the acts on WIP do for a biller: move, write down, price, charge.",
    ),
    Allowed(
        "wip",
        ("reviewer",),
        _of(
            ENTRY,
            "bill_behavior bill_quantity bill_rate wip_amount wip_currency_id",
        ),
        "The responsible lawyer edits WIP of own matters.",
    ),
    Allowed(
        "wip",
        ("approver", "office"),
        _of(ENTRY, "unit_amount"),
        "Odoo's own timesheet approvers correct hours.",
    ),
    Allowed(
        "draft",
        DRAFTERS,
        ("account.move.*", "account.move.line.*", f"{ENTRY}.*"),
        "The draft is edited; what changes its amount is in Changes of amount.",
    ),
    Allowed(
        "draft",
        BILLERS,
        ("project.project.*",),
        "Options of the matter price its drafts again, when a person asks.",
    ),
    Allowed(
        "client_money",
        (),
        (),
        "Movements are posted by their own button alone.",
    ),
    Allowed(
        "requests",
        (),
        (),
        "A request stays as it was sent; what came in of it are deposits and payments.",
    ),
    Allowed(
        "approved",
        (),
        (),
        "An approved bill stays as it is printed until it is reverted.",
    ),
    Allowed("papers", (), (), "A stored paper is kept as it was sent."),
    Allowed(
        "rights",
        tuple(person for person in PEOPLE if person != "portal"),
        _of("res.users", "notification_type"),
        "Odoo's own preference: notices in Odoo rather than by e-mail are a group. "
        "Roles are given by administrators of the database alone.",
    ),
    Allowed(
        "visible",
        BILLERS,
        _of("project.project", "is_walled wall_user_ids"),
        "Those inside put up the wall and take it down.",
    ),
    Allowed(
        "visible",
        BILLERS,
        _of(ENTRY, "employee_id user_id matter_id project_id task_id"),
        "An entry that is moved is seen by those who see its matter.",
    ),
    Allowed(
        "visible",
        ("reviewer",),
        _of("project.task", "company_id project_id"),
        "Who is inside the wall may take a task out; it is seen with its project.",
    ),
    Allowed(
        "visible",
        tuple(person for person in PEOPLE if person != "portal"),
        _of("res.partner", "company_id"),
        "Contacts are Odoo's: who may write one says which company it is of.",
    ),
    Allowed(
        "wip",
        ("reviewer",),
        _of(ENTRY, "employee_id"),
        "The responsible lawyer says whose time it is on own matters, at that rate.",
    ),
    Allowed(
        "visible",
        ("reviewer",),
        _of(ENTRY, "employee_id"),
        "Time is seen by whoever recorded it.",
    ),
    Allowed(
        "approved",
        BILLERS,
        _of("account.move", "invoice_date_due narration payment_reference ref"),
        "Due date, references and terms stay those of who bills until the bill went "
        "out; each change is noted, and the paper made anew.",
    ),
    Allowed(
        "settled",
        (*CASHIERS, "accountant"),
        _of("account.partial.reconcile", "(new)"),
        "Matching a credit of the matter with its bill: cashiers and accountants settle.",
    ),
    Allowed(
        "draft",
        BILLERS,
        _of("legal.billing.run", "bill_ids"),
        "Drafts of a run are deleted by those who bill.",
    ),
    Allowed(
        "wip",
        BILLERS,
        _of("legal.billing.run", "bill_ids"),
        "The entries of a draft that is deleted are WIP again.",
    ),
    Allowed(
        "settled",
        BILLERS,
        _of("account.move", "payment_state"),
        "Odoo's own button blocks the payment of a bill, and frees it again.",
    ),
    Allowed(
        "visible",
        ("office",),
        (*_of("hr.employee", "resource_id user_id"), "resource.resource.employee_id"),
        "Who keeps the firm's people says which user an employee is; time is his.",
    ),
    Allowed(
        "visible",
        (*BILLERS, "office"),
        _of("project.project", "privacy_visibility responsible_id"),
        "Odoo's visibility of a project, and whose matter it is.",
    ),
    Allowed(
        "visible",
        ("client_account_officer", "manager"),
        _of("legal.trust.transaction", "matter_id"),
        "A draft of a movement is given to another matter that the officer sees.",
    ),
    Allowed(
        "visible",
        ("office",),
        _of("project.project", "is_walled"),
        "Odoo's own project administrators put a wall up; lawyer and managers stay in.",
    ),
)

KNOWN_GAPS = ()


def is_allowed(person, effect, target):
    """Whether the effect is right by design.

    :param str target: ``model.field``
    :rtype: bool
    """
    return any(_fits(row, person, effect, target) for row in ALLOWED)


def is_gap(person, effect, target):
    """Whether the effect is known as a gap.

    :param str target: ``model.field``
    :rtype: bool
    """
    return any(_fits(row, person, effect, target) for row in KNOWN_GAPS)


def _fits(row, person, effect, target):
    return (
        row.effect == effect
        and person in row.persons
        and any(fnmatchcase(target, pattern) for pattern in row.targets)
    )


PAGE = """# Effects

Written by `make effects` (`legal_billing/tests/house/effects_table.py` holds the tables).
Every writable field of every model that is reached from billing's own is written, as
every person, over RPC: by `write`, the form's save, an import, a command on the parent's
rows, and in a new record; `onchange` is asked about records behind a wall. Values are
drawn by the type of the field (seed {seed}). Before and after each attempt, which is
undone again, the database is looked at:

{effects}

Models and fields are found, not listed: a new one is tried without anybody adding it.
A person who holds all roles tries first; what he is refused, or what does nothing when
he does it, is tried by all others in one of {one_in} attempts.

| | |
| --- | ---: |
| models | {models} |
| fields | {fields} |
| attempts | {attempts} |
| refused | {refused} |
| without an effect | {without} |
| an error of core's for a value that is none | {errors} |
| with an effect | {effective} |
| **with an effect that no table has** | **{surprises}** |
| time | {minutes} min |

## What each person can change by writing fields

● by design, ○ a gap that is known and still open, · nothing.

{matrix}

## Why

{reasons}

## Gaps still open

{gaps}
"""


def render(tally, seed, seconds, surprises):
    """The page in Markdown.

    :param Tally tally: of the whole
    :param int seconds: that it took
    :param int surprises: how many effects are in no table
    :rtype: str
    """
    found = defaultdict(set)
    for person, effect, target in tally.found:
        found[person, effect].add(target)
    return PAGE.format(
        seed=seed,
        one_in=tally.one_in,
        effects="\n".join(f"- {words}" for words in EFFECTS.values()),
        models=len(tally.models),
        fields=len(tally.targets),
        attempts=tally.attempts,
        refused=tally.refused,
        without=tally.without,
        errors=tally.errors,
        effective=tally.effective,
        surprises=surprises,
        minutes=round(seconds / 60),
        matrix=_render_matrix(found),
        reasons="\n".join(_render_reason(row) for row in ALLOWED),
        gaps=_render_gaps() or "None.",
    )


def _render_matrix(found):
    rows = [
        f"| | {' | '.join(PEOPLE.values())} |",
        f"| --- |{' :-: |' * len(PEOPLE)}",
    ]
    for effect, words in EFFECTS.items():
        marks = []
        for person in PEOPLE:
            targets = found[person, effect]
            counts = Counter(
                "●" if is_allowed(person, effect, target) else "○" for target in targets
            )
            marks.append(
                " ".join(f"{mark} {count}" for mark, count in sorted(counts.items()))
                or "·"
            )
        rows.append(f"| {words} | {' | '.join(marks)} |")
    return "\n".join(rows) + "\n\nThe numbers count fields."


def _render_reason(row):
    persons = ", ".join(PEOPLE[person] for person in row.persons) or "Nobody"
    targets = ", ".join(f"`{target}`" for target in row.targets)
    return f"- **{EFFECTS[row.effect]}**: {persons}. {targets} {row.reason}".replace(
        "  ", " "
    )


def _render_gaps():
    return "\n".join(
        f"- Rule {gap.rule}, {EFFECTS[gap.effect]}: "
        f"{', '.join(PEOPLE[person] for person in gap.persons)}: "
        + ", ".join(f"`{target}`" for target in gap.targets)
        for gap in KNOWN_GAPS
    )
