from odoo import api, fields, models

from ...exceptions import RequestError
from .legal_money_request import WAITING


class LegalTrustTransaction(models.Model):
    """Deposits that were asked for."""

    _inherit = "legal.trust.transaction"

    money_request_id = fields.Many2one(
        "legal.money.request",
        string="Asked for with",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '=', 'client_money'), ('matter_id', '=', matter_id), "
        "('state', 'in', ('draft', 'sent', 'part_paid'))]",
        help="The request that this money answers.",
    )

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """A deposit that names no request answers the one that its reference names, or
        the only one that waits for money of its matter."""
        movements = super().create(vals_list)
        if not self._is_internal():
            unsaid = self.browse()
            for movement, vals in zip(movements, vals_list, strict=True):
                if "money_request_id" not in vals and not movement.money_request_id:
                    unsaid |= movement
            unsaid._propose_requests()
        return movements

    @api.onchange("matter_id", "reference", "kind")
    def _onchange_money_request(self):
        """Propose what the money answers; what does not fit is taken off."""
        request = self.money_request_id
        if request and (self.kind != "deposit" or request.matter_id != self.matter_id):
            self.money_request_id = False
        if not self.money_request_id:
            self._propose_requests()

    def _propose_requests(self):
        """Give deposits the request that they answer, where it is plain. Asked for many
        together."""
        deposits = self.filtered(lambda m: m.kind == "deposit" and m.matter_id)
        if not deposits:
            return
        requests_sudo = self.env["legal.money.request"].sudo()  # of the own matters
        waiting = requests_sudo.search(
            [
                ("matter_id", "in", deposits.matter_id._origin.ids),
                ("kind", "=", "client_money"),
                ("state", "in", WAITING),
            ]
        ).grouped(lambda request: request.matter_id.id)
        for deposit in deposits:
            found = waiting.get(deposit.matter_id._origin.id, requests_sudo)
            said = found.filtered(
                lambda request, deposit=deposit: (
                    deposit.reference and request.name in deposit.reference
                )
            )
            found = said or found
            if len(found) == 1:
                deposit.money_request_id = found.with_env(self.env)

    @api.model
    def _frozen_fields(self):
        """What a posted deposit answers stays, too."""
        return super()._frozen_fields() | {"money_request_id"}

    @api.constrains("money_request_id", "kind", "matter_id", "currency_id")
    def _check_money_request(self):
        """Client money answers requests for client money of its own matter, and nothing
        else does.

        :raise RequestError: naming movements and requests
        """
        problems = []
        for movement in self.sudo().filtered("money_request_id"):
            request = movement.money_request_id
            if (
                movement.kind != "deposit"
                or request.kind != "client_money"
                or request.matter_id != movement.matter_id
                or request.currency_id != movement.currency_id
            ):
                problems.append(
                    self.env._(
                        "%(movement)s: %(request)s asks for client money of its own "
                        "matter, or for no client money at all. A deposit answers "
                        "requests for client money of the same matter and currency; "
                        "payments of bills on account are entered under Payments.",
                        movement=movement.display_name,
                        request=request.display_name,
                    )
                )
        if problems:
            raise RequestError("\n".join(problems))

    # --- posting

    def _post_movements(self):
        """Money that was asked for is noted on its request.

        :raise RequestError: if a request was cancelled
        """
        requests_sudo = self.sudo().money_request_id
        requests_sudo._check_not_cancelled()
        result = super()._post_movements()
        for movement in self.filtered("money_request_id"):
            movement.sudo().money_request_id._note_received(movement)
        return result

    def _make_reversals(self, reason, date):
        """What is taken back is noted on its request."""
        reversals = super()._make_reversals(reason, date)
        for movement in self.filtered("money_request_id"):
            movement.sudo().money_request_id._note_taken_back(movement, reason)
        return reversals
