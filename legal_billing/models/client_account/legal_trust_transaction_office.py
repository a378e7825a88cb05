from odoo import api, fields, models
from odoo.tools import format_date

from ...exceptions import TrustApprovalError, TrustBillError, TrustError
from ...tools import format_amount


class LegalTrustTransaction(models.Model):
    """Transfer to office: client money pays delivered bills of its own matter."""

    _inherit = "legal.trust.transaction"

    payment_id = fields.Many2one(
        "legal.payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment that holds the office side.",
    )

    # --- transfer

    @api.model
    def _transfer_to_office(self, payment):
        """The client side of a payment from the client account: its checks (rules T1
        to T4), the entry *client money of the matter / client bank*, ledger, balance.

        Call it before the office entry is made and matched: what is payable of the
        bills is what is open now.

        :param legal.payment payment: source ``client_account``, with its rows
        :return: the posted movement
        :rtype: legal.trust.transaction
        :raise RoleError: without the client-account officer's role
        :raise TrustBillError: naming the bills that client money cannot pay, and why
        :raise TrustBalanceError: if the matter holds too little, now or later
        :raise TrustApprovalError: if a second person has to post
        """
        self.sudo(False)._check_trust_role()
        rows = payment.allocation_ids.filtered(
            lambda row: row.is_selected and not payment.currency_id.is_zero(row.amount)
        )
        self._check_office_payment(payment, rows)
        matter = rows.matter_id
        self._check_office_bills(payment, matter, rows)
        self._check_second_person_of_payment(payment)
        movement = self._internal().create(
            self._prepare_office_transfer_vals(payment, matter, rows)
        )
        movement._post_movements()
        movement.env["legal.trust.bill"].create(
            [
                {
                    "transaction_id": movement.id,
                    "bill_id": row.bill_id.id,
                    "amount": row.amount,
                }
                for row in rows
            ]
        )
        movement.message_post(
            body=self.env._(
                "Transferred to office by %(user)s for %(bills)s.",
                user=self.env.user.name,
                bills=", ".join(rows.bill_id.mapped("name")),
            )
        )
        return movement.with_env(self.env)

    def _prepare_office_transfer_vals(self, payment, matter, rows):
        """Values of the movement behind a payment from the client account.

        :param legal.payment payment:
        :param project.project matter: whose money pays its bills, or its parts of them
        :param legal.payment.allocation rows: the selected ones
        :rtype: dict
        """
        numbers = ", ".join(rows.bill_id.mapped("name"))
        return {
            "kind": "office_transfer",
            "matter_id": matter.id,
            "journal_id": payment.client_journal_id.id,
            "amount": payment.amount,
            "date": payment.date,
            "reference": payment.reference,
            "memo": f"{numbers}: {payment.memo}" if payment.memo else numbers,
            "authorisation": self._get_authorisation(payment, matter),
            "payment_id": payment.id,
            "prepared_by_id": self._get_preparer(payment).id,
        }

    # --- checks

    def _check_office_payment(self, payment, rows):
        """One client account, an office bank that is none, rows that add up.

        :raise TrustError: naming the payment
        """
        problems = []
        journal = payment.client_journal_id
        if not journal.is_client_account:
            problems.append(
                self.env._(
                    "%(journal)s is not a client account",
                    journal=journal.display_name or self.env._("no journal"),
                )
            )
        if payment.journal_id.is_client_account or payment.journal_id.type != "bank":
            problems.append(
                self.env._(
                    "%(journal)s is not an office bank",
                    journal=payment.journal_id.display_name or self.env._("no journal"),
                )
            )
        companies = payment.company_id | journal.company_id | rows.bill_id.company_id
        if len(companies) > 1:
            problems.append(self.env._("client account and bills are of two companies"))
        currency = journal.currency_id or journal.company_id.currency_id
        if payment.currency_id != currency or rows.bill_id.currency_id != currency:
            problems.append(
                self.env._(
                    "the client account is in %(currency)s and pays bills in it only",
                    currency=currency.name,
                )
            )
        if rows.filtered(lambda row: not row.bill_id or row.kind != "bill"):
            problems.append(
                self.env._("client money pays bills only, no credits and write-offs")
            )
        total = sum(rows.mapped("amount"))
        if payment.currency_id.compare_amounts(total, payment.amount):
            problems.append(
                self.env._("the bills do not add up to the amount of the payment")
            )
        if problems:
            raise TrustError(
                self.env._(
                    "%(payment)s cannot be paid from client money: %(problems)s.",
                    payment=payment.display_name,
                    problems="; ".join(problems),
                )
            )

    def _check_office_bills(self, payment, matter, rows):
        """Delivered bills of the one matter, or its part of bills over several, not
        above what is payable (T1, T3, T4, C-32).

        :raise TrustBillError: naming every bill and what stands against it
        """
        problems = []
        payable = rows.bill_id._get_payable_of(matter)
        for row in rows:
            problem = self._get_bill_problem(
                payment, row, payable.get((row.bill_id.id, row.matter_id.id), 0.0)
            )
            if problem:
                problems.append(f"{row.bill_id._get_short_name()}: {problem}")
        if len(matter) != 1 or rows.filtered(lambda row: not row.matter_id):
            problems.append(
                self.env._(
                    "client money of one matter never pays another (%(matters)s); move "
                    "it between matters first, with the clients' authority",
                    matters=", ".join(
                        (matter | rows.bill_id.matter_ids).mapped("display_name")
                    )
                    or self.env._("no matter"),
                )
            )
        elif payment.matter_id and payment.matter_id != matter:
            problems.append(
                self.env._(
                    "the bills are of %(matter)s, the payment of %(other)s",
                    matter=matter.display_name,
                    other=payment.matter_id.display_name,
                )
            )
        if problems:
            raise TrustBillError(
                self.env._(
                    "Client money cannot pay these bills:\n%(problems)s",
                    problems="\n".join(f"– {problem}" for problem in problems),
                )
            )

    def _get_bill_problem(self, payment, row, payable):
        """Why client money cannot pay this row, if so.

        :param legal.payment payment:
        :param legal.payment.allocation row:
        :param float payable: what the matter may pay of the bill. Disputed money stays
            where it is until the dispute is settled
        :rtype: str
        """
        bill, currency = row.bill_id, payment.currency_id
        if bill.move_type != "out_invoice" or row.amount < 0:
            return self.env._(
                "a credit note; set it off against its bill, then pay what is left"
            )
        if bill.state != "posted":
            return self.env._("not approved")
        if not bill.delivered_on:
            return self.env._(
                "not delivered to the client yet; produced is not enough. Send it, or "
                "confirm that it was posted"
            )
        if payment.date < bill.delivered_day:
            return self.env._(
                "delivered on %(day)s, after the payment's date",
                day=format_date(self.env, bill.delivered_day),
            )
        if currency.compare_amounts(row.amount, payable) > 0:
            if row._get_part_matter():
                return self.env._(
                    "%(amount)s is above the %(payable)s that %(matter)s has to pay of it; "
                    "the rest is paid from bank or cash, or by the other matters",
                    amount=format_amount(self.env, row.amount, currency),
                    payable=format_amount(self.env, payable, currency),
                    matter=row.matter_id.display_name,
                )
            return self.env._(
                "%(amount)s is above the %(payable)s that is payable",
                amount=format_amount(self.env, row.amount, currency),
                payable=format_amount(self.env, payable, currency),
            )
        if bill._is_addressed_to_third_party(
            row.matter_id
        ) and not self._get_authorisation(payment, row.matter_id):
            return self.env._(
                "addressed to %(payer)s, not to the client; enter on the payment or on "
                "the matter how the client authorised it",
                payer=bill.commercial_partner_id.name,
            )
        return ""

    def _get_authorisation(self, payment, matter):
        return payment.client_authorisation or matter.client_account_authorisation

    def _get_preparer(self, payment):
        """Who chose bills and amounts: the last one who changed the draft.

        :rtype: res.users
        """
        return payment.client_money_prepared_by_id or payment.create_uid

    def _check_second_person_of_payment(self, payment):
        company_sudo = payment.company_id.sudo()  # a setting
        if (
            company_sudo.legal_trust_dual_approval
            and self._get_preparer(payment).id == self.env.uid
        ):
            raise TrustApprovalError(
                self.env._(
                    "%(payment)s was entered by %(user)s: client money needs two people "
                    "here. Ask another client-account officer to post it.",
                    payment=payment.display_name,
                    user=self.env.user.name,
                )
            )

    # --- undo

    @api.model
    def _reverse_transfer_to_office(self, payment, reason, date=None):
        """Give client money back to its matter: the client side of reversing a payment
        from the client account.

        :param legal.payment payment: posted, source ``client_account``
        :param str reason: why
        :param date date: default: of the payment where open, else today
        :return: the posted reversals
        :rtype: legal.trust.transaction
        :raise RoleError: without the client-account officer's role
        :raise TrustLockedError: if it was reversed already
        """
        self.sudo(False)._check_trust_role()
        movements = self.sudo().search(  # the payment may be read, the role is there
            [("payment_id", "=", payment.id), ("reversed_id", "=", False)]
        )
        return movements._reverse_movements(reason, date).with_env(self.env)
