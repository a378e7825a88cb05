import logging
import os
from datetime import date
from pathlib import Path
from zlib import crc32

from odoo.tests import freeze_time, tagged

from .effects_common import EffectsCommon
from .effects_table import EFFECTS, KNOWN_GAPS, PEOPLE, is_allowed, is_gap, render

_logger = logging.getLogger(__name__)

#: Before anything freezes it.
TODAY = date.today().isoformat()
#: Days until all was tried, and the seconds after which a day's part ends on a slow
#: machine.
DAYS, SECONDS = 42, float(os.environ.get("LB_EFFECTS_SECONDS", 110))


class EffectsCase(EffectsCommon):
    """What both tests say."""

    def _get_surprises(self, tally):
        """A sentence for each effect that no table has.

        :rtype: list
        """
        return [
            f"{PEOPLE[person]} changes {EFFECTS[effect]}: {attempt}\n    {text[:300]}"
            for (person, effect, target), (attempt, text) in sorted(tally.found.items())
            if not is_allowed(person, effect, target)
            and not is_gap(person, effect, target)
        ]

    def _check_surprises(self, tally):
        surprises = self._get_surprises(tally)
        self.assertFalse(
            surprises,
            f"{len(surprises)} effects that are not allowed (tests/house/effects_table.py: "
            "what is right by design goes there with its reason):\n"
            + "\n".join(surprises),
        )


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install", "legal_billing_effects_day")
class TestEffectsOfTheDay(EffectsCase):
    """A part of all fields, another one each day; after some days all were tried."""

    def test_part_of_the_day(self):
        """Each part has its day, whatever other addons bring; those of a day are quick
        and slow ones."""
        day = os.environ.get("LB_EFFECTS_DAY", TODAY)
        turn = date.fromisoformat(day).toordinal() % DAYS
        parts = self._get_parts()
        chosen = [part for part in parts if crc32(str(part).encode()) % DAYS == turn]
        _logger.info(
            "Effects of %s (LB_EFFECTS_DAY): %s of %s parts, all of them in %s days",
            day,
            len(chosen),
            len(parts),
            DAYS,
        )
        # the process's own clock: the other one stands still
        start = os.times().elapsed
        tally = self._play_all(
            chosen, seed=1, deadline=lambda: os.times().elapsed - start > SECONDS
        )
        self.assertTrue(tally.targets)
        self._check_surprises(tally)


@freeze_time("2026-11-25 12:00:00")
@tagged("-standard", "legal_billing_effects", "post_install", "-at_install")
class TestEffects(EffectsCase):
    """Every writable field of every model that is reached from billing's; long."""

    def test_every_field(self):
        """No effect but the allowed ones, and every known gap is one still."""
        seed = int(os.environ.get("LB_EFFECTS_SEED", 1))
        only = os.environ.get("LB_EFFECTS_ONLY", "").split()
        parts = self._get_parts()
        if only:
            parts = [
                (model, names if place == model else (name,))
                for place in only
                for model, names in parts
                for name in names
                if place == f"{model}.{name}" or (place == model and name == names[0])
            ]
        start = os.times().elapsed
        tally = self._play_all(parts, seed)
        surprises = self._get_surprises(tally)
        page = os.environ.get("LB_EFFECTS_PAGE")
        if page and not only:
            seconds = round(os.times().elapsed - start)
            Path(page).write_text(render(tally, seed, seconds, len(surprises)))
        self._check_surprises(tally)
        closed = [
            f"{gap.rule}: {PEOPLE[person]}, {EFFECTS[gap.effect]}: {target}"
            for gap in KNOWN_GAPS
            for person in gap.persons
            for target in gap.targets
            if (person, gap.effect, target) not in tally.found
        ]
        if seed == 1 and not only:
            self.assertFalse(
                closed,
                "No gaps any more: take them out of KNOWN_GAPS:\n" + "\n".join(closed),
            )
