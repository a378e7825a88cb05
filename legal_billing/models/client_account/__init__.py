"""Client money, matter by matter: movements, ledgers and balances, runs,
reconciliation, transfer to the office. "Trust" in names of models, fields and functions
means the client account. It calls the rooms up to ``write_off`` and fills the hooks of
``payment``. Models that mix in ``legal.trust.guarded`` say ``_get_refusal`` and
``_get_delete_refusal``."""

from . import res_company
from . import res_config_settings
from . import account_account
from . import account_journal
from . import triggers
from . import legal_trust_guarded
from . import legal_trust_line
from . import legal_trust_transaction
from . import legal_trust_transaction_guard
from . import legal_trust_transaction_check
from . import legal_trust_transaction_post
from . import legal_trust_transaction_reverse
from . import legal_trust_transaction_office
from . import legal_payment
from . import legal_payment_allocation
from . import legal_trust_bill
from . import legal_trust_balance
from . import legal_trust_balance_apply
from . import legal_trust_run
from . import legal_trust_run_line
from . import legal_trust_reconciliation
from . import account_move
from . import account_move_line
from . import account_partial_reconcile
from . import project_project
