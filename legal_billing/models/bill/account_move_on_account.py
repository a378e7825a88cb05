from odoo import fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ...exceptions import BillStageError, UndoError
from ...tools import INTERNAL, Obstacles

#: Undone, the bill on account would be deducted without having been billed.
UNDOING = ("revert", "cancel", "delete", "credit_in_full", "rebill")


class AccountMove(models.Model):
    """Bills on account: they charge no work, and later bills of their matter deduct
    them. What is left of one is never written down: it is what its line, the lines that
    deduct of it and the credits of both come to."""

    _inherit = "account.move"

    billing_kind = fields.Selection(
        [("work", "Work"), ("on_account", "On account")],
        string="Bill of",
        default="work",
        copy=False,
        readonly=True,
        help="On account: billed before the work is done, and deducted from the bills "
        "that charge it.",
    )
    on_account_deducted = fields.Monetary(
        string="Deducted on account",
        copy=False,
        readonly=True,
        help="Net amount of bills on account that this bill deducts.",
    )
    on_account_left = fields.Monetary(
        string="Left of it",
        compute="_compute_on_account_left",
        help="Of a bill on account: net, not yet deducted. Of a draft: what it could "
        "still deduct.",
    )

    # --- computes

    def _compute_on_account_left(self):
        """What is left of bills on account, and what drafts could take, all together."""
        bills_sudo = self.sudo()  # figures of bills that the user reads
        maker_sudo = bills_sudo.env["legal.bill.maker"]
        advances = bills_sudo.filtered(lambda m: m.billing_kind == "on_account")
        left = {}
        if advances.ids:
            found = maker_sudo._get_advance_balances(
                SQL("bill.id = ANY(%s)", advances.ids)
            )
            lines = bills_sudo.env["account.move.line"].browse(found)
            for line, (own, used) in zip(lines, found.values(), strict=True):
                left[line.move_id.id] = left.get(line.move_id.id, 0.0) + float(
                    own - used
                )
        drafts = (bills_sudo - advances).filtered(
            lambda m: (
                m.state == "draft" and m.move_type == "out_invoice" and m.matter_id
            )
        )
        waiting = maker_sudo._load_advances(drafts.matter_id) if drafts else {}
        for move in self:
            move.on_account_left = left.get(move.id, 0.0)
            if waiting and move in drafts:
                payer, currency = move.commercial_partner_id, move.currency_id
                move.on_account_left = sum(
                    float(advance.left)
                    for advance in waiting.get(move.sudo().matter_id.id, ())
                    if advance.payer == payer and advance.currency == currency
                )

    # --- actions

    def action_deduct_on_account(self):
        """Deduct anew from these drafts what was billed on account: bills that were paid
        since are found, and lines made by hand count.

        :return: True
        :raise BillStageError: if one is no draft
        """
        heads = self._get_split_heads()
        heads._check_can_edit_draft()
        heads._reprice()
        return True

    # --- deducting

    def _renew_deductions(self, lines, summary):
        """Add to the lines that a draft gets anew what it deducts.

        :param list lines: values of generated lines
        :param dict summary: figures of the draft; changed
        :return: values of all its generated lines
        :rtype: list
        """
        self.ensure_one()
        summary["on_account_deducted"] = 0.0
        matters = (
            self._get_priced_matters()
            if self.is_together
            else self._get_priced_matter()
        )
        if self.move_type != "out_invoice" or not matters:
            return lines
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        advances = maker._load_advances(matters, exclude=self)
        if not advances:
            return lines
        by_hand = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.legal_line_kind
        )
        found = []
        for matter in matters:
            mine = [
                line
                for line in lines
                if not self.is_together or line["matter_id"] == matter.id
            ]
            if advances.get(matter.id):
                vals = {
                    "partner_id": self.partner_id.id,
                    "currency_id": self.currency_id.id,
                    "invoice_date": self.invoice_date,
                    "invoice_line_ids": [Command.create(line) for line in mine],
                }
                maker._take_advances(matter, vals, advances[matter.id], by_hand)
                summary["on_account_deducted"] += vals["on_account_deducted"]
                mine = [line for _command, _id, line in vals["invoice_line_ids"]]
            found.append(mine)
        # whoever takes of the same at the same time is told
        maker._touch_matters(matters)
        if not self.is_together:
            return found[0]
        return maker._join_lines(self.company_id, self.fiscal_position_id.id, found)

    def _drop_deductions(self):
        """Take what these drafts deduct off them, before it is shared out anew."""
        for bill in self:
            lines = bill.invoice_line_ids.filtered(
                lambda line: line.legal_line_kind == "deduction"
            )
            if lines:
                bill.with_context(legal_billing_internal=INTERNAL).write(
                    {"invoice_line_ids": [Command.delete(line.id) for line in lines]}
                )

    def _check_charges_work(self):
        """
        :raise BillStageError: for bills on account, which hold no entries
        """
        wrong = self.filtered(lambda bill: bill.billing_kind == "on_account")
        if wrong:
            raise BillStageError(
                self.env._(
                    "%(bills)s: a bill on account holds no entries, and is not priced or "
                    "split. Bill the work by itself; what was billed on account is "
                    "deducted there. For another amount delete the draft, and make it "
                    "again on the matter.",
                    bills=", ".join(bill._get_short_name() for bill in wrong),
                )
            )

    # --- what stands against it

    def _get_advance_obstacles(self, event):
        """A bill on account of which something is deducted stays, and so does a credit
        note that gave back what was deducted again.

        :param str event: of ``EVENTS``
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        if event == "revert":
            return self._get_used_obstacles() | self._get_given_back_obstacles()
        return self._get_used_obstacles() if event in UNDOING else Obstacles()

    def _get_given_back_obstacles(self):
        """
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        notes_sudo = self.sudo().filtered(lambda m: m.move_type == "out_refund")
        lines_sudo = notes_sudo.invoice_line_ids.filtered("on_account_line_id")
        if not lines_sudo:
            return Obstacles()
        found = lines_sudo.env["legal.bill.maker"]._get_advance_balances(
            SQL("advance.id = ANY(%s)", lines_sudo.on_account_line_id.ids),
            exclude=self,
        )
        wrong = lines_sudo.filtered(
            lambda line: (
                not (
                    0
                    <= found[line.on_account_line_id.id][1]
                    <= found[line.on_account_line_id.id][0]
                )
            )
        ).move_id.with_env(self.env)
        return Obstacles().add(
            wrong,
            self.env._(
                "%(notes)s gave back what was billed on account, and it is deducted again "
                "from another bill. Delete or credit that first.",
                notes=", ".join(note._get_short_name() for note in wrong),
            ),
            UndoError,
        )

    def _get_used_obstacles(self):
        """
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        advances_sudo = self.sudo().filtered(
            lambda m: m.billing_kind == "on_account" and m.move_type == "out_invoice"
        )
        if not advances_sudo:
            return Obstacles()
        # whoever deducts at the same time is told
        advances_sudo.env["legal.bill.maker"]._touch_matters(advances_sudo.matter_ids)
        found = advances_sudo.env["legal.bill.maker"]._get_advance_balances(
            SQL("bill.id = ANY(%s)", advances_sudo.ids)
        )
        taken = {line_id for line_id, (_own, used) in found.items() if used > 0}
        lines_sudo = advances_sudo.env["account.move.line"].search(
            [
                ("on_account_line_id", "in", list(taken)),
                ("move_id.move_type", "=", "out_invoice"),
                ("parent_state", "in", ("draft", "posted")),
            ]
        )
        obstacles = Obstacles()
        for line_sudo in advances_sudo.line_ids.browse(taken):
            bill = line_sudo.move_id.with_env(self.env)
            users = lines_sudo.filtered(
                lambda x, line_sudo=line_sudo: (
                    x.on_account_line_id == line_sudo and x != line_sudo
                )
            ).move_id
            obstacles |= Obstacles().add(
                bill,
                self.env._(
                    "%(bill)s was billed on account and is deducted from %(others)s. "
                    "Delete or credit that first.",
                    bill=bill._get_short_name(),
                    others=", ".join(other._get_short_name() for other in users),
                ),
                UndoError,
            )
        return obstacles

    def _get_deduction_problems(self):
        """What stands against approving bills that deduct, and credit notes of bills on
        account or of bills that deducted: nothing is deducted twice, given back twice,
        or deducted of what was credited.

        :return: ``{move: sentence}``
        :rtype: dict
        """
        mine_sudo = self.sudo().invoice_line_ids.filtered("on_account_line_id")
        problems = self._get_lost_advance_problems()
        if not mine_sudo:
            return problems
        maker_sudo = mine_sudo.env["legal.bill.maker"]
        # whoever deducts at the same time what is credited here is told
        maker_sudo._touch_matters(
            mine_sudo.filtered(lambda x: x.move_id.move_type == "out_refund").matter_id
        )
        found = maker_sudo._get_advance_balances(
            SQL("advance.id = ANY(%s)", mine_sudo.on_account_line_id.ids), include=self
        )
        for line_sudo in mine_sudo:
            own, used = found.get(line_sudo.on_account_line_id.id, (0, 0))
            if 0 <= used <= own:
                continue
            move = line_sudo.move_id.with_env(self.env)
            problems[move] = self.env._(
                "%(bill)s: of %(advance)s, billed on account, %(amount)s would be deducted "
                "and not more than %(own)s is there. Redo the deduction on the draft, or "
                "correct the credit note",
                bill=move._get_short_name(),
                advance=line_sudo.on_account_line_id.move_id._get_short_name(),
                amount=move.currency_id.format_signed(float(used)),
                own=move.currency_id.format_signed(float(own)),
            )
        return problems

    def _get_lost_advance_problems(self):
        """Credit notes of bills on account that would leave on account what they credit.

        :return: ``{credit note: sentence}``
        :rtype: dict
        """
        problems = {}
        for note_sudo in self.sudo():
            bill_sudo = note_sudo.reversed_entry_id
            if (
                note_sudo.move_type != "out_refund"
                or bill_sudo.billing_kind != "on_account"
                or note_sudo.legal_write_off_id
            ):
                continue
            rest, given = (
                sum(
                    line.price_subtotal
                    for line in move.invoice_line_ids
                    if line.display_type == "product" and not line.on_account_line_id
                )
                for move in (bill_sudo, note_sudo)
            )
            if note_sudo.currency_id.compare_amounts(given, rest) > 0:
                note = note_sudo.with_env(self.env)
                problems[note] = self.env._(
                    "%(note)s credits %(bill)s, which was billed on account, by lines of "
                    "its own: that would still be deducted. Delete it, and credit the "
                    "bill by the button on it",
                    note=note._get_short_name(),
                    bill=bill_sudo._get_short_name(),
                )
        return problems
