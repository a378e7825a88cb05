"""One billing cycle in a company of each chart of accounts; runs in Odoo's shell.

Reads ``LB_CHARTS`` (names, or ``main``: the company that is there with its chart),
writes what it found to the file ``LB_CHARTS_FOUND``, as JSON.
"""

import json
import os
import traceback
from datetime import date
from pathlib import Path

from odoo.fields import Command

#: Country, state of the client, and what fees are taxed with in per cent.
CHARTS = {
    "at": ("AT", None, 20.0),
    "au": ("AU", None, 10.0),
    "be_asso": ("BE", None, 21.0),
    "be_comp": ("BE", None, 21.0),
    "ca_2023": ("CA", "ON", 13.0),
    "ch": ("CH", None, 8.1),
    "de_skr03": ("DE", None, 19.0),
    "de_skr04": ("DE", None, 19.0),
    "es_full": ("ES", None, 21.0),
    "es_pymes": ("ES", None, 21.0),
    "fr": ("FR", None, 20.0),
    "generic_coa": ("US", "NY", 15.0),
    "ie": ("IE", None, 23.0),
    "it": ("IT", None, 22.0),
    "lu": ("LU", None, 17.0),
    "nl": ("NL", None, 21.0),
    "nz": ("NZ", None, 15.0),
    "uk": ("GB", None, 20.0),
    "us": ("US", "NY", 4.0),
    "za": ("ZA", None, 15.0),
}
DAY, LATER, PAID = date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 1)


def _name(account):
    """Code and name; core shows the code to readers of the books only."""
    return f"{account.code} {account.name}" if account else ""


class Cycle:
    """The cycle of one company, and what is wrong with it."""

    def __init__(self, env, chart, company, rate):
        self.chart, self.rate = chart, rate
        self.env = env(context={"allowed_company_ids": company.ids})
        self.company = company.with_env(self.env)
        self.wrong = []
        self.found = {"chart": chart}

    def check(self, is_right, sentence):
        """Note what is wrong."""
        if not is_right:
            self.wrong.append(sentence)

    def play(self, state):
        """Bill, pay, credit, hold and transfer client money."""
        env, company = self.env, self.company
        env.user.email = "ada@firm.example"
        env["hr.employee"].create(
            {"name": "Ada", "user_id": env.uid, "company_id": company.id}
        )
        env["legal.rate"].create({"price": 200.0, "company_id": company.id})
        country = company.country_id
        where = country.state_ids.filtered(lambda one: one.code == state)
        client = env["res.partner"].create(
            {
                "name": f"Client of {self.chart}",
                "country_id": country.id,
                "state_id": where.id,
            }
        )
        self.matter = env["project.project"].create(
            {
                "name": "Matter",
                "is_matter": True,
                "partner_id": client.id,
                "company_id": company.id,
            }
        )
        for hours in (1.5, 0.5):
            self.work(hours, date(2026, 10, 5))
        self.spend("product_disbursement", 120.0)
        self.spend("product_disbursement_agent", 50.0)
        first = self.bill(DAY)
        self.look_at(first)
        self.pay(first, 10.0)
        self.work(1.0, date(2026, 11, 5))
        second = self.bill(LATER)
        self.use_credit(second)
        self.use_client_money(second)
        return self.found | {"verdict": "; ".join(self.wrong) or "ok"}

    def work(self, hours, day):
        """Record time."""
        employee = self.env["hr.employee"].search(
            [("user_id", "=", self.env.uid), ("company_id", "=", self.company.id)]
        )
        self.env["account.analytic.line"].create(
            {
                "project_id": self.matter.id,
                "employee_id": employee.id,
                "name": "Advice",
                "date": day,
                "unit_amount": hours,
            }
        )

    def spend(self, product, amount):
        """Record a disbursement of a shipped type."""
        self.env["account.analytic.line"].create(
            {
                "matter_id": self.matter.id,
                "name": "Cost",
                "date": date(2026, 10, 6),
                "product_id": self.env.ref(f"legal_billing.{product}").id,
                "unit_amount": 1.0,
                "bill_rate": amount,
            }
        )

    def bill(self, day):
        """Run, approve, produce without sending."""
        run = self.env["legal.billing.run"].create(
            {"invoice_date": day, "company_id": self.company.id}
        )
        run.action_load()
        run.action_bill_all()
        bill = run.bill_ids
        messages = run.line_ids.mapped(lambda row: row.message or row.reason_code)
        assert len(bill) == 1, messages
        bill.action_approve_bills()
        assert bill.state == "posted", "not approved"
        bill.action_produce_without_sending("by hand", day)
        return bill

    def look_at(self, bill):
        """Hold the first bill against the chart."""
        lines = bill.invoice_line_ids.filtered(lambda line: line.product_id)
        fees, agent = (
            lines.filtered(
                lambda line, name=name: (
                    line.product_id == self.env.ref(f"legal_billing.{name}")
                )
            )
            for name in ("product_fees", "product_disbursement_agent")
        )
        company, net = self.company, 520.0
        rate = sum(fees.tax_ids.flatten_taxes_hierarchy().mapped("amount"))
        expected = company.currency_id.round(net * self.rate / 100)
        self.check(bill.amount_untaxed == 570.0, "net")
        self.check(abs(rate - self.rate) < 0.001, f"rate {rate} %")
        self.check(abs(bill.amount_tax - expected) < 0.02, "tax")
        self.check(
            agent.tax_ids and not sum(agent.tax_ids.mapped("amount")), "agent tax"
        )
        self.check(agent.account_id.account_type == "asset_current", "agent account")
        self.found |= {
            "net": bill.amount_untaxed,
            "tax": bill.amount_tax,
            "total": bill.amount_total,
            "currency": company.currency_id.name,
            "fee_tax": " + ".join(fees.tax_ids.mapped("name")),
            "fee_account": _name(fees.account_id),
            "agent_tax": " + ".join(agent.tax_ids.mapped("name")),
            "agent_account": _name(agent.account_id),
            "credits": _name(company.legal_unallocated_account_id),
            "money": _name(company.legal_trust_account_id),
            "write_off": _name(company.legal_write_off_account_id),
        }

    def pay(self, bill, more):
        """Pay a bill, and more than it asks for."""
        self.slip(
            bill,
            "bank",
            [
                {"bill_id": bill.id, "amount": bill.amount_total},
                {"kind": "credit", "matter_id": self.matter.id, "amount": more},
            ],
        )
        self.check(not bill.amount_residual, "bill not paid")
        self.check(self.credits() == -more, "credit")

    def credits(self):
        """Return the balance of unallocated credits."""
        account = self.company.legal_unallocated_account_id
        items = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return sum(items.mapped("balance"))

    def slip(self, bill, source, rows, **vals):
        """Post a payment."""
        slip = self.env["legal.payment"].create(
            {
                "source": source,
                "received_from_id": bill.partner_id.id,
                "amount": sum(row["amount"] for row in rows),
                "date": PAID,
                "allocation_ids": [Command.create(row) for row in rows],
                **vals,
            }
        )
        slip.action_post()

    def use_credit(self, bill):
        """Pay a part of a bill from the credit."""
        self.slip(
            bill,
            "unallocated",
            [{"bill_id": bill.id, "amount": 10.0}],
            matter_id=self.matter.id,
        )
        self.check(not self.credits(), "credit not used")

    def use_client_money(self, bill):
        """Take money in for the client; pay a part of a bill from it."""
        bank = self.env["account.journal"].create(
            {
                "name": "Client bank",
                "code": "CLB",
                "type": "bank",
                "is_client_account": True,
                "company_id": self.company.id,
            }
        )
        self.env["legal.trust.transaction"].create(
            {
                "kind": "deposit",
                "matter_id": self.matter.id,
                "journal_id": bank.id,
                "amount": 100.0,
                "date": PAID,
            }
        ).action_post()
        self.slip(
            bill,
            "client_account",
            [{"bill_id": bill.id, "amount": 60.0}],
            client_journal_id=bank.id,
        )
        account = self.company.legal_trust_account_id
        items = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        self.check(sum(items.mapped("balance")) == -40.0, "client money")
        left = bill.amount_total - 70.0
        self.check(abs(bill.amount_residual - left) < 0.005, "second bill")


def make_company(chart):
    """A company with its chart, as *Settings* makes it."""
    code, _state, _rate = CHARTS[chart]
    country = env.ref(f"base.{code.lower() if code != 'GB' else 'uk'}")
    count = env["res.company"].search_count([])
    state = country.state_ids.filtered(lambda one: one.code == CHARTS[chart][1])
    company = env["res.company"].create(
        {
            "name": f"Firm {chart} {count}",
            "country_id": country.id,
            "state_id": state.id,
        }
    )
    env.user.company_ids |= company
    env.cr.commit()  # core loads the country's first chart now; another replaces it
    if company.chart_template != chart:
        env["account.chart.template"].try_loading(chart, company)
        env.cr.commit()
    return company


def main():
    """All charts, one after the other; a failure is a verdict."""
    found = []
    names = os.environ["LB_CHARTS"].split()
    for name in names:
        try:
            company = env.company if name == "main" else make_company(name)
            chart = company.chart_template
            assert name in ("main", chart), f"loaded {chart}"
            _code, state, rate = CHARTS[chart]
            result = Cycle(env, chart, company, rate).play(state)
            env.cr.commit()
        except Exception as error:
            traceback.print_exc()
            env.cr.rollback()
            env.transaction.reset()
            words = str(error).strip().split("\n")[0][:200]
            result = {"chart": name, "verdict": f"{type(error).__name__}: {words}"}
        found.append(result)
        print(f"   {result['chart']}: {result['verdict']}", flush=True)
    Path(os.environ["LB_CHARTS_FOUND"]).write_text(json.dumps(found, indent=1))


main()
