from datetime import date
from random import Random
from unittest.mock import patch

from odoo.tests import tagged

from ..common import LegalBillingCommon

DAY = date(2026, 10, 31)
#: What differs between two rows of the same matter.
OWN = {"id", "run_id", "create_date", "write_date", "write_uid", "shown_on"}


@tagged("post_install", "-at_install")
class TestBulkLoadEqual(LegalBillingCommon):
    """Rows that a load prices without the engine and inserts by one statement are those
    of the general way, in every column of the table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.8)])
        cls.yen = cls.setup_other_currency(
            "JPY", rounding=1.0, rates=[("2026-01-01", 151.37), ("2026-11-01", 160)]
        )
        cls.area = cls.env["legal.practice.area"].create(
            {
                "name": "Property",
                "fee_product_id": cls._create_service(
                    "Property fees", cls.tax_20, legal_use="fee"
                ).id,
            }
        )
        dead_tax = cls.env["account.tax"].create({"name": "Old 17%", "amount": 17.0})
        cls.dead_product = cls._create_service("Old fees", dead_tax, legal_use="fee")
        dead_tax.active = False
        dead_account = cls.company_data["default_account_receivable"].copy()
        cls.dead_payer = cls.env["res.partner"].create(
            {
                "name": "Payer of old times",
                "property_account_receivable_id": dead_account.id,
            }
        )
        dead_account.active = False
        cls.dead_journal = cls.company_data["default_journal_sale"].copy()
        cls.dead_journal.active = False

    def _make_matter(self, random):
        """A matter that is plain more often than not.

        :rtype: project.project
        """
        odd = random.choice(
            [
                *[{}] * 8,
                {"discount_type": "percent", "discount_value": 7.5},
                {"discount_type": "fixed", "discount_value": 33.33},
                {"discount_type": "percent", "discount_value": 0},
                {"quoted_amount": 100.01, "quote_basis": "bill"},
                {"quoted_amount": 999.99, "quote_rule": "quote"},
                {"minimum_bill_amount": 250.0},
                {"minimum_bill_amount": 5000.0},
                {"billing_arrangement": "fixed"},
                {"billing_arrangement": "capped", "cap_amount": 400.0},
                {"billing_arrangement": "capped"},
                {"billing_arrangement": "blended", "blended_rate": 211.11},
                {
                    "billing_arrangement": "subscription",
                    "subscription_amount": 90.0,
                    "subscription_hours": 1.5,
                },
                {
                    "billing_arrangement": "contingency",
                    "contingency_percent": 30.0,
                    "contingency_basis_amount": random.choice([0, 5000.01]),
                },
                {"abatement_percent": 12.5, "abatement_from": 100.0},
                {"is_billable": False},
                {"billing_status": "closed"},
                {"exclude_from_mass_billing": True},
                {"billing_currency_id": self.euro.id},
                {"fee_product_id": self.dead_product.id},
                {"billing_partner_id": self.dead_payer.id},
                {"bill_journal_id": self.dead_journal.id},
                {"practice_area_id": self.area.id},
                {"active": False},
            ]
        )
        matter = self._create_matter(**odd)
        if odd.get("billing_arrangement") == "fixed" and random.random() < 0.5:
            self.env["legal.fee.instalment"].create(
                {"matter_id": matter.id, "name": "First", "amount": 400.0}
            )
        for _index in range(random.randint(0, 3)):
            self._create_time(
                matter,
                hours=random.choice([0.1, 0.35, 1, 3.2, -0.5]),
                day=random.choice([date(2026, 9, 30), DAY, date(2026, 11, 2)]),
                bill_behavior=random.choice(["bill", "bill", "no_charge", "hide"]),
                is_on_hold=random.random() < 0.2,
            )
        if random.random() < 0.1:
            self._create_time(matter, bill_rate=0)
        for _index in range(random.randint(0, 2)):
            self._create_disbursement(
                matter,
                amount=random.choice([0.01, 19.99, 133.33]),
                product_id=random.choice([self.exempt_type, self.taxed_type]).id,
                is_anticipated=random.random() < 0.3,
            )
        return matter

    def _read_rows(self, run):
        """Every column of a run's rows.

        :return: ``{matter id: {column: value}}``
        :rtype: dict
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT * FROM legal_billing_run_line WHERE run_id = %s ORDER BY id",
            [run.id],
        )
        return {
            row["matter_id"]: {k: v for k, v in row.items() if k not in OWN}
            for row in self.env.cr.dictfetchall()
        }

    def _load(self, domain, **vals):
        run = self._as(self.env["legal.billing.run"], "biller").create(
            {
                "invoice_date": DAY,
                "company_id": self.company.id,
                "filter_domain": str(domain),
                **vals,
            }
        )
        run.action_load()
        return run

    def _load_generally(self, domain, **vals):
        """The same by the engine and by ``create`` alone."""
        loader = type(self.env["legal.billing.loader"])
        lines = type(self.env["legal.billing.run.line"])
        with (
            patch.object(loader, "_is_plain", lambda *args: False),
            patch.object(lines, "_can_insert", lambda *args: False),
        ):
            return self._load(domain, **vals)

    def test_the_quick_way_is_taken(self):
        """An override of ours of what every record does was taken for another addon's,
        and rows came by the slow way, which no other test sees."""
        row = self.env["legal.billing.loader"]._new_row(
            self._create_matter(), self.company.currency_id
        )
        names = ["run_id", "matter_id", *row.as_vals()]
        self.assertTrue(self.env["legal.billing.run.line"]._can_insert(names))

    def test_rows_are_inserted_together(self):
        matters = self.env["project.project"].union(
            *(self._create_matter() for _index in range(12))
        )
        for matter in matters:
            self._create_time(matter)
        counts = []
        for some in (matters[:2], matters):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._load([("id", "in", some.ids)])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_both_ways_give_the_same_rows(self):
        random = Random(7)
        matters = self.env["project.project"].union(
            *(self._make_matter(random) for _index in range(120))
        )
        # a history, so that rows have last bills, drafts and unusual amounts
        self._approve(self._bill(matters[:30], invoice_date=date(2026, 10, 1)))
        self._bill(matters[30:40])
        for matter in matters[:40]:
            self._create_time(matter, hours=random.choice([0.2, 1.5, 9]))
        domain = [("id", "in", matters.ids), ("active", "in", (True, False))]
        # bills get their numbers in the order of the rows, whatever plan makes them
        self.env.cr.execute("SET LOCAL enable_nestloop = off")
        fast = self._read_rows(self._load(domain))
        self.env.cr.execute("SET LOCAL enable_nestloop = on")
        general = self._read_rows(self._load_generally(domain))
        self.assertEqual(list(fast), list(general))
        self.maxDiff = None
        for matter_id, row in general.items():
            self.assertEqual(fast[matter_id], row)
        codes = {row["reason_code"] for row in general.values()}
        self.assertGreater(len(codes), 10, codes)
        ready = [row for row in general.values() if row["state"] == "ready"]
        self.assertGreater(len(ready), 40)

    def test_sums_in_another_currency_are_those_of_each_entry(self):
        """Work recorded in one currency and billed in another is converted entry by
        entry, though those of one amount are converted together."""
        random = Random(11)
        options = [
            {},
            {"discount_type": "percent", "discount_value": 7.5},
            {"quoted_amount": 90000.0},
            {"billing_arrangement": "capped", "cap_amount": 70000.0},
            {"billing_arrangement": "blended", "blended_rate": 31111.0},
            {"billing_arrangement": "subscription", "subscription_amount": 9000.0},
            {"abatement_percent": 12.5, "abatement_from": 10000.0},
        ]
        matters = self.env["project.project"]
        for index in range(28):
            matter = self._create_matter(
                billing_currency_id=self.yen.id, **options[index % 7]
            )
            matters |= matter
            for _index in range(random.randint(4, 9)):
                self._create_time(
                    matter,
                    hours=random.choice([0.1, 0.1, 0.35, 1, -0.5]),
                    day=random.choice([date(2026, 9, 30), DAY, date(2026, 11, 2)]),
                    bill_behavior=random.choice(["bill", "bill", "no_charge"]),
                    is_on_hold=random.random() < 0.2,
                )
            for product in (self.exempt_type, self.taxed_type, self.taxed_type):
                self._create_disbursement(matter, product_id=product.id)
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE account_analytic_line
               SET wip_currency_id = CASE WHEN id %% 5 = 0 THEN %s ELSE %s END,
                   wip_amount = (id %% 4) * 33.37 - 10,
                   standard_amount = CASE WHEN id %% 3 = 0 THEN 41.11
                                          ELSE (id %% 4) * 33.37 - 10 END
             WHERE matter_id = ANY(%s)
            """,
            [self.euro.id, self.company.currency_id.id, matters.ids],
        )
        self.env.invalidate_all()
        loader = self.env["legal.billing.loader"]
        counts = []
        for some in (matters[:7], matters):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            sums = loader._load(some, DAY, DAY)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        entries = loader._load(matters, DAY, DAY, detailed=True)
        for fast, general in zip(sums, entries, strict=True):
            self.assertEqual(fast.as_vals(), general.as_vals())
        self.assertGreater(len({row.amount for row in entries}), 20)

    def test_amounts_at_one_rate_are_those_of_core(self):
        dollar, day = self.company.currency_id, date(2026, 10, 31)
        random = Random(3)
        amounts = [0.0, None, 0.005, -33.335] + [
            round(random.uniform(-9999, 9999), 2) for _index in range(300)
        ]
        for source, target in ((dollar, self.yen), (self.euro, dollar)):
            convert = source._get_converter(target, self.company, day)
            self.assertEqual(
                [convert(amount) for amount in amounts],
                [
                    source._convert(amount, target, self.company, day)
                    for amount in amounts
                ],
            )
        # another addon that converts is asked for every amount
        kind = type(dollar)
        with patch.object(kind, "_convert", lambda self, amount, *args: amount + 1):
            convert = dollar._get_converter(self.yen, self.company, day)
            self.assertEqual(convert(5.0), 6.0)

    def test_a_filter_of_the_header_holds_plain_rows_back_both_ways(self):
        matter, small = self._create_matter(), self._create_matter()
        self._create_time(matter, hours=2)
        self._create_time(small, hours=0.1)
        domain = [("id", "in", (matter | small).ids)]
        fast = self._load(domain, minimum_amount=100)
        self.assertRow(fast, small, "excluded", "below_scope")
        self.assertRow(fast, matter, "ready", amount=600)
        self.assertEqual(
            self._read_rows(fast),
            self._read_rows(self._load_generally(domain, minimum_amount=100)),
        )

    def test_a_refresh_keeps_what_a_person_chose(self):
        matters = self._create_matter() | self._create_matter() | self._create_matter()
        for matter in matters:
            self._create_time(matter)
        run = self._load([("id", "in", matters.ids)])
        first, second, third = matters
        self._get_row(run, first).note = "Ask Ada first"
        entry = second.timesheet_ids
        self._get_row(run, second).action_toggle_entry(entry)
        run.action_load()
        self.assertEqual(run.line_ids.matter_id, matters)
        self.assertEqual(self._get_row(run, first).note, "Ask Ada first")
        self.assertRow(run, second, "excluded", "unticked")
        self.assertEqual(self._get_row(run, second).unticked_ids, entry)
        self.assertRow(run, third, "ready", amount=300)

    def test_a_row_of_the_run_takes_the_matters_columns(self):
        payer = self.env["res.partner"].create({"name": "Insurer"})
        matter = self._create_matter(
            billing_partner_id=payer.id, practice_area_id=self.area.id
        )
        self._create_time(matter)
        row = self._load([("id", "=", matter.id)]).line_ids
        self.assertRecordValues(
            row,
            [
                {
                    "matter_number": matter.matter_number,
                    "client_id": self.client.id,
                    "payer_id": payer.id,
                    "responsible_id": self.reviewer.id,
                    "practice_area_id": self.area.id,
                    "company_id": self.company.id,
                    "create_uid": self.biller.id,
                    "is_first_bill": True,
                    "is_foreign": False,
                    "shown_on": self.env.cr.now(),
                }
            ],
        )
