"""How two people are let loose on the same thing, and what came of it."""

import itertools
import random
import re
import threading
import time
from collections import Counter

from odoo import api
from odoo.exceptions import UserError
from odoo.service import model as service
from odoo.tools import SQL

#: How the second comes: while the first has written and not committed; after its
#: commit, with an older view of the database; a few milliseconds apart by chance.
WAYS = ("held", "late", "chance")
HELD = 0.4
DONE = "done"


class Race:
    """Two people, one thing.

    `people` are the names of the two; `refusals` what the loser is told, a pattern for
    each: it names the record and the reason. `may_both`: both may have their way, if
    the second came after the first and knew it; `no_loser`: both always have.
    """

    people = ("first", "second")
    refusals = ("", "")
    may_both = no_loser = False

    def __init__(self, office):
        self.office = office

    def make(self, env):
        """Make what they race for, in a transaction of its own; return ids."""
        raise NotImplementedError

    def first(self, env, ids):
        """What the one does; a text that is returned is what refused it."""
        raise NotImplementedError

    def second(self, env, ids):
        """What the other does."""
        raise NotImplementedError

    def users(self):
        """Return the ids of the two users."""
        raise NotImplementedError

    def holds(self, look, ids, won):
        """Whether the database says what the two were told.

        :param callable look: returns the only row of a query
        :param list won: whether each of the two was told that it is done
        """
        raise NotImplementedError


class Tally:
    """What came of the rounds of one race."""

    def __init__(self, race, rounds):
        self.race, self.name, self.rounds = race, type(race).__name__, rounds
        self.wins, self.broken, self.said = Counter(), [], [{}, {}]

    def add(self, won, texts, problem):
        """Count one round."""
        for index, text in enumerate(texts):
            if text != DONE:
                self.said[index].setdefault(re.sub(r"\d+", "#", text), text)
        self.wins["both" if all(won) else won.index(True) if any(won) else "none"] += 1
        if problem:
            self.broken.append(f"{problem} after {texts}")

    def finish(self):
        """Both sides have to win; a race of one round cannot show it."""
        if self.rounds < 2 * len(WAYS) or self.race.no_loser:
            return
        for index, name in enumerate(self.race.people):
            if not self.wins[index] and not (index and self.wins["both"]):
                self.broken.append(f"{name} never won")

    def lines(self):
        """Return the tally in words."""
        first, second = self.race.people
        yield (
            f"{self.name}: {self.rounds} rounds, {len(self.broken)} broken ({first} "
            f"{self.wins[0]}, {second} {self.wins[1]}, both {self.wins['both']}, "
            f"none {self.wins['none']})"
        )
        yield from (f"{self.name}: BROKEN: {text}" for text in self.broken)


class Track:
    """Runs races on connections of their own, drawn with a seed."""

    def __init__(self, env, seed):
        self.registry = env.registry
        self.company_id = env.company.id
        self.chance = random.Random(seed)
        # no long waits between the attempts of a replay
        pauses = random.Random(seed)
        service.random.uniform = lambda low, high: 0.02 + pauses.random() / 20

    def play(self, race, rounds):
        """Play a race so many times.

        :rtype: Tally
        """
        tally = Tally(race, rounds)
        orders = itertools.cycle((first, way) for way in WAYS for first in (0, 1))
        for _round, (first, way) in zip(range(rounds), orders, strict=False):
            ids = self.transaction(race.office.uid, race.make)
            texts = self._run(race, ids, first, way)
            won = [text == DONE for text in texts]
            tally.add(won, texts, self._problem(race, ids, texts, won))
        tally.finish()
        return tally

    def transaction(self, uid, body, before_commit=None):
        """Do it in a transaction of its own, replayed on conflicts as a request is."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, uid, {"allowed_company_ids": [self.company_id]})

            def work():
                result = body(env)
                env.flush_all()
                if before_commit:
                    before_commit()
                return result

            return service.retrying(work, env)

    def _run(self, race, ids, first, way):
        """Let the two run; return what each was told."""
        bodies, users = (race.first, race.second), race.users()
        texts = ["", ""]
        barrier = threading.Barrier(2)
        written, over = threading.Event(), threading.Event()
        pause = self.chance.random() * 0.05

        def run(index):
            leads, start = index == first, [True]

            def attempt(env):
                if start.pop() if start else False:
                    # the snapshot: older than what the other commits
                    env.cr.execute("SELECT count(*) FROM account_move")
                    barrier.wait(60)
                    if not leads:
                        {"held": written, "late": over}.get(
                            way, threading.Event()
                        ).wait(pause if way == "chance" else 60)
                return bodies[index](env, ids)

            def before_commit():
                if leads:
                    written.set()
                    if way == "held":
                        time.sleep(HELD)

            try:
                told = self.transaction(users[index], attempt, before_commit)
                texts[index] = told if isinstance(told, str) else DONE
            except UserError as error:
                texts[index] = f"{type(error).__name__}: {error}"
            except Exception as error:
                texts[index] = f"CRASH {type(error).__name__}: {error}"
            finally:
                if leads:
                    written.set()
                    over.set()

        threads = [threading.Thread(target=run, args=(index,)) for index in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return texts

    def _look(self, query, *args):
        with self.registry.cursor() as cr:
            cr.execute(SQL(query, *args))
            return cr.fetchone()

    def _problem(self, race, ids, texts, won):
        if not any(won):
            return "nobody won"
        if all(won) and not (race.may_both or race.no_loser):
            return "both won"
        for text, refusal in zip(texts, race.refusals, strict=True):
            if text != DONE and not re.search(refusal, text, re.DOTALL):
                return f"wrong refusal, wanted {refusal!r}"
        if not race.holds(self._look, ids, won):
            return "the database does not hold"
        return ""
