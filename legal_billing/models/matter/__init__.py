"""Matters and their clients: billing options, where each comes from, who may change it.
It calls the rooms up to ``firm``. Hooks of ``project.project``: ``_check_can_close``,
``_check_option_changes``, ``_check_currency_change``, ``_follow_option_changes``."""

from . import res_partner
from . import project_project
from . import project_project_options
from . import project_project_take_over
