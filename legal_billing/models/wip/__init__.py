"""Unbilled time and disbursements, rates and instalments: valued, held, split, matched,
written off. It calls the rooms up to ``matter``. Hooks of ``account.move``:
``_get_obstacles``, whose chain begins here, and ``_on_entries_edited``."""

from . import res_partner
from . import hr_employee
from . import product_product
from . import legal_rate
from . import legal_fee_instalment
from . import project_project
from . import account_analytic_line
from . import account_analytic_line_value
from . import account_analytic_line_status
from . import account_analytic_line_guard
from . import account_analytic_line_effect
from . import account_analytic_line_actions
from . import account_analytic_line_split
from . import account_analytic_line_match
from . import account_analytic_line_write_off
from . import account_move
from . import account_move_line
from . import project_task
from . import legal_set_up
