from odoo.fields import Command, Domain
from odoo.tests import Form, tagged

from ...exceptions import PaymentError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentLookup(PaymentCommon):
    """What the slip offers and shows before anything is posted, and bills that differ
    in account, currency and terms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bill = cls._create_bill({"disbursement_exempt": 100, "fees": 370})
        cls.idle_client = cls.env["res.partner"].create({"name": "Idle client"})
        cls.idle_matter = cls._create_matter(name="Idle", partner_id=cls.idle_client.id)

    # --- look-ups

    def test_look_ups_list_only_those_with_open_bills(self):
        partners = self._as(self.env["res.partner"], "cashier")
        matters = self._as(self.env["project.project"], "cashier")
        payers = Domain("has_open_bills", "in", [True])
        ids = (self.client | self.idle_client).ids
        mine = Domain("id", "in", ids)
        self.assertEqual(partners.search(payers & mine), self.client)
        self.assertEqual(
            [i for i, _name in partners.name_search("Idle", domain=list(payers))], []
        )
        own = Domain("id", "in", (self.matter | self.idle_matter).ids)
        open_matters = Domain("has_open_bills", "=", True)
        self.assertEqual(matters.search(open_matters & own), self.matter)
        self.assertEqual(matters.search(~open_matters & own), self.idle_matter)
        self._pay(self.bill, 470)
        self.assertFalse(partners.search(payers & mine))
        self.assertFalse(matters.search(open_matters & own))

    def test_the_clients_bills_to_the_insurer_are_found_by_either(self):
        matter = self._create_matter(billing_partner_id=self.insurer.id)
        bill = self._create_bill(80, matter)
        for payer in (self.insurer, self.client):
            slip = self._as(self.env["legal.payment"], "cashier").create(
                {"received_from_id": payer.id, "date": DAY}
            )
            slip.action_add_bills()
            self.assertIn(bill, slip.allocation_ids.bill_id)

    # --- reservations

    def test_what_another_draft_holds_is_shown_with_its_name(self):
        first = self._create_payment(self.bill, 200)
        second = self._create_payment(self.bill, 100)
        row = second.allocation_ids
        self.assertEqual((row.outstanding_amount, row.payable_amount), (470.0, 270.0))
        self.assertIn(first.display_name, row.payable_note)
        self.assertIn("200.00", row.payable_note)
        second.ignore_reservations = True
        self.assertEqual(row.payable_amount, 470.0)
        first.unlink()
        row.invalidate_recordset()
        second.ignore_reservations = False
        self.assertEqual((row.payable_amount, row.payable_note), (470.0, ""))

    # --- what is left over

    def test_the_foot_puts_the_surplus_on_a_matter(self):
        other = self._create_matter(name="Second")
        bill = self._create_bill(30, other)
        slip = self._create_payment(self.bill + bill, 600)
        self.assertTrue(slip.is_credit_homeless)
        with Form(slip) as form:
            self.assertTrue(form.can_choose_credit_matter)
            form.credit_matter_id = other
        self.assertFalse(slip.is_credit_homeless)
        credit = slip.allocation_ids.filtered(lambda row: row.kind == "credit")
        self.assertEqual((credit.matter_id, credit.amount), (other, 100.0))
        slip.allocation_ids.filtered(lambda r: r.bill_id == bill).write({"amount": 10})
        self.assertEqual(slip.difference_amount, 20.0)
        with Form(slip) as form:
            form.credit_matter_id = self.matter
        self.assertEqual((credit.matter_id, credit.amount), (self.matter, 120.0))
        slip.action_post()
        self.assertEqual(self.matter.unallocated_credit_balance, 120.0)

    def test_credits_and_client_money_do_not_overpay(self):
        self._create_credit(self.matter, 600)
        slip = self._create_payment(
            self.bill, 500, source="unallocated", matter_id=self.matter.id
        )
        self.assertFalse(slip.can_choose_credit_matter)
        self.assertEqual(slip.allocation_ids.amount, 470.0)
        self.assertEqual(slip.difference_amount, 30.0)
        with self.assertRaisesRegex(PaymentError, "do not allow an overpayment"):
            slip.action_post()
        for source in ("unallocated", "client_account"):
            self.assertFalse(slip.new({"source": source})._may_overpay())

    # --- bills that differ

    def test_each_bill_is_paid_on_its_own_receivable_account(self):
        own_account = self.receivable.copy({"name": "Receivable of insurers"})
        self.insurer.with_company(
            self.company
        ).property_account_receivable_id = own_account
        matter = self._create_matter(billing_partner_id=self.insurer.id)
        bill = self._create_bill(80, matter)
        slip = self._pay(self.bill + bill, 550, received_from_id=self.insurer.id)
        self.assertLines(
            slip.move_id,
            [
                (
                    self.outstanding,
                    self.insurer,
                    self.env["project.project"],
                    f"{slip.name}: {slip.move_id.ref}",
                    550.0,
                    0.0,
                ),
                (
                    self.receivable,
                    self.client,
                    self.matter,
                    self.bill.name,
                    0.0,
                    470.0,
                ),
                (own_account, self.insurer, matter, bill.name, 0.0, 80.0),
            ],
        )
        self.assertEqual((self.bill + bill).mapped("amount_residual"), [0.0, 0.0])

    def test_an_exchange_difference_is_odoos_own_entry(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-10-01", 2.0), ("2026-11-01", 1.6)]
        )
        bill = self._create_bill(100, currency_id=euro.id)
        slip = self._pay(bill, 100)
        self.assertItems(
            slip.move_id, [(self.outstanding, 62.5, 0.0), (self.receivable, 0.0, 62.5)]
        )
        exchange = bill.line_ids.matched_credit_ids.exchange_move_id
        self.assertItems(
            exchange,
            [
                (self.receivable, 12.5, 0.0),
                (self.company.income_currency_exchange_account_id, 0.0, 12.5),
            ],
        )
        self.assertEqual(bill.payment_state, bill._get_invoice_in_payment_state())
        slip.action_reverse("wrong", "correction")
        self.assertEqual((bill.amount_residual, bill.payment_state), (100, "not_paid"))

    def test_instalments_are_matched_one_after_the_other(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half in 30 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 30)
                ],
            }
        )
        bill = self._create_bill(100, invoice_payment_term_id=term.id)
        slip = self._pay(bill, 70)
        self.assertItems(
            slip.move_id, [(self.outstanding, 70.0, 0.0), (self.receivable, 0.0, 70.0)]
        )
        lines = bill.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(
            lines.sorted("date_maturity").mapped("amount_residual"), [0.0, 30.0]
        )
        self.assertEqual(bill.payment_state, "partial")
