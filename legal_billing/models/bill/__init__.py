"""A bill's life: draft, review, approve, revert, credit, dispute. It calls the rooms up
to ``drafting``. Hooks of ``account.move``: ``_get_obstacles``, ``_get_paid_obstacles``,
``_before_reset``, ``_after_reset``, ``_prepare_reset_vals``, ``_after_full_credit``,
``_reprice``, ``_get_manual_change_reasons``, ``_get_bill_flags``,
``_get_address_problem``, ``_get_einvoice_problems``, ``_get_strip_production``; of
``project.project``: ``_check_client_change``."""

from . import project_project_drafts
from . import project_project_client
from . import project_project
from . import legal_fee_estimate
from . import project_project_estimate
from . import account_move_line
from . import account_move
from . import account_move_stage
from . import account_move_draft
from . import account_move_split
from . import account_move_shares
from . import account_move_together
from . import account_move_on_account
from . import account_move_options
from . import account_move_look
from . import account_move_list
from . import account_move_ageing
from . import account_move_review
from . import account_move_dispute
from . import account_move_credit
from . import account_analytic_line
from . import legal_bill_share
from . import legal_bill_adjustment
