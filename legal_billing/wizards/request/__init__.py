from . import legal_money_request_cancel
