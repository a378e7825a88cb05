from odoo import models

from ...exceptions import CreditError, PaymentError


class LegalPayment(models.Model):
    """What must be right before an entry is made."""

    _inherit = "legal.payment"

    def _check_can_post(self):
        """Everything that can be seen before an entry is made.

        :raise LegalBillingError:
        """
        self.ensure_one()
        self._check_cashier()
        self._check_is_draft()
        self._internal()._find_owner()
        self._internal()._get_posting_rows()._renew_elements()
        rows = self._get_posting_rows()
        problems = self._get_header_problems()
        if not rows:
            problems.append(self.env._("no bill and no credit has an amount"))
        problems += rows._get_posting_problems()
        if self.needs_reapply:
            problems.append(
                self.env._(
                    "the amount changed after the rule was applied: Re-apply the rule or "
                    "Keep the amounts"
                )
            )
        elif self.held_amount:
            problems.append(
                self.env._(
                    "%(note)s: open it, take it over, or post it as a credit",
                    note=self.held_note,
                )
            )
        elif not self.currency_id.is_zero(self.difference_amount):
            problems.append(self._get_difference_problem())
        if problems:
            raise PaymentError(
                self.env._(
                    "%(payment)s cannot be posted:\n%(problems)s",
                    payment=self.display_name,
                    problems="\n".join(f"– {problem}" for problem in problems),
                )
            )
        self._check_matters(rows)

    def _get_difference_problem(self):
        text = self.env._(
            "%(left)s of %(amount)s is not allocated",
            left=self.currency_id.format_signed(self.difference_amount),
            amount=self.currency_id.format_signed(self.amount),
        )
        if self.difference_amount < 0:
            return self.env._("%(text)s: take it off a bill", text=text)
        if self._may_overpay():
            return self.env._(
                "%(text)s: put it on a bill, or on a credit row of a matter", text=text
            )
        return self.env._(
            "%(text)s: put it on a bill or correct the amount; this source and payment "
            "rule do not allow an overpayment",
            text=text,
        )

    def _get_header_problems(self):
        problems = []
        if self.amount <= 0 and not self._is_settlement():
            problems.append(self.env._("the amount is missing"))
        if others := self._get_posting_rows().bill_id.currency_id - self.currency_id:
            problems.append(
                self.env._(
                    "the payment is in %(currency)s, its bills are in %(others)s: set "
                    "the payment's currency to theirs",
                    currency=self.currency_id.name,
                    others=", ".join(others.mapped("name")),
                )
            )
        if not self.journal_id:
            problems.append(
                self.env._(
                    "%(company)s has no cash journal: create one under Accounting ▸ "
                    "Configuration ▸ Journals",
                    company=self.company_id.display_name,
                )
                if self._get_source().journal_types == ("cash",)
                and not self.env["account.journal"].search_count(
                    self._get_journal_domain(), limit=1
                )
                else self.env._("choose the journal")
            )
        elif not self.journal_id.filtered_domain(self._get_journal_domain()):
            problems.append(
                self.env._(
                    "the journal %(journal)s does not fit the source",
                    journal=self.journal_id.display_name,
                )
            )
        source = self._get_source()
        if source.debits == "account":
            account = self.nominal_account_id
            if not account:
                problems.append(self.env._("choose the nominal account"))
            elif not self._is_nominal_account(account):
                problems.append(
                    self.env._(
                        "%(account)s is an account of banks, receivables, payables, "
                        "client money, credits or tax, not a nominal one",
                        account=account.display_name,
                    )
                )
        elif source.is_handed_over and not self.received_from_id:
            problems.append(
                self.env._("choose who the money is from")
                if self.direction == "in"
                else self.env._("choose who the money goes to")
            )
        if source.is_held and not self.client_journal_id:
            problems.append(self.env._("choose the client bank"))
        if self.direction == "out" and not source.is_handed_over:
            problems.append(self.env._("a refund is paid from bank or cash"))
        problems += self._get_refund_problems()
        if self._is_transfer() and not self.memo:
            problems.append(
                self.env._("say in the text why the credit goes to another matter")
            )
        return problems

    def _get_refund_problems(self):
        """A credit goes back to its owner; to somebody else by a manager with a reason.

        :rtype: list
        """
        if self.direction != "out" or not self.received_from_id:
            return []
        matters = self._get_posting_rows().filtered(lambda r: r.kind == "credit")
        owners = (
            self.env["res.partner"]
            .union(
                *(
                    matter._get_open_credits(self.currency_id).partner_id
                    for matter in matters.matter_id
                )
            )
            .commercial_partner_id
        )
        payee = self.received_from_id.commercial_partner_id
        if not owners - payee:
            return []
        if self._has_own_role("manager") and (self.memo or "").strip():
            return []
        return [
            self.env._(
                "the credit is %(owner)s's and would go to %(payee)s: a manager pays it "
                "to somebody else, with the reason in the text",
                owner=", ".join(owners.mapped("display_name")),
                payee=payee.display_name,
            )
        ]

    def _may_be_credited(self, matter):
        """Whether a surplus of this slip may become a credit of a matter without a
        manager: of its bills, of what it is entered for, or of the payer's own.

        :param project.project matter:
        :rtype: bool
        """
        bills = self._get_posting_rows().bill_id
        if matter in (bills.matter_ids or self.matter_id):
            return True
        payer = self.received_from_id.commercial_partner_id
        matter_sudo = matter.sudo()  # who its client is
        return bool(
            payer
            and payer
            in (
                matter_sudo.partner_id | matter_sudo.billing_partner_id
            ).commercial_partner_id
        )

    def _is_nominal_account(self, account):
        """Whether a payment may be posted from this account.

        :param account.account account:
        :rtype: bool
        """
        allowed = account.filtered_domain(self._domain_nominal_account_id())
        return bool(allowed - self._get_forbidden_accounts())

    def _is_withheld_account(self, account):
        """Whether withheld tax may be claimed on this account: one of tax may, too.

        :param account.account account:
        :rtype: bool
        """
        allowed = account.filtered_domain(
            self.env["legal.payment.allocation"]._domain_account_id()
        )
        return bool(allowed - self._get_money_accounts())

    def _get_forbidden_accounts(self):
        """Accounts of tax, client money, credits and banks, their outstanding items
        included, which no nominal posting may touch.

        :rtype: account.account
        """
        return self._get_money_accounts() | self._get_tax_accounts()

    def _get_tax_accounts(self):
        """
        :rtype: account.account
        """
        # sudo: configuration, which cashiers do not read
        parts = self.env["account.tax.repartition.line"].sudo()
        parts = parts.search([("company_id", "=", self.company_id.id)])
        groups = parts.tax_id.tax_group_id
        accounts = parts.account_id | groups.tax_payable_account_id
        return accounts | groups.tax_receivable_account_id

    def _get_money_accounts(self):
        """Accounts of client money, credits and banks, their outstanding items included.

        :rtype: account.account
        """
        # sudo: configuration, which cashiers do not read
        accounts = self.company_id.sudo()._get_accounts_of_matters()
        journals = self.env["account.journal"].sudo()
        journals = journals.search(
            [
                *journals._check_company_domain(self.company_id),
                ("type", "in", ("bank", "cash", "credit")),
            ]
        )
        methods = (
            journals.inbound_payment_method_line_ids
            | journals.outbound_payment_method_line_ids
        )
        accounts |= methods.payment_account_id | journals.suspense_account_id
        accounts |= self._get_fallback_outstanding_accounts()
        return accounts | journals.default_account_id

    def _get_fallback_outstanding_accounts(self):
        """Where core books payments whose method has no account of its own.

        :rtype: account.account
        """
        root = self.company_id.root_id
        chart_sudo = self.env["account.chart.template"].sudo()  # configuration
        chart_sudo = chart_sudo.with_context(allowed_company_ids=root.ids)
        found = self.company_id.sudo().transfer_account_id
        for side in ("debit", "credit"):
            found |= (
                chart_sudo.ref(
                    f"account_journal_payment_{side}_account_id",
                    raise_if_not_found=False,
                )
                or found.browse()
            )
        return found

    def _is_settlement(self):
        """A slip without money: credit notes set off against bills.

        :rtype: bool
        """
        return self.currency_id.is_zero(self.amount) and bool(
            self._get_posting_rows().bill_id
        )

    def _is_transfer(self):
        """Whether a credit moves to another matter.

        :rtype: bool
        """
        return self._get_source().debits == "credits" and any(
            row.kind == "credit" for row in self._get_posting_rows()
        )

    def _get_posting_rows(self):
        return self._get_rows().filtered(
            lambda row: not row.currency_id.is_zero(row.amount)
        )

    def _check_matters(self, rows):
        """Money and credit of a matter serve that matter alone (rule T3).

        :raise CreditError:
        """
        if self._get_source().is_of_one_matter:
            self._check_owner(rows)
            if self._is_transfer():
                self._check_transfer(rows)
        totals = {}
        for row in rows.filtered(lambda r: r.kind != "write_off" and r.bill_id):
            matters = row._get_part_matter() or row.bill_id.matter_ids
            totals[matters] = totals.get(matters, 0.0) + row.amount
        if negative := [m for m, total in totals.items() if total < 0]:
            raise CreditError(
                self.env._(
                    "%(payment)s uses more credit notes of %(matters)s than it pays "
                    "bills of it: a credit of one matter does not pay another. Refund "
                    "it, or leave it out.",
                    payment=self.display_name,
                    matters=", ".join(
                        name for m in negative for name in m.mapped("display_name")
                    ),
                )
            )

    def _find_owner(self):
        """Whose money pays, where the bills leave no doubt."""
        if not self._get_source().is_of_one_matter or self.matter_id:
            return
        bills = self._get_posting_rows().bill_id
        shared = bills[:1].matter_ids
        for bill in bills:
            shared &= bill.matter_ids
        if len(shared) == 1:
            self.matter_id = shared

    def _check_owner(self, rows):
        """What is of one matter pays bills of that matter, and its part of bills over
        several (rules T3, C-32).

        :raise CreditError: naming the matters
        """
        owner = self.matter_id
        bills = rows.filtered("bill_id")
        others = bills.filtered(
            lambda row: (
                owner not in row.bill_id.matter_ids
                or (row.matter_id != owner and (row.kind == "bill" or row.matter_id))
            )
        )
        if owner and not others:
            return
        matters = owner | bills.bill_id.matter_ids
        raise CreditError(
            self.env._(
                "%(payment)s pays from %(origin)s, which belongs to one matter: take bills "
                "of one matter only (%(matters)s). Of a bill over several matters it pays "
                "the part of the matter that the payment names; the rest is paid from bank "
                "or cash.",
                payment=self.display_name,
                origin=self._get_source_label(),
                matters=", ".join(matters.mapped("display_name"))
                or self.env._("none chosen"),
            )
        )

    def _check_transfer(self, rows):
        """A credit goes to another client's matter by a manager only."""
        others = rows.filtered(lambda row: row.kind == "credit").matter_id
        if self.matter_id in others:
            raise CreditError(
                self.env._(
                    "The credit is %(matter)s's already.",
                    matter=self.matter_id.display_name,
                )
            )
        clients = (others | self.matter_id).partner_id.commercial_partner_id
        if len(clients) > 1:
            self._check_role("manager")
