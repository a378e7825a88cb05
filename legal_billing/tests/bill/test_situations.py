from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import RoleError
from ..payment.payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestSituations(PaymentCommon):
    """Situations that people reported of other systems, and that hold here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.sales = cls.company_data["default_journal_sale"]
        cls.general = cls.company_data["default_journal_misc"]
        cls.nominal = cls.company_data["default_account_expense"]

    @classmethod
    def _set_rates(cls, name, rates):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", name)])
        currency.write(
            {
                "active": True,
                "rate_ids": [
                    Command.clear(),
                    *(
                        Command.create({"name": day, "rate": rate})
                        for day, rate in rates.items()
                    ),
                ],
            }
        )
        return currency

    # --- secured journals

    def test_a_secured_sales_journal(self):
        """What is locked by its hash goes on, and goes back by a credit note alone."""
        other = self.sales.copy({"name": "Unsecured", "code": "UNS"})
        self.sales.restrict_mode_hash_table = True
        plain = self._create_matter(name="Plain", bill_journal_id=other.id)
        again = self._create_matter(name="Again")
        for matter in (self.matter, plain, again):
            self._create_time(matter, 1.0)
        bills = self._approve(self._bill(self.matter | plain | again))
        secured = bills.filtered(lambda bill: bill.matter_id == self.matter)
        unsecured = bills.filtered(lambda bill: bill.matter_id == plain)
        rebilled = bills - secured - unsecured
        run = self._as(secured | unsecured, "biller").action_revert_bills("Look again")
        self.assertEqual((secured.state, unsecured.state), ("posted", "draft"))
        self.assertTrue(run)
        self._as(secured, "biller").action_produce_without_sending()
        self.assertTrue(secured.produced_on)
        self._pay(secured, 360.0)
        self.assertEqual(secured.amount_residual, 0.0)
        self._as(rebilled, "approver").action_credit_and_rebill()
        self.assertEqual(rebilled.amount_residual, 0.0)
        self.assertEqual(again.unbilled_amount, 300.0)

    def test_secured_general_journals(self):
        """Corrections are mirror entries."""
        self.general.restrict_mode_hash_table = True
        bill = self._create_bill(500.0)
        nominal = self._pay(
            bill, 100.0, source="nominal", nominal_account_id=self.nominal.id
        )
        self._create_credit(self.matter, 80.0)
        use = self._pay(bill, 80.0, source="unallocated")
        self.assertEqual(bill.amount_residual, 320.0)
        for payment in (nominal, use):
            entry = payment.move_id
            payment.action_reverse("typed twice", "correction")
            self.assertEqual(entry.state, "posted")
            mirror = entry.reversal_move_ids
            self.assertEqual(mirror.state, "posted")
            self.assertEqual(
                sorted(mirror.line_ids.mapped("balance")),
                sorted(-line.balance for line in entry.line_ids),
            )
        self.assertEqual(bill.amount_residual, 500.0)
        self.assertEqual(self.matter.unallocated_credit_balance, 80.0)

    # --- taxes and rounding

    def test_cash_rounding_follows_the_draft(self):
        entry = self._create_time(self.matter, 1.0)
        for strategy in ("add_invoice_line", "biggest_tax"):
            with self.subTest(strategy):
                bill = self._bill(self.matter)
                bill.invoice_cash_rounding_id = self.env[
                    "account.cash.rounding"
                ].create(
                    {
                        "name": strategy,
                        "rounding": 0.05,
                        "strategy": strategy,
                        "rounding_method": "HALF-UP",
                        "profit_account_id": self.revenue.id,
                        "loss_account_id": self.nominal.id,
                    }
                )
                self._as(entry, "biller").bill_rate = 32.48
                self.assertEqual(bill.amount_total, 39.0)  # 38.976
                self._as(bill, "biller").fee_override = 63.88
                self.assertEqual(bill.amount_total, 76.65)  # 76.656
                self._approve(bill)
                payment = self._pay(bill, 36.65, payment_rule_id=self.rule_element.id)
                self.assertEqual(bill.amount_residual, 40.0)
                self.assertEqual(
                    float(sum(a for _n, a in bill._get_element_outstanding()[bill.id])),
                    40.0,
                )
                payment.action_reverse("typed twice", "correction")
                self._as(bill, "approver").action_credit_and_rebill()
                self.assertEqual(bill.amount_residual, 0.0)

    def test_tax_that_the_client_withholds(self):
        """21 % less 15 %, beside a cost without tax: 1,110.00."""
        vat, held = self.env["account.tax"].create(
            [
                {"name": name, "amount": amount, "type_tax_use": "sale"}
                for name, amount in (("21 %", 21.0), ("−15 %", -15.0))
            ]
        )
        self.fee_product.sudo().taxes_id = [Command.set((vat | held).ids)]
        self.env["legal.rate"].create(
            {"price": 500.0, "matter_id": self.matter.id, "company_id": self.company.id}
        )
        self._create_time(self.matter, 2.0)
        self._create_disbursement(self.matter, 50.0)
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.amount_total, 1110.0)
        payment = self._pay(bill, 500.0, payment_rule_id=self.rule_element.id)
        row = payment.allocation_ids
        self.assertEqual(
            (row.element_disbursement_exempt, row.element_fees), (50.0, 450.0)
        )
        payment = self._pay(bill, 610.0, payment_rule_id=self.rule_element.id)
        self.assertEqual(payment.allocation_ids.element_fees, 610.0)
        self.assertEqual(bill.payment_state, "paid")

    # --- currencies

    def test_a_rate_that_was_typed_stays(self):
        eur = self._set_rates("EUR", {"2026-01-01": 1.6})
        self.matter.billing_currency_id = eur
        entry = self._create_time(self.matter, 1.0)
        bill = self._bill(self.matter)
        bill.invoice_currency_rate = 1.25
        self._as(entry, "biller").bill_rate = 100.0
        self.assertEqual((bill.amount_total, bill.invoice_currency_rate), (120.0, 1.25))
        self._approve(bill)
        self.assertEqual(bill.invoice_currency_rate, 1.25)
        self.assertEqual(bill.amount_total_signed, 96.0)

    def test_a_draft_that_is_dated_over_a_change_of_rate(self):
        eur = self._set_rates("EUR", {"2026-01-01": 2.0, "2026-11-10": 1.6})
        self.matter.billing_currency_id = eur
        entry = self._create_time(self.matter, 1.0)
        self._as(entry, "biller").bill_rate = 500.0
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_total_signed, 300.0)
        self._as(bill, "biller").invoice_date = date(2026, 11, 12)
        self.assertEqual((bill.amount_total, bill.amount_total_signed), (600.0, 375.0))

    def test_yen(self):
        jpy = self._set_rates("JPY", {"2026-01-01": 190.0})
        self.tax_20.amount = 10.0
        self.matter.write(
            {
                "billing_currency_id": jpy.id,
                "discount_type": "percent",
                "discount_value": 7.5,
            }
        )
        entry = self._create_time(self.matter, 1.0)
        self._as(entry, "biller").bill_rate = 36991.0
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.amount_untaxed, 34217.0)  # 36,991 − 2,774
        self.assertEqual(bill.amount_total, 37639.0)
        moves = self.env["account.move"]
        for amount in (11111.0, 11111.0, 11111.0, 4306.0):
            moves |= self._pay(bill, amount, currency_id=jpy.id).move_id
        self.assertEqual((bill.amount_residual, bill.payment_state), (0.0, "paid"))
        receivable = (bill | moves).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertAlmostEqual(sum(receivable.mapped("balance")), 0.0, 2)
        self.assertTrue(all(receivable.mapped("reconciled")))
        exchange = receivable.matched_credit_ids.exchange_move_id
        self.assertFalse(exchange)

    # --- payments

    def test_a_bill_that_a_remittance_names_twice(self):
        bill = self._create_bill(500.0)
        slip = self._create_payment(self.env["account.move"], 300.0)
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {
                "payment_id": slip.id,
                "text": f"{bill.name}\t100.00\n{bill.name}\t200.00",
            }
        )
        window.action_apply()
        self.assertEqual(slip.allocation_ids.bill_id, bill)
        self.assertEqual(slip.allocation_ids.amount, 300.0)
        slip.action_keep_amounts()
        slip.action_post()
        self.assertEqual(bill.amount_residual, 200.0)

    def test_two_bills_that_are_overpaid_one_after_the_other(self):
        first, second = self._create_bill(100.0), self._create_bill(100.0)
        self._pay(first, 120.0)
        self.assertEqual(self.matter.unallocated_credit_balance, 20.0)
        self._pay(second, 20.0, source="unallocated")
        self.assertEqual(self.matter.unallocated_credit_balance, 0.0)
        self._pay(second, 120.0)
        self.assertEqual(self.matter.unallocated_credit_balance, 40.0)
        self.assertEqual((first | second).mapped("payment_state"), ["paid", "paid"])
        credits = self.matter._get_open_credits(self.company.currency_id)
        self.assertEqual(sum(credits.mapped("balance")), -40.0)

    def test_the_oldest_open_instalment_is_due_first(self):
        """Rule C-22: a bill is due when the earliest open part of it is."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Half at once, half later",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 90)
                ],
            }
        )
        parts = self._create_bill(384.0, invoice_payment_term_id=term.id)
        once = self._create_bill(180.0, invoice_date_due=date(2026, 10, 20))
        self.assertGreater(parts.invoice_date_due, once.invoice_date_due)
        slip = self._create_payment(parts | once, 300.0)
        amounts = {row.bill_id: row.amount for row in slip.allocation_ids}
        self.assertEqual(amounts, {parts: 300.0, once: 0.0})
        slip.unlink()
        # its first part is paid: the other bill is due before the second
        self._pay(parts, 192.0)
        slip = self._create_payment(parts | once, 300.0)
        amounts = {row.bill_id: row.amount for row in slip.allocation_ids}
        self.assertEqual(amounts, {once: 180.0, parts: 120.0})

    # --- words and archived records

    def test_narratives_of_all_kinds(self):
        texts = [
            "bell \x07 and escape \x1b",
            "契約書の確認",
            "مراجعة العقد",
            "agreed 🤝 <b>not bold</b>",
            "long " * 4000,
        ]
        for text in texts:
            self._create_time(self.matter, 1.0, name=text)
        bill = self._approve(self._bill(self.matter))
        report = self.env["ir.actions.report"].sudo()
        paper = self.env.ref("legal_billing.action_report_bill_itemised")
        page = report._render_qweb_html(paper, bill.ids)[0].decode()
        self.assertIn("契約書の確認", page)
        self.assertIn("&lt;b&gt;not bold", page)
        self.assertEqual(bill.amount_untaxed, 1500.0)

    def test_what_was_archived_before_the_run(self):
        """People, terms and analytic accounts that are put away stop no bill."""
        term = self.env["account.payment.term"].create({"name": "Old terms"})
        leaver = self._create_user("reviewer", login="legal_leaver")
        employee = self.env["hr.employee"].create(
            {
                "name": "Leaver",
                "user_id": leaver.id,
                "company_id": self.company.id,
                "legal_grade": "partner",
            }
        )
        self.matter.write(
            {"bill_payment_term_id": term.id, "responsible_id": leaver.id}
        )
        self._create_time(self.matter, 1.0, employee_id=employee.id)
        account = self.matter.account_id
        term.active = False
        account.active = False
        employee.active = False
        leaver.sudo().active = False
        bill = self._approve(self._bill(self.matter))
        self.assertEqual((bill.state, bill.amount_total), ("posted", 360.0))
        self.assertEqual(bill.line_ids.analytic_line_ids.account_id, account)
        with self.assertRaises(RoleError):
            self._as(bill, "fee_earner").action_approve_bills()
