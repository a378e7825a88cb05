"""What every room leans on: abstract models and small rules that know no bill and no
payment. It calls core alone. Models mix in ``legal.billing.guard`` and fill
``_protected_fields``, ``_frozen_fields``, ``_get_frozen`` and the refusals, or mix in
``legal.matter.mirror`` and extend ``_get_mirrored``; windows that show a paper mix in
``legal.paper.window``."""

from . import legal_billing_guard
from . import legal_own_company
from . import legal_archive_remark
from . import legal_bill_channel
from . import legal_billing_defaults
from . import legal_bulk_selection
from . import legal_window_guard
from . import legal_paper_window
from . import legal_matter_mirror
from . import ir_model_access
from . import ir_rule
