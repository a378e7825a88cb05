"""What the firm has billed so far, made by the product's own calls: drafts at the ends
of months, approved, produced, paid, some of it left half way."""

from datetime import datetime, time, timedelta

from odoo.tools import SQL

#: Tables that fill up within one transaction, where nobody else takes statistics.
TABLES = (
    "account_analytic_line",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
    "legal_billing_run_line",
    "project_project",
    "res_partner",
)
#: Bills of the last month that nobody has finished.
LEFT_IN_DRAFT = 4
LEFT_IN_PRODUCTION = 4


def refresh_statistics(env):
    """Let the planner know what was written in this transaction: on tables that it
    takes for empty, core's joins with OR take minutes.

    :param odoo.api.Environment env:
    """
    env.flush_all()
    env.cr.execute(SQL("ANALYZE %s", SQL(", ").join(map(SQL.identifier, TABLES))))


class History:
    """Bills the firm month by month, as its biller and its approver.

    :param odoo.api.Environment env: as superuser
    :param dict base: what the firm is made of, by name
    :param list plans: of the matters
    :param random.Random rng:
    """

    def __init__(self, env, base, plans, rng):
        self.env = env
        self.base = base
        self.plans = plans
        self.rng = rng
        self.runs = env["legal.billing.run"]
        self.bills = env["account.move"]
        self.payments = env["account.payment"]

    def make(self, months):
        """Bill the last so many months.

        :param int months: 0: nothing was ever billed
        :return: self
        """
        company = self.base["company"]
        small_run = company.legal_small_run
        company.legal_small_run = 0  # queue, then work off here: no page is opened
        days = self.base["calendar"].billing_days
        days = days[len(days) - min(months, len(days)) :]
        for day in days:
            refresh_statistics(self.env)
            self._bill_month(day, days.index(day) + 1, is_last=day == days[-1])
        if days:
            refresh_statistics(self.env)
            self._pay(days)
            self._tidy()
        company.legal_small_run = small_run
        return self

    # --- billing

    def _bill_month(self, day, position, is_last):
        matters = self._choose_matters(day, position)
        if not matters:
            return
        run = (
            self.env["legal.billing.run"]
            .with_user(self.base["users"]["biller"])
            .with_company(self.base["company"])
            .create(
                {"invoice_date": day, "filter_domain": str([("id", "in", matters.ids)])}
            )
        )
        run.action_load()
        if not run.line_ids.filtered(lambda line: line.state == "ready"):
            return
        run.action_bill_all()
        run.process()
        self.runs |= run.sudo()
        bills = run.sudo().bill_ids.sorted("id").with_env(self.env)
        self.bills |= bills
        if is_last:
            bills = bills[: len(bills) - LEFT_IN_DRAFT]
        self._approve(bills, day)
        if is_last:
            bills = bills[: len(bills) - LEFT_IN_PRODUCTION]
        self._produce(bills, day)

    def _choose_matters(self, day, position):
        """Matters whose turn it is; now and then one is forgotten until next month."""
        ids = []
        for plan in self.plans:
            cadence = plan.kind.cadence
            if not cadence or position % cadence or plan.start > day:
                continue
            is_usual = plan.kind.key in ("hourly", "insured")
            if is_usual and self.rng.random() < 0.12 and not plan.is_of_group:
                continue
            ids.append(plan.matter.id)
        return self.env["project.project"].browse(ids)

    def _approve(self, bills, day):
        if not bills:
            return
        approver = self.base["users"]["approver"]
        bills.with_user(approver).with_company(
            self.base["company"]
        ).action_approve_bills()
        self._work_off()
        self._date(bills, "approved_on", day + timedelta(days=1))

    def _work_off(self):
        self.env["legal.billing.run"].search(
            [("line_ids.state", "=", "queued")], order="id"
        ).process()

    def _produce(self, bills, day):
        """Produced and delivered: by e-mail, by post, or handed over. No paper is made
        of what the clients have had for months."""
        by_method = bills.grouped(self._get_delivery_method)
        for method, group in by_method.items():
            group.with_user(self.base["users"]["biller"]).with_company(
                self.base["company"]
            ).action_produce_without_sending(
                sent_on=min(day + timedelta(days=3), self.base["calendar"].today),
                method=method,
            )
            self._date(group, "produced_on", day + timedelta(days=2))

    def _get_delivery_method(self, bill):
        if bill.recipient_ids:
            return "email"
        return "hand" if bill.print_copies == "0" else "post"

    def _date(self, bills, field, day):
        """What was made just now happened then."""
        day = min(day, self.base["calendar"].today)
        bills._internal().write({field: datetime.combine(day, time(10, 30))})

    # --- paying

    def _pay(self, days):
        """Older bills are mostly paid, newer ones partly or not yet."""
        bills = self.bills.filtered(
            lambda b: b.billing_stage == "finalized" and b.amount_residual > 0
        ).sorted("id")
        full = {}
        for bill in bills:
            age = len(days) - 1 - days.index(bill.invoice_date)
            luck = self.rng.random()
            if luck < (0.15, 0.6, 0.8, 0.92)[min(age, 3)]:
                # the cashier posts twice a month
                paid_on = bill.invoice_date + timedelta(days=self.rng.choice((12, 26)))
                paid_on = min(paid_on, self.base["calendar"].today)
                full.setdefault(paid_on, self.env["account.move"])
                full[paid_on] |= bill
            elif luck > 0.93:
                part = bill.currency_id.round(bill.amount_residual * 0.4)
                self._register(bill, self.base["calendar"].today, part)
        for paid_on in sorted(full):
            self._register(full[paid_on], paid_on)
            refresh_statistics(self.env)

    def _register(self, bills, day, amount=None):
        vals = {
            "payment_date": day,
            "journal_id": self.base["bank"].id,
            "group_payment": False,
        }
        if amount:
            vals["amount"] = amount
        wizard = (
            self.env["account.payment.register"]
            .with_user(self.base["users"]["cashier"])
            .with_company(self.base["company"])
            .with_context(active_model="account.move", active_ids=bills.ids)
            .create(vals)
        )
        self.payments |= wizard._create_payments().with_env(self.env)

    # --- odds and ends

    def _tidy(self):
        """A bill credited to be billed again, old time written off, and matters that
        were closed, archived or taken out of mass billing since."""
        manager = self.base["users"]["manager"]
        unpaid = self.bills.filtered(
            lambda b: (
                b.billing_stage == "finalized"
                and b.payment_state == "not_paid"
                and b.matter_id.billing_arrangement == "hourly"
                and not b.matter_id.quoted_amount
            )
        ).sorted("id")
        if unpaid:
            unpaid[-1:].with_user(manager).with_company(
                self.base["company"]
            ).action_credit_and_rebill()
        for plan in self.plans:
            if plan.late:
                # also what is refused by now: archived with bills open, long ago
                plan.matter._internal().write(plan.late)
        old = self.env["account.analytic.line"].search(
            [
                ("matter_id", "in", [plan.matter.id for plan in self.plans]),
                ("wip_status", "=", "unbilled"),
                ("wip_type", "=", "time"),
                ("date", "<", self.base["calendar"].today - timedelta(days=100)),
            ],
            order="date, id",
            limit=3,
        )
        if old:
            old.with_user(manager).with_company(self.base["company"]).action_write_off(
                "Agreed with the client, not worth a bill"
            )
