"""The people of the races, and what they work on."""

from datetime import date

from odoo.fields import Command

MADE = date(2026, 10, 31)
PAID = date(2026, 11, 10)


class Office:
    """Users with one role each, a client, a client bank; committed."""

    def __init__(self, env):
        self.uid = env.uid
        self.company_id = env.company.id
        env.company.legal_small_run = 500  # at once, in the request
        self.biller, self.second_biller = self._users(env, "biller")
        self.approver, self.second_approver = self._users(env, "approver")
        self.cashier, self.second_cashier = self._users(env, "cashier")
        self.officer, self.second_officer = self._users(env, "client_account_officer")
        self.employee_id = env["hr.employee"].search([("user_id", "=", env.uid)]).id
        client = env["res.partner"].create(
            {"name": "Race", "email": "race@race.example"}
        )
        self.client_id = client.id
        bank = {"company_id": env.company.id, "type": "bank"}
        journals = env["account.journal"].create(
            [
                bank | {"name": "Office bank", "code": "RACO"},
                bank
                | {"name": "Client bank", "code": "RACC", "is_client_account": True},
            ]
        )
        self.office_bank_id, self.client_bank_id = journals.ids
        env.cr.commit()

    def _users(self, env, role):
        group = env.ref(f"legal_billing.legal_billing_group_{role}")
        groups = env.ref("base.group_user") + group
        users = env["res.users"].create(
            [
                {
                    "name": f"{role} {number}",
                    "login": f"race_{role}_{number}",
                    "email": f"{role}{number}@firm.example",
                    "group_ids": [Command.set(groups.ids)],
                    "company_id": self.company_id,
                    "company_ids": [Command.set([self.company_id])],
                }
                for number in (1, 2)
            ]
        )
        return users.ids

    def make_matter(self, env, hours=(1.0, 2.0), **vals):
        """A matter with time entries."""
        matter = env["project.project"].create(
            {
                "name": "Race",
                "is_matter": True,
                "partner_id": self.client_id,
                "company_id": self.company_id,
                **vals,
            }
        )
        env["account.analytic.line"].create(
            [
                {
                    "project_id": matter.id,
                    "employee_id": self.employee_id,
                    "name": "Advice",
                    "date": date(2026, 10, 5),
                    "unit_amount": number,
                }
                for number in hours
            ]
        )
        return matter

    def make_run(self, env, matter, user=None):
        """A billing run over that matter, loaded by its clerk."""
        runs = env["legal.billing.run"].with_user(user or env.uid)
        run = runs.create(
            {
                "invoice_date": MADE,
                "filter_domain": str([("id", "=", matter.id)]),
            }
        )
        run.action_load()
        return run

    def make_bill(self, env, approved=False, sent=False):
        """The bill of a new matter."""
        run = self.make_run(env, self.make_matter(env))
        run.action_bill_all()
        bill = run.bill_ids
        if approved or sent:
            bill.action_approve_bills()
        if sent:
            bill.action_produce_without_sending("by hand", sent_on=date(2026, 11, 1))
        return bill

    def make_joint_bill(self, env):
        """A delivered bill over two new matters, one hour and two.

        :return: the bill, the matters
        """
        matters = env["project.project"].union(
            *(
                self.make_matter(env, hours=(hours,), bill_together=True)
                for hours in (1.0, 2.0)
            )
        )
        run = env["legal.billing.run"].create(
            {"invoice_date": MADE, "filter_domain": str([("id", "in", matters.ids)])}
        )
        run.action_load()
        run.action_bill_all()
        bill = run.bill_ids
        bill.action_approve_bills()
        bill.action_produce_without_sending("by hand", sent_on=date(2026, 11, 1))
        return bill, matters

    def make_slip(self, env, bill, user, **vals):
        """A draft payment of the whole bill, by that user."""
        slips = env["legal.payment"].with_user(user)
        return slips.create(
            {
                "source": "bank",
                "journal_id": self.office_bank_id,
                "received_from_id": self.client_id,
                "amount": bill.amount_total,
                "date": PAID,
                "ignore_reservations": True,
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "amount": bill.amount_total})
                ],
                **vals,
            }
        )
