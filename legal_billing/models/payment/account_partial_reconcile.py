from collections import defaultdict

from odoo import SUPERUSER_ID, api, models

from ...engine.decimals import to_decimal
from ...exceptions import CreditError, PaymentGuardError, RoleError
from ...tools import BY_SLIP, is_changed, is_internal

#: What is matched with what, and how much of it: core writes them once, at the start.
MATCH_FIELDS = {
    "debit_move_id",
    "credit_move_id",
    "amount",
    "debit_amount_currency",
    "credit_amount_currency",
}


class AccountPartialReconcile(models.Model):
    """Whatever reconciles, by screen or by code: bills are settled by cashiers, a
    matter's money stays with it, and what a payment settled stays settled until the
    payment is reversed."""

    _inherit = "account.partial.reconcile"

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Match items, if this user may settle what they settle and no matter's money
        serves another matter.

        :raise AccessError: for items that this user may not read
        :raise RoleError: without the cashier's role or Odoo's full accounting right
        :raise CreditError: if items of two matters would be matched, directly or by way
            of an entry, or a credit would be used before its date
        """
        lines = self.env["account.move.line"]
        pairs = [
            (
                lines.browse(vals["debit_move_id"]),
                lines.browse(vals["credit_move_id"]),
            )
            for vals in vals_list
        ]
        internal = is_internal(self.env)
        if not internal:
            self.env["legal.bulk.selection"]._check_readable(
                lines.union(*(line for pair in pairs for line in pair))
            )
            self._check_settler(pairs)
            self._take_over_matters(pairs)
        matters = lines.union(*(line for pair in pairs for line in pair))
        matters = matters._get_reconcile_matters()
        for debit, credit in pairs:
            if (
                matters[debit.id]
                and matters[credit.id]
                and not matters[debit.id] & matters[credit.id]
            ):
                raise CreditError(
                    self.env._(
                        "%(credit)s belongs to %(credit_matter)s and %(debit)s to "
                        "%(debit_matter)s: money of one matter does not pay another. "
                        "Move the credit first, with a reason, or use a payment.",
                        credit=credit.move_id.display_name,
                        credit_matter=", ".join(
                            matters[credit.id].mapped("display_name")
                        ),
                        debit=debit.move_id.display_name,
                        debit_matter=", ".join(
                            matters[debit.id].mapped("display_name")
                        ),
                    )
                )
        if len(pairs) > 1 and self._is_mixed(pairs, matters):
            return self.concat(*(self.create([vals]) for vals in vals_list))
        self._check_parts(pairs, vals_list, matters)
        self._check_credit_dates(pairs)
        partials = super().create(vals_list)
        if not internal:
            moves = lines.union(*(line for pair in pairs for line in pair)).move_id
            moves._check_no_set_off()
            partials._note_agent()
        partials._record_fee_receipts(partials._get_settled_bills())
        return partials

    def write(self, vals):
        """
        :raise PaymentGuardError: for another match of bills or credits: it is taken off
            and made anew, which asks all that is to be asked
        """
        names = MATCH_FIELDS & vals.keys()
        if names and not is_internal(self.env):
            changed = self.filtered(
                lambda part: any(is_changed(part, name, vals[name]) for name in names)
            )
            if changed:
                changed._check_match_stays(vals)
        return super().write(vals)

    def _check_match_stays(self, vals):
        """
        :param dict vals: for ``write``
        :raise PaymentGuardError: naming bills and entries, before and after
        """
        lines_sudo = self.sudo().debit_move_id | self.sudo().credit_move_id
        lines_sudo |= lines_sudo.browse(
            vals[name] for name in ("debit_move_id", "credit_move_id") if name in vals
        )
        moves = self._get_bills_of(lines_sudo) | self._get_credits_of(lines_sudo)
        if moves:
            raise PaymentGuardError(
                self.env._(
                    "What %(moves)s are matched with is not changed: take the match off, "
                    "and match again.",
                    moves=", ".join(moves.mapped("display_name")),
                )
            )

    def unlink(self):
        """:raise PaymentGuardError: for what a posted payment settled
        :raise RoleError: for bills and credits, without the cashier's role or Odoo's
            full accounting right
        """
        if not is_internal(self.env):
            self._check_legal_payment()
            self._check_settler(
                [(part.debit_move_id, part.credit_move_id) for part in self]
            )
        bills = self._get_settled_bills()
        result = super().unlink()
        self._record_fee_receipts(bills)
        return result

    # --- who settles

    @api.model
    def _check_settler(self, pairs):
        """Bills are settled, and credits used, by those whose work it is. A credit note
        and its own bill are matched by whoever may approve the credit note; what a
        payment provider has confirmed is the client's own act.

        :param list pairs: of items: debit, credit
        :raise RoleError: naming the bills and entries, and the way out
        """
        if self.env["legal.payment"]._may_settle():
            return
        settled = self.env["account.move"].sudo()  # names of what is settled
        for pair in pairs:
            settled |= self._get_guarded_moves(*pair)
        if settled:
            raise RoleError(
                self.env._(
                    "%(user)s may not settle %(moves)s, or take back what settled it: "
                    "bills and credits of matters are settled by cashiers, or by an "
                    "accountant with Odoo's full accounting right. Ask one of them to "
                    "enter the payment under Payments, or your administrator for the "
                    "role Cashier of Legal Billing.",
                    user=self.env.user.name,
                    moves=", ".join(settled.mapped("display_name")),
                )
            )

    @api.model
    def _get_guarded_moves(self, debit, credit):
        """Bills and entries with credits that matching these items settles, if that
        takes a cashier.

        :rtype: account.move
        """
        pair_sudo = (debit | credit).sudo()
        bills = self._get_bills_of(pair_sudo)
        credits = self._get_credits_of(pair_sudo)
        if not bills and not credits:
            return bills
        if bills == pair_sudo.move_id and bills.reversed_entry_id & bills:
            if self.env["legal.payment"]._has_own_role("approver", "manager"):
                return bills.browse()
        elif self.env.su and not credits and pair_sudo._get_confirmed_transactions():
            return bills.browse()
        return bills | credits

    @api.model
    def _get_credits_of(self, lines_sudo):
        """
        :param account.move.line lines_sudo: as superuser
        :return: entries whose credits or money of matters are among them
        :rtype: account.move
        """
        return lines_sudo.filtered(
            lambda line: line.is_matter_credit or line._is_money_of_matter()
        ).move_id

    def _note_agent(self):
        """Say on the bills that no person settled them: a payment provider did, or a
        rule that the system runs."""
        texts = {}
        for part in self.sudo():  # whoever paid may not write on bills
            bills = part._get_settled_bills()
            lines = part.debit_move_id | part.credit_move_id
            transactions = bills and lines._get_confirmed_transactions()
            if bills and transactions:
                text = self.env._(
                    "Settled by the payment provider %(agent)s (%(reference)s), which "
                    "confirmed the payment.",
                    agent=", ".join(transactions.provider_id.mapped("name")),
                    reference=", ".join(transactions.mapped("reference")),
                )
            elif bills and self.env.uid == SUPERUSER_ID:
                models_sudo = lines.move_id.line_ids.reconcile_model_id
                text = self.env._(
                    "Settled by the system, not by a person: %(agent)s.",
                    agent=", ".join(models_sudo.mapped("name"))
                    or self.env._("a scheduled job or a reconciliation model"),
                )
            else:
                continue
            texts |= dict.fromkeys(bills, text)
        bills_sudo = self.env["account.move"].sudo().union(*texts)
        if bills_sudo:
            bills_sudo._message_log_batch(
                bodies={bill.id: text for bill, text in texts.items()}
            )

    # --- money of matters

    @api.model
    def _take_over_matters(self, pairs):
        """An item of the bank, or of another entry, on the account of credits is of the
        matter whose credit it is matched with. The same for what a provider paid, if
        all its bills are of one matter: what it paid above them is the matter's.

        :param list pairs: of items: debit, credit
        """
        found = defaultdict(self.env["project.project"].browse)
        for debit, credit in pairs:
            for line_sudo, other in ((debit.sudo(), credit), (credit.sudo(), debit)):
                if line_sudo.matter_id or line_sudo.move_id.is_invoice():
                    continue
                other_sudo = other.sudo()
                if line_sudo.is_matter_credit and other_sudo.is_matter_credit:
                    found[line_sudo] |= other_sudo.matter_id
                elif line_sudo._get_confirmed_transactions():
                    found[line_sudo] |= other_sudo.move_id._get_bills().matter_ids
        for line_sudo, matters in found.items():
            if len(matters) == 1:
                line_sudo._internal_write_matter(matters)

    @api.model
    def _check_parts(self, pairs, vals_list, matters):
        """Money and credit notes of a matter pay that matter's own open part of a bill
        over several, and not a cent more: it would pay what the others owe (C-32).

        :param list pairs: of items: debit, credit
        :param list vals_list: of the matches
        :param dict matters: by id of the item
        :raise CreditError: naming bill, matter, its open part, and the way out
        """
        owned = [
            (debit, credit, vals)
            for (debit, credit), vals in zip(pairs, vals_list, strict=True)
            if matters[debit.id]
            and matters[credit.id]
            and len(matters[debit.id] | matters[credit.id]) > 1
        ]
        if not owned:
            return
        # sudo: figures, whoever matches
        moves_sudo = self.env["account.move"].sudo()
        moves_sudo = moves_sudo.union(
            *(line.move_id.sudo() for pair in owned for line in pair[:2])
        )
        parts = {
            move_id: {matter: abs(amount) for matter, amount in found.items()}
            for move_id, found in moves_sudo._get_open_of_matters().items()
        }
        left = {move_id: dict(found) for move_id, found in parts.items()}
        for debit, credit, vals in owned:
            sides = [line for line in (debit, credit) if line.move_id.id in left]
            if not sides:
                continue  # an entry of several matters
            bill = sides[0]
            side = "debit" if bill == debit else "credit"
            amount = bill.currency_id.round(vals[f"{side}_amount_currency"])
            owners = matters[debit.id] & matters[credit.id]
            rest = to_decimal(amount)
            for owner in owners:
                part = min(rest, *(left[x.move_id.id].get(owner, 0) for x in sides))
                for line in sides:
                    if part:
                        left[line.move_id.id][owner] -= part
                rest -= part
            if rest:
                money = credit if bill == debit else debit
                self._refuse_part(bill, money, owners, parts, amount)

    @api.model
    def _refuse_part(self, bill, money, owners, parts, amount):
        """
        :param account.move.line bill: item of a bill over several matters
        :param account.move.line money: what would be matched with it
        :param project.project owners: whose it is
        :param dict parts: open of each matter, by bill
        :param float amount: that would be matched
        :raise CreditError:
        """
        currency = bill.currency_id
        raise CreditError(
            self.env._(
                "%(bill)s is a bill over several matters. %(money)s would pay %(amount)s of "
                "it, and open of the bill is: %(parts)s. The money of a matter does not pay "
                "what the others owe: use it up to that part, with a payment that names the "
                "matter; pay the rest from bank or cash; or keep it for another bill of "
                "the matter.",
                bill=bill.move_id.display_name,
                money=money.move_id.display_name,
                amount=currency.format_signed(amount),
                parts=", ".join(
                    self.env._(
                        "%(matter)s %(part)s",
                        matter=owner.display_name,
                        part=currency.format_signed(
                            float(parts[bill.move_id.id].get(owner, 0))
                        ),
                    )
                    for owner in owners
                ),
            )
        )

    @api.model
    def _is_mixed(self, pairs, matters):
        """Whether a bill over several matters is matched more than once at a time, with
        money of one matter among it: what is open then is looked at after each match.

        :param list pairs: of items: debit, credit
        :param dict matters: by id of the item
        :rtype: bool
        """
        owners = defaultdict(list)
        for pair in pairs:
            for bill, money in (pair, pair[::-1]):
                if len(matters[bill.id]) > 1:
                    owners[bill.move_id].append(matters[money.id])
        return any(
            any(found) and any(other != found[0] for other in found)
            for found in owners.values()
        )

    @api.model
    def _check_credit_dates(self, pairs):
        """A credit is not used, refunded or moved before its date.

        :param list pairs: of items: debit, credit
        :raise CreditError: naming both entries and their dates
        """
        early = [
            self.env._(
                "%(use)s of %(day)s uses %(credit)s of %(credit_day)s",
                use=debit.move_id.display_name,
                day=debit.date,
                credit=credit.move_id.display_name,
                credit_day=credit.date,
            )
            for debit, credit in pairs
            if debit.date < credit.date
            and credit.sudo()._is_money_of_matter()
            and not debit.sudo().move_id.is_invoice()
            and credit.sudo().move_id.reversed_entry_id != debit.sudo().move_id
            and not (debit | credit).sudo()._has_exchange_difference()
        ]
        if early:
            raise CreditError(
                self.env._(
                    "A credit cannot be used before its date: %(uses)s. Give the entry "
                    "that uses it a later date.",
                    uses="; ".join(early),
                )
            )

    # --- what is settled

    def _get_settled_bills(self):
        """Bills of matters among what these match.

        :rtype: account.move
        """
        return self._get_bills_of(
            self.sudo().debit_move_id | self.sudo().credit_move_id
        )

    @api.model
    def _get_bills_of(self, lines_sudo):
        """
        :param account.move.line lines_sudo: as superuser
        :return: bills whose receivable items are among them
        :rtype: account.move
        """
        return lines_sudo.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).move_id._get_bills()

    @api.model
    def _record_fee_receipts(self, bills):
        """Slips do it themselves, once for all of their bills."""
        if bills and self.env.context.get("legal_billing_slip") is not BY_SLIP:
            bills._record_fee_receipts()

    def _check_legal_payment(self):
        lines = self.debit_move_id | self.credit_move_id
        mine = lines.filtered(
            lambda line: (
                line.move_id.legal_payment_id
                and (
                    line.account_id.account_type == "asset_receivable"
                    or line.account_id
                    == line.company_id.sudo().legal_unallocated_account_id
                )
            )
        )
        if mine:
            # sudo: whoever may match items is told the slip's name
            slips = mine.move_id.legal_payment_id.sudo()
            raise PaymentGuardError(
                self.env._(
                    "%(slips)s settled this. Reverse the payment instead of taking it "
                    "off the bill: its record says what each bill got.",
                    slips=", ".join(slips.mapped("display_name")),
                )
            )
