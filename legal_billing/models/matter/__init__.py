"""Matters and their clients: billing options, where each comes from, who may change it.
It calls the rooms up to ``firm``. Hooks of ``project.project``: ``_check_can_close``,
``_get_open_items``, ``_check_option_changes``, ``_check_currency_change``, ``_follow_option_changes``."""

from . import account_analytic_distribution_model
from . import legal_wall
from . import legal_wall_document
from . import base
from . import ir_rule
from . import mail_activity
from . import mail_followers
from . import mail_message
from . import mail_thread
from . import rating_rating
from . import res_partner
from . import res_users
from . import legal_matter_payer
from . import project_project
from . import project_project_options
from . import project_project_take_over
from . import project_project_wall
