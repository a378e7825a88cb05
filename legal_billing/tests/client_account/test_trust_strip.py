from datetime import date

from odoo.tests import freeze_time, tagged

from ...tools import format_amount
from .trust_common import TrustCommon

NAMES = ("balance", "available_amount", "transferable_amount")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestTrustStrip(TrustCommon):
    """The totals above the list of client money are those of its rows."""

    def _get_balances(self, role="client_account_officer"):
        return self._as(self.env["legal.trust.balance"], role)

    def assertStrip(self, rows):
        """The strip says of these rows what their own columns add up to."""
        self.env.flush_all()
        self.env.invalidate_all()
        strip = self._get_balances().get_trust_strip([("id", "in", rows.ids)])
        self.assertEqual(strip["count"], len(rows))
        self.assertEqual(strip["matters"], len(rows.matter_id))
        self.assertEqual(
            strip["uncleared"], len(rows.filtered(lambda row: row.uncleared_amount))
        )
        for name in NAMES:
            expected = format_amount(
                self.env, sum(rows.mapped(name)), self.company.currency_id
            )
            self.assertEqual(strip[name], expected, name)

    def test_totals_are_those_of_the_rows(self):
        other_bank = self.client_bank.copy({"name": "Deposits", "code": "CLD"})
        retaining = self._create_matter(name="Retains")
        later = self._create_matter(name="Pays later")
        waiting = self._create_matter(name="Waits for the bank")
        disputing = self._create_matter(name="Disputes")
        for matter in self.matter | retaining | later | disputing:
            self._book("deposit", 1000.0, matter_id=matter.id)
        self._book("deposit", 70.0, matter_id=self.matter_other.id)
        self._book("deposit", 300.0, matter_id=retaining.id, journal_id=other_bank.id)
        self._as(retaining, "manager").client_account_retained = 1100.0
        self._book("refund", 400.0, date(2026, 12, 5), matter_id=later.id)
        self._book("deposit", 90.0, matter_id=waiting.id, is_uncleared=True)
        self._make_bill()
        self._make_bill(matter=self.matter_other)
        self._make_bill(matter=retaining)
        self._make_bill(matter=later, delivered=None)
        disputed = self._make_bill(matter=disputing)
        disputed._internal().disputed_amount = 60.0
        rows = self._get_balances().search(
            [("journal_id", "in", (self.client_bank | other_bank).ids)]
        )
        self.assertEqual(len(rows), 7)
        amounts = {
            row.matter_id.name: (row.available_amount, row.transferable_amount)
            for row in rows
            if row.journal_id == self.client_bank
        }
        self.assertEqual(amounts["Sale of house"], (1000.0, 360.0))
        self.assertEqual(amounts["Retains"], (200.0, 200.0))
        self.assertEqual(amounts["Pays later"], (600.0, 0.0))
        self.assertEqual(amounts["Waits for the bank"], (0.0, 0.0))
        self.assertEqual(amounts["Disputes"], (1000.0, 300.0))
        self.assertEqual(amounts["Divorce"], (70.0, 70.0))
        self.assertStrip(rows)
        for row in rows:
            with self.subTest(row.display_name):
                self.assertStrip(row)

    def test_two_currencies_are_two_totals(self):
        foreign = self.setup_other_currency("EUR")
        bank = self.client_bank.copy(
            {"name": "In euros", "code": "CLE", "currency_id": foreign.id}
        )
        self._book("deposit", 100.0)
        self._book("deposit", 30.0, journal_id=bank.id, matter_id=self.matter_b.id)
        strip = self._get_balances().get_trust_strip(
            [("journal_id", "in", (self.client_bank | bank).ids)]
        )
        self.assertEqual(len(strip["balance"].split(" + ")), 2)
        self.assertIn("100.00", strip["balance"])
        self.assertIn("30.00", strip["available_amount"])

    def test_nothing_is_nothing(self):
        strip = self._get_balances().get_trust_strip([("id", "=", 0)])
        self.assertEqual((strip["count"], strip["matters"]), (0, 0))
        self.assertEqual([strip[name] for name in NAMES], ["", "", ""])

    def test_totals_read_no_row_of_the_list(self):
        counts = []
        for _time in range(2):
            matters = self.env["project.project"].concat(
                *(self._create_matter(name=f"Matter {index}") for index in range(20))
            )
            for matter in matters:
                self._book("deposit", 10.0, matter_id=matter.id)
            domain = [("journal_id", "=", self.client_bank.id)]
            balances = self._get_balances()
            balances.get_trust_strip(domain)
            self.env.flush_all()
            self.env.invalidate_all()
            with self._watch_database() as found:
                strip = balances.get_trust_strip(domain)
            counts.append((strip["count"], *found))
        self.assertEqual([count for count, *_rest in counts], [20, 40])
        [_count, queries, rows], [_other, queries_of_more, rows_of_more] = counts
        self.assertLessEqual(queries_of_more, queries)
        self.assertEqual(rows_of_more, rows)
