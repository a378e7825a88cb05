"""Requests for money: what clients are asked to pay before the work is done, and what
comes of it. What is asked for as client money becomes a deposit of its matter, what is
asked for as the firm's own a bill on account; neither becomes the other. It calls the
rooms up to ``client_account`` and fills the hooks of ``client_account``, ``payment``,
``production`` and ``bill``."""

from . import legal_money_request
from . import legal_money_request_receive
from . import legal_money_request_paper
from . import legal_money_request_portal
from . import legal_trust_transaction
from . import legal_payment
from . import account_move
from . import account_partial_reconcile
from . import mail_mail
from . import project_project
from . import res_company
from . import res_config_settings
