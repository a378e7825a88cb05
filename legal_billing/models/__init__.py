# The rooms, from the ground up: a room calls and imports only those above it in this
# list. Of two rooms that override the same method of core, the later one has the first
# word.
from . import common
from . import firm
from . import matter
from . import wip
from . import drafting
from . import bill
from . import bulk
from . import production
from . import payment
from . import write_off
from . import client_account
from . import request
from . import run
