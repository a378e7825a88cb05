from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import PaymentError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentCompanies(PaymentCommon):
    """A firm with a branch, and two firms at once: people who work in both, with both
    ticked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._create_firm("Lyon", parent_id=cls.company.id)
        cls.env.cr.precommit.run()  # the branch gets what the firm has
        cls.env.user.company_ids |= cls.branch
        cls.env = cls.env(
            context=dict(
                cls.env.context, allowed_company_ids=(cls.company | cls.branch).ids
            )
        )
        cls.env["legal.rate"].create({"price": 100.0, "company_id": cls.branch.id})
        cls.of_branch = cls._create_matter(name="Bail", company_id=cls.branch.id)
        for role in ("biller", "approver", "cashier", "manager"):
            cls._let_into(cls.branch, getattr(cls, role))

    @classmethod
    def _create_firm(cls, name, **vals):
        return cls.env["res.company"].sudo().create({"name": name, **vals})

    @classmethod
    def _let_into(cls, company, user):
        user.sudo().company_ids = [Command.link(company.id)]

    def _both(self, records, role, first=None):
        """The records as somebody with both companies ticked sees them."""
        first = first or self.company
        companies = first | self.company | self.branch
        return records.with_user(getattr(self, role)).with_context(
            allowed_company_ids=companies.ids
        )

    def _bill_in(self, matter, hours=1.0):
        """An approved bill, made by those of the matter's company."""
        self._create_time(matter, hours)
        run = self._both(self.env["legal.billing.run"], "biller").create(
            {
                "invoice_date": date(2026, 10, 31),
                "company_id": matter.company_id.id,
                "filter_domain": str([("id", "in", matter.ids)]),
            }
        )
        run.action_load()
        run.action_bill_all()
        bill = run.bill_ids.with_env(self.env)
        self.assertEqual(len(bill), 1, run.line_ids.mapped("message"))
        self._both(bill, "approver").action_approve_bills()
        return bill

    def _slip(self, bills, amount, company, role="cashier", **vals):
        slips = self._both(self.env["legal.payment"], role, company)
        return slips.create(
            {
                "source": "bank",
                "journal_id": self.bank.id,
                "company_id": company.id,
                "received_from_id": self.client.id,
                "amount": amount,
                "date": DAY,
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "amount": bill.amount_residual})
                    for bill in bills
                ],
                **vals,
            }
        )

    # --- one slip, bills of firm and branch

    def test_a_bill_of_the_branch_is_not_paid_by_the_firm_s_slip(self):
        bill, theirs = self._bill_in(self.matter), self._bill_in(self.of_branch)
        self.assertEqual(theirs.company_id, self.branch)
        with (
            self.assertRaisesRegex(
                PaymentError,
                f"This payment is of {self.company.name}, and books there.*is of Lyon.*"
                "Make a payment of that company or branch",
            ),
            self.env.cr.savepoint(),
        ):
            self._slip(bill | theirs, 480.0, self.company)
        self.assertFalse(
            self.env["legal.payment"].search(
                [("received_from_id", "=", self.client.id)]
            )
        )
        # a row added to a slip that is there
        slip = self._slip(bill, 360.0, self.company)
        with (
            self.assertRaisesRegex(PaymentError, f"{theirs.name} is of Lyon"),
            self.env.cr.savepoint(),
        ):
            slip.allocation_ids = [Command.create({"bill_id": theirs.id})]

    def test_each_is_paid_by_its_own(self):
        bill, theirs = self._bill_in(self.matter), self._bill_in(self.of_branch)
        for one, company in ((bill, self.company), (theirs, self.branch)):
            slip = self._slip(one, one.amount_total, company)
            slip.action_post()
            self.assertEqual(slip.company_id, company)
            self.assertEqual(one.amount_residual, 0.0)
            self.assertEqual(slip._get_entries().company_id, company)
            self.assertItems(
                slip._get_entries(),
                [
                    (self.receivable, 0.0, one.amount_total),
                    (self.outstanding, one.amount_total, 0.0),
                ],
            )
