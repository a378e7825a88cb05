"""Users of every role, timekeepers, and the ladder of rates."""

from datetime import timedelta

from odoo.fields import Command

from .company import LANGUAGE
from .names import FIRST_NAMES, LAST_NAMES, make_unique, slug

#: login (and password): name, role, grade of the timekeeper it is (if any)
USERS = {
    "biller": ("Beth Tally", "biller", None),
    "approver": ("Alan Marsh", "approver", None),
    "reviewer": ("Rosalind Merrow", "reviewer", "partner"),
    "vale": ("Julian Vale", "reviewer", "partner"),
    "earner": ("Nadia Quill", "fee_earner", "associate"),
    "cashier": ("Colin Penny", "cashier", None),
    "officer": ("Olive Trustwell", "client_account_officer", None),
    "manager": ("Miriam Stone", "manager", None),
}

#: The page that each role begins the day with.
PAGES = {
    "biller": "legal_billing.legal_billing_run_action_new",
    "approver": "legal_billing.draft_bill_action",
    "reviewer": "legal_billing.draft_bill_action",
    "fee_earner": "legal_billing.wip_action",
    "cashier": "legal_billing.legal_payment_action",
    "client_account_officer": "legal_billing.legal_trust_balance_action",
    "manager": "legal_billing.bill_action",
}

#: grade: price of an hour, cost of an hour, share of the timekeepers
GRADES = {
    "partner": (395.0, 120.0, 3),
    "counsel": (340.0, 95.0, 1),
    "senior_associate": (290.0, 70.0, 3),
    "associate": (235.0, 52.0, 4),
    "trainee": (145.0, 28.0, 2),
    "paralegal": (110.0, 22.0, 2),
}


def make_users(env, company):
    """One user per role, with the login as password; existing ones are
    kept and may work for the company too.

    :return: users by login
    :rtype: dict
    """
    existing = {
        user.login: user
        for user in env["res.users"]
        .with_context(active_test=False)
        .search([("login", "in", list(USERS))])
    }
    missing = [login for login in USERS if login not in existing]
    created = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": USERS[login][0],
                    "login": login,
                    "password": login,
                    "email": f"{slug(USERS[login][0])}@merrowvale.example",
                    "lang": LANGUAGE,
                    "action_id": env.ref(PAGES[USERS[login][1]]).id,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [
                        Command.link(env.ref("base.group_user").id),
                        Command.link(
                            env.ref(
                                f"legal_billing.legal_billing_group_{USERS[login][1]}"
                            ).id
                        ),
                    ],
                }
                for login in missing
            ]
        )
    )
    for user in existing.values():
        user.company_ids = [Command.link(company.id)]
    users = existing | dict(zip(missing, created, strict=True))
    return {login: users[login] for login in USERS}


def make_timekeepers(env, company, rng, users, count):
    """Lawyers with grades; the users who are lawyers first.

    :param int count: at least the lawyers among the users
    :rtype: hr.employee
    """
    lawyers = [(login, row[2]) for login, row in USERS.items() if row[2]]
    grades = [grade for grade, (_p, _c, share) in GRADES.items() for _i in range(share)]
    names = {row[0] for row in USERS.values()}
    vals_list = [
        {
            "name": users[login].name,
            "user_id": users[login].id,
            "work_email": users[login].email,
            "legal_grade": grade,
        }
        for login, grade in lawyers
    ]
    for index in range(max(count, len(lawyers) + len(GRADES)) - len(lawyers)):
        name = make_unique(
            rng, lambda: f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}", names
        )
        vals_list.append(
            {
                "name": name,
                "work_email": f"{slug(name)}@merrowvale.example",
                "legal_grade": list(GRADES)[index]
                if index < len(GRADES)
                else (rng.choice(grades)),
            }
        )
    for vals in vals_list:
        vals["company_id"] = company.id
        vals["hourly_cost"] = GRADES[vals["legal_grade"]][1]
    return env["hr.employee"].create(vals_list)


def make_consultant(env, company):
    """A lawyer for whom nobody has set a rate: his time has no value until then.

    :rtype: hr.employee
    """
    return env["hr.employee"].create(
        {"name": "Sten Holm (consultant)", "company_id": company.id, "hourly_cost": 80}
    )


def make_rates(env, company, start, clients, areas, timekeepers):
    """The ladder: firm by grade with a rise halfway, then practice area, client and
    one timekeeper, each more specific than the one before.

    :param date start: first day of time
    :rtype: legal.rate
    """
    rise = start + timedelta(days=90)
    vals_list = [
        {"grade": grade, "price": price, "date_from": False}
        for grade, (price, _cost, _share) in GRADES.items()
    ]
    vals_list += [
        {"grade": grade, "price": price + 10, "date_from": rise}
        for grade, (price, _cost, _share) in GRADES.items()
    ]
    vals_list += [
        {"grade": "partner", "price": 450.0, "practice_area_id": areas["COR"].id},
        {"grade": "trainee", "price": 125.0, "practice_area_id": areas["PCL"].id},
        {"grade": "partner", "price": 360.0, "partner_id": clients[0].id},
        {"price": 225.0, "partner_id": clients[1].id},
        {"employee_id": timekeepers[0].id, "price": 420.0, "date_from": rise},
    ]
    for vals in vals_list:
        vals["company_id"] = company.id
        vals["currency_id"] = company.currency_id.id
    return env["legal.rate"].create(vals_list)
