"""The run that goes wrong: thousands of matters, some of which fail for five reasons.

``prepare`` gives five groups of matters an account, a tax, a journal, a currency and a
receivable account of their own; ``spoil`` takes these away after the list was reviewed,
as happens in a firm between the 28th and the 30th; ``mend`` puts them back. ``main``
does all of it, in an office made by ``generate``, and tells what the biller sees:

    from odoo.addons.legal_billing_demo import failures
    failures.main(env)          # leaves the failures on the page
    failures.mend_and_retry(env)

It can be run again: a run of before is undone first.
"""

import time

from odoo import SUPERUSER_ID, fields
from odoo.fields import Command

#: What goes wrong, in order of the groups.
CASES = ("account", "tax", "journal", "currency", "receivable")
CODE = "FAILS"


class Failures:
    """The groups of matters, and what is taken away from them."""

    def __init__(self, env, company):
        self.env = env
        self.company = company
        self.books = {}

    # --- the groups

    def prepare(self, matters):
        """Give each group what will be taken away from it.

        :param list matters: one recordset per case, in the order of ``CASES``; none of
            the payers of the last one may have other matters
        """
        for case, group in zip(CASES, matters, strict=True):
            self.books[case] = getattr(self, f"_prepare_{case}")(group)
        self.mend()  # a story of before may have been left as it was

    def _find_or_create(self, model, domain, vals):
        records = self.env[model].with_context(active_test=False).search(domain)
        return records[:1] or self.env[model].create(vals)

    def _prepare_account(self, matters):
        account = self._make_account("Income from notarial work", "income")
        self._make_fee_product("Notarial fees", matters, account=account)
        return account

    def _prepare_tax(self, matters):
        name = "Tax on notarial fees"
        tax = self._find_or_create(
            "account.tax",
            [("name", "=", name), ("company_id", "=", self.company.id)],
            {
                "name": name,
                "amount": 10.0,
                "type_tax_use": "sale",
                "company_id": self.company.id,
            },
        )
        self._make_fee_product("Notarial fees, taxed", matters, tax=tax)
        return tax

    def _prepare_journal(self, matters):
        journal = self._find_or_create(
            "account.journal",
            [("code", "=", CODE), ("company_id", "=", self.company.id)],
            {
                "name": "Bills of the old office",
                "code": CODE,
                "type": "sale",
                "company_id": self.company.id,
            },
        )
        matters.bill_journal_id = journal
        return journal

    def _prepare_currency(self, matters):
        currency = self.env.ref("base.CHF")
        currency.active = True
        matters.billing_currency_id = currency
        return currency

    def _prepare_receivable(self, matters):
        account = self._make_account("Receivable from insurers", "asset_receivable")
        payers = matters.billing_partner_id.with_company(self.company)
        payers.property_account_receivable_id = account
        return account

    def _make_account(self, name, account_type):
        accounts = self.env["account.account"].with_company(self.company)
        found = accounts.with_context(active_test=False).search(
            [("name", "=", name), ("company_ids", "in", self.company.ids)], limit=1
        )
        return found or accounts.create(
            {
                "name": name,
                "code": accounts._search_new_account_code("499000"),
                "account_type": account_type,
                "company_ids": [Command.set(self.company.ids)],
            }
        )

    def _make_fee_product(self, name, matters, account=None, tax=None):
        usual = self.company.legal_fee_product_id
        product = self._find_or_create(
            "product.product",
            [("name", "=", name), ("company_id", "=", self.company.id)],
            {
                "name": name,
                "type": "service",
                "legal_use": "fee",
                "company_id": self.company.id,
            },
        ).with_company(self.company)
        product.property_account_income_id = (
            account or usual.with_company(self.company).property_account_income_id
        )
        # sudo: the usual product's taxes may be of all companies
        usual_taxes = usual.sudo().taxes_id._filter_taxes_by_company(self.company)
        product.taxes_id = [Command.set((tax or usual_taxes).ids)]
        matters.fee_product_id = product

    def _set_rate(self, currency):
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.root_id.id,
                "name": fields.Date.start_of(fields.Date.today(), "year"),
                "rate": 1.1,
            }
        )

    # --- what happens behind the biller's back

    def spoil(self):
        """Take everything away that the groups were given."""
        for case in ("account", "tax", "journal", "receivable"):
            self.books[case].active = False
        self.books["currency"].rate_ids.unlink()

    def mend(self):
        """Put everything back."""
        for case in ("account", "tax", "journal", "receivable"):
            self.books[case].active = True
        if not self.books["currency"].rate_ids:
            self._set_rate(self.books["currency"])


# --- the story at the size of an office


def main(env, count=40, company=None, commit=True, say=print):
    """Bill the office while ``count`` of its matters fail.

    :param odoo.api.Environment env: of an office made by ``generate``
    :param int count: matters that fail, a fifth each
    :param bool commit: after each step; False in tests
    :param callable say: takes a line of the report
    :return: the run
    :rtype: legal.billing.run
    """
    env = _make_env(env, company)
    biller = env["res.users"].search([("login", "=", "biller")])
    done = env.cr.commit if commit else env.flush_all
    for old in env["legal.billing.run"].search([("operation", "=", "bill")]):
        if old._get_drafts():
            old.with_user(biller).action_undo()
    run = env["legal.billing.run"].with_user(biller).create({})
    run.action_load()
    failures = Failures(env, env.company)
    failures.prepare(_pick_matters(env, run, count // len(CASES)))
    run.action_load()
    done()
    say(f"{run.name}: {run.ready_count} ready, {run.excluded_count} held back.")
    failures.spoil()
    done()
    start = time.monotonic()
    small, env.company.legal_small_run = env.company.legal_small_run, run.ready_count
    run.action_bill_all()
    env.company.legal_small_run = small
    done()
    say(
        f"{run.done_count} drafts, {run.failed_count} failed, "
        f"{time.monotonic() - start:.1f} s."
    )
    tell_failures(run, say)
    return run


def mend_and_retry(env, company=None, commit=True, say=print):
    """Put the books right and try again what failed.

    :return: the run
    :rtype: legal.billing.run
    """
    env = _make_env(env, company)
    biller = env["res.users"].search([("login", "=", "biller")])
    run = env["legal.billing.run"].search([("operation", "=", "bill")], limit=1)
    failures = Failures(env, env.company)
    empty = env["project.project"]
    failures.prepare([empty] * len(CASES))
    failures.mend()
    run.line_ids.with_user(biller).action_retry()
    if commit:
        env.cr.commit()
    say(f"After mending: {run.done_count} drafts, {run.failed_count} failed.")
    return run


def tell_failures(run, say):
    """What the page shows: one line per reason."""
    for row in run.failure_summary:
        if row["state"] != "excluded":
            say(f"  {row['count']:>3} × {row['label']}: {row['text']}")


def _make_env(env, company):
    company = company or env.company
    return env(
        user=SUPERUSER_ID,
        su=True,
        context=dict(env.context, allowed_company_ids=company.ids, tz="UTC"),
    )


def _pick_matters(env, run, size):
    """Groups of ready matters billed by the hour, each payer once.

    :rtype: list
    """
    ready = run.line_ids.filtered(lambda line: line.state == "ready")
    once = [
        lines for _payer, lines in ready.grouped("payer_id").items() if len(lines) == 1
    ]
    fit = [
        line.matter_id
        for line in once
        if line.fees_amount and not line.quote_amount and not line.is_foreign
    ]
    groups = [fit[index * size : (index + 1) * size] for index in range(len(CASES))]
    return [env["project.project"].union(*group) for group in groups]
