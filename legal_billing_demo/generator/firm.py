"""The demo firm, at any size: same seed, same firm."""

import logging
import random
import time
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, fields

from . import clients, company, matters, money, people, wip
from .areas import AREAS
from .calendar import Calendar
from .history import History

_logger = logging.getLogger(__name__)

#: Bigger firms have a shorter history, unless it is asked for: making bills takes
#: longer than recording time.
FULL_HISTORY = 500


@dataclass
class Firm:
    """What was made. Records are as superuser of the company; ``entry_ids`` are plain
    ids, since there may be a million."""

    company: object
    calendar: Calendar
    users: dict = field(default_factory=dict)
    clients: object = None
    insurers: object = None
    group: object = None
    areas: dict = field(default_factory=dict)
    products: dict = field(default_factory=dict)
    timekeepers: object = None
    rates: object = None
    matters: object = None
    kinds: dict = field(default_factory=dict)
    entry_ids: list = field(default_factory=list)
    vendor_bills: object = None
    runs: object = None
    bills: object = None
    payments: object = None
    deposits: object = None
    slips: object = None
    pay_in_slips: object = None
    requests: object = None
    provision: object = None
    seconds: dict = field(default_factory=dict)

    def get_figures(self):
        """Counts and sums that tell one firm from another.

        :rtype: dict
        """
        entries = self.matters.env["account.analytic.line"]
        groups = entries._read_group(
            [("matter_id", "in", self.matters.ids), ("wip_type", "!=", False)],
            ["wip_type"],
            ["__count", "wip_amount:sum", "billed_amount:sum"],
        )
        return {
            "matters": len(self.matters),
            "entries": {
                kind: (count, round(value, 2), round(billed, 2))
                for kind, count, value, billed in groups
            },
            "bills": len(self.bills),
            "billed": round(sum(self.bills.mapped("amount_untaxed_signed")), 2),
            "stages": {
                stage: len(bills)
                for stage, bills in sorted(self.bills.grouped("billing_stage").items())
            },
            "paid": round(
                sum(self.payments.mapped("amount_company_currency_signed")), 2
            ),
            "vendor_bills": len(self.vendor_bills),
            "client_money": sum(self.deposits.mapped("amount")),
            "credits": sum(self.matters.mapped("unallocated_credit_balance")),
        }


class _Clock:
    """Seconds of each step, told as it goes."""

    def __init__(self):
        self.seconds = {}
        self.started = time.monotonic()

    def lap(self, name):
        now = time.monotonic()
        self.seconds[name] = round(now - self.started, 2)
        self.started = now
        _logger.info("Demo firm: %s in %.1f s", name, self.seconds[name])


def generate(
    env, seed=1, matters=60, entries=3000, today=None, company=None, history=None
):
    """Make the demo firm in this database. Commits nothing.

    :param odoo.api.Environment env: anyone's; the firm is made as superuser
    :param int seed: same seed and day, same firm
    :param int matters: how many (``matters``), up to 10,000
    :param int entries: how many time entries and disbursements, up to 1,000,000
    :param date today: the last day; default: today
    :param res.company company: default: the current one
    :param int history: how many months were billed; default: all six for firms of up
        to 500 matters, else the last one
    :return: the records
    :rtype: Firm
    """
    company = company or env.company
    env = env(
        user=SUPERUSER_ID,
        su=True,
        context={
            "allowed_company_ids": company.ids,
            "lang": env.lang,
            "tz": "UTC",
        },
    )
    if history is None:
        history = 6 if matters <= FULL_HISTORY else 1
    return _Generator(env, seed, today, env["res.company"].browse(company.id)).make(
        matters, entries, history
    )


class _Generator:
    """Makes a firm step by step; every step draws from a stream of its own, so that a
    change of one leaves the others as they were."""

    def __init__(self, env, seed, today, company):
        self.env = env
        self.seed = seed
        self.clock = _Clock()
        calendar = Calendar.until(today or fields.Date.context_today(company))
        self.base = {"company": company, "calendar": calendar}
        self.firm = Firm(company=company, calendar=calendar)

    def _rng(self, name):
        return random.Random(f"{self.seed}:{name}")

    def make(self, matter_count, entry_count, months):
        """Make everything.

        :rtype: Firm
        """
        self.base["months"] = months
        self._make_office(matter_count)
        plans = self._make_matters(matter_count, entry_count)
        self._make_work(plans, entry_count)
        history = History(self.env, self.base, plans, self._rng("history"))
        history.make(months)
        self.clock.lap("history")
        firm = self.firm
        firm.runs, firm.bills = history.runs, history.bills
        firm.payments = history.payments
        self._make_money()
        firm.seconds = self.clock.seconds
        return firm

    def _make_office(self, matter_count):
        env, base, firm = self.env, self.base, self.firm
        calendar = base["calendar"]
        base.update(company.set_up(env, base["company"]))
        base["currencies"] = company.set_up_currencies(
            env, base["company"], [calendar.start, *calendar.billing_days]
        )
        base["bank"] = self.env["account.journal"].search(
            [
                *env["account.journal"]._check_company_domain(base["company"]),
                ("type", "=", "bank"),
            ],
            limit=1,
        )
        if not base["bank"].bank_account_id:
            company.set_bank(env, base["company"], base["bank"])
        base["company"]._set_up_cash_journal()
        base["users"] = firm.users = people.make_users(env, base["company"])
        base["areas"] = firm.areas = self._make_areas()
        base["timekeepers"] = firm.timekeepers = people.make_timekeepers(
            env,
            base["company"],
            self._rng("timekeepers"),
            base["users"],
            max(14, min(200, matter_count // 12)),
        )
        base["consultant"] = people.make_consultant(env, base["company"])
        rng = self._rng("clients")
        firm.clients = clients.make_clients(env, rng, max(8, matter_count * 3 // 5))
        base["insurers"] = firm.insurers = clients.make_insurers(env, rng)
        firm.group = clients.make_group(env, self._rng("group"))
        base["vendors"] = clients.make_vendors(env, rng)
        base["abroad"] = firm.clients.filtered(
            lambda client: client.country_id == env.ref("base.ch")
        )
        firm.products = base["products"]
        firm.rates = people.make_rates(
            env,
            base["company"],
            calendar.start,
            firm.clients,
            base["areas"],
            base["timekeepers"],
        )
        self.clock.lap("office, people, clients")

    def _make_money(self):
        env, base, firm = self.env, self.base, self.firm
        base["client_account"] = money.open_client_account(env, base["company"])
        of_group = firm.matters.filtered(lambda m: m.partner_id == firm.group)
        firm.deposits = money.make_deposits(
            env, base, self._rng("client money"), firm.matters - of_group
        )
        firm.slips = money.overpay(env, base, firm.bills)
        firm.pay_in_slips = money.carry_to_the_bank(env, base, firm.bills)
        firm.requests = money.ask_for_money(env, base, firm.deposits)
        firm.deposits |= money.deposit_for_one(env, base, of_group)
        firm.provision = money.make_provision(
            env, base, firm.matters - firm.requests.matter_id - of_group
        )
        self.clock.lap("client money, credits")

    def _make_areas(self):
        made = self.env["legal.practice.area"].create(
            [
                {
                    "name": area.name,
                    "code": area.code,
                    "sequence": 10 * index,
                    "company_id": self.base["company"].id,
                    "color": index,
                }
                for index, area in enumerate(AREAS, 1)
            ]
        )
        return {area.code: area for area in made}

    def _make_matters(self, matter_count, entry_count):
        rng = self._rng("matters")
        plans = matters.plan_matters(
            rng,
            self.base["calendar"],
            matter_count,
            self.firm.clients,
            self.firm.group,
        )
        self.firm.matters = matters.make_matters(
            self.env, plans, self.base, rng, entry_count
        )
        for plan in plans:
            self.firm.kinds.setdefault(plan.kind.key, self.env["project.project"])
            self.firm.kinds[plan.kind.key] |= plan.matter
        self.clock.lap("matters")
        return plans

    def _make_work(self, plans, entry_count):
        firm = self.firm
        time_vals, by_hand, from_vendors = wip.prepare_work(
            self._rng("work"), plans, self.base, entry_count
        )
        firm.entry_ids = wip.make_entries(self.env, time_vals + by_hand)
        self.clock.lap("entries")
        firm.vendor_bills = wip.make_vendor_bills(self.env, self.base, from_vendors)
        firm.entry_ids += (
            self.env["account.analytic.line"]
            .search([("move_line_id.move_id", "in", firm.vendor_bills.ids)])
            .ids
        )
        self.clock.lap("vendor bills")
