from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from ...exceptions import (
    ApprovalError,
    MatterOptionError,
    PaymentError,
    ProtectedFieldError,
    RequestError,
    ReversalError,
    RoleError,
)
from .request_common import DAY, RequestCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestMoneyRequest(RequestCommon):
    """Money that clients are asked for becomes a deposit, or a bill on account with its
    payment, and never the other one."""

    # --- what it is

    def test_numbers_are_given_once(self):
        first, second = self._ask(), self._ask()
        self.assertEqual([first.name, second.name], ["RQ/2026/00001", "RQ/2026/00002"])
        self._as(second, "biller").action_cancel("asked twice")
        with self.assertRefused("not given again", RequestError):
            second.sudo().unlink()
        with self.assertRefused("", AccessError):
            self._as(second, "manager").unlink()
        self.assertEqual(self._ask().name, "RQ/2026/00003")
        self.assertEqual(first.copy().name, "RQ/2026/00004")

    def test_each_company_counts_for_itself(self):
        self._ask()
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        matter = (
            self.env["project.project"]
            .sudo()
            .with_company(other)
            .create(
                {
                    "name": "Elsewhere",
                    "is_matter": True,
                    "partner_id": self.client.id,
                    "company_id": other.id,
                }
            )
        )
        request = matter.env["legal.money.request"].create(
            {"kind": "client_money", "matter_id": matter.id, "amount": 5.0}
        )
        self.assertEqual(request.name, "RQ/2026/00001")
        self.assertEqual(request.company_id, other)
        with self.assertRefused("", AccessError):
            self._as(request, "biller").read(["amount"])

    def test_what_follows_from_the_matter(self):
        payer = self.env["res.partner"].create({"name": "Parent Ltd"})
        self.matter.billing_partner_id = payer
        with Form(self._as(self.env["legal.money.request"], "biller")) as form:
            form.matter_id = self.matter
            form.amount = 500.0
            self.assertEqual(form.partner_id, self.client)
            form.kind = "on_account"
            self.assertEqual(form.partner_id, payer)
        self.assertRecordValues(
            form.record,
            [
                {
                    "state": "draft",
                    "currency_id": self.company.currency_id.id,
                    "company_id": self.company.id,
                    "date_due": date(2026, 12, 9),
                    "open_amount": 500.0,
                }
            ],
        )

    def test_what_is_no_request_is_refused(self):
        for vals, message in (
            ({"amount": 10.0**16}, "not an amount"),
            (
                {"kind": "on_account", "partner_id": self.other_client.id},
                "pays no bills",
            ),
        ):
            with self.assertRefused(message, RequestError):
                self._ask(**vals)
        project = self.env["project.project"].create({"name": "No matter"})
        with self.assertRefused("no matter", RequestError):
            self._ask(matter_id=project.id)
        with self.assertRefused("whom the money is asked of", RequestError):
            self._ask(partner_id=False)
        # client money may come from anybody
        self._ask(partner_id=self.other_client.id)

    def test_who_asks(self):
        for role in ("biller", "cashier", "client_account_officer", "manager"):
            self._ask(role=role)
        for role in ("fee_earner", "reviewer", "approver"):
            with self.assertRefused("", (AccessError, RoleError)):
                self._ask(role=role)
        request = self._ask()
        self.assertTrue(self._as(request, "reviewer").has_access("read"))
        self.assertFalse(self._as(request, "fee_earner").has_access("read"))
        for role in ("reviewer", "approver"):
            with self.assertRefused("needs the role", RoleError):
                self._as(request, role).action_cancel("no")
            with self.assertRefused("needs the role", RoleError):
                self._as(request, role).action_send()
            with self.assertRefused("", (AccessError, RoleError)):
                self._as(request, role).amount = 5.0

    def test_the_wall(self):
        self.matter.write({"is_walled": True, "wall_user_ids": [(4, self.manager.id)]})
        request = self._ask(role="manager")
        for role in ("biller", "cashier", "client_account_officer"):
            self.assertFalse(self._as(request, role).has_access("read"))
            self.assertFalse(self._as(self.env["legal.money.request"], role).search([]))
            with self.assertRefused("", AccessError):
                self._ask(role=role)
        self.assertTrue(self._as(request, "reviewer").has_access("read"))

    def test_what_was_sent_stays(self):
        request = self._as(self._ask(), "biller")
        request.amount = 1000.0
        for vals in (
            {"state": "paid"},
            {"paid_amount": 1000.0},
            {"name": "RQ/2026/00009"},
            {"sent_on": DAY},
            {"cancel_reason": "x"},
        ):
            with self.assertRefused("set by Send", ProtectedFieldError):
                request.write(vals)
            with self.assertRefused("set by Send", ProtectedFieldError):
                self._ask(**vals)
        request._internal()._note_sent("print")
        self.assertEqual(request.state, "sent")
        for vals in ({"amount": 5.0}, {"kind": "on_account"}, {"date_due": DAY}):
            with self.assertRefused("stays as it is", RequestError):
                request.write(vals)

    def test_cancel(self):
        request = self._as(self._ask(), "cashier")
        action = request.action_cancel()
        window = (
            self.env[action["res_model"]]
            .with_user(self.cashier)
            .with_context(**action["context"])
            .create({"reason": "matter ends"})
        )
        window.action_cancel_requests()
        self.assertRecordValues(
            request,
            [
                {
                    "state": "cancelled",
                    "open_amount": 0.0,
                    "cancelled_by_id": self.cashier.id,
                    "cancel_reason": "matter ends",
                }
            ],
        )
        with self.assertRefused("nothing is asked for", RequestError):
            request.action_cancel("again")
        with self.assertRefused("Say why", RequestError):
            self._as(self._ask(), "biller").action_cancel(" ")
        with self.assertRefused("nothing is asked for", RequestError):
            self._as(request, "client_account_officer").action_receive()

    # --- client money

    def test_a_deposit(self):
        request = self._ask(amount=1200.0)
        deposit = self._deposit(request, 500.0)
        self.assertEqual(deposit.money_request_id, request)
        self.assertEqual(request.state, "draft")
        deposit.action_post()
        self.assertItems(
            deposit.move_id,
            [(self.receipts, 500.0, 0.0), (self.liability, 0.0, 500.0)],
        )
        self.assertRecordValues(
            request,
            [{"state": "part_paid", "paid_amount": 500.0, "open_amount": 700.0}],
        )
        # what is above it stays client money of the matter
        self._deposit(request, 900.0).action_post()
        self.assertRecordValues(
            request,
            [{"state": "paid", "paid_amount": 1400.0, "open_amount": 0.0}],
        )
        self.assertHeld(1400.0)
        self.assertFalse(request.bill_ids)
        self._as(deposit, "client_account_officer").action_reverse("bounced")
        self.assertRecordValues(
            request,
            [{"state": "part_paid", "paid_amount": 900.0, "open_amount": 300.0}],
        )
        with self.assertRefused("needs the role", RoleError):
            self._as(request, "cashier").action_receive()

    def test_a_deposit_finds_its_request(self):
        request = self._ask()
        self.assertEqual(
            self._book("deposit", 100.0, day=DAY).money_request_id, request
        )
        other = self._ask(amount=50.0)
        self.assertFalse(self._book("deposit", 100.0, day=DAY).money_request_id)
        said = self._book("deposit", 50.0, day=DAY, reference=f"Transfer {other.name}")
        self.assertEqual(said.money_request_id, other)
        self.assertEqual((request.state, other.state), ("part_paid", "paid"))
        unsaid = self._book("deposit", 10.0, day=DAY, money_request_id=False)
        self.assertFalse(unsaid.money_request_id)
        refund = self._book("refund", 10.0, day=DAY)
        self.assertFalse(refund.money_request_id)

    def test_neither_becomes_the_other(self):
        client_money = self._ask()
        on_account = self._ask("on_account")
        with self.assertRefused("no client money at all", RequestError):
            self._move("deposit", 5.0, money_request_id=on_account.id)
        with self.assertRefused("no client money at all", RequestError):
            self._move(
                "deposit",
                5.0,
                matter_id=self.matter_b.id,
                money_request_id=client_money.id,
            )
        payment = self._receive(on_account, post=False)
        with self.assertRefused("Enter it as a deposit", RequestError):
            payment.money_request_id = client_money
        # the client bank is no bank of such payments
        with self.assertRefused("does not fit", PaymentError):
            payment.journal_id = self.client_bank
            payment.action_post()

    def test_a_cancelled_request_takes_no_money(self):
        request, asked = self._ask(), self._ask("on_account")
        deposit = self._deposit(request)
        payment = self._receive(asked, post=False)
        self._as(request | asked, "biller").action_cancel("no longer")
        with self.assertRefused("was cancelled", RequestError):
            deposit.action_post()
        with self.assertRefused("was cancelled", PaymentError):
            payment.action_post()
        deposit.money_request_id = False
        deposit.action_post()
        self.assertFalse(request.paid_amount)

    # --- bills on account

    def test_a_bill_on_account_with_its_payment(self):
        request = self._ask("on_account", 1200.0, narrative="For the trial")
        payment = self._receive(request)
        bill = request.bill_ids
        self.assertRecordValues(
            bill,
            [
                {
                    "state": "draft",
                    "billing_kind": "on_account",
                    "amount_untaxed": 1000.0,
                    "amount_total": 1200.0,
                    "invoice_date": DAY,
                }
            ],
        )
        self.assertEqual(bill.invoice_line_ids.name, "For the trial")
        self.assertRecordValues(
            request, [{"state": "paid", "paid_amount": 1200.0, "unbilled_amount": 0.0}]
        )
        bank = payment.account_payment_id._seek_for_lines()[0].account_id
        self.assertItems(
            payment.move_id, [(bank, 1200.0, 0.0), (self.credits, 0.0, 1200.0)]
        )
        for role in ("biller", "cashier"):  # money on the table approves nothing
            with self.assertRefused("", (AccessError, RoleError)):
                self._as(bill, role).action_post()
        self._approve(bill)
        self.assertEqual(bill.payment_state, "paid")
        self.assertItems(
            bill,
            [
                (self.receivable, 1200.0, 0.0),
                (self.advances, 0.0, 1000.0),
                (self.tax_account, 0.0, 200.0),
            ],
        )
        [slip] = bill.line_ids.matched_credit_ids.credit_move_id.move_id.mapped(
            "legal_payment_id"
        )
        self.assertEqual(
            (slip.source, slip.amount, slip.posted_by_id, slip.date),
            ("unallocated", 1200.0, self.cashier, DAY),
        )
        self.assertItems(
            slip.move_id, [(self.credits, 1200.0, 0.0), (self.receivable, 0.0, 1200.0)]
        )
        self.assertFalse(self.matter.unallocated_credit_balance)
        self.assertFalse(self.matter.client_account_balance)
        self.assertEqual(self.matter.on_account_balance, 1000.0)
        # it is deducted from what charges the work
        self._create_time(self.matter, 5.0)
        work = self._bill(self.matter, invoice_date=date(2026, 11, 30))
        self.assertEqual(work.on_account_deducted, 1000.0)

    def test_part_payments_and_a_surplus(self):
        request = self._ask("on_account", 1200.0)
        self._receive(request, 480.0)
        self.assertRecordValues(
            request,
            [{"state": "part_paid", "paid_amount": 480.0, "open_amount": 720.0}],
        )
        self.assertEqual(request.bill_ids.amount_total, 480.0)
        self._receive(request, 900.0)
        first, second = request.bill_ids.sorted("id")
        self.assertEqual((first.amount_total, second.amount_total), (480.0, 720.0))
        self.assertEqual(request.state, "paid")
        self._approve(first | second)
        self.assertEqual((first | second).mapped("payment_state"), ["paid", "paid"])
        # what is above it stays a credit of the matter
        self.assertEqual(self.matter.unallocated_credit_balance, 180.0)

    def test_gross_amounts_that_no_net_comes_to(self):
        self.tax_20.amount = 19.0
        request = self._ask("on_account", 119.0)
        self.assertEqual(request._split_tax(119.0), (100.0, 119.0))
        self.assertFalse(request.amount_note)
        for gross in (100.01, 57.49, 1.03):
            net, found = request._split_tax(gross)
            tax = self.tax_20.compute_all(net)["total_included"]
            self.assertAlmostEqual(tax, found, 2)
            self.assertLessEqual(round(gross - found, 2), 0.01)
        missed = [
            cents / 100
            for cents in range(10000, 10100)
            if round(request._split_tax(cents / 100)[1], 2) != cents / 100
        ]
        self.assertTrue(missed)
        request = self._ask("on_account", missed[0])
        self.assertIn("stays a credit", request.amount_note)
        self._receive(request)
        bill = request.bill_ids
        self.assertAlmostEqual(bill.amount_total, missed[0] - 0.01, 2)
        self.assertFalse(request._bill_received())
        self._approve(bill)
        self.assertAlmostEqual(self.matter.unallocated_credit_balance, 0.01, 2)

    def test_money_taken_back(self):
        request = self._ask("on_account", 1200.0)
        first = self._receive(request, 480.0)
        second = self._receive(request, 720.0)
        kept, lost = request.bill_ids.sorted("id")
        self._as(second, "cashier").action_reverse("wrong client")
        self.assertRecordValues(
            request,
            [{"state": "part_paid", "paid_amount": 480.0, "open_amount": 720.0}],
        )
        with self.assertRefused("was taken back", ApprovalError):
            self._approve(lost)
        self._approve(kept)
        # entered again it is covered again
        self._as(self._receive(request, 720.0), "cashier").action_reverse("again")
        self.assertEqual(request.bill_ids, kept | lost)
        self._as(lost, "biller").unlink()
        # its money is used: the set-off goes first
        with self.assertRefused("was used", ReversalError):
            self._as(first, "cashier").action_reverse("wrong client")
        slip = kept.line_ids.matched_credit_ids.credit_move_id.move_id.legal_payment_id
        self._as(slip, "cashier").action_reverse("wrong client")
        self._as(first, "cashier").action_reverse("wrong client")
        self.assertRecordValues(
            request, [{"state": "draft", "paid_amount": 0.0, "open_amount": 1200.0}]
        )
        # the bill is issued: who took the money back credits it
        self.assertEqual((kept.state, kept.payment_state), ("posted", "not_paid"))

    def test_a_lost_draft_is_made_again(self):
        request = self._ask("on_account", 1200.0)
        self._receive(request)
        self._as(request.bill_ids, "biller").unlink()
        self.assertEqual(request.unbilled_amount, 1200.0)
        action = self._as(request, "biller").action_bill()
        bill = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(bill.amount_total, 1200.0)
        with self.assertRefused("nothing came in", RequestError):
            self._as(request, "biller").action_bill()
        with self.assertRefused("needs the role", RoleError):
            self._as(request, "reviewer").action_bill()
        self._approve(bill)
        self.assertEqual(bill.payment_state, "paid")

    def test_the_cashier_left_meanwhile(self):
        request = self._ask("on_account", 1200.0)
        self._receive(request)
        self.cashier.sudo().write(
            {
                "group_ids": [
                    (3, self.env.ref("legal_billing.legal_billing_group_cashier").id)
                ]
            }
        )
        bill = self._approve(request.bill_ids)
        self.assertEqual((bill.state, bill.payment_state), ("posted", "not_paid"))
        said = " ".join(bill.message_ids.mapped("body"))
        self.assertIn("no cashier any more", said)
        self.assertEqual(self.matter.unallocated_credit_balance, 1200.0)

    def test_a_slip_that_is_refused_leaves_nothing(self):
        """A part of the credit was used meanwhile, and the firm takes no part payments:
        the bill stays open and says so, and no half of a slip stays."""
        request = self._ask("on_account", 1200.0)
        paid = self._receive(request)
        self._create_time(self.matter, 1.0, bill_rate=200.0)
        other = self._approve(self._bill(self.matter))
        payments = self._as(self.env["legal.payment"], "cashier")
        vals = {
            "source": "unallocated",
            "matter_id": self.matter.id,
            "received_from_id": self.client.id,
            "date": DAY,
        }
        row = {"bill_id": other.id, "amount": 240.0}
        used = payments.create(
            vals | {"amount": 240.0, "allocation_ids": [Command.create(row)]}
        )
        used.action_post()
        self.assertEqual(other.payment_state, "paid")
        rules = self.env["legal.payment.rule"].search([])
        rules.allow_partial = False
        bill = self._approve(request.bill_ids)
        self.assertEqual((bill.state, bill.amount_residual), ("posted", 1200.0))
        said = " ".join(bill.message_ids.mapped("body"))
        self.assertIn("does not pay this bill yet", said)
        found = payments.search([("matter_id", "=", self.matter.id)])
        self.assertEqual(found, paid | used)
        rows = self.env["legal.payment.allocation"].search([])
        self.assertEqual(rows.payment_id, paid | used)
        self.assertEqual(self.matter.unallocated_credit_balance, 960.0)
        # a cashier uses the credit once it may be
        rules.allow_partial = True
        row = {"bill_id": bill.id, "amount": 960.0}
        slip = payments.create(
            vals | {"amount": 960.0, "allocation_ids": [Command.create(row)]}
        )
        slip.action_post()
        self.assertEqual(bill.amount_residual, 240.0)

    def test_a_payment_says_what_it_answers(self):
        request = self._ask("on_account", 1200.0)
        payment = self._receive(request, post=False)
        self.assertEqual(payment.amount, 1200.0)
        with Form(payment) as form:
            form.amount = 600.0
        self.assertEqual(payment.allocation_ids.amount, 600.0)
        payment.allocation_ids.matter_id = self.matter_b
        with self.assertRefused("credit row of", PaymentError):
            payment.action_post()
        with self.assertRefused("needs the role", RoleError):
            self._as(request, "biller").action_receive()

    # --- the bank

    def _bank_line(self, journal, amount, text, day=DAY):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": day,
                "payment_ref": text,
                "amount": amount,
            }
        )

    def test_a_bank_line_names_a_request(self):
        request = self._ask(amount=1200.0)
        asked = self._ask("on_account", 600.0)
        self.assertFalse(request.bank_note)
        self._bank_line(self.client_bank, 1100.0, f"SEPA {request.name} thanks")
        self._bank_line(
            self.office_bank, 600.0, "RQ202600002 trial", date(2026, 11, 19)
        )
        (request | asked).invalidate_recordset(["bank_note"])
        self.assertIn("1,100.00", request.bank_note)
        deposit_action = self._as(request, "client_account_officer").action_receive()
        context = deposit_action["context"]
        self.assertEqual(
            (context["default_amount"], context["default_date"]), (1100.0, DAY)
        )
        self.assertEqual(context["default_journal_id"], self.client_bank.id)
        payment = self._as(asked, "cashier").action_receive()
        payment = self.env["legal.payment"].browse(payment["res_id"])
        self.assertEqual(
            (payment.amount, payment.date, payment.journal_id),
            (600.0, date(2026, 11, 19), self.office_bank),
        )
        self._as(payment, "cashier").action_post()
        self.assertFalse(asked.bank_note)

    def test_money_in_the_wrong_bank(self):
        request = self._ask(amount=1200.0)
        self._bank_line(self.office_bank, 1200.0, request.name)
        self.assertIn("does not belong", request.bank_note)
        action = self._as(request, "client_account_officer").action_receive()
        self.assertNotIn("default_journal_id", action["context"])

    # --- the matter

    def test_the_matter(self):
        action = self._as(self.matter, "biller").action_ask_for_money()
        self.assertEqual(action["context"]["default_kind"], "on_account")
        self._book("deposit", 100.0)
        action = self._as(self.matter, "biller").action_ask_for_money()
        self.assertEqual(action["context"]["default_kind"], "client_money")
        with self.assertRefused("needs the role", RoleError):
            self._as(self.matter, "reviewer").action_ask_for_money()
        request = self._ask(matter_id=self.matter_b.id)
        self.assertEqual(self._as(self.matter_b, "reviewer").money_request_count, 1)
        with self.assertRefused("money is asked for", MatterOptionError):
            self.matter_b.partner_id = self.other_client
        self._as(request, "biller").action_cancel("other client")
        self.matter_b.partner_id = self.other_client

    def test_a_matter_is_closed_without(self):
        """Nor archived: what came in would have nowhere to go."""
        request, paid = self._ask(amount=700.0), self._ask(amount=50.0)
        self._deposit(paid).action_post()
        self._book("refund", 50.0, day=DAY)
        with self.assertRefused(request.name, MatterOptionError):
            self._as(self.matter, "biller").mass_billing_status = "closed"
        action = self._as(self.matter, "biller").action_close_matter()
        window = self.env[action["res_model"]].browse(action["res_id"])
        [row] = self._as(window, "biller").line_ids.filtered("is_open")
        self.assertEqual(row.code, "requests")
        self.assertIn("700.00", row.value)
        found = self._as(self.env["legal.money.request"], "biller").search(
            row.action_clear()["domain"]
        )
        self.assertEqual(found, request)
        with self.assertRefused("Money asked for", MatterOptionError):
            self._as(window, "biller").action_close()
        with self.assertRefused("Money asked for", MatterOptionError):
            self.matter.active = False
        self.assertIn("Money asked for (1)", str(self.client._get_held()))
        self._as(request, "biller").action_cancel("the matter ends")
        self._as(self.matter, "biller").mass_billing_status = "closed"
        self.matter.active = False
        # another's matter, with a request for a payment on account
        self._ask("on_account", matter_id=self.matter_b.id)
        with self.assertRefused("Money asked for", MatterOptionError):
            self.matter_b.active = False

    def test_days_to_pay(self):
        self.company.legal_request_days = 30
        self.assertEqual(self._ask().date_due, date(2026, 12, 20))
        self.company.legal_request_days = 0
        self.assertEqual(self._ask().date_due, DAY)
        said = self._ask(date_due=date(2026, 11, 21))
        self.assertEqual(said.date_due, date(2026, 11, 21))
