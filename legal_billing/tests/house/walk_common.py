"""A seeded random walk: people of a firm do one thing after the other, and after each
that is not refused the books are looked at.

An act is data: the calls as a client sends them, with the records named by the act that
made them (``account.move#12.0``: the first move that act 12 made). So a list of acts can
be played again from the same start, without some of them, until the shortest is found
that still breaks an invariant.
"""

import gc
import logging
import os
import traceback
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from psycopg2 import IntegrityError

from odoo.exceptions import MissingError, RedirectWarning, UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import freeze_time
from odoo.tools import SQL, mute_logger

from .walk_data import KINDS, Act, Call, Ref, Result
from .walk_invariants import Invariants

_logger = logging.getLogger(__name__)

START = datetime(2026, 11, 2, 9)
#: Each act takes so long, wherever it stands in a list.
PACE = timedelta(minutes=7)
#: Models whose new records later acts speak of.
NAMED = (
    "account.analytic.line",
    "account.bank.statement.line",
    "account.move",
    "account.move.line",
    "account.partial.reconcile",
    "account.payment",
    "ir.attachment",
    "legal.bill.write.off",
    "legal.billing.run",
    "legal.billing.run.line",
    "legal.fee.instalment",
    "legal.money.request",
    "legal.payment",
    "legal.payment.allocation",
    "legal.trust.reconciliation",
    "legal.trust.run",
    "legal.trust.transaction",
    "project.milestone",
    "project.project",
    "project.task",
    "res.partner",
)
#: Three of four acts leave no notes of what changed: those take a third of the time.
QUIET = {"tracking_disable": True, "mail_create_nolog": True}
LOGGERS = (
    "odoo.addons.account.models.account_move",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.partner.merge",
    "odoo.addons.mail.models.mail_mail",
    "odoo.models",
    "odoo.models.unlink",
    "odoo.orm.models",
    "odoo.sql_db",
    "odoo.tests",
)


@dataclass
class Violation:
    """What an act has broken."""

    name: str
    text: str
    acts: list

    def describe(self, seed):
        """Everything somebody needs to see it again.

        :param int seed: of the walk
        :rtype: str
        """
        acts = "\n".join(map(str, self.acts))
        return f"seed {seed}: {self.name}: {self.text}\n{len(self.acts)} acts:\n{acts}"


@dataclass
class Tally:
    """What came of the acts of one walk, or of several."""

    done: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    by_database: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0
    checking: float = 0.0
    spent: Counter = field(default_factory=Counter)
    reasons: Counter = field(default_factory=Counter)

    @property
    def steps(self):
        """How many acts there were."""
        return self.done.total() + self.refused.total()

    def add(self, other):
        """Add what came of another walk."""
        for name in ("done", "refused", "by_database", "spent"):
            getattr(self, name).update(getattr(other, name))
        self.seconds += other.seconds
        self.cpu += other.cpu
        self.checking += other.checking

    def describe(self):
        """In one line.

        :rtype: str
        """
        return (
            f"{self.steps} acts, {self.done.total()} done, {self.refused.total()} "
            f"refused ({self.by_database.total()} by the database alone), "
            f"{self.seconds:.0f} s ({self.cpu:.0f} s of this process), "
            f"{self.checking:.0f} s of it for the invariants"
        )


def get_seconds():
    """The process's own clock: the other one is moved by the walk."""
    return os.times().elapsed


class Gone(Exception):
    """The act speaks of a record that does not exist in this list of acts."""


class Walk:
    """The acts from a start to which everything goes back.

    :param env: of the test, whose cursor everything happens on
    :param firm: the test class, with what the firm has
    :param dict users: ``{person: res.users}``
    """

    def __init__(self, env, firm, users):
        self.env = env
        self.firm = firm
        self.users = users
        self.frozen = None
        self.person = None
        self._people = [person for person in users if person != "system"]
        self.tally = Tally()
        self.invariants = Invariants(env, firm, users)
        self._start = self._get_last_ids()

    # --- walking

    def walk(self, seed, steps, deadline=None):
        """Walk; what breaks is not looked at again in this walk.

        :param seed: decides everything
        :param int steps: at most
        :param deadline: callable that says whether the time is over
        :return: violations, each with all acts that were done until then
        :rtype: list
        """
        random = Random(str(seed))
        acts, violations = [], []
        begin = os.times().user
        with self.journey():
            for number in range(1, steps + 1):
                if deadline and deadline():
                    break
                self.set_clock(number)
                act = self.draw(number, random)
                outcome, violation = self.play(act)
                if violation:
                    violation.acts = [*acts, act]
                    violations.append(violation)
                    self._muted.add(violation.name)
                    _logger.info(
                        "seed %s: %s: %s", seed, violation.name, violation.text
                    )
                if outcome == "done":
                    acts.append(act)
        self.tally.cpu += os.times().user - begin
        return violations

    def draw(self, number, random):
        """An act that makes sense for somebody now, by somebody who mostly may do it.

        :rtype: Act
        """
        names = list(KINDS)
        weights = [kind.weight for kind in KINDS.values()]
        while True:
            kind = KINDS[random.choices(names, weights)[0]]
            self.person = random.choice(kind.persons)
            try:
                made = kind.make(self, random)
            except MissingError:  # of a contact that was merged into another
                continue
            if made:
                person = self.person
                if random.random() < 0.06:
                    person = random.choice(self._people)
                calls = tuple(self._encode_call(call) for call in made)
                return Act(number, kind.name, person, calls)

    @contextmanager
    def journey(self):
        """Everything that happens within is undone."""
        cr = self.env.cr
        self.env.invalidate_all()
        savepoint = cr.savepoint()
        self.skipped = timedelta()
        self.now = START
        self._refs, self._ids = {}, {}
        self._muted = set()
        self._last = dict(self._start)
        gc.collect()
        gc.freeze()
        with freeze_time(START) as frozen, mute_logger(*LOGGERS):
            self.frozen = frozen
            self.invariants.begin()
            try:
                yield self
            finally:
                self.frozen = None
                gc.unfreeze()
                savepoint.close(rollback=True)
                cr.postcommit.clear()
                self.env.invalidate_all(flush=False)
                self.env.registry.reset_changes()

    def set_clock(self, number):
        """The time at which that act happens."""
        self.number = number
        self.now = START + number * PACE + self.skipped
        self.frozen.move_to(self.now)

    @property
    def today(self):
        """The day in Greenwich."""
        return self.now.date()

    # --- one act

    def play(self, act):
        """Do it; look at the books if it was not refused.

        :return: ``done`` or ``refused``, and what it broke
        :rtype: tuple
        """
        cr, kind = self.env.cr, KINDS[act.kind]
        self.set_clock(act.number)
        begin = get_seconds()
        broken = None
        savepoint = cr.savepoint()
        try:
            results = []
            for call in act.calls:
                results.append(self._call(act, call, results))
            cr.flush()
            cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cr.execute("SET CONSTRAINTS ALL DEFERRED")
            savepoint.close(rollback=False)
            outcome = "done"
        except (UserError, RedirectWarning, Gone) as refusal:
            outcome = "refused"
            _logger.debug("%s\n    refused: %s", act, refusal)
        except IntegrityError as error:
            # what the database alone refuses, people read as a validation error
            outcome = "refused"
            self.tally.by_database[error.diag.constraint_name or error.pgcode] += 1
        except Exception as error:
            outcome = "refused"
            name = f"a refusal is no {type(error).__name__}"
            broken = Violation(name, traceback.format_exc()[-2500:], [act])
        if outcome == "refused":
            self._undo(savepoint)
        self.env.invalidate_all()
        cr.cache.clear()
        between = get_seconds()
        if outcome == "done":
            _logger.debug("%s", act)
            self._name_new_records(act)
            broken = self._look(act, kind)
        end = get_seconds()
        self.tally.seconds += end - begin
        self.tally.checking += end - between
        self.tally.spent[act.kind] += end - begin
        getattr(self.tally, outcome)[act.kind] += 1
        if broken and broken.name in self._muted:
            broken = None
        return outcome, broken

    def _undo(self, savepoint):
        savepoint.close(rollback=True)
        self.env.cr.postcommit.clear()
        self.env.registry.reset_changes()

    def _look(self, act, kind):
        found = self.invariants.check(kind, self._muted)
        if found:
            name, text = found
            return Violation(name, text, [act])
        return None

    def _call(self, act, call, results):
        args = self._decode(call.args, results)
        context = self._decode(dict(call.context), results)
        if call.model == "walk":
            return getattr(self, f"_do_{call.method}")(*args)
        user = self.users[act.person]
        model = self.env(user=user.id, context={}, su=False)[call.model]
        if act.person == "system":
            model = model.sudo()
        context = {
            "lang": "en_US",
            "tz": user.tz or "UTC",
            "uid": user.id,
            "allowed_company_ids": self.firm.company.ids,
            **({} if act.number % 4 == 0 else QUIET),
            **context,
        }
        return call_kw(model, call.method, list(args), {"context": context})

    def _do_pass(self, hours):
        self.skipped += timedelta(hours=hours)
        self.set_clock(self.number)

    def _do_break(self, id_, column, value):
        """Past all guards: for the test of the walk itself."""
        self.env.cr.execute(
            SQL(
                "UPDATE account_analytic_line SET %s = %s WHERE id = %s",
                SQL.identifier(column),
                value,
                id_,
            )
        )

    # --- names of records

    def _get_last_ids(self):
        self.env.cr.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', coalesce(max(id), 0) FROM {self.env[name]._table}"
                for name in NAMED
            )
        )
        return dict(self.env.cr.fetchall())

    def _name_new_records(self, act):
        self.env.cr.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' AS model, id FROM {self.env[name]._table} "
                f"WHERE id > {self._last[name]}"
                for name in NAMED
            )
            + " ORDER BY model, id"
        )
        places = Counter()
        for name, id_ in self.env.cr.fetchall():
            ref = Ref(name, act.number, places[name])
            places[name] += 1
            self._refs[name, id_] = ref
            self._ids[ref] = id_
            self._last[name] = id_

    def _encode_call(self, call):
        return Call(
            call.model,
            call.method,
            self._encode(call.args),
            tuple(sorted(self._encode(dict(call.context)).items())),
        )

    def _encode(self, value):
        if isinstance(value, BaseModel):
            if not value:
                return False
            value.ensure_one()
            return self._refs.get((value._name, value.id)) or Ref(
                value._name, 0, value.id
            )
        if isinstance(value, dict):
            return {key: self._encode(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return tuple(self._encode(part) for part in value)
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        return value

    def _decode(self, value, results):
        if isinstance(value, Ref):
            if not value.act:
                return value.place
            if value not in self._ids:
                raise Gone(str(value))
            return self._ids[value]
        if isinstance(value, Result):
            return results[value.call]
        if isinstance(value, dict):
            return {key: self._decode(part, results) for key, part in value.items()}
        if isinstance(value, tuple):
            return [self._decode(part, results) for part in value]
        return value

    # --- what acts are drawn from

    def find(self, model, where="true", *params):
        """Records in the order in which they were made.

        :param str model:
        :param str where: of SQL, on the model's table ``t``
        :rtype: list of records
        """
        cr = self.env.cr
        table = self.env[model]._table
        cr.execute(f"SELECT t.id FROM {table} t WHERE {where} ORDER BY t.id", params)
        records = self.env[model].sudo()
        return [records.browse(id_) for (id_,) in cr.fetchall()]

    def pick(self, random, model, where="true", *params):
        """One of these, or None; what is new more often.

        :rtype: record or None
        """
        records = self.find(model, where, *params)
        if not records:
            return None
        if random.random() < 0.5:
            records = records[-8:]
        return random.choice(records)

    # --- the shortest list

    def replay(self, acts, name=None):
        """Play a list of acts from the start.

        :param str name: of the invariant that is looked for; default: any
        :return: the first violation, with the acts until then that were not refused
        :rtype: Violation or None
        """
        done = []
        with self.journey():
            for act in acts:
                outcome, violation = self.play(act)
                if violation and name in (None, violation.name):
                    violation.acts = [*done, act]
                    return violation
                if violation:
                    self._muted.add(violation.name)
                if outcome == "done":
                    done.append(act)
        return None

    def shrink(self, violation, seconds=600):
        """The shortest list of acts found that breaks the same invariant.

        :param Violation violation: with all acts that led to it
        :param seconds: after which the shortest until then is good enough
        :rtype: Violation
        """
        end = get_seconds() + seconds
        best = violation

        def breaks(acts):
            nonlocal best
            if get_seconds() > end:
                return False
            found = self.replay(acts, violation.name)
            if found:
                if len(found.acts) <= len(best.acts):
                    best = found
                return True
            return False

        for acts in self._slice(violation.acts):
            if breaks(acts):
                break
        size = max(len(best.acts) // 2, 1)
        while size and get_seconds() < end:
            place, shorter = 0, False
            while place < len(best.acts):
                acts = best.acts[:place] + best.acts[place + size :]
                if acts and breaks(acts):
                    shorter = True
                else:
                    place += size
            if size == 1 and not shorter:
                break
            size = size // 2 if size > 1 else 1
        return best

    def _slice(self, acts):
        """Parts of the list that may do: what the last act speaks of, and what made
        that; then with all that the same records were about."""
        numbers = {act.number: act for act in acts}
        speaks = {act.number: set(self._get_refs(act.calls)) for act in acts}
        wanted, found = [acts[-1].number], {acts[-1].number}
        while wanted:
            for ref in speaks[wanted.pop()]:
                if ref.act in numbers and ref.act not in found:
                    found.add(ref.act)
                    wanted.append(ref.act)
        yield [act for act in acts if act.number in found]
        for _round in range(2):
            about = {ref for number in found for ref in speaks[number]}
            about |= {
                ref
                for number in numbers
                for ref in speaks[number]
                if ref.act and ref.act in found
            }
            grown = {n for n in numbers if speaks[n] & about}
            grown |= {ref.act for n in grown for ref in speaks[n] if ref.act in numbers}
            grown |= {act.number for act in acts if act.person == "system"}
            found |= grown
            yield [act for act in acts if act.number in found]

    def _get_refs(self, value):
        if isinstance(value, Ref):
            yield value
        elif isinstance(value, Call):
            yield from self._get_refs(value.args)
            yield from self._get_refs(dict(value.context))
        elif isinstance(value, dict):
            for part in value.values():
                yield from self._get_refs(part)
        elif isinstance(value, tuple):
            for part in value:
                yield from self._get_refs(part)


def describe_kinds(tally):
    """Rows of Markdown: how often each kind of act was done and refused.

    :param Tally tally:
    :rtype: str
    """
    rows = defaultdict(list)
    for kind in KINDS.values():
        rows[kind.topic].append(
            f"{kind.name} {tally.done[kind.name]}/{tally.refused[kind.name]}"
        )
    return "\n".join(f"| {topic} | {', '.join(row)} |" for topic, row in rows.items())
