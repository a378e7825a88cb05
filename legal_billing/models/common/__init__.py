from . import legal_billing_guard
from . import legal_own_company
from . import legal_archive_remark
from . import legal_billing_defaults
from . import legal_bulk_selection
from . import legal_window_guard
from . import legal_matter_mirror
from . import ir_rule
