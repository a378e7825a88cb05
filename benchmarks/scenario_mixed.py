"""Loading a firm of which three matters in ten are not plain, beside the bare sums.

Of a hundred matters seventy are by the hour; the others have quotes, a cap, discounts,
bills in another currency, or instalments.
"""

from datetime import date
from statistics import median

import firm
from measure import timed
from scenario_scale import AGGREGATE

ENTRIES = 100
#: What the others of a hundred matters agreed on; seventy are plain.
OPTIONS = (
    *[{"quoted_amount": 5000.0, "quote_basis": "bill"}] * 4,
    *[{"quoted_amount": 90000.0}] * 4,
    *[{"billing_arrangement": "capped", "cap_amount": 20000.0}] * 2,
    *[{"discount_type": "percent", "discount_value": 7.5}] * 5,
    *[{"discount_type": "fixed", "discount_value": 250.0}] * 3,
    *["recorded abroad"] * 3,
    *["billed abroad"] * 3,
    *["instalment"] * 6,
)


def make_euro(env):
    """A second currency with a rate of each quarter.

    :rtype: res.currency
    """
    euro = env.ref("base.EUR")
    if env.company.currency_id == euro:
        euro = env.ref("base.USD")
    euro.active = True
    env["res.currency.rate"].create(
        [
            {
                "name": day,
                "rate": rate,
                "currency_id": euro.id,
                "company_id": env.company.id,
            }
            for day, rate in ((date(2026, 1, 1), 0.91), (date(2026, 7, 1), 0.87))
        ]
    )
    return euro


def make_mixed(env, base, size):
    """Matters of which three in ten are not plain, billed once in this year.

    :rtype: project.project
    """
    matters = firm.make_matters(env, base, size, entries=ENTRIES)
    euro = make_euro(env)
    kinds = {}
    for index, matter in enumerate(matters):
        number = index % 100 - 70
        if number >= 0:
            kinds.setdefault(number, []).append(matter.id)
    for number, ids in kinds.items():
        option = OPTIONS[number]
        some = matters.browse(ids)
        if isinstance(option, dict):
            update(env, some, option)
        elif option == "instalment":
            update(env, some, {"billing_arrangement": "fixed"})
            env["legal.fee.instalment"]._internal().create(
                [
                    {"matter_id": matter.id, "name": "First part", "amount": 4000.0}
                    for matter in some
                ]
            )
        else:
            update(env, some, {"billing_currency_id": euro.id})
            # work of 0.1 to 3 hours: amounts that are converted one by one
            env.cr.execute(
                "UPDATE account_analytic_line SET bill_quantity = (id %% 30 + 1) / 10.0, "
                "wip_amount = (id %% 30 + 1) * 25, standard_amount = (id %% 30 + 1) * 25 "
                "WHERE matter_id = ANY(%s) AND wip_type = 'time'",
                [some.ids],
            )
            if option == "recorded abroad":
                env.cr.execute(
                    "UPDATE account_analytic_line SET wip_currency_id = %s "
                    "WHERE matter_id = ANY(%s)",
                    [euro.id, some.ids],
                )
    env.invalidate_all()
    return matters


def update(env, matters, vals):
    """Give matters options as they are stored, without what follows for their entries."""
    env.flush_all()
    names = ", ".join(f"{name} = %s" for name in vals)
    env.cr.execute(
        f"UPDATE project_project SET {names} WHERE id = ANY(%s)",
        [*vals.values(), matters.ids],
    )
    env.invalidate_all()


def measure(env, size, rounds):
    """Load in turns with the bare sums."""
    base = firm.prepare(env)
    matters = make_mixed(env, base, size)
    env.cr.execute("ANALYZE account_analytic_line")
    domain = str([("id", "in", matters.ids)])
    found = []
    for _index in range(rounds + 1):
        run = env["legal.billing.run"].create(
            {"invoice_date": firm.DAY, "filter_domain": domain}
        )
        load, queries, _none = timed(env, run.action_load)
        bare, _queries, _none = timed(
            env, lambda: (env.cr.execute(AGGREGATE, [firm.DAY]), env.cr.fetchall())
        )
        assert run.ready_count == size, set(run.line_ids.mapped("message"))
        found.append((load, bare, queries))
        run.unlink()
    found = found[1:]  # the first one fills caches
    env.cr.rollback()
    return {
        "matters": size,
        "entries": size * ENTRIES,
        "load_s": median(load for load, _bare, _queries in found),
        "aggregate_s": median(bare for _load, bare, _queries in found),
        "load_queries": found[0][2],
        "load": median(load / bare for load, bare, _queries in found),
    }
