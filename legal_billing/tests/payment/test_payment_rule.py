from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import PaymentError, RoleError
from .payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentRule(PaymentCommon):
    """What each bill gets, before anything is posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b = cls._create_example()

    # --- the worked example

    def test_each_bill_in_full_pays_the_oldest_first(self):
        payment = self._create_payment(self.a + self.b, 350)
        payment.action_apply_rule()
        self.assertEqual(self._amounts(payment), {self.a: 350, self.b: 0})
        row = payment.allocation_ids[0]
        self.assertEqual(
            row._get_elements(),
            {
                "disbursement_exempt": 50,
                "disbursement_taxable": 120,
                "anticipated_taxable": 60,
                "fees": 120,
            },
        )

    def test_each_element_in_full_pays_disbursements_of_all_bills_first(self):
        payment = self._create_payment(
            self.a + self.b, 350, payment_rule_id=self.rule_element.id
        )
        self.assertEqual(self._amounts(payment), {self.a: 290, self.b: 60})

    def test_in_proportion_pays_every_bill_by_what_is_open(self):
        payment = self._create_payment(
            self.a + self.b, 350, payment_rule_id=self.rule_proportional.id
        )
        self.assertEqual(self._amounts(payment), {self.a: 162.87, self.b: 187.13})
        for row in payment.allocation_ids:
            self.assertAlmostEqual(sum(row._get_elements().values()), row.amount, 2)

    def test_a_bill_that_was_reverted_meanwhile_gets_nothing(self):
        """It was a traceback, found by a walk: nothing is open of it, and its elements
        are those of the draft."""
        payment = self._create_payment(self.a + self.b, 350)
        self._as(self.a, "manager").action_revert_bills("not yet")
        self.assertEqual(self.a.state, "draft")
        for rule in (self.rule_element, self.rule_proportional):
            payment.payment_rule_id = rule
            payment.action_apply_rule()
            self.assertEqual(self._amounts(payment), {self.a: 0, self.b: 350})

    def test_three_modes_are_shown_side_by_side(self):
        payment = self._create_payment(self.a + self.b, 350)
        self.assertRecordValues(
            payment.allocation_ids,
            [
                {
                    "preview_bill": 350.0,
                    "preview_element": 290.0,
                    "preview_proportional": 162.87,
                },
                {
                    "preview_bill": 0.0,
                    "preview_element": 60.0,
                    "preview_proportional": 187.13,
                },
            ],
        )

    def test_a_surplus_becomes_a_credit_row_of_the_only_matter(self):
        payment = self._create_payment(self.a + self.b, 1100)
        self.assertEqual(
            self._amounts(payment), {self.a: 470, self.b: 540, self.matter: 90}
        )
        self.assertEqual(payment.credit_amount, 90)
        self.assertEqual(payment.difference_amount, 0)

    def test_a_surplus_over_several_matters_waits_for_a_choice(self):
        other = self._create_bill(100, self._create_matter(name="Other"))
        payment = self._create_payment(self.a + other, 600)
        credit = payment.allocation_ids.filtered(lambda row: row.kind == "credit")
        self.assertEqual(credit.amount, 30)
        self.assertFalse(credit.matter_id)
        with self.assertRaisesRegex(PaymentError, "choose the matter of the credit"):
            payment.action_post()

    def test_a_rule_without_overpayment_leaves_the_surplus(self):
        self.rule_bill.allow_overpayment = False
        payment = self._create_payment(self.a + self.b, 1100)
        self.assertEqual(payment.difference_amount, 90)
        with self.assertRaisesRegex(PaymentError, "do not allow an overpayment"):
            payment.action_post()

    def test_a_rule_that_can_give_nothing_leaves_the_amount(self):
        rule = self.rule_bill.copy({"allow_overpayment": False})
        self.a.disputed_amount = 470
        payment = self._create_payment(self.a, 100, payment_rule_id=rule.id)
        self.assertEqual(payment.difference_amount, 100.0)
        self.assertEqual(self._amounts(payment), {self.a: 0.0})

    def test_credits_of_a_matter_whose_bills_a_draft_holds_wait(self):
        self._create_credit(self.matter, 100)
        self._create_payment(self.a + self.b, 1010)
        action = self._as(self.matter, "cashier").action_use_credits()
        slip = self.env["legal.payment"].browse(action["res_id"])
        self.assertEqual(slip.difference_amount, 100.0)

    def test_a_rule_without_part_payments_stops_before_the_bill(self):
        self.rule_bill.allow_partial = False
        payment = self._create_payment(self.a + self.b, 500)
        self.assertEqual(self._amounts(payment), {self.a: 470, self.b: 0})

    def test_the_order_of_elements_is_the_rules(self):
        fees = self.rule_bill.element_ids.filtered(lambda e: e.element == "fees")
        fees.sequence = 0
        payment = self._create_payment(self.a, 250)
        self.assertEqual(
            payment.allocation_ids._get_elements(),
            {"fees": 240, "disbursement_exempt": 10},
        )

    # --- which rule

    def test_the_rule_is_the_matters_then_the_payers_then_the_companys(self):
        self.company.legal_payment_rule_id = self.rule_proportional
        payment = self._create_payment(self.a, 0)
        self.assertEqual(payment.payment_rule_id, self.rule_proportional)
        self.client.legal_payment_rule_id = self.rule_element
        payment = self._create_payment(self.a, 0)
        self.assertEqual(payment.payment_rule_id, self.rule_element)
        self.matter.payment_rule_id = self.rule_bill
        payment = self._create_payment(self.a, 0, matter_id=self.matter.id)
        self.assertEqual(payment.payment_rule_id, self.rule_bill)

    # --- changing

    def test_a_changed_amount_asks_before_the_rule_is_applied_again(self):
        payment = self._create_payment(self.a + self.b, 350)
        self.assertFalse(payment.needs_reapply)
        payment.amount = 500
        self.assertTrue(payment.needs_reapply)
        self.assertEqual(self._amounts(payment), {self.a: 350, self.b: 0})
        with self.assertRaisesRegex(PaymentError, "Re-apply the rule"):
            payment.action_post()
        payment.action_apply_rule()
        self.assertFalse(payment.needs_reapply)
        self.assertEqual(self._amounts(payment), {self.a: 470, self.b: 30})

    def test_kept_amounts_are_not_asked_about_again(self):
        payment = self._create_payment(self.a + self.b, 350)
        payment.amount = 500
        payment.action_keep_amounts()
        self.assertFalse(payment.needs_reapply)
        with self.assertRaisesRegex(PaymentError, "is not allocated"):
            payment.action_post()

    def test_reapplying_keeps_typed_amounts_and_overwrites_them_the_second_time(self):
        payment = self._create_payment(self.a + self.b, 350)
        row_b = payment.allocation_ids[1]
        row_b.amount = 100
        self.assertTrue(row_b.is_manual)
        payment.action_apply_rule()
        self.assertEqual(self._amounts(payment), {self.a: 250, self.b: 100})
        payment.action_apply_rule()
        self.assertEqual(self._amounts(payment), {self.a: 350, self.b: 0})

    def test_an_unticked_bill_leaves_its_amount_unallocated(self):
        payment = self._create_payment(self.a + self.b, 350)
        payment.allocation_ids[0].is_selected = False
        self.assertEqual(payment.difference_amount, 350)
        payment.action_apply_rule()
        self.assertEqual(self._amounts(payment), {self.a: 0, self.b: 350})

    def test_cleared_amounts_leave_the_bills_on_the_slip(self):
        payment = self._create_payment(self.a + self.b, 1100)
        payment.action_clear()
        self.assertEqual(self._amounts(payment), {self.a: 0, self.b: 0})

    def test_an_element_can_be_typed(self):
        payment = self._create_payment(self.a + self.b, 350)
        payment.allocation_ids[0].write({"element_fees": 20})
        self.assertEqual(payment.allocation_ids[0].amount, 250)
        self.assertTrue(payment.allocation_ids[0].is_manual)

    def test_the_form_applies_the_rule_and_asks_like_the_code(self):
        payments = self._as(self.env["legal.payment"], "cashier")
        with Form(payments) as form:
            form.received_from_id = self.client
            for bill in self.a + self.b:
                with form.allocation_ids.new() as row:
                    row.bill_id = bill
            form.amount = 350
            self.assertEqual((form.applied_amount, form.difference_amount), (350, 0))
        payment = form.record
        self.assertEqual(self._amounts(payment), {self.a: 350, self.b: 0})
        self.assertFalse(any(payment.allocation_ids.mapped("is_manual")))
        with Form(payment) as form:
            form.amount = 500
            self.assertEqual((form.applied_amount, form.difference_amount), (350, 150))
        self.assertTrue(payment.needs_reapply)
        self.assertEqual(self._amounts(payment), {self.a: 350, self.b: 0})

    # --- limits

    def test_an_amount_above_the_bill_is_refused(self):
        payment = self._create_payment(self.a + self.b, 1100)
        with self.assertRaisesRegex(PaymentError, "above the outstanding"):
            payment.allocation_ids[0].amount = 470.01

    def test_an_amount_above_payable_becomes_a_credit(self):
        self.a.disputed_amount = 100
        payment = self._create_payment(self.a, 0)
        row = payment.allocation_ids
        self.assertEqual((row.outstanding_amount, row.payable_amount), (470, 370))
        payment.amount = 400
        self.assertEqual(row.amount, 370)
        row.amount = 400
        self.assertEqual(row.overpayment_amount, 30)
        self.assertAlmostEqual(sum(row._get_elements().values()), 370)

    def test_a_blocked_bill_takes_nothing_unless_the_rule_says_so(self):
        self.a.action_toggle_block_payment()
        payment = self._create_payment(self.a + self.b, 350)
        self.assertEqual(self._amounts(payment), {self.a: 0, self.b: 350})
        self.rule_bill.include_blocked = True
        payment = self._create_payment(self.a, 350)
        self.assertEqual(self._amounts(payment), {self.a: 350})

    def test_another_draft_reserves_and_says_so(self):
        first = self._create_payment(self.a, 120)
        second = self._create_payment(self.a, 0)
        row = second.allocation_ids
        self.assertEqual((row.outstanding_amount, row.payable_amount), (470, 350))
        self.assertIn(first.display_name, row.payable_note)
        second.ignore_reservations = True
        self.assertEqual(row.payable_amount, 470)

    def test_an_exact_combination_is_found(self):
        self.rule_bill.match_exact_first = True
        c = self._create_bill(99.99, invoice_date_due=date(2026, 10, 1))
        payment = self._create_payment(self.a + self.b + c, 639.99)
        self.assertEqual(self._amounts(payment), {self.a: 0, self.b: 540, c: 99.99})

    def test_several_combinations_are_shown_to_choose_from(self):
        bills = self.env["account.move"].union(
            *(
                self._create_bill(amount)
                for amount in (120, 340.50, 220.25, 560.75, 120, 99.99)
            )
        )
        payment = self._create_payment(bills, 680.75)
        action = payment.action_find_combination()
        wizard = self._as(self.env[action["res_model"]], "cashier").browse(
            action["res_id"]
        )
        self.assertEqual(len(wizard.line_ids), 4)
        line = wizard.line_ids[0]
        line.action_use()
        self.assertEqual(payment.difference_amount, 0)
        self.assertEqual(
            payment.allocation_ids.filtered("is_selected").bill_id, line.bill_ids
        )

    # --- choosing bills

    def test_a_single_open_bill_of_the_payer_is_filled_in(self):
        client = self.env["res.partner"].create({"name": "Single"})
        bill = self._create_bill(10, self._create_matter(partner_id=client.id))
        form = Form(self._as(self.env["legal.payment"], "cashier"))
        form.received_from_id = client
        self.assertEqual(len(form.allocation_ids), 1)
        self.assertEqual(form.allocation_ids._records[0]["bill_id"], bill.id)

    def test_bills_come_from_the_payer_the_matter_or_a_pasted_list(self):
        payment = self._create_payment(self.env["account.move"], 0)
        payment.action_add_bills()
        self.assertEqual(payment.allocation_ids.bill_id, self.a + self.b)
        other = self._create_bill(100, self._create_matter(partner_id=self.insurer.id))
        wizard = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": payment.id, "text": f"{other.name}\t1,00.00\nNO/1 12.00"}
        )
        action = wizard.action_apply()
        self.assertEqual(payment.allocation_ids[-1].bill_id, other)
        self.assertEqual(payment.allocation_ids[-1].amount, 100)
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(wizard.unknown, "NO/1 12.00")

    def _paste(self, payment, *lines):
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": payment.id, "text": "\n".join(lines)}
        )
        window.action_apply()
        return window

    def test_a_pasted_amount_counts_for_a_bill_on_the_slip_too(self):
        payment = self._create_payment(self.a, 0)
        payment.allocation_ids.is_selected = False
        self._paste(payment, f"{self.a.name}\t40.00", f"{self.b.name}\t150.00")
        self.assertEqual(self._amounts(payment), {self.a: 40.0, self.b: 150.0})
        self.assertEqual(payment.allocated_amount, 190.0)

    def test_a_bill_that_is_pasted_twice_gets_both_amounts(self):
        payment = self._create_payment(self.env["account.move"], 0)
        self._paste(
            payment, *(f"{self.a.name}{rest}" for rest in ("\t40.10", "\t20.20", ""))
        )
        self.assertEqual(self._amounts(payment), {self.a: 60.3})

    def test_a_pasted_amount_is_read_as_the_language_writes_it(self):
        payment = self._create_payment(self.env["account.move"], 0)
        first, second = self._create_bill(2000), self._create_bill(2000)
        a, b = first.name, second.name
        self._paste(payment, f"{a}\t0.500", f"{b}\t1,250")
        self.assertEqual(self._amounts(payment), {first: 0.5, second: 1250.0})
        english = self.env["res.lang"]._activate_lang("en_US")
        english.write({"decimal_point": ",", "thousands_sep": "."})
        self._paste(payment, f"{a}\t1.250", f"{b}\t0,500")
        self.assertEqual(self._amounts(payment), {first: 1250.0, second: 0.5})
        english.write({"decimal_point": ",", "thousands_sep": "\u202f"})
        self._paste(payment, f"{a} 1\u202f300", f"{b}\t1\u202f250,50")
        self.assertEqual(self._amounts(payment), {first: 1300.0, second: 1250.5})

    def test_a_pasted_amount_that_can_be_read_in_two_ways_is_asked(self):
        payment = self._create_payment(self.env["account.move"], 0)
        a, b = self.a.name, self.b.name
        window = self._paste(payment, f"{a}\t1.250", f"{b}\t0,500", f"{b}\t12.50")
        self.assertEqual(self._amounts(payment), {self.b: 12.5})  # the clear one
        self.assertEqual(window.unknown, f"{a}  1.250\n{b}  0,500")

    def test_create_payment_from_bills(self):
        bills = self._as(self.a + self.b, "cashier")
        action = bills.action_create_payment()
        payment = self.env["legal.payment"].browse(action["res_id"])
        self.assertEqual(payment.allocation_ids.bill_id, self.a + self.b)
        self.assertEqual(payment.received_from_id, self.client)
        action = self._as(self.a, "cashier").action_create_payment()
        single = self.env["legal.payment"].browse(action["res_id"])
        self.assertEqual((single.amount, single.allocation_ids.amount), (470, 470))

    def test_a_draft_bill_and_an_invoice_without_matter_are_refused(self):
        draft = self.a.copy()
        draft.invoice_line_ids.matter_id = self.matter
        with self.assertRaisesRegex(PaymentError, "not approved yet"):
            self._create_payment(draft, 10)
        invoice = self.init_invoice("out_invoice", self.client, amounts=[10], post=True)
        with self.assertRaisesRegex(PaymentError, "not a bill of a matter"):
            self._create_payment(invoice, 10)

    # --- roles

    def test_a_biller_reads_and_does_not_pay(self):
        payment = self._create_payment(self.a, 100)
        self.assertEqual(self._as(payment, "biller").amount, 100)
        with self.assertRaises(RoleError):
            self._as(payment, "biller").action_post()
        with self.assertRaises(AccessError):
            self._as(payment, "biller").write({"amount": 1})
        with self.assertRaises(RoleError):
            self._as(self.a, "biller").action_create_payment()
        with self.assertRaises(AccessError):
            self._as(payment, "fee_earner").read(["amount"])

    def test_posting_fields_are_not_written_by_hand(self):
        payment = self._create_payment(self.a, 100)
        with self.assertRaisesRegex(PaymentError.__base__, "Post and Reverse"):
            payment.state = "posted"
        with self.assertRaisesRegex(PaymentError.__base__, "Post and Reverse"):
            self._create_payment(self.a, 100, state="posted")

    def test_a_rule_names_each_element_once(self):
        rule = self.env["legal.payment.rule"].create({"name": "New"})
        self.assertEqual(len(rule.element_ids), 5)
        rule.element_ids = [Command.clear()]
        self.assertEqual(rule._get_element_order()[-1], "fees")
