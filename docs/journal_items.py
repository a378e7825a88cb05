"""Journal items of every way to pay, printed as Markdown.

    dev/odoo shell --db demo < docs/journal_items.py

Makes bills, credits and client money in the database's company, posts one payment of
each source, prints what was booked, and rolls all of it back.
"""

from datetime import date

from odoo.fields import Command

DAY = date(2026, 11, 2)
company = env.company
currency = company.currency_id


def account(code, name, kind, reconcile=False):
    """An account of this name."""
    accounts = env["account.account"]
    return accounts.search([("name", "=", name)], limit=1) or accounts.create(
        {"code": code, "name": name, "account_type": kind, "reconcile": reconcile}
    )


income = account("400990", "Fees", "income")
nominal = account("600990", "Settled by a partner", "expense")
charges = account("600991", "Charges of the bank", "expense")
tax_account = account("225990", "VAT on sales", "liability_current")
company.legal_write_off_account_id = account("600992", "Write-offs", "expense")
tax = env["account.tax"].create(
    {"name": "VAT 20 %", "amount": 20.0, "type_tax_use": "sale"}
)
(tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids).filtered(
    lambda line: line.repartition_type == "tax"
).account_id = tax_account
client, insurer = env["res.partner"].create(
    [{"name": "Client Ltd"}, {"name": "Insurer plc"}]
)
matter = env["project.project"].create(
    {
        "name": "Lease",
        "is_matter": True,
        "company_id": company.id,
        "partner_id": client.id,
    }
)
other = matter.copy({"name": "Dispute", "matter_number": False})
bank = env["account.journal"].search(
    [("type", "=", "bank"), ("is_client_account", "=", False)], limit=1
)
general = env["account.journal"].search([("type", "=", "general")], limit=1)
cash = env["account.journal"].create(
    {"name": "Cash box", "type": "cash", "code": "CBX"}
)
client_bank = env["account.journal"].create(
    {
        "name": "Client bank",
        "type": "bank",
        "code": "CLX",
        "is_client_account": True,
    }
)


def bill(amount, taxes=None, **vals):
    """A delivered bill of one amount of fees."""
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": client.id,
            "invoice_date": date(2026, 10, 1),
            "date": date(2026, 10, 1),
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Fees",
                        "price_unit": amount,
                        "tax_ids": [Command.set(taxes.ids if taxes else [])],
                        "account_id": income.id,
                        "matter_id": matter.id,
                        "bill_element": "fees",
                    }
                )
            ],
            **vals,
        }
    )
    move.action_post()
    move._internal().write(
        {"produced_on": "2026-10-02 09:00:00", "delivered_on": "2026-10-02 09:00:00"}
    )
    return move


def pay(amount, rows, **vals):
    """A posted payment."""
    payment = env["legal.payment"].create(
        {
            "source": "bank",
            "journal_id": bank.id,
            "received_from_id": client.id,
            "amount": amount,
            "date": DAY,
            "memo": "cheque 7",
            "allocation_ids": [Command.create(row) for row in rows],
            **vals,
        }
    )
    payment.action_post()
    return payment


def show(title, moves, say=""):
    """Print the entries as tables."""
    print(f"\n### {title}\n")
    if say:
        print(f"{say}\n")
    for move in moves:
        print(f"Entry in *{move.journal_id.name}* of {move.date}: `{move.ref or ''}`\n")
        print("| account | partner | matter | text | debit | credit |")
        print("|---|---|---|---|---:|---:|")
        for line in move.line_ids.sorted(lambda line: (line.credit > 0, line.id)):
            sums = (f"{n:,.2f}" if n else "" for n in (line.debit, line.credit))
            print(
                "|",
                " | ".join(
                    (
                        line.account_id.name,
                        line.partner_id.name or "",
                        line.matter_id.name or "",
                        (line.name or "").split("\n")[0],
                        *sums,
                    )
                ),
                "|",
            )
        print()


two = bill(470), bill(540)
payment = pay(1100, [{"bill_id": b.id} for b in two])
show(
    "BPB: bank, two bills, 90.00 too much",
    payment.move_id,
    "One `account.payment`; the surplus is a credit of the matter.",
)
bounced = pay(200, [{"bill_id": bill(200).id}])
three = bill(300)
show(
    "BPC: cash",
    pay(300, [{"bill_id": three.id}], source="cash", journal_id=cash.id).move_id,
    "One `account.payment` in the cash journal.",
)
show(
    "BPN: nominal account",
    pay(
        150,
        [{"bill_id": bill(150).id}],
        source="nominal",
        journal_id=general.id,
        nominal_account_id=nominal.id,
    ).move_id,
    "A plain entry.",
)
show(
    "BPUC: unallocated credits",
    pay(
        60,
        [{"bill_id": bill(100).id, "amount": 60}],
        source="unallocated",
        journal_id=general.id,
        matter_id=matter.id,
    ).move_id,
    "A plain entry, no bank; the credit of 90.00 keeps 30.00.",
)
deposit = env["legal.trust.transaction"].create(
    {
        "kind": "deposit",
        "matter_id": matter.id,
        "journal_id": client_bank.id,
        "amount": 1000,
        "date": date(2026, 10, 5),
    }
)
deposit.action_post()
show("Client account: deposit", deposit.move_id)
transfer = pay(
    400,
    [{"bill_id": bill(400).id}],
    source="client_account",
    client_journal_id=client_bank.id,
    matter_id=matter.id,
)
show(
    "BPT: client account to office",
    transfer.trust_transaction_ids.move_id | transfer.move_id,
    "Two entries, never mixed: the matter's client money leaves the client bank, and "
    "the office bank pays the bill.",
)
between = env["legal.trust.transaction"].create(
    {
        "kind": "matter_transfer",
        "matter_id": matter.id,
        "to_matter_id": other.id,
        "journal_id": client_bank.id,
        "amount": 100,
        "date": DAY,
        "authorisation": "letter of 1 Nov",
    }
)
between.action_post()
show("Client account: between matters", between.move_id)
back = env["legal.trust.transaction"].create(
    {
        "kind": "refund",
        "matter_id": matter.id,
        "journal_id": client_bank.id,
        "amount": 50,
        "date": DAY,
    }
)
back.action_post()
show("Client account: refund to the client", back.move_id)
show(
    "Refund of a credit",
    pay(
        10,
        [{"kind": "credit", "matter_id": matter.id, "amount": 10}],
        direction="out",
        matter_id=matter.id,
        memo="paid twice",
    ).move_id,
)
show(
    "A credit moves to another matter",
    pay(
        5,
        [{"kind": "credit", "matter_id": other.id, "amount": 5}],
        source="unallocated",
        journal_id=general.id,
        matter_id=matter.id,
        memo="letter of 1 Nov",
    ).move_id,
)
short = bill(100, tax)
written = pay(
    114,
    [
        {"bill_id": short.id, "amount": 114},
        {
            "bill_id": short.id,
            "kind": "write_off",
            "amount": 6,
            "reason": "too small to chase",
        },
    ],
)
show(
    "Short payment with a write-off row",
    written.move_id | written.write_off_move_id,
    "The tax in what is written off is taken back by the bill's own tax.",
)
corrected = pay(80, [{"bill_id": bill(80).id}])
corrected.action_reverse("wrong client", "correction")
show(
    "Correction",
    corrected.reversal_move_ids,
    "Mirrors the entry on its own date; every item is matched with its original.",
)
bounced.action_reverse(
    "cheque returned unpaid",
    "dishonour",
    date=date(2026, 11, 9),
    fee={"amount": 15.0, "account": charges},
)
show(
    "Dishonour, with the bank's charge",
    bounced.reversal_move_ids,
    "Of the day of the bounce; the bank items stay open for the bank's own line.",
)
foreign = env["res.currency"].create(
    {"name": "XTF", "symbol": "X", "rounding": 0.01, "active": True}
)
env["res.currency.rate"].create(
    [
        {"currency_id": foreign.id, "name": day, "rate": rate, "company_id": company.id}
        for day, rate in (("2026-10-01", 2.0), ("2026-11-01", 1.6))
    ]
)
abroad = bill(100, currency_id=foreign.id)
exchange = pay(100, [{"bill_id": abroad.id}], currency_id=foreign.id)
difference = abroad.line_ids.matched_credit_ids.exchange_move_id
show(
    "A bill of 100.00 X billed at 2.0 and paid at 1.6",
    exchange.move_id | difference,
    "Amounts in company currency; the exchange difference is Odoo's own entry.",
)
env.cr.rollback()
