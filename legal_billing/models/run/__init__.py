"""Bulk operations: which matters, what of each or why not, the queue, what failed. It
may call every room. Registries: ``OPERATIONS`` in ``operations``, ``ALL`` in
``reasons``. Hooks of ``legal.billing.run``: ``_wake_workers``; of
``legal.billing.scope``: ``_get_scope_fields``; of ``legal.billing.run.line``:
``_get_reasons``, ``_get_editable_fields``, ``_get_chosen_fields``,
``_get_row_flags``."""

from . import legal_billing_loader
from . import legal_billing_loader_plain
from . import legal_billing_scope
from . import legal_billing_selection
from . import legal_billing_choice
from . import legal_billing_run
from . import legal_billing_run_load
from . import legal_billing_run_process
from . import legal_billing_run_undo
from . import legal_billing_run_screen
from . import legal_billing_run_strip
from . import legal_billing_run_line
from . import legal_billing_run_print
from . import legal_billing_run_line_screen
from . import legal_billing_run_line_prebill
from . import legal_billing_run_line_insert
from . import project_project
from . import account_move
from . import account_analytic_line
