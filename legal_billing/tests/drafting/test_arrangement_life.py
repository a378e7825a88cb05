from datetime import date

from odoo.tests import tagged

from ..common import LegalBillingCommon

NOVEMBER = date(2026, 11, 30)


@tagged("post_install", "-at_install")
class TestArrangementLife(LegalBillingCommon):
    """What is taken of a cap, a threshold, a period or an outcome is what live bills say:
    deleting, cancelling and crediting give it back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = {
            "capped": cls._create_matter(
                billing_arrangement="capped", cap_amount=1000.0
            ),
            "abatement": cls._create_matter(
                abatement_percent=10.0, abatement_from=1000.0
            ),
            "subscription": cls._create_matter(
                billing_arrangement="subscription",
                subscription_amount=900.0,
                subscription_hours=4.0,
            ),
            "contingency": cls._create_matter(
                billing_arrangement="contingency",
                contingency_percent=10.0,
                contingency_basis_amount=9000.0,
            ),
        }
        for matter in cls.matters.values():
            cls._create_time(matter, 4.0)

    def _get_before(self):
        """What live bills took of each matter."""
        found = {}
        maker = self.env["legal.bill.maker"]
        for name, matter in self.matters.items():
            before = maker._get_billed_before(matter)[matter.id]
            found[name] = (
                before.quote,
                before.fees,
                [(str(p.start), p.is_due, float(p.used)) for p in before.periods],
            )
        return found

    def _get_all(self):
        return self.env["project.project"].union(*self.matters.values())

    TAKEN = {
        "capped": (1000.0, 1000.0, []),
        "abatement": (1180.0, 1180.0, []),
        "subscription": (0.0, 0.0, [("2026-10-01", False, 4.0)]),
        "contingency": (900.0, 900.0, []),
    }

    def _assert_given_back(self, before):
        for name, (quote, fees, periods) in before.items():
            self.assertEqual((quote, fees), (0.0, 0.0), name)
            self.assertFalse(any(not due or used for _s, due, used in periods), name)

    def _assert_billed_again(self):
        """A new bill takes the same as the first one."""
        bills = self._bill(self._get_all())
        self.assertEqual(
            {bill.matter_id: bill.amount_untaxed for bill in bills}, self.amounts
        )
        self.assertEqual(self._get_before(), self.TAKEN)

    def setUp(self):
        super().setUp()
        self.bills = self._bill(self._get_all())
        self.amounts = {bill.matter_id: bill.amount_untaxed for bill in self.bills}
        self.assertEqual(sorted(self.amounts.values()), [900.0, 900.0, 1000.0, 1180.0])
        self.assertEqual(self._get_before(), self.TAKEN)

    def test_a_deleted_draft_gives_it_back(self):
        self._as(self.bills, "biller").action_delete_bills()
        self._assert_given_back(self._get_before())
        self._assert_billed_again()

    def test_a_numbered_draft_that_is_deleted_gives_it_back(self):
        self._approve(self.bills)
        self._as(self.bills, "biller").action_revert_bills()
        self.assertEqual(self._get_before(), self.TAKEN)
        self._as(self.bills, "biller").action_delete_bills()
        self.assertEqual(set(self.bills.mapped("state")), {"cancel"})
        self._assert_given_back(self._get_before())
        self._assert_billed_again()

    def test_a_full_credit_gives_it_back(self):
        self._approve(self.bills)
        self._as(self.bills, "biller").action_produce_without_sending()
        for bill in self.bills:
            bill._internal().delivered_on = "2026-11-01"
            self._as(bill, "manager").action_credit_and_rebill()
        before = self._get_before()
        drafts = self.env["account.move"].search(
            [
                ("matter_id", "in", self._get_all().ids),
                ("state", "=", "draft"),
                ("move_type", "=", "out_invoice"),
            ]
        )
        if drafts:  # the rebill takes it again
            self.assertEqual(before, self.TAKEN)
        else:
            self._assert_given_back(before)
            self._assert_billed_again()

    def test_a_draft_is_priced_again_on_what_others_took(self):
        """Its own share never counts against itself."""
        for bill in self.bills:
            bill.sudo()._reprice()
            self.assertEqual(bill.amount_untaxed, self.amounts[bill.matter_id])
        self.assertEqual(self._get_before(), self.TAKEN)

    def test_options_price_the_drafts_again(self):
        matter = self.matters["capped"]
        self._as(matter, "biller").cap_amount = 1100.0
        bill = self.bills.filtered(lambda bill: bill.matter_id == matter)
        self.assertEqual(bill.amount_untaxed, 1100.0)
        matter = self.matters["subscription"]
        effects = self._as(matter, "biller").get_draft_effects(
            matter.ids, {"subscription_hours": 2.0}
        )
        self.assertEqual(effects["count"], 1)
        self._as(matter, "biller").subscription_hours = 2.0
        bill = self.bills.filtered(lambda bill: bill.matter_id == matter)
        self.assertEqual(bill.amount_untaxed, 1500.0)

    def test_forty_matters_cost_as_many_queries_as_four(self):
        def count(matters):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["legal.billing.loader"]._load(matters, NOVEMBER, NOVEMBER)
            return self.env.cr.sql_log_count - start

        def copy_all():
            copies = self.env["project.project"]
            for matter in self._get_all():
                outcome = matter.contingency_basis_amount
                copies |= matter.copy({"contingency_basis_amount": outcome})
                self._create_time(copies[-1], 4.0)
            return copies

        one = copy_all()
        many = one.union(*(copy_all() for _index in range(9)))
        count(many)
        self.assertEqual(count(one), count(many))
