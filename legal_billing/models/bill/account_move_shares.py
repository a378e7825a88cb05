from odoo import api, fields, models


class AccountMove(models.Model):
    """One bill that names those who owe it: whole, to who is billed, with what each of
    them owes. Drafts follow their price; approval keeps what they say."""

    _inherit = "account.move"

    is_shared = fields.Boolean(
        string="Names its payers",
        copy=False,
        readonly=True,
        help="One bill that several owe, each a part of it in gross money.",
    )

    shares_text = fields.Char(compute="_compute_shares_text")

    @api.depends("is_shared", "payer_share_ids", "amount_total")
    def _compute_shares_text(self):
        for move in self:
            move.shares_text = move._describe_shares() if move.is_shared else False

    def _is_to_be_shared(self, matter):
        """Whether this draft names its payers, or will once it is split again.

        :param project.project matter: that is priced
        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.split_share_ids
            and not self.is_split
            and (self.is_shared or matter.split_mode == "shares")
        )

    def _reprice_shared(self, matter, priced, rows):
        """Give a draft that names its payers the lines of its price, and each of them
        what he owes of it.

        :param project.project matter: that is priced
        :param engine.PricedBill priced:
        :param list rows: entries
        """
        self.ensure_one()
        self._reprice_alone(matter, priced, rows)
        problem = self.split_share_ids._get_problem()
        self._internal().write({"is_shared": True, "is_split_due": bool(problem)})
        self._refresh_shares()

    def _refresh_shares(self):
        """Work out anew what each payer of these drafts owes."""
        shared = self.filtered(lambda bill: bill.is_shared and bill.state == "draft")
        if shared:
            # sudo: lines and limits of a draft that somebody may edit or approve
            self.env["legal.bill.maker"].sudo()._store_shares(shared.sudo())

    def _describe_shares(self):
        """Who owes what of this bill, in words.

        :rtype: str
        """
        self.ensure_one()
        return self.env._(
            "One bill of which several owe a part: %s.",
            ", ".join(
                self.env._(
                    "%(payer)s %(amount)s",
                    payer=share.partner_id.display_name,
                    amount=self.currency_id.format_signed(share.amount),
                )
                for share in self.sudo().payer_share_ids
            ),
        )

    def _get_own_share(self):
        """The share of who is billed, of a bill that names its payers.

        :rtype: legal.bill.share
        """
        self.ensure_one()
        shares_sudo = self.sudo().payer_share_ids  # of a bill that the user reads
        if not self.is_shared:
            return shares_sudo.browse()
        return shares_sudo.filtered(lambda row: row.partner_id == self.partner_id)[:1]
