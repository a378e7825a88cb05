from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user

from ..client_account.trust_common import TrustCommon

#: In every text of the secret matter, and nowhere else.
WORD = "Zebrafish"
TEAM = ("reviewer", "biller", "approver", "cashier", "client_account_officer")
MODELS = (
    "project.project",
    "project.task",
    "account.analytic.account",
    "account.analytic.line",
    "account.move",
    "account.move.line",
    "account.payment",
    "ir.attachment",
    "mail.message",
)


@freeze_time("2026-11-25 12:00:00")
class WallsCommon(TrustCommon):
    """A matter with an information barrier: outsiders are a manager of the firm who is
    not on the team, and a manager of another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        team = cls.env.user
        for role in TEAM:
            team |= getattr(cls, role)
        cls.animal = cls.env["res.partner"].create({"name": "Zoo"})
        cls.secret = cls._create_matter(
            name=f"{WORD} <b>v</b> Lion",
            matter_number=f"{WORD}-1",
            partner_id=cls.animal.id,
            is_walled=True,
            wall_user_ids=[Command.set(team.ids)],
        )
        cls.elsewhere = cls.env["res.company"].sudo().create({"name": "Elsewhere LLP"})
        stranger = new_test_user(
            cls.env,
            "legal_stranger",
            "base.group_user,legal_billing.legal_billing_group_manager",
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )
        cls.outsiders = cls.manager + stranger
        cls.billing_run = cls._make_secrets(cls())

    def _make_secrets(self):
        """One record of everything in the secret matter."""
        paid = self._make_bill(self.secret)
        produced = self._as(paid, "biller")
        produced.print_copies = "1"
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.animal.id,
                "amount": 400.0,
                "memo": WORD,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create({"bill_id": paid.id, "amount": 360.0}),
                    Command.create(
                        {"kind": "credit", "matter_id": self.secret.id, "amount": 40.0}
                    ),
                ],
            }
        )
        slip.action_post()
        self._create_time(self.secret, 1.0, name=f"{WORD} <script>1</script>")
        self._bill(self.secret).fee_override = 250.0
        self._book("deposit", 500.0, matter_id=self.secret.id, memo=WORD)
        self.env["legal.fee.instalment"].create(
            {"matter_id": self.secret.id, "amount": 10.0, "name": WORD}
        )
        self.env["legal.rate"].create(
            {"matter_id": self.secret.id, "price": 77.0, "company_id": self.company.id}
        )
        self.env["project.task"].create(
            {"name": WORD, "project_id": self.secret.id, "company_id": self.company.id}
        )
        self._create_time(self.secret, 3.0, name=WORD)
        return self._create_run()

    @classmethod
    def _get_models(cls):
        ours = [
            name
            for name, model in cls.env.registry.items()
            if name.startswith("legal.")
            and not model._abstract
            and not model._transient
        ]
        return [*MODELS, *ours]

    def _get_secrets(self, model):
        """All records that tell something of the secret matter."""
        records = self.env[model].sudo().with_context(active_test=False)
        # its key: what all records of a matter have
        secret = self.secret.id
        bills = self.env["account.move"].sudo().search([("matter_ids", "=", secret)])
        slips = self.env["legal.payment"].sudo()
        slips = slips.search([("received_from_id", "=", self.animal.id)])
        domains = {
            "project.project": [("id", "=", secret)],
            "project.task": [("project_id", "=", secret)],
            "account.analytic.account": [("id", "=", self.secret.account_id.id)],
            "account.move": [("id", "in", bills.ids)],
            "account.payment": [("legal_payment_id", "in", slips.ids)],
            "legal.payment": [("id", "in", slips.ids)],
            "ir.attachment": [
                ("res_model", "=", "account.move"),
                ("res_id", "in", bills.ids),
            ],
            "mail.message": [
                ("model", "=", "account.move"),
                ("res_id", "in", bills.ids),
            ],
        }
        if model in domains:
            return records.search(domains[model])
        if "matter_id" in records._fields and records._fields["matter_id"].store:
            return records.search([("matter_id", "=", secret)])
        return records.browse()

    def _look(self, records, user):
        """The records through the eyes of the user, nothing in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            records.sudo(False)
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
        )
