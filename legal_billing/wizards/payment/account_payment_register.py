from collections import defaultdict

from odoo import models


class AccountPaymentRegister(models.TransientModel):
    """Odoo's own *Pay* on bills of a matter."""

    _inherit = "account.payment.register"

    def _init_payments(self, to_process, edit_mode=False):
        """What pays bills of one matter is of that matter, and so is what is paid above
        them: a credit of it that no other matter's bill is offered or takes."""
        payments = super()._init_payments(to_process, edit_mode=edit_mode)
        found = defaultdict(self.env["account.move.line"].browse)
        for vals in to_process:
            moves_sudo = vals["to_reconcile"].move_id.sudo()  # whoever may pay them
            bills_sudo = moves_sudo._get_bills()
            if bills_sudo != moves_sudo or len(bills_sudo.matter_ids) != 1:
                continue
            if vals["payment"].move_id:
                found[bills_sudo.matter_ids] |= vals["payment"]._seek_for_lines()[1]
        for matter_sudo, lines in found.items():  # together: one statement a matter
            lines._internal_write_matter(matter_sudo)
        return payments
