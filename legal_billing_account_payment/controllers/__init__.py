from . import money_request
