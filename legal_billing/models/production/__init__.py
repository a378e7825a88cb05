"""Paper, PDF, e-mail, networks and print of bills, and whether they arrived. It calls the
rooms up to ``bulk``. Hooks of ``account.move``: ``_refresh_delivery``,
``_note_failed_delivery``, ``_get_printed``, ``_forget_print_files``."""

from . import account_move_paper_rows
from . import account_move_paper
from . import account_move_preview
from . import account_move_channel
from . import account_move_delivery
from . import account_move_produce
from . import account_move_take_over
from . import account_move_stored_paper
from . import account_move_shares
from . import legal_bill_share
from . import account_move_send
from . import ir_actions_report
from . import ir_attachment
from . import ir_actions_report_parallel
from . import mail_mail
from . import mail_message
from . import mail_notification
from . import legal_bill_layout
