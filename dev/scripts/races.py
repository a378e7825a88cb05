"""Two people at the same thing at the same time; runs in Odoo's shell (`env` is given).

`LB_RACES_ROUNDS` rounds of each race of the folder `race` (or of `LB_RACES_ONLY`), drawn
with `LB_RACES_SEED`; what came of them goes to the file `LB_RACES_PAGE`.
"""

import os
import sys
from pathlib import Path

# This script is read from standard input: it has no folder of its own.
sys.path.insert(0, os.environ["LB_RACES_FOLDER"])

from race import asked, bills, money, page, wip
from race.office import Office
from race.track import Track

only = set(filter(None, os.environ["LB_RACES_ONLY"].split(",")))
rounds = int(os.environ["LB_RACES_ROUNDS"])
office = Office(env)
track = Track(env, int(os.environ["LB_RACES_SEED"]))
tallies = [
    track.play(race(office), rounds)
    for race in (*wip.RACES, *bills.RACES, *money.RACES, *asked.RACES)
    if race.__name__ in (only or {race.__name__})
]
for tally in tallies:
    print("\n".join(f"   {line}" for line in tally.lines()))
Path(os.environ["LB_RACES_PAGE"]).write_text(page.page(tallies, rounds))
sys.exit(1 if any(tally.broken for tally in tallies) else 0)
