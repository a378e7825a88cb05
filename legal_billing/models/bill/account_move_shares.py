from odoo import api, fields, models
from odoo.fields import Domain


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

    # --- what is paid of them

    def _get_settled_shares(self):
        """Hook: what is left to owe of each share of these bills after credits, and what
        is paid of it.

        :return: ``{share id: (amount, paid)}`` as ``Decimal``
        :rtype: dict
        """
        return {}

    def _read_shares(self):
        """Read together what the answers on each of these bills look at."""
        shares_sudo = self.filtered("is_shared").sudo().payer_share_ids
        shares_sudo.mapped("open_amount")

    def _get_open_share(self, partner):
        """What this payer has still to pay of a bill that names its payers.

        :param res.partner partner:
        :return: None where the bill does not name him
        :rtype: float | None
        """
        own = self._get_shares_of(partner)
        if not own:
            return None
        return self.currency_id.round(
            sum(own.mapped("amount")) - sum(own.mapped("paid_amount"))
        )

    def _get_shares_of(self, partner):
        """The shares that a payer has of this bill.

        :param res.partner partner:
        :rtype: legal.bill.share
        """
        self.ensure_one()
        if not self.is_shared or not partner:
            return self.env["legal.bill.share"].sudo()
        # sudo: of a bill that the user reads
        return self.sudo().payer_share_ids._get_of(partner)

    def _get_debtors(self):
        """Who has still to pay something of this bill, as firms: who is billed, or those
        whom it names.

        :rtype: res.partner
        """
        self.ensure_one()
        if not self.is_shared:
            return self.commercial_partner_id
        shares_sudo = self.sudo().payer_share_ids  # of a bill that the user reads
        waiting = shares_sudo.filtered("open_amount")
        return waiting.partner_id.commercial_partner_id.sudo(False)

    @api.model
    def _get_share_bills(self, partners):
        """Unpaid bills that name these payers, or firms or people of the same family.

        :param res.partner partners:
        :return: those on which one of them has still to pay, and those on which none has
        :rtype: tuple
        """
        families = partners.commercial_partner_id
        # sudo: which bills; the caller's own search sees those that he may read
        shares_sudo = self.env["legal.bill.share"].sudo()
        shares_sudo = shares_sudo.search(
            Domain("partner_id.commercial_partner_id", "in", families.ids)
            & Domain("bill_id.is_shared", "=", True)
            & Domain("bill_id.state", "=", "posted")
            & Domain("bill_id.amount_residual", "!=", 0)
        )
        waiting = shares_sudo.filtered("open_amount").bill_id
        settled = shares_sudo.bill_id - waiting
        return waiting.sudo(False), settled.sudo(False)

    def _get_own_share(self):
        """The share of who is billed, of a bill that names its payers.

        :rtype: legal.bill.share
        """
        self.ensure_one()
        if not self.is_shared:
            return self.env["legal.bill.share"].sudo()
        # sudo: of a bill that the user reads
        return self.sudo().payer_share_ids.filtered("is_addressee")[:1]
