from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ...exceptions import CreditError, PaymentError
from ...tools import Obstacles, is_internal


class AccountMove(models.Model):
    """Entries that touch credits of matters, in whatever journal: what they may hold,
    and that no matter's money serves another one by way of them."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """After core posted: items on the account of credits are what credits are, and
        no entry moves a credit from one matter to another."""
        if is_internal(self.env) or not self.line_ids._get_credit_items():
            posted = super()._post(soft)
            posted.line_ids._get_credit_items()._check_credits()
            return posted
        with self.env.cr.savepoint():  # refused as a whole, even if the caller goes on
            posted = super()._post(soft)
            credits = posted.line_ids._get_credit_items()
            credits._check_credits()
            credits.move_id._check_no_set_off()
        return posted

    # --- items on the account of credits

    def _get_credit_obstacles(self, lines):
        """What stands against these entries' items on the account of credits: no matter,
        or no source.

        :param account.move.line lines: of these entries, on the account of credits
        :return: naming all entries, and the way out
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        homeless = lines.filtered(lambda line: not line.matter_id).move_id
        sourceless = (lines.move_id - homeless).filtered(
            lambda move: not move._has_credit_source()
        )
        accounts = ", ".join(lines.account_id.mapped("display_name"))
        return (
            Obstacles()
            .add(
                homeless,
                self.env._(
                    "%(moves)s books on %(accounts)s, which holds unallocated credits "
                    "by matter, without saying whose credit it is. Choose the matter on "
                    "the item, or enter the money under Payments, with a credit row of "
                    "the matter.",
                    moves=", ".join(homeless.mapped("display_name")),
                    accounts=accounts,
                ),
                CreditError,
            )
            .add(
                sourceless,
                self.env._(
                    "%(moves)s makes or takes a credit on %(accounts)s and does not say "
                    "where it comes from. Enter the money under Payments; an opening "
                    "credit is entered with its source as the entry's reference.",
                    moves=", ".join(sourceless.mapped("display_name")),
                    accounts=accounts,
                ),
                CreditError,
            )
        )

    def _has_credit_source(self):
        """Whether this entry says where its credits come from, or what they go to: a
        slip, a payment, a bank line, what it takes back, the rate; else its reference.

        :rtype: bool
        """
        self.ensure_one()
        move_sudo = self.sudo()  # links only
        if (
            move_sudo.legal_payment_id
            or move_sudo.origin_payment_id
            or move_sudo.statement_line_id
            or move_sudo.reversed_entry_id
            or (move_sudo.ref or "").strip()
        ):
            return True
        return move_sudo.journal_id == (
            move_sudo.company_id.currency_exchange_journal_id
        ) and all(
            line.currency_id.is_zero(line.amount_currency)
            or line.currency_id == line.company_currency_id
            for line in move_sudo.line_ids._get_credit_items()
        )

    def _get_withdrawal_obstacles(self):
        """A posted entry whose credit is used is not taken back.

        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        obstacles = Obstacles()
        if is_internal(self.env):
            return obstacles
        posted = self.filtered(lambda move: move.state == "posted")
        credits = posted.line_ids._get_credit_items()
        if not credits:
            return obstacles
        self.env["legal.payment"]._check_settles(credits.move_id)
        for move, lines in credits.grouped("move_id").items():
            users = lines.sudo().matched_debit_ids.debit_move_id.move_id
            if users:
                obstacles.add(
                    [move],
                    self.env._(
                        "The credit of %(move)s was used by %(users)s. Take that back "
                        "first.",
                        move=move.display_name,
                        users=", ".join(users.mapped("display_name")),
                    ),
                    PaymentError,
                )
        return obstacles

    # --- no set-off between matters

    def _check_no_set_off(self):
        """In each of these entries, and over it with all entries without a matter that
        it is matched with, directly or by way of others: no matter gives while another
        gets. What a matter gets elsewhere in the chain is no leave to take its money for
        another one here.

        Slips are looked at when they are posted; a transfer of a credit is one.

        :raise CreditError: naming the entries and the matters on both sides
        """
        entries = self.filtered(
            lambda move: (
                move.move_type == "entry"
                and not move.legal_payment_id
                and move._may_set_off()
            )
        )
        if not entries:
            return
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["legal_payment_id", "move_type", "state"])
        for moves in [*entries.sudo(), *entries._get_chains()]:
            net = moves._get_net_by_matters()
            currency = moves.company_currency_id[:1]
            gives = [m for m, x in net.items() if currency.compare_amounts(x, 0) < 0]
            gets = [m for m, x in net.items() if currency.compare_amounts(x, 0) > 0]
            wrong = [
                (one, other)
                for one in gives
                for other in gets
                if one != other  # of several nobody says here whose part it is
            ]
            if wrong:
                one, other = wrong[0]
                raise CreditError(
                    self.env._(
                        "%(moves)s takes credit of %(one)s and settles or credits "
                        "%(other)s: money of one matter does not pay another, in one "
                        "entry or by way of several. Move the credit first, with a "
                        "reason, under Unallocated Credits, or enter the two apart.",
                        moves=", ".join(moves.mapped("display_name")),
                        one=", ".join(one.mapped("display_name")),
                        other=", ".join(other.mapped("display_name")),
                    )
                )

    def _may_set_off(self):
        """Whether this entry takes anything from a matter, itself or by way of another:
        the usual payment only settles bills, and need not be looked at.

        :rtype: bool
        """
        lines_sudo = self.sudo().line_ids
        credits = lines_sudo._get_credit_items()
        if any(
            line.balance > 0
            and (line in credits or line.account_id.account_type == "asset_receivable")
            for line in lines_sudo
        ):
            return True
        others = lines_sudo.matched_debit_ids.debit_move_id
        others |= lines_sudo.matched_credit_ids.credit_move_id
        return any(not move.is_invoice() for move in others.move_id)

    def _get_mirrored(self):
        """The entry that this one takes back item by item.

        :return: none where this is not its mirror
        :rtype: account.move
        """
        self.ensure_one()

        def get_items(move, sign):
            return sorted(
                (
                    line.account_id.id,
                    line.matter_id.id or 0,
                    line.company_currency_id.round(sign * line.balance) + 0.0,
                )
                for line in move.line_ids
            )

        origin = self.reversed_entry_id
        if origin and get_items(origin, 1) == get_items(self, -1):
            return origin
        return self.browse()

    def _get_chains(self):
        """These entries with all others that they hang together with by items of no
        matter.

        :return: records of each chain, as superuser
        :rtype: list
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain(origin_id, move_id) AS (
                    SELECT id, id FROM account_move WHERE id IN %s
                    UNION
                    SELECT chain.origin_id, other.move_id
                      FROM chain
                      JOIN account_move_line mine
                           ON mine.move_id = chain.move_id AND mine.matter_id IS NULL
                      JOIN LATERAL (
                           SELECT credit_move_id AS id FROM account_partial_reconcile
                            WHERE debit_move_id = mine.id
                            UNION ALL
                           SELECT debit_move_id FROM account_partial_reconcile
                            WHERE credit_move_id = mine.id) pair ON TRUE
                      JOIN account_move_line other
                           ON other.id = pair.id AND other.matter_id IS NULL
                      JOIN account_move move
                           ON move.id = other.move_id AND move.move_type = 'entry'
                          AND move.state = 'posted' AND move.legal_payment_id IS NULL)
                SELECT origin_id, ARRAY_AGG(move_id) FROM chain GROUP BY origin_id
                """,
                tuple(self.ids),
            )
        )
        chains = {tuple(sorted(ids)) for _origin, ids in rows}
        return [self.sudo().browse(ids) for ids in chains]

    def _get_net_by_matters(self):
        """What each matter gets (positive) or gives (negative) in these entries: items
        on the account of credits, and what their receivable items are matched with.

        :return: ``{matters: amount in company currency}``
        :rtype: dict
        """
        net = defaultdict(float)
        lines = self.line_ids
        credits = lines._get_credit_items()
        mirrored = {move: move._get_mirrored() for move in self}
        for line in credits.filtered("matter_id"):
            origin = mirrored[line.move_id]
            if not origin or origin.reversed_entry_id:  # else it is taken back
                net[line.matter_id] -= line.balance
        receivables = lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        for line in receivables | credits.filtered(lambda line: not line.matter_id):
            for partials, other, sign in (
                (line.matched_debit_ids, "debit_move_id", 1),
                (line.matched_credit_ids, "credit_move_id", -1),
            ):
                for partial in partials:
                    counterpart = partial[other]
                    matters = (
                        line.matter_id
                        or counterpart.matter_id
                        or counterpart.move_id._get_bills().matter_ids
                    )
                    other_move = counterpart.move_id
                    is_taken_back = (
                        mirrored[line.move_id] == other_move
                        or other_move._get_mirrored() == line.move_id
                    )
                    if matters and other_move not in self and not is_taken_back:
                        net[matters] += sign * partial.amount
        return net
