"""One billing cycle from the command line: load, bill, approve, produce, send.

Works as the firm's biller and approver through the same calls as the screens do, and
commits after every chunk: killed in the middle and started again it goes on where it
was, and nothing is billed twice.
"""

import contextlib
import re
import time
from pathlib import Path

from odoo import SUPERUSER_ID, fields

from odoo.addons.legal_billing.exceptions import BillingRunError, ProduceError
from odoo.addons.legal_billing.tools import IN_CRON

from .tie_out import tie_out

#: What one run of the cycle is made of, in order.
STEPS = ("load", "bill", "approve", "produce", "send", "write")


def main(env, out_dir, invoice_date=None, company=None, commit=True, say=print):
    """Bill the firm once and tell what was done.

    :param odoo.api.Environment env: anyone's; the work is done as the users ``biller``
        and ``approver``
    :param out_dir: folder for the PDFs (``bills/``) and the print files
    :param date invoice_date: default: today
    :param res.company company: default: the current one
    :param bool commit: commit after every chunk; False in tests
    :param callable say: takes a line of the report
    :return: 0, or 1 if the cycle does not tie out
    :rtype: int
    """
    company = company or env.company
    env = env(
        user=SUPERUSER_ID,
        su=True,
        context=dict(env.context, allowed_company_ids=company.ids, tz="UTC"),
    )
    company = env["res.company"].browse(company.id)
    day = invoice_date or fields.Date.context_today(company)
    cycle = Cycle(env, company, Path(out_dir), day, commit)
    for step in STEPS:
        cycle.do(step)
    for line in Report(cycle).make_lines():
        say(line)
    return 1 if cycle.problems else 0


class Cycle:
    """The state of a cycle: its run and bills are found in the database, so that it
    can be taken up again."""

    def __init__(self, env, company, out_dir, day, commit=True):
        self.env = env
        self.company = company
        self.out_dir = out_dir
        self.day = day
        self.is_committing = commit
        self.seconds = {}
        self.is_resumed = False
        self.run = env["legal.billing.run"]
        self.problems = []
        self.files = []
        self.users = {
            user.login: user
            for user in env["res.users"].search(
                [("login", "in", ["biller", "approver"])]
            )
        }
        if len(self.users) < 2:
            raise BillingRunError(
                env._("The demo firm is not in this database: generate() makes it.")
            )

    def do(self, step):
        """Do one of the ``STEPS`` and commit it."""
        start = time.monotonic()
        getattr(self, f"_{step}")()
        self._commit()
        self.seconds[step] = time.monotonic() - start

    def get_bills(self, *stages):
        """Bills that runs of this day made, all or those in the stages.

        :rtype: account.move
        """
        bills = self._get_runs().bill_ids.sorted("id")
        if stages:
            bills = bills.filtered(lambda bill: bill.billing_stage in stages)
        return bills

    # --- steps

    def _load(self):
        """Take up the run that was interrupted, else look at the matters anew."""
        runs = self._get_runs()
        unfinished = self._get_unfinished_bills()
        self.run = runs.filtered(
            lambda run: run.queued_count or run.bill_ids & unfinished
        )[:1]
        self.is_resumed = bool(self.run)
        if self.run:
            return
        self.run = runs.filtered(lambda run: not run.started_on)[:1]
        if not self.run:
            self.run = (
                self._as("biller", self.env["legal.billing.run"])
                .create({"invoice_date": self.day})
                .with_env(self.env)
            )
        self._as("biller", self.run).action_load()

    def _bill(self):
        ready = self.run.line_ids.filtered(lambda line: line.state == "ready")
        if ready:
            self._as("biller", self.run).action_bill_all()
        self._work_off(self.run)

    def _approve(self):
        self._work_off_left("approve", "approver")
        drafts = self.get_bills("draft")
        if drafts:
            self._as("approver", drafts).action_approve_bills()
            self._work_off_left("approve", "approver")

    def _produce(self):
        self._work_off_left("produce", "biller")
        bills = self.get_bills("production")
        if bills:
            # a second time, all that is left may wait for a person: it is told below
            with contextlib.suppress(ProduceError), self.env.cr.savepoint():
                self._as("biller", bills).action_produce_bills()
            self._work_off_left("produce", "biller")

    def _send(self):
        """What the mail queue's cron does, now. In a test nothing leaves."""
        if not self.is_committing:
            return
        mails = self.get_bills().delivery_message_ids
        if mails:
            self.env["mail.mail"].process_email_queue()

    def _write(self):
        """Lay the PDFs and the print files down as files, anew."""
        folder = self.out_dir / "bills"
        folder.mkdir(parents=True, exist_ok=True)
        bills = self.get_bills("finalized")
        for bill in bills:
            if bill.invoice_pdf_report_id:
                path = folder / f"{bill.name.replace('/', '-')}.pdf"
                path.write_bytes(bill.invoice_pdf_report_id.raw)
                self.files.append(path)
        produced = self.env["legal.billing.run.line"].search(
            [("operation", "=", "produce"), ("bill_id", "in", bills.ids)]
        )
        for attachment in produced.run_id.print_file_ids:
            path = self.out_dir / attachment.name
            path.write_bytes(attachment.raw)
            self.files.append(path)
        self.problems = tie_out(self._get_runs().filtered("started_on"))

    # --- helpers

    def _get_unfinished_bills(self):
        """Bills on their way that nothing stands against but an interruption.

        :rtype: account.move
        """
        bills = self.get_bills("draft", "production")
        failed = self.env["legal.billing.run.line"].search(
            [("bill_id", "in", bills.ids), ("state", "=", "failed")]
        )
        return bills - failed.bill_id

    def _as(self, login, records):
        return records.with_user(self.users[login]).with_company(self.company)

    def _get_runs(self):
        """Mass billing of this day by the biller, newest first.

        :rtype: legal.billing.run
        """
        return self.env["legal.billing.run"].search(
            [
                ("operation", "=", "bill"),
                ("company_id", "=", self.company.id),
                ("invoice_date", "=", self.day),
                ("user_id", "=", self.users["biller"].id),
            ]
        )

    def _work_off_left(self, operation, login):
        """Work off what is queued of this person's operation."""
        self._work_off(
            self.env["legal.billing.run"].search(
                [
                    ("operation", "=", operation),
                    ("company_id", "=", self.company.id),
                    ("user_id", "=", self.users[login].id),
                    ("line_ids.state", "=", "queued"),
                ],
                order="id",
            )
        )

    def _work_off(self, runs):
        """Process queued rows as the cron does: a commit after every chunk."""
        self._commit()
        queued = runs.filtered("queued_count")
        if queued and self.is_committing:
            cron = self.env.ref("legal_billing.ir_cron_billing_run")
            queued = queued.with_context(cron_id=cron.id, legal_billing_cron=IN_CRON)
        queued.process()
        self.env.invalidate_all()

    def _commit(self):
        if self.is_committing:
            self.env.cr.commit()  # pylint: disable=invalid-commit


class Report:
    """What a cycle did, in words and figures.

    :param Cycle cycle: done
    """

    def __init__(self, cycle):
        self.cycle = cycle
        self.currency = cycle.company.currency_id

    def make_lines(self):
        """:rtype: list"""
        cycle = self.cycle
        run = cycle.run
        bills = run.bill_ids
        papers = [path for path in cycle.files if path.parent != cycle.out_dir]
        lines = [
            f"Billing cycle of {cycle.day}, {run.name}, {cycle.company.name}",
            *(["  An interrupted cycle was taken up."] if cycle.is_resumed else []),
            self._figure("Matters looked at", run.line_count),
            self._figure("Billed", run.done_count, run.done_amount),
            *self._describe_left_out(run),
            self._figure(
                "Approved", len(bills.filtered(lambda b: b.state == "posted"))
            ),
            self._figure("Produced", len(bills.filtered("produced_on"))),
            *self._describe_failures(),
            *self._describe_delivery(bills),
            f"  PDFs written      {len(papers):>6}   to {cycle.out_dir}/bills",
        ]
        lines += [
            f"  Print file                 {path}"
            for path in cycle.files
            if path.parent == cycle.out_dir
        ]
        if cycle.problems:
            lines += ["  DOES NOT TIE OUT:", *(f"    {row}" for row in cycle.problems)]
        else:
            lines.append(
                "  Ties out: rows = drafts + skipped + failed + held back; "
                "to bill = net of the drafts."
            )
        steps = ", ".join(f"{s} {cycle.seconds[s]:.1f} s" for s in STEPS)
        lines.append(f"  Time: {steps}")
        return lines

    def _figure(self, text, count, amount=None):
        money = "" if amount is None else f"{self._format(amount):>16}"
        return f"  {text:<18}{count:>6}{money}"

    def _format(self, amount):
        """An amount without the joiner after its sign, which columns would count."""
        return self.currency.format_signed(amount).replace(
            "\N{ZERO WIDTH NO-BREAK SPACE}", ""
        )

    def _describe_left_out(self, run):
        """Rows without a bill by reason, with the WIP that stays, the largest first."""
        left = run.line_ids.filtered(lambda line: line.state != "done")
        values = {line: self._get_value(line.matter_id) for line in left}
        labels = self.cycle.env["legal.billing.run.line"]._get_reasons()
        lines = [self._figure("Not billed", len(left), sum(values.values()))]
        groups = left.grouped(lambda line: line.reason_code or line.state)
        for code, rows in sorted(groups.items(), key=lambda item: -len(item[1])):
            # a reason with the figures of each of its rows: left open in the sum
            text = re.sub(r"%\(\w+\)s", "…", labels.get(code, code))
            if len(rows) == 1 and rows.message:
                text = rows.message
            amount = self._format(sum(values[row] for row in rows))
            lines.append(f"    {len(rows):>20}{amount:>16}  {text}")
        return lines

    def _get_value(self, matter):
        """Unbilled WIP of a matter in the firm's currency."""
        currency = matter.billing_currency_id or self.currency
        return currency._convert(
            matter.unbilled_amount, self.currency, self.cycle.company, self.cycle.day
        )

    def _describe_failures(self):
        """Bills that could not be approved or produced, with the reason."""
        cycle = self.cycle
        open_bills = cycle.get_bills("draft", "production")
        rows = cycle.env["legal.billing.run.line"].search(
            [("bill_id", "in", open_bills.ids), ("state", "=", "failed")]
        )
        return (
            [
                self._figure("Left for a person", len(open_bills)),
                *(f"    {row.message}" for row in rows),
            ]
            if open_bills
            else []
        )

    def _describe_delivery(self, bills):
        mailed = bills.filtered("delivery_message_ids")
        to_post = bills.filtered(
            lambda b: (
                b.billing_stage == "finalized"
                and b.print_copies != "0"
                and not b.delivered_on
            )
        )
        lines = [self._figure("E-mailed", len(mailed))]
        refused = mailed.filtered("delivery_error")
        if refused:
            lines.append(self._figure("Refused", len(refused)))
        lines.append(self._figure("To be posted", len(to_post)))
        return lines
