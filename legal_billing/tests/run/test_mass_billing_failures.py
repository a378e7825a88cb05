from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import RoleError
from ...models.run.reasons import REASONS
from ..common import LegalBillingCommon

#: Book that a group of matters has to itself and that is taken away: the reason with
#: which its rows end, and what their sentence and their button name.
CASES = {
    "account": ("account_archived", "Income from notarial work", "account.account"),
    "tax": ("tax_archived", "would carry no tax", "account.tax"),
    "journal": ("journal_archived", "Bills of the old office", "account.journal"),
    "currency": ("no_exchange_rate", "CHF", "res.currency"),
    "receivable": ("receivable_archived", "Receivable from", "account.account"),
}


@tagged("post_install", "-at_install")
class TestMassBillingFailures(LegalBillingCommon):
    """A run in which the books went wrong after the review: failures by reason, each
    opened, mended and tried again, while the others are billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {case: cls._create_group(case) for case in (*CASES, "good")}
        cls.good = groups.pop("good")
        cls.groups = groups
        cls.books = {
            "account": cls._give_account(groups["account"]),
            "tax": cls._give_tax(groups["tax"]),
            "journal": cls._give_journal(groups["journal"]),
            "currency": cls._give_currency(groups["currency"]),
            "receivable": cls._give_receivable(groups["receivable"]),
        }

    # --- the groups, and what is taken away from them

    @classmethod
    def _create_group(cls, name):
        """Two matters with an hour each, of payers who have no other matters."""
        group = cls.env["project.project"]
        for index in range(2):
            payer = cls.env["res.partner"].create({"name": f"{name} {index}"})
            matter = cls._create_matter(name=name, partner_id=payer.id)
            cls._create_time(matter, 1.0)
            group += matter
        return group

    @classmethod
    def _give_account(cls, group):
        account = cls._create_account(
            "Income from notarial work", "499001", account_type="income"
        )
        group.fee_product_id = cls._create_service(
            "Notarial fees",
            cls.tax_20,
            legal_use="fee",
            property_account_income_id=account.id,
        )
        return account

    @classmethod
    def _give_tax(cls, group):
        tax = cls.env["account.tax"].create(
            {"name": "Tax on notarial fees", "amount": 10.0, "type_tax_use": "sale"}
        )
        group.fee_product_id = cls._create_service(
            "Notarial fees, taxed", tax, legal_use="fee"
        )
        return tax

    @classmethod
    def _give_journal(cls, group):
        group.bill_journal_id = cls.env["account.journal"].create(
            {"name": "Bills of the old office", "code": "FAILS", "type": "sale"}
        )
        return group.bill_journal_id

    @classmethod
    def _give_currency(cls, group):
        currency = cls.env.ref("base.CHF")
        currency.write({"active": True, "rate_ids": cls._prepare_rates()})
        group.billing_currency_id = currency
        return currency

    @classmethod
    def _give_receivable(cls, group):
        account = cls._create_account(
            "Receivable from insurers", "499002", account_type="asset_receivable"
        )
        group.billing_partner_id.property_account_receivable_id = account
        return account

    @classmethod
    def _create_account(cls, name, code, account_type):
        return cls.env["account.account"].create(
            {"name": name, "code": code, "account_type": account_type}
        )

    @classmethod
    def _prepare_rates(cls):
        """The one rate of the currency."""
        return [
            Command.clear(),
            Command.create({"name": date(2026, 1, 1), "rate": 1.1}),
        ]

    def _spoil(self):
        """Take everything away that the groups were given, as happens in a firm between
        the 28th and the 30th."""
        for case, book in self.books.items():
            if case == "currency":
                book.rate_ids.unlink()
            else:
                book.active = False

    def _mend(self):
        """Put everything back."""
        for case, book in self.books.items():
            if case == "currency":
                book.rate_ids = self._prepare_rates()
            else:
                book.active = True

    def _bill_and_fail(self):
        run = self._create_run()
        self.assertEqual((run.ready_count, run.excluded_count), (12, 0))
        self._spoil()
        run.action_bill_all()
        return run

    # --- what becomes of them

    def test_each_failure_is_told_and_the_others_are_billed(self):
        run = self._bill_and_fail()
        self.assertEqual((run.done_count, run.failed_count), (2, 10))
        self.assertEqual(run.bill_ids.matter_id, self.good)
        for case, group in self.groups.items():
            code, words, _model = CASES[case]
            for matter in group:
                self.assertRow(run, matter, "failed", code)
                self.assertIn(words, self._get_row(run, matter).message)
                self.assertTrue(REASONS[code].mendable)

    def test_failures_are_five_groups_with_words_amount_and_cure(self):
        run = self._bill_and_fail()
        rows = [row for row in run.failure_summary if row["state"] == "failed"]
        self.assertEqual({row["count"] for row in rows}, {2})
        self.assertEqual(
            {row["reason"] for row in rows}, {code for code, *_names in CASES.values()}
        )
        for row in rows:
            self.assertTrue(row["text"])
            self.assertTrue(row["cure"])
            action = run.action_open_reason(row["state"], row["reason"])
            found = self.env["legal.billing.run.line"].search(action["domain"])
            self.assertEqual(len(found), 2)
        models = {
            code: self._as(run, "biller").action_cure_reason("failed", code)
            for code, _words, _model in CASES.values()
        }
        for code, _words, model in CASES.values():
            self.assertEqual(models[code]["res_model"], model)
        account = self.books["account"]
        self.assertEqual(models["account_archived"]["res_id"], account.id)
        tax = self.books["tax"]
        self.assertEqual(models["tax_archived"]["res_id"], tax.id)

    def test_mended_reason_is_retried_alone_then_all(self):
        run = self._bill_and_fail()
        self.books["account"].active = True
        run.action_retry_reason("failed", "account_archived")
        self.assertEqual((run.done_count, run.failed_count), (4, 8))
        self._mend()
        run.action_retry_all()
        self.assertEqual((run.done_count, run.failed_count), (12, 0))
        self.assertEqual(run.state, "done")
        self.assertEqual(sum(run.bill_ids.mapped("amount_untaxed_signed")), 3600.0)

    def test_what_is_wrong_before_the_run_is_held_back(self):
        self._spoil()
        run = self._create_run()
        self.assertEqual((run.ready_count, run.excluded_count), (2, 10))
        for case, group in self.groups.items():
            self.assertRow(run, group[0], "excluded", CASES[case][0])

    def test_held_back_rows_tell_what_they_would_be_worth(self):
        held = self._create_matter(name="held")
        self._create_time(held, 2.0, is_on_hold=True)
        run = self._create_run()
        [row] = run.failure_summary
        self.assertEqual(
            (row["state"], row["reason"], row["count"]), ("excluded", "on_hold", 1)
        )
        self.assertIn("600.00", row["amount"])
        self.assertIn("600.00", run.get_strip([])["excluded_text"])
        self.assertFalse(row["cure"], "many matters at once are not cured by one press")

    def test_unknown_reasons_are_told_by_their_message(self):
        run = self._create_run()
        lines = run.line_ids.sudo()
        lines[:2]._set_result("failed", "error", "No paper in the drawer")
        lines[2]._set_result("failed", "error", "Something else")
        rows = {row["message"]: row["count"] for row in run.failure_summary}
        self.assertEqual(rows, {"No paper in the drawer": 2, "Something else": 1})
        action = run.action_open_reason("failed", "other", "Something else")
        found = self.env["legal.billing.run.line"].search(action["domain"])
        self.assertEqual(found, lines[2])

    def test_cures_and_retries_are_refused_to_approvers(self):
        run = self._as(self._bill_and_fail(), "approver")
        with self.assertRaises(RoleError):
            run.action_retry_reason("failed", "account_archived")
        with self.assertRaises(RoleError):
            run.action_cure_reason("failed", "account_archived")

    def test_looking_is_flat_in_queries(self):
        """A run of hundreds asks about the books as often as one of a few."""
        matters = self.good
        for index in range(40):
            matters += self._create_matter(name=f"Matter {index}")
        for matter in matters:
            self._create_time(matter, 1.0)
        counts = []
        for some in (matters, matters[:3], matters):  # the first warms up
            run = self._as(self.env["legal.billing.run"], "biller").create(
                {"filter_domain": str([("id", "in", some.ids)])}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._prepare_line_vals_list()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 5)
