"""Client money on deposit, and a payment that left a credit."""

from datetime import timedelta

from odoo.fields import Command

#: One matter in so many has money on deposit; so many matters at most.
DEPOSITS_EVERY, DEPOSITS_AT_MOST = 6, 120
AMOUNTS = (500.0, 1000.0, 1500.0, 2500.0, 5000.0, 12000.0)


def open_client_account(env, company):
    """The bank account of the clients' money.

    :rtype: account.journal
    """
    return env["account.journal"].create(
        {
            "name": "Client account",
            "type": "bank",
            "code": "CLNT",
            "company_id": company.id,
            "is_client_account": True,
            "bank_acc_number": "GB94BARC10201530093459",
        }
    )


def make_deposits(env, base, rng, matters):
    """Clients pay on account; booked by the client-account officer.

    :param dict base: what the generator has made so far
    :param project.project matters: of the firm
    :rtype: legal.trust.transaction
    """
    officer = base["users"]["officer"]
    matters = matters.filtered(
        lambda matter: (
            matter.active
            and matter.partner_id
            and matter.billing_status == "active"
            and matter.billing_currency_id == base["company"].currency_id
        )
    ).sorted("id")
    # a wall may stand between the officer and some of them
    matters = matters.with_user(officer)._filtered_access("read").with_env(env)
    count = min(DEPOSITS_AT_MOST, len(matters) // DEPOSITS_EVERY)
    today = base["calendar"].today
    deposits = (
        env["legal.trust.transaction"]
        .with_user(officer)
        .with_company(base["company"])
        .create(
            [
                {
                    "kind": "deposit",
                    "matter_id": matter.id,
                    "amount": rng.choice(AMOUNTS),
                    "date": today - timedelta(days=rng.randint(10, 60)),
                    "journal_id": base["client_account"].id,
                }
                for matter in rng.sample(list(matters), count)
            ]
        )
    )
    deposits.action_post()
    return deposits


def deposit_for_one(env, base, matters):
    """Money on deposit in one of the matters that a group has billed together: it pays
    that matter's part of the bill, no more.

    :param project.project matters: of the group
    :rtype: legal.trust.transaction
    """
    deposits = env["legal.trust.transaction"].with_user(base["users"]["officer"])
    deposits = deposits.with_company(base["company"])
    if matters:
        deposits = deposits.create(
            {
                "kind": "deposit",
                "matter_id": matters.sorted("id")[0].id,
                "amount": 6000.0,
                "date": base["calendar"].today - timedelta(days=15),
                "journal_id": base["client_account"].id,
            }
        )
        deposits.action_post()
    return deposits


def ask_for_money(env, base, deposits):
    """Two evergreen matters are below their minimum: one client was asked already, the
    other waits in the list. A third client is asked for a payment on account.

    :param legal.trust.transaction deposits: of the firm
    :return: the requests
    :rtype: legal.money.request
    """
    requests = env["legal.money.request"].with_user(base["users"]["biller"])
    requests = requests.with_company(base["company"])
    matters = env["project.project"].browse(deposits.matter_id.ids)
    matters = matters.filtered(lambda matter: not matter.is_walled)
    matters = matters.sorted("id")[:3]
    if len(matters) < 3:
        return requests
    asked, waiting, third = matters
    for matter in asked | waiting:
        minimum = matter.client_account_balance + 1000.0
        matter.write(
            {
                "retainer_minimum": minimum,
                "retainer_target": minimum + 2000.0,
                "retainer_ask_with_bill": True,
            }
        )
    made = requests.env["project.project"].browse(asked.id).action_ask_for_retainers()
    made = requests.search(made["domain"])
    made |= requests.create(
        {
            "kind": "on_account",
            "matter_id": third.id,
            "amount": 2400.0,
            "date": base["calendar"].today,
            "narrative": "On account of our fees for the hearing",
        }
    )
    made._internal()._note_sent("print")
    return made


def make_provision(env, base, matters):
    """A client was asked for a provision and paid it: a bill on account, deducted over
    two bills. The first is taken off as a whole, the second, a draft, in part.

    :param project.project matters: of the firm
    :return: the two bills, the first one first; none in a firm too small for it
    :rtype: account.move
    """
    bills = env["account.move"]
    found = _choose_for_provision(env, base, matters)
    if not found:
        return bills
    matter, cutoff, worth = found
    today = base["calendar"].today
    # none of today's: the mass billing of today is for whoever looks at the firm
    days = [today - timedelta(days=days) for days in (20, 15, 5, 1)]
    taxes = env["legal.bill.maker"]._get_on_account_taxes(
        matter, matter.billing_partner_id
    )
    net = round(worth * 1.5)
    request = (
        env["legal.money.request"]
        .with_user(base["users"]["biller"])
        .with_company(base["company"])
        .create(
            {
                "kind": "on_account",
                "matter_id": matter.id,
                "amount": taxes.compute_all(net)["total_included"],
                "date": days[0],
                "narrative": "Provision for our work in this matter",
            }
        )
    )
    request._internal()._note_sent("print")
    cashier = request.with_user(base["users"]["cashier"])
    slip = env["legal.payment"].browse(cashier.action_receive()["res_id"])
    slip = slip.with_user(base["users"]["cashier"]).with_company(base["company"])
    slip.write({"journal_id": base["bank"].id, "date": days[1]})
    slip.action_post()
    approver = base["users"]["approver"]
    request.sudo().bill_ids.with_user(approver).action_approve_bills()
    for vals in (
        {"invoice_date": days[2], "cutoff_date": cutoff},
        {"invoice_date": days[3]},
    ):
        bill = _bill_matter(env, base, matter, vals)
        if not bills:
            bill.with_user(approver).action_approve_bills()
            bill.with_user(base["users"]["biller"]).action_produce_without_sending(
                "Handed over", sent_on=days[2]
            )
        bills |= bill
    return bills


def _choose_for_provision(env, base, matters):
    """The matter by the hour with most days of unbilled work.

    :return: matter, the middle of those days, what the work until then is worth; None
        where there is no such matter
    :rtype: tuple
    """
    company = base["company"]
    fitting = matters.filtered(
        lambda matter: (
            matter.active
            and matter.mass_billing_status == "mass"
            and matter.billing_arrangement == "hourly"
            and matter.billing_currency_id == company.currency_id
            and matter.billing_partner_id.active
            and not matter.payer_ids
            and not matter.is_walled
            and not matter.retainer_minimum
            and not matter.quoted_amount
            and not matter.draft_bill_count
        )
    )
    entries = env["account.analytic.line"].search(
        [
            ("matter_id", "in", fitting.ids),
            ("wip_type", "=", "time"),
            ("bill_id", "=", False),
            ("written_off_on", "=", False),
            ("bill_behavior", "=", "bill"),
            ("is_on_hold", "=", False),
            ("wip_amount", ">", 0),
            ("date", "<", base["calendar"].today),
        ]
    )
    work = {
        matter: lines.grouped("date")
        for matter, lines in entries.grouped("matter_id").items()
    }
    work = {matter: by_day for matter, by_day in work.items() if len(by_day) > 1}
    if not work:
        return None
    matter = max(work, key=lambda matter: (len(work[matter]), -matter.id))
    days = sorted(work[matter])
    cutoff = days[len(days) // 2 - 1]
    worth = sum(
        sum(lines.mapped("wip_amount"))
        for day, lines in work[matter].items()
        if day <= cutoff
    )
    return matter, cutoff, worth


def _bill_matter(env, base, matter, vals):
    """
    :param dict vals: of the run
    :return: its draft
    :rtype: account.move
    """
    runs = env["legal.billing.run"].with_user(base["users"]["biller"])
    run = runs.with_company(base["company"]).create(
        {"filter_domain": str([("id", "=", matter.id)]), **vals}
    )
    run.action_load()
    run.action_bill_all()
    run.process()
    return run.sudo().bill_ids.with_env(env)


def _get_unpaid(base, bills):
    """Bills that a client may pay now, oldest first.

    :rtype: account.move
    """
    return bills.filtered(
        lambda bill: (
            bill.billing_stage == "finalized"
            and bill.move_type == "out_invoice"
            and bill.amount_residual > 0
            and bill.matter_id.active
            and not bill.is_shared  # by each of its payers
            and bill.currency_id == base["company"].currency_id
        )
    ).sorted("id")


def overpay(env, base, bills):
    """A client pays all that is open of one matter, and a little more, on one slip.

    :param account.move bills: of the firm
    :return: the slip, empty without an open bill
    :rtype: legal.payment
    """
    payments = env["legal.payment"]
    unpaid = _get_unpaid(base, bills)
    if not unpaid:
        return payments
    matter = max(
        unpaid.matter_id.sorted("id"),
        key=lambda matter: len(unpaid.filtered(lambda b: b.matter_id == matter)),
    )
    mine = unpaid.filtered(lambda bill: bill.matter_id == matter)
    slip = (
        payments.with_user(base["users"]["cashier"])
        .with_company(base["company"])
        .create(
            {
                "source": "bank",
                "journal_id": base["bank"].id,
                "amount": sum(mine.mapped("amount_residual")) + 150.0,
                "date": base["calendar"].today,
                "received_from_id": mine[-1].partner_id.id,
                "memo": "with thanks",
                "allocation_ids": [
                    Command.create({"bill_id": bill.id}) for bill in mine
                ],
            }
        )
    )
    slip.action_apply_rule()
    slip.action_post()
    return slip


def carry_to_the_bank(env, base, bills):
    """Clients pay by cheque and in cash: what came in yesterday was taken to the bank on
    pay-in slips, a cheque of today still waits for one.

    :param account.move bills: of the firm
    :return: the pay-in slips
    :rtype: legal.pay.in.slip
    """
    slips = env["legal.pay.in.slip"].with_user(base["users"]["cashier"])
    slips = slips.with_company(base["company"])
    cash = env["account.journal"].search(
        [("company_id", "=", base["company"].id), ("type", "=", "cash")], limit=1
    )
    unpaid = _get_unpaid(base, bills)
    if len(unpaid) < 3 or not cash:
        return slips
    today = base["calendar"].today
    yesterday = today - timedelta(days=1)
    first, second, third = unpaid.sorted(lambda b: (b.amount_residual, b.id))[:3]
    made = {
        name: _receive(env, base, bill, **vals)
        for name, bill, vals in (
            (
                "cheque",
                first,
                {"means": "cheque", "reference": "000417", "date": yesterday},
            ),
            (
                "cash",
                second,
                {
                    "source": "cash",
                    "journal_id": cash.id,
                    "amount": min(120.0, second.amount_residual),
                    "date": yesterday,
                },
            ),
            ("later", third, {"means": "cheque", "reference": "100233"}),
        )
    }
    slips = slips._make(made["cheque"] | made["cash"])
    slips.date = yesterday
    slips.action_pay_in()
    return slips


def _receive(env, base, bill, **vals):
    """A payment of one bill, in full unless an amount is given.

    :rtype: legal.payment
    """
    slips = env["legal.payment"].with_user(base["users"]["cashier"])
    slip = slips.with_company(base["company"]).create(
        {
            "source": "bank",
            "journal_id": base["bank"].id,
            "amount": bill.amount_residual,
            "date": base["calendar"].today,
            "received_from_id": bill.partner_id.id,
            "allocation_ids": [Command.create({"bill_id": bill.id})],
            **vals,
        }
    )
    slip.action_post()
    return slip
