from odoo import api, models

from ...exceptions import TrustError


class AccountPartialReconcile(models.Model):
    """Client money is never set off."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to match client money with anything but its own bank lines.

        :raise TrustError: naming the items
        """
        lines = self.env["account.move.line"].sudo()  # whoever may read them
        for vals in vals_list:
            debit = lines.browse(vals.get("debit_move_id"))
            credit = lines.browse(vals.get("credit_move_id"))
            pair = debit | credit
            liabilities = pair.company_id.legal_trust_account_id
            inside = pair.filtered(lambda line: line.journal_id.is_client_account)
            if pair.account_id & liabilities or (
                inside
                and inside != pair
                and not (pair - inside).move_id.journal_id
                <= inside.company_id.currency_exchange_journal_id
            ):
                raise TrustError(
                    self.env._(
                        "%(items)s: client money is never set off against bills, "
                        "credits or money of the firm. Use a payment from the client "
                        "account.",
                        items=", ".join(pair.move_id.mapped("display_name")),
                    )
                )
        return super().create(vals_list)
