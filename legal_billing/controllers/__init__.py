from . import export
from . import money_request
from . import pivot
