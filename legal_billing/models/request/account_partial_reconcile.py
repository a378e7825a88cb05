from odoo import api, models

from ...exceptions import TrustError


class AccountPartialReconcile(models.Model):
    """What a client paid as client money to the firm's own bank pays nothing there."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to match a bank line that names a request for client money with what
        clients owe the firm, or with a payment of it.

        :raise TrustError: naming the requests
        """
        items = self.env["account.move.line"].sudo()  # whoever may read them
        found = {}
        for vals in vals_list:
            pair = items.browse(vals.get("debit_move_id"))
            pair |= items.browse(vals.get("credit_move_id"))
            bank = pair.filtered("statement_line_id")
            other = pair - bank
            if len(bank) == 1 and (
                other.account_id.account_type == "asset_receivable"
                or other.account_id == other.company_id.legal_unallocated_account_id
                or other.move_id.legal_payment_id
            ):
                found[bank.statement_line_id] = other
        if found:
            self._refuse_client_money(found)
        return super().create(vals_list)

    def _refuse_client_money(self, found):
        """
        :param dict found: ``{bank line: item that it is to be matched with}``
        :raise TrustError:
        """
        requests_sudo = self.env["legal.money.request"].sudo()  # of the lines' texts
        refused = [
            (line, named, item)
            for line, item in found.items()
            if (
                named := requests_sudo._find_named(
                    line.company_id, line.payment_ref, line.ref
                )
            )
        ]
        if refused:
            raise TrustError(
                "\n".join(
                    self.env._(
                        "%(line)s names %(requests)s, which asks for client money: it "
                        "pays nothing of the firm's (%(item)s). Pay it over to the "
                        "client account and enter it there as a deposit, or give it back.",
                        line=line.display_name,
                        requests=", ".join(named.mapped("name")),
                        item=item.move_id.display_name,
                    )
                    for line, named, item in refused
                )
            )
