import logging
import os
from datetime import date
from pathlib import Path

from odoo.tests import freeze_time, tagged

from .walk_common import Tally, describe_kinds, get_seconds
from .walk_data import Act, Call, Ref
from .walk_firm import WalkCommon

_logger = logging.getLogger(__name__)

#: Before anything freezes it.
TODAY = date.today().isoformat()
#: Seconds for the walk of the day, beside the firm that it needs.
SECONDS = 15
#: Acts of it at most: a quick machine and a slow one see nearly the same.
ACTS = 100


@freeze_time("2026-11-02 09:00:00")
@tagged("post_install", "-at_install")
class TestWalkOfTheDay(WalkCommon):
    """A short walk, another one each day, and whether a walk finds what is wrong."""

    def test_walk_of_the_day(self):
        """As far as there is time for."""
        seed = os.environ.get("LB_WALK_DAY", TODAY)
        end = get_seconds() + SECONDS
        self.walk.tally = Tally()
        found = self.walk.walk(
            seed,
            ACTS,
            deadline=lambda: get_seconds() > end and self.walk.tally.steps > 20,
        )
        _logger.info("seed %s: %s", seed, self.walk.tally.describe())
        if found:
            least = self.walk.shrink(found[0], seconds=60)
            self.fail(least.describe(seed))
        self.assertGreater(self.walk.tally.done.total(), 5)

    def test_what_is_wrong_is_found_and_shrunk(self):
        """Among acts that are fine one writes, past all guards, what nobody may: the
        walk names it, and leaves of the list what it takes alone."""

        def record(number, matter):
            vals = {
                "project_id": Ref("project.project", 0, matter.id),
                "employee_id": Ref("hr.employee", 0, self.lawyer.id),
                "name": "Advice",
                "date": "2026-11-02",
                "unit_amount": 1.0,
            }
            call = Call("account.analytic.line", "create", (vals,))
            return Act(number, "record_time", "biller", (call,))

        def break_in(number, entry, column, value):
            call = Call("walk", "break", (entry, column, value))
            return Act(number, "time_passes", "system", (call,))

        wrong = Ref("account.analytic.line", 4, 0)
        acts = [record(number, self.matter) for number in range(1, 9)]
        for column, value, name in (
            (
                "wip_amount",
                900.0,
                "what recording gave stays WIP, billed or written off",
            ),
            ("matter_id", self.matter_b.id, "time is its project's"),
        ):
            with self.subTest(column):
                found = self.walk.replay([*acts, break_in(9, wrong, column, value)])
                self.assertEqual((found.name, len(found.acts)), (name, 9))
                least = self.walk.shrink(found)
                self.assertEqual([act.number for act in least.acts], [4, 9])
                self.assertIn("4 biller record_time", least.describe(1))
        self.assertIsNone(self.walk.replay(acts))
        self.assertFalse(
            self.env["account.analytic.line"].search([("name", "=", "Advice")]),
            "everything went back to the start",
        )

    def test_a_refusal_is_no_finding(self):
        """The same act is refused to one, and done by another."""
        vals = {
            "kind": "deposit",
            "matter_id": Ref("project.project", 0, self.matter.id),
            "amount": 10.0,
            "date": "2026-11-02",
        }
        call = Call("legal.trust.transaction", "create", (vals,))
        with self.walk.journey():
            for person, expected in (
                ("fee_earner", "refused"),
                ("client_account_officer", "done"),
            ):
                act = Act(1, "move_client_money", person, (call,))
                self.assertEqual(self.walk.play(act), (expected, None))

    def test_a_traceback_is_a_finding(self):
        call = Call("res.partner", "search", ([("no_such_field", "=", 1)],))
        with self.walk.journey():
            outcome, found = self.walk.play(Act(1, "contact", "manager", (call,)))
        self.assertEqual(outcome, "refused")
        self.assertEqual(found.name, "a refusal is no ValueError")

    def test_a_seed_is_one_walk(self):
        """The same seed walks the same way."""

        def walk():
            drawn = []
            keep = self.walk.play
            self.walk.play = lambda act: (drawn.append(str(act)), keep(act))[1]
            try:
                self.walk.walk("same", 12)
            finally:
                del self.walk.play
            return drawn

        self.assertEqual(walk(), walk())


@freeze_time("2026-11-02 09:00:00")
@tagged("-standard", "legal_billing_walk", "post_install", "-at_install")
class TestWalk(WalkCommon):
    """As many steps as asked for."""

    def test_walk(self):
        """No seed breaks anything."""
        seeds = os.environ.get("LB_WALK_SEEDS", "1").split()
        steps = int(os.environ.get("LB_WALK_STEPS", 1000))
        seconds = int(os.environ.get("LB_WALK_SHRINK", 600))
        violations, rows, total = [], [], Tally()
        for seed in seeds:
            self.walk.tally = Tally()
            found = self.walk.walk(seed, steps)
            tally = self.walk.tally
            total.add(tally)
            _logger.info("seed %s: %s", seed, tally.describe())
            rows.append(
                f"| {seed} | {tally.steps} | {tally.done.total()} | "
                f"{tally.refused.total()} | {len(found)} |"
            )
            for violation in found:
                least = self.walk.shrink(violation, seconds)
                violations.append(least.describe(seed))
                _logger.info(violations[-1])
            self._write(rows, total, violations)
        self.assertFalse(violations, "\n\n".join(violations))

    def _write(self, rows, total, violations):
        page = os.environ.get("LB_WALK_FIGURES")
        if page:
            Path(page).write_text(
                "| seed | acts | done | refused | broken |\n| --- | --: | --: | --: | --- |\n"
                + "\n".join(rows)
                + f"\n\n{total.describe()}\n\n"
                + describe_kinds(total)
                + "\n"
                + "\n\n".join(violations)
            )
