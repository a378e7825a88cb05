"""Core's own steps, taken once for many bills instead of once a bill; what comes out is
core's. It calls the rooms up to ``bill``. It has no hooks, and nothing may depend on
it: without it all works, slowly."""

from . import account_analytic_account
from . import account_analytic_line
from . import res_partner
from . import account_move_line
from . import account_move
