from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestRateEnquiry(LegalBillingCommon):
    """Which rate applies and why; new rates on old entries; closing; holds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Lease")

    # --- which rate

    def _ask(self, day="2026-10-05"):
        form = Form(self._as(self.env["legal.rate.enquiry"], "biller"))
        form.employee_id = self.lawyer
        form.matter_id = self.matter
        form.date = day
        return form

    def test_the_reason_names_scope_and_who(self):
        form = self._ask()
        self.assertEqual(form.price, 300.0)
        self.assertIn("firm for Partner", form.explanation)
        self.env["legal.rate"].create(
            {
                "price": 350.0,
                "matter_id": self.matter.id,
                "employee_id": self.lawyer.id,
                "date_from": "2026-10-01",
                "company_id": self.company.id,
            }
        )
        form = self._ask()
        self.assertEqual(form.price, 350.0)
        self.assertIn("matter for Ada Partner, since 2026-10-01", form.explanation)
        self.assertEqual(self._ask("2026-09-30").price, 300.0)

    def test_no_rate_is_said(self):
        self.env["legal.rate"].search([]).active = False
        self.assertIn("No rate applies to Ada Partner", self._ask().explanation)

    # --- a rate of nothing

    def test_a_rate_of_nothing_is_a_rate(self):
        """Time of whoever works for nothing is billed at 0.00 beside the rest; time
        without any rate is named."""
        rate = self.env["legal.rate"].create(
            {
                "price": 0.0,
                "matter_id": self.matter.id,
                "employee_id": self.associate.id,
                "company_id": self.company.id,
            }
        )
        paid = self._create_time(self.matter, 1.0)
        free = self._create_time(self.matter, 2.0, employee_id=self.associate.id)
        self.assertEqual(free.wip_amount, 0.0)
        other = self._create_matter(name="Without")
        self.env["legal.rate"].create(
            {"price": 0.0, "matter_id": other.id, "company_id": self.company.id}
        )
        unrated = self._create_time(other, 1.0)
        run = self._create_run()
        self.assertRow(run, self.matter, "ready", amount=300.0)
        self.env["legal.rate"].search([("id", "!=", rate.id)]).active = False
        run = self._create_run()
        self.assertRow(run, other, "excluded", "no_rate")
        self.assertRow(run, self.matter, "ready", amount=300.0)
        bill = self._approve(self._bill(self.matter))
        self.assertEqual((paid | free).bill_id, bill)
        self.assertEqual(bill.amount_total, 360.0)
        self.assertFalse(unrated.bill_id)

    def test_a_rate_of_nothing_is_put_on_entries(self):
        entry = self._create_time(self.matter, 1.0)
        rate = self.env["legal.rate"].create(
            {"price": 0.0, "matter_id": self.matter.id, "company_id": self.company.id}
        )
        self.assertEqual(rate.get_rerate_offer()["count"], 1)
        action = self._as(rate, "manager").action_rerate()
        window = self._as(self.env[action["res_model"]], "manager")
        window.browse(action["res_id"]).action_apply()
        self.assertEqual((entry.bill_rate, entry.wip_amount), (0.0, 0.0))

    # --- re-rating

    def test_difference_is_shown_then_applied(self):
        early = self._create_time(self.matter, 1.0, date(2026, 9, 30))
        late = self._create_time(self.matter, 2.0, date(2026, 10, 2))
        billed_matter = self._create_matter()
        billed = self._create_time(billed_matter, 1.0, date(2026, 10, 2))
        self._bill(billed_matter)
        self.env["legal.rate"].create(
            {
                "price": 320.0,
                "grade": "partner",
                "date_from": "2026-09-01",
                "company_id": self.company.id,
            }
        )
        form = Form(self._as(self.env["legal.rate.apply"], "manager"))
        form.date_from = "2026-10-01"
        self.assertEqual((form.entry_count, form.difference), (1, 40.0))
        form.save().action_apply()
        self.assertEqual((late.bill_rate, late.wip_amount), (320.0, 640.0))
        self.assertEqual((early.bill_rate, billed.bill_rate), (300.0, 300.0))

    def test_biller_cannot_rerate(self):
        with self.assertRaises(AccessError):
            self._as(self.env["legal.rate.apply"], "biller").create({})

    # --- holds

    @freeze_time("2026-10-20")
    def test_holds_end_by_themselves(self):
        ended = self._create_time(
            self.matter, is_on_hold=True, hold_until=date(2026, 10, 20)
        )
        lasting = self._create_time(
            self.matter, is_on_hold=True, hold_until=date(2026, 10, 21)
        )
        self.env["account.analytic.line"].sudo()._cron_release_holds()
        self.assertFalse(ended.is_on_hold)
        self.assertTrue(lasting.is_on_hold)

    # --- many at once

    def test_ten_thousand_entries_cost_no_more_queries_than_ten(self):
        rates = self._as(self.env["legal.rate"], "biller")
        people = self.lawyer | self.associate
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(250)]
        matters = self.matter
        for number in range(19):
            matters |= self._create_matter(name=f"M{number}")
        requests = [
            (matter, person, day)
            for matter in matters
            for person in people
            for day in days
        ]
        self.assertEqual(len(requests), 10000)
        self.env.flush_all()
        counts = []
        for part in (requests[:10], requests):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = rates._resolve(part)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertEqual({rate.price for rate in found}, {300.0, 200.0})

    def test_whole_ladder_most_specific_first(self):
        """Each rung beats all below it; a rate outside its dates is passed over."""
        area = self.env["legal.practice.area"].create({"name": "Tax"})
        self.matter.practice_area_id = area
        self.env["legal.rate"].search([]).active = False
        scopes = (
            {},
            {"practice_area_id": area.id},
            {"partner_id": self.client.id},
            {"matter_id": self.matter.id},
        )
        whos = ({}, {"grade": "partner"}, {"employee_id": self.lawyer.id})
        price = 0.0
        for scope in scopes:
            for who in whos:
                price += 10.0
                self.env["legal.rate"].create(
                    [
                        {
                            **scope,
                            **who,
                            "price": price,
                            "company_id": self.company.id,
                        },
                        {
                            **scope,
                            **who,
                            "price": 999.0,
                            "date_to": "2026-09-30",
                            "date_from": "2026-09-01",
                            "company_id": self.company.id,
                        },
                    ]
                )
                form = self._ask()
                self.assertEqual(form.price, price)
                self.assertEqual(form.candidate_ids[:1].price, price)
        self.assertEqual(self._ask("2026-09-15").price, 999.0)

    def test_rate_in_another_currency_is_converted_and_said(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.env["legal.rate"].create(
            {
                "price": 500.0,
                "currency_id": euro.id,
                "matter_id": self.matter.id,
                "company_id": self.company.id,
            }
        )
        form = self._ask()
        self.assertEqual(form.price, 250.0)
        self.assertIn("EUR", form.explanation)
