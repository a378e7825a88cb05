"""Payments over many bills: rules, spreading, posting, reversal; receipts and credits.
It calls the rooms up to ``production``. Registry: ``SOURCES`` in ``legal_payment``. Hooks of
``legal.payment``:
``_take_client_money``, ``_give_client_money_back``, ``_check_cashier``,
``_get_journal_domain``, ``_get_shown_entries``, ``_get_matched_bank_lines``,
``_get_available_amount``, ``_get_open_total``; of ``legal.payment.allocation``:
``_note_amounts``, ``_note_preparer``,
``_get_write_off_problems``, ``_post_write_offs``; of ``account.move``: ``_get_settlement_kind``,
``_get_slip_elements``; of ``res.company``: ``_get_accounts_of_matters``."""

from . import res_company
from . import res_partner
from . import project_project
from . import legal_payment_rule
from . import legal_payment
from . import legal_payment_figures
from . import legal_payment_guard
from . import legal_payment_allocation
from . import legal_payment_allocation_figures
from . import legal_payment_allocation_edit
from . import legal_payment_spread
from . import legal_payment_check
from . import legal_payment_entry
from . import legal_payment_post
from . import legal_payment_allocation_post
from . import legal_payment_reverse
from . import legal_pay_in_slip
from . import legal_timekeeper_receipt
from . import account_payment
from . import account_partial_reconcile
from . import account_move_line
from . import account_move_settlement
from . import account_move_receipt
from . import account_move_set_off
from . import account_move
