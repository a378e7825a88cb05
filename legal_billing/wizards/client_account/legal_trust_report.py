from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import Block, Column, Paper, Row

READERS = ("client_account_officer", "cashier", "manager")


class LegalTrustReport(models.TransientModel):
    """What auditors ask for of the client account, on the screen, as PDF and as a
    spreadsheet: one paper of rows and sums for all three.

    Matters behind an information barrier are on nobody's paper who stands outside; where
    a sum must be that of the bank, they are one line without names.
    """

    _name = "legal.trust.report"
    _inherit = ["legal.paper.window"]
    _description = "Papers of the Client Account"

    kind = fields.Selection(
        [
            ("balances", "Balances at a date"),
            ("journal", "Transfer journal"),
            ("ledgers", "Matter ledgers"),
            ("cash_book", "Cash book"),
            ("dormant", "Dormant balances"),
            ("reversals", "Reversals"),
            ("bills", "Central record of bills"),
        ],
        string="Paper",
        default="balances",
        required=True,
    )
    journal_ids = fields.Many2many(
        "account.journal",
        string="Client accounts",
        domain=[("is_client_account", "=", True)],
        help="Empty: all.",
        context={"active_test": False},
    )
    matter_ids = fields.Many2many(
        "project.project",
        string="Matters",
        domain=[("is_matter", "=", True)],
        context={"active_test": False},
    )
    date_from = fields.Date(
        string="From",
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    dormant_months = fields.Integer(
        string="Not moved for (months)",
        default=12,
        help="Balances of matters whose client money has not moved for so long.",
    )

    # --- the paper

    @api.model
    def _get_paper_fields(self):
        """Also kind, accounts, matters and days."""
        return (
            *super()._get_paper_fields(),
            "kind",
            "journal_ids",
            "matter_ids",
            "date_from",
            "dormant_months",
        )

    @api.model
    def _check_may_read_paper(self):
        """Those who are in charge of the money."""
        self._check_role(*READERS)

    def _check_period(self):
        """Balances are of one day."""
        if self.kind in ("balances", "dormant"):
            return None
        return super()._check_period()

    def _get_page_name(self):
        return self.env._("Auditor's Papers")

    def _get_report(self):
        return self.env.ref(f"legal_billing.legal_trust_{self.kind}_report")

    def _get_paper(self, kind=None):
        """The chosen paper.

        :param str kind: another than the chosen one
        :rtype: Paper
        :raise RoleError:
        :raise UserError: for a period that ends before it begins
        """
        self._check_may_read_paper()
        kind = kind or self.kind
        self._check_period()
        return getattr(self, f"_get_{kind}_paper")()

    # --- what all papers ask

    def _get_journals(self):
        """The client accounts of the company that were chosen, or all of them.

        :rtype: account.journal
        """
        domain = Domain("is_client_account", "=", True) & Domain(
            "company_id", "=", self.company_id.id
        )
        if self.journal_ids:
            domain &= Domain("id", "in", self.journal_ids.ids)
        return (
            self.env["account.journal"].with_context(active_test=False).search(domain)
        )

    @api.model
    def _get_currency(self, journal):
        return journal.currency_id or journal.company_id.currency_id

    def _get_period_text(self):
        """
        :rtype: str
        """
        day = format_date(self.env, self.date_to)
        if not self.date_from:
            return self.env._("Until %(day)s", day=day)
        return self.env._(
            "%(first)s to %(last)s",
            first=format_date(self.env, self.date_from),
            last=day,
        )

    def _get_day_text(self):
        return self.env._("At %(day)s", day=format_date(self.env, self.date_to))

    def _get_period_domain(self, name="date"):
        domain = Domain(name, "<=", self.date_to)
        return domain & Domain(name, ">=", self.date_from) if self.date_from else domain

    def _get_movements(self, *domains):
        """Movements of the period, oldest first, that the user may see.

        :param domains: further conditions
        :rtype: legal.trust.transaction
        """
        domain = (
            Domain("journal_id", "in", self._get_journals().ids)
            & Domain("state", "in", ("posted", "reversed"))
            & self._get_period_domain()
        )
        if self.matter_ids:
            domain &= Domain("matter_id", "in", self.matter_ids.ids) | Domain(
                "to_matter_id", "in", self.matter_ids.ids
            )
        return self.env["legal.trust.transaction"].search(
            Domain.AND([domain, *domains]), order="date, id"
        )

    @api.model
    def _get_sides(self, movement):
        """What a movement brought in, and what it took, of the matter's view.

        :rtype: tuple
        """
        is_in = (movement.kind == "deposit") != bool(movement.reversed_id)
        if movement.kind == "matter_transfer":
            is_in = False
        return (movement.amount, "") if is_in else ("", movement.amount)

    # --- balances, dormant ones

    def _get_balances_paper(self):
        """What each matter holds at the day, per client account."""
        lines = self.env["legal.trust.line"]
        matters = self.env["project.project"]
        columns = [
            Column(self.env._("Matter")),
            Column(self.env._("Client")),
            Column(self.env._("Balance"), "amount"),
        ]
        blocks = []
        for journal in self._get_journals():
            currency = self._get_currency(journal)
            held = lines._get_balances_at(self.date_to, journals=journal)
            # sudo: how much is held in all, no name
            every = lines.sudo()._get_balances_at(self.date_to, journals=journal)
            rows = [
                Row((matter.display_name, matter.partner_id.name, held[matter.id]))
                for matter in matters.browse(held)
                if not currency.is_zero(held[matter.id])
            ]
            count = len(rows)
            hidden = [
                amount
                for matter_id, amount in every.items()
                if matter_id not in held and not currency.is_zero(amount)
            ]
            if hidden:
                text = self._get_hidden_text(len(hidden))
                rows.append(Row((text, "", sum(hidden)), "soft"))
            total = sum(row.values[-1] for row in rows)
            rows.append(
                Row(
                    (
                        self.env._("%(count)s matters", count=count + len(hidden)),
                        "",
                        currency.round(total + 0.0),
                    ),
                    "sum",
                )
            )
            blocks.append(Block(journal.name, columns, rows, currency=currency))
        return Paper(self.env._("Client money by matter"), self._get_day_text(), blocks)

    def _get_dormant_paper(self):
        """Balances at the day that have not moved for so many months, oldest first."""
        limit = self.date_to - relativedelta(months=max(self.dormant_months, 0))
        lines = self.env["legal.trust.line"]
        journals = self._get_journals()
        groups = lines._read_group(
            [("journal_id", "in", journals.ids), ("date", "<=", self.date_to)],
            ["journal_id", "matter_id"],
            ["amount:sum", "date:max"],
        )
        found = defaultdict(list)
        for journal, matter, amount, moved_on in groups:
            is_held = not self._get_currency(journal).is_zero(amount)
            if moved_on <= limit and is_held:
                found[journal.id].append((moved_on, matter, amount))
        columns = [
            Column(self.env._("Last moved"), "date"),
            Column(self.env._("Matter")),
            Column(self.env._("Client")),
            Column(self.env._("Responsible")),
            Column(self.env._("Days"), "text"),
            Column(self.env._("Balance"), "amount"),
        ]
        blocks = []
        for journal in journals:
            rows = [
                Row(
                    (
                        moved_on,
                        matter.display_name,
                        matter.partner_id.name,
                        matter.responsible_id.name or "",
                        str((self.date_to - moved_on).days),
                        amount,
                    )
                )
                for moved_on, matter, amount in sorted(
                    found[journal.id], key=lambda row: (row[0], row[1].id)
                )
            ]
            rows.append(
                Row(
                    (
                        "",
                        self.env._("%(count)s matters", count=len(rows)),
                        "",
                        "",
                        "",
                        sum((row.values[-1] for row in rows), 0.0),
                    ),
                    "sum",
                )
            )
            blocks.append(
                Block(journal.name, columns, rows, currency=self._get_currency(journal))
            )
        return Paper(
            self.env._("Dormant client money"),
            self.env._(
                "At %(day)s, not moved since %(limit)s",
                day=format_date(self.env, self.date_to),
                limit=format_date(self.env, limit),
            ),
            blocks,
        )

    # --- transfer journal, reversals

    def _get_journal_paper(self):
        """Each movement with its bills and their delivery, and who made it."""
        columns = [
            Column(self.env._("Date"), "date"),
            Column(self.env._("Number")),
            Column(self.env._("Matter")),
            Column(self.env._("Text, bills and their delivery")),
            Column(self.env._("Entered · posted")),
            Column(self.env._("In"), "amount"),
            Column(self.env._("Out"), "amount"),
        ]
        rows = defaultdict(list)
        for movement in self._get_movements():
            rows[movement.journal_id].append(
                Row(
                    (
                        movement.date,
                        movement.name,
                        movement.matter_id.display_name,
                        self._get_journal_text(movement),
                        self._get_hands(movement),
                        *self._get_sides(movement),
                    )
                )
            )
        return self._make_paper(
            self.env._("Transfer journal of client money"), columns, rows
        )

    def _make_paper(self, title, columns, rows):
        """A paper of the period with a block for each bank.

        :param str title:
        :param list columns: the same in each block
        :param dict rows: ``{journal: rows}``
        :rtype: Paper
        """
        return Paper(
            title,
            self._get_period_text(),
            [
                Block(
                    journal.name,
                    columns,
                    rows[journal],
                    currency=self._get_currency(journal),
                )
                for journal in rows
            ],
        )

    def _get_journal_text(self, movement):
        """What a movement was for: bills with their delivery, whose authority, what
        became of it.

        :rtype: str
        """
        parts = [movement.description or ""]
        parts += [
            self.env._(
                "%(bill)s delivered %(day)s: %(amount)s",
                bill=row.bill_id.name,
                day=format_date(self.env, row.delivered_day) or self.env._("not yet"),
                amount=row.currency_id.format_signed(row.amount),
            )
            for row in movement.bill_line_ids
        ]
        if movement.authorisation:
            parts.append(
                self.env._("Authorised: %(text)s", text=movement.authorisation)
            )
        if movement.state == "reversed":
            parts.append(
                self.env._(
                    "Reversed by %(name)s", name=movement.reversal_ids.name or ""
                )
            )
        return " · ".join(parts)

    @api.model
    def _get_hands(self, movement):
        """Who entered and who posted it; one name where it was one person.

        :rtype: str
        """
        users = movement.prepared_by_id | movement.posted_by_id
        return " · ".join(users.mapped("name"))

    def _get_reversals_paper(self):
        """What was taken back, of which movement, why, by whom and when."""
        columns = [
            Column(self.env._("Date"), "date"),
            Column(self.env._("Number")),
            Column(self.env._("Takes back")),
            Column(self.env._("Of"), "date"),
            Column(self.env._("Matter")),
            Column(self.env._("Reason")),
            Column(self.env._("Posted by")),
            Column(self.env._("Posted on"), "date"),
            Column(self.env._("Amount"), "amount"),
        ]
        rows = defaultdict(list)
        for movement in self._get_movements(Domain("reversed_id", "!=", False)):
            posted_on = fields.Datetime.context_timestamp(self, movement.posted_on)
            rows[movement.journal_id].append(
                Row(
                    (
                        movement.date,
                        movement.name,
                        movement.reversed_id.name,
                        movement.reversed_id.date,
                        movement.matter_id.display_name,
                        movement.reversal_reason,
                        movement.posted_by_id.name,
                        posted_on.date(),
                        movement.amount,
                    )
                )
            )
        return self._make_paper(self.env._("Reversals of client money"), columns, rows)

    # --- ledgers

    def _get_ledgers_paper(self):
        """Each matter's ledger of the period, with what it held before."""
        domain = Domain("journal_id", "in", self._get_journals().ids)
        if self.matter_ids:
            domain &= Domain("matter_id", "in", self.matter_ids.ids)
        lines = self.env["legal.trust.line"]
        opening = defaultdict(float)
        if self.date_from:
            before = domain & Domain("date", "<", self.date_from)
            for matter, journal, amount in lines._read_group(
                before, ["matter_id", "journal_id"], ["amount:sum"]
            ):
                opening[matter.id, journal.id] = amount
        moved = lines.search(domain & self._get_period_domain(), order="date, id")
        moved = moved.grouped(lambda line: (line.matter_id.id, line.journal_id.id))
        ledgers = self.env["legal.trust.balance"].search(domain)
        # read for all at once: the text of each movement asks it
        ledgers.matter_id.mapped("is_walled")
        blocks = []
        for ledger in ledgers:
            key = ledger.matter_id.id, ledger.journal_id.id
            start = ledger.currency_id.round(opening[key])
            if key in moved or start or self.matter_ids:
                blocks.append(
                    self._get_ledger_block(ledger, start, moved.get(key, lines))
                )
        return Paper(self.env._("Client ledgers"), self._get_period_text(), blocks)

    def _get_ledger_block(self, ledger, start, lines):
        """
        :param legal.trust.balance ledger:
        :param float start: what the matter held before the period
        :param legal.trust.line lines: of the period, oldest first
        :rtype: Block
        """
        currency, running = ledger.currency_id, start
        rows = []
        if self.date_from:
            text = self.env._("Brought forward")
            rows.append(Row((self.date_from, "", text, "", "", "", start), "soft"))
        for line in lines:
            running = currency.round(running + line.amount)
            rows.append(
                Row(
                    (
                        line.date,
                        line.transaction_id.name,
                        line.name or "",
                        line.cleared_on or self.env._("not yet"),
                        line.amount if line.amount > 0 else "",
                        -line.amount if line.amount < 0 else "",
                        running,
                    )
                )
            )
        amounts = lines.mapped("amount")
        rows.append(
            Row(
                (
                    "",
                    "",
                    self.env._("Balance"),
                    "",
                    currency.round(sum((a for a in amounts if a > 0), 0.0)),
                    currency.round(-sum((a for a in amounts if a < 0), 0.0)),
                    running,
                ),
                "sum",
            )
        )
        return Block(
            f"{ledger.matter_id.display_name} · {ledger.matter_id.partner_id.name}",
            [
                Column(self.env._("Date"), "date"),
                Column(self.env._("Number")),
                Column(self.env._("Text")),
                Column(self.env._("Cleared"), "date"),
                Column(self.env._("In"), "amount"),
                Column(self.env._("Out"), "amount"),
                Column(self.env._("Balance"), "amount"),
            ],
            rows,
            subtitle=ledger.journal_id.name,
            note=self.env._(
                "Lowest cleared balance from today on %(lowest)s, retained "
                "%(retained)s, available %(available)s",
                lowest=currency.format_signed(ledger.lowest_amount),
                retained=currency.format_signed(ledger.retained_amount),
                available=currency.format_signed(ledger.available_amount),
            ),
            currency=currency,
        )

    # --- cash book

    def _get_cash_book_paper(self):
        """Receipts and payments of each client bank with its running balance: the books
        themselves, each entry with the movement that made it."""
        return Paper(
            self.env._("Client cash book"),
            self._get_period_text(),
            [self._get_cash_block(journal) for journal in self._get_journals()],
        )

    def _get_cash_block(self, journal):
        """
        :param account.journal journal: a client account
        :rtype: Block
        """
        currency = self._get_currency(journal)
        accounts = journal._get_cash_book_accounts()
        running = 0.0
        if self.date_from:
            day = self.date_from - relativedelta(days=1)
            running = currency.round(journal._sum_client_items(accounts, day))
        rows = [
            Row(
                (
                    self.date_from or "",
                    "",
                    "",
                    "",
                    self.env._("Brought forward"),
                    "",
                    "",
                    running,
                ),
                "soft",
            )
        ]
        hidden, sums = [], [0.0, 0.0]
        for entry_sudo, amount, movement in self._get_cash_entries(journal, accounts):
            sums[amount < 0] += abs(amount)
            if movement is None:
                hidden.append(amount)
                continue
            running = currency.round(running + amount)
            rows.append(
                Row(
                    (
                        entry_sudo.date,
                        movement.name or entry_sudo.name,
                        movement.matter_id.display_name or "",
                        movement.partner_id.name or "",
                        self._get_cash_text(movement),
                        amount if amount > 0 else "",
                        -amount if amount < 0 else "",
                        running,
                    )
                )
            )
        if hidden:
            running = currency.round(running + sum(hidden))
            rows.append(
                Row(
                    (
                        "",
                        "",
                        "",
                        "",
                        self._get_hidden_text(len(hidden)),
                        currency.round(sum((a for a in hidden if a > 0), 0.0)),
                        currency.round(-sum((a for a in hidden if a < 0), 0.0)),
                        running,
                    ),
                    "soft",
                )
            )
        sums = [currency.round(value) for value in sums]
        rows.append(Row(("", "", "", "", self.env._("Balance"), *sums, running), "sum"))
        return Block(
            journal.name,
            [
                Column(self.env._("Date"), "date"),
                Column(self.env._("Number")),
                Column(self.env._("Matter")),
                Column(self.env._("From / to")),
                Column(self.env._("Text")),
                Column(self.env._("Receipts"), "amount"),
                Column(self.env._("Payments"), "amount"),
                Column(self.env._("Balance"), "amount"),
            ],
            rows,
            note=self._get_level_note(journal, running),
            currency=currency,
        )

    def _get_cash_entries(self, journal, accounts):
        """Entries of the period that changed the cash book, oldest first. What only went
        from one of its accounts to another, a line of the statement, changed nothing.

        :param account.journal journal:
        :param account.account accounts:
        :return: ``[(entry, amount, movement)]``; the movement is empty for an entry that
            is none, and None where the user may not see it
        :rtype: list
        """
        items_sudo = self.env[
            "account.move.line"
        ].sudo()  # the book is the whole bank's
        groups = items_sudo._read_group(
            Domain("journal_id", "=", journal.id)
            & Domain("account_id", "in", accounts.ids)
            & Domain("parent_state", "=", "posted")
            & self._get_period_domain(),
            ["move_id"],
            ["amount_currency:sum"],
        )
        currency = self._get_currency(journal)
        amounts = {
            entry: currency.round(amount)
            for entry, amount in groups
            if not currency.is_zero(amount)
        }
        entries_sudo = self.env["account.move"].sudo().union(*amounts)
        movements = self.env["legal.trust.transaction"]
        of_entries = Domain("move_id", "in", entries_sudo.ids)
        # sudo: whether there is a movement, to tell a hidden one from none
        every = movements.sudo().search(of_entries).grouped(lambda m: m.move_id.id)
        seen = movements.search(of_entries)
        result = []
        for entry in entries_sudo.sorted(lambda entry: (entry.date, entry.id)):
            movement = every.get(entry.id, movements)
            if movement and movement not in seen:
                movement = None
            else:
                movement = movement.with_env(self.env)
            result.append((entry, amounts[entry], movement))
        return result

    def _get_cash_text(self, movement):
        if not movement:
            return self.env._("Entry without a movement of client money")
        reference = movement.reference
        text = movement.description or ""
        return f"{text} · {reference}" if reference else text

    def _get_level_note(self, journal, balance):
        """Whether cash book, matters' ledgers and general ledger say the same.

        :param float balance: of the cash book at the end
        :rtype: str
        """
        currency = self._get_currency(journal)
        # sudo: sums, which must be those of all matters
        lines_sudo = self.env["legal.trust.line"].sudo()
        held = lines_sudo._get_balances_at(self.date_to, journals=journal)
        ledgers = currency.round(sum(held.values()))
        liability = journal.company_id.sudo().legal_trust_account_id
        owed = currency.round(-journal._sum_client_items(liability, self.date_to))
        figures = {
            "ledgers": currency.format_signed(ledgers),
            "owed": currency.format_signed(owed),
        }
        if currency.compare_amounts(balance, ledgers) or currency.compare_amounts(
            balance, owed
        ):
            return self.env._(
                "NOT LEVEL: the matters' ledgers add up to %(ledgers)s, the general "
                "ledger owes clients %(owed)s.",
                **figures,
            )
        return self.env._(
            "Level: the matters' ledgers add up to %(ledgers)s, the general ledger owes "
            "clients %(owed)s.",
            **figures,
        )

    # --- bills

    def _get_bills_paper(self):
        """All bills and credit notes of the period with their delivery, what client
        money paid of them, and what is open; numbers that were cancelled among them."""
        domain = (
            Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "in", ("posted", "cancel"))
            & Domain("matter_ids", "!=", False)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("name", "not in", ("/", False))
            & self._get_period_domain("invoice_date")
        )
        if self.matter_ids:
            domain &= Domain("matter_ids", "in", self.matter_ids.ids)
        bills = self.env["account.move"].search(domain, order="invoice_date, name, id")
        paid = dict(
            self.env["legal.trust.bill"]._read_group(
                [("bill_id", "in", bills.ids), ("state", "=", "posted")],
                ["bill_id"],
                ["amount:sum"],
            )
        )
        methods = dict(
            bills._fields["delivery_method"]._description_selection(self.env)
        )
        columns = [
            Column(self.env._("Date"), "date"),
            Column(self.env._("Number")),
            Column(self.env._("Matter")),
            Column(self.env._("Billed to")),
            Column(self.env._("Delivered"), "date"),
            Column(self.env._("How")),
            Column(self.env._("Amount"), "amount"),
            Column(self.env._("Of client money"), "amount"),
            Column(self.env._("Open"), "amount"),
        ]
        blocks = []
        for currency, group in bills.grouped("currency_id").items():
            rows = [self._get_bill_row(bill, paid, methods) for bill in group]
            sums = (
                currency.round(sum((row.values[at] or 0.0 for row in rows), 0.0))
                for at in (6, 7, 8)
            )
            text = self.env._("%(count)s bills", count=len(group))
            rows.append(Row(("", text, "", "", "", "", *sums), "sum"))
            blocks.append(Block(currency.name, columns, rows, currency=currency))
        return Paper(
            self.env._("Central record of bills"), self._get_period_text(), blocks
        )

    def _get_bill_row(self, bill, paid, methods):
        """
        :param account.move bill:
        :param dict paid: ``{bill: amount}`` of client money
        :param dict methods: labels of ways of delivery
        :rtype: Row
        """
        head = (
            bill.invoice_date,
            bill.name,
            ", ".join(
                number or "" for number in bill.matter_ids.mapped("matter_number")
            ),
            bill.partner_id.display_name or "",
        )
        if bill.state == "cancel":
            text = self.env._("cancelled")
            return Row((*head, text, "", "", "", ""), "soft")
        sign = -1.0 if bill.move_type == "out_refund" else 1.0
        return Row(
            (
                *head,
                bill.delivered_day or self.env._("not delivered"),
                methods.get(bill.delivery_method, ""),
                sign * bill.amount_total,
                paid.get(bill) or "",
                sign * bill.amount_residual,
            )
        )
