import json

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.legal_billing.exceptions import ProtectedFieldError
from odoo.addons.legal_billing.tests.request.request_common import RequestCommon

#: The page of a request shows the form of core.
FORM = "o_payment_form"


@tagged("post_install", "-at_install")
class TestOnlineRequest(RequestCommon, HttpCase):
    """What a client was asked for is paid online: client money to the client account, as
    a deposit; the firm's own to its bank, as a payment with its bill on account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method = cls.env["payment.method"].create(
            {"name": "Card", "code": "legal_card", "active": True}
        )
        cls.office = cls._create_provider("Card to the office", cls.office_bank)
        cls.clients = cls._create_provider("Card to clients' bank", cls.client_bank)
        cls.visitor = cls.env.ref("base.public_user")

    @classmethod
    def _create_provider(cls, name, journal):
        provider = cls._create_plain_provider(name)
        account = journal.inbound_payment_method_line_ids.payment_account_id[:1]
        line = cls.env["account.payment.method.line"].create(
            {
                "name": name,
                "payment_method_id": cls.env.ref(
                    "account.account_payment_method_manual_in"
                ).id,
                "journal_id": journal.id,
                "payment_account_id": account.id,
            }
        )
        line.payment_provider_id = provider
        return provider

    @classmethod
    def _create_plain_provider(cls, name):
        return cls.env["payment.provider"].create(
            {
                "name": name,
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": cls.company.id,
                "payment_method_ids": [Command.link(cls.method.id)],
            }
        )

    # --- paying

    def _begin(self, request, provider, token=None, **params):
        """What the page's form sends.

        :return: the answer of the route
        :rtype: dict
        """
        url = f"{request.access_url}/transaction"
        params = {
            "access_token": token or request._portal_ensure_token(),
            "provider_id": provider.id,
            "payment_method_id": self.method.id,
            "token_id": None,
            "amount": 1.0,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/shop",
            "is_validation": False,
            **params,
        }
        with mute_logger("odoo.http"):
            answer = self.url_open(
                url,
                data=json.dumps({"jsonrpc": "2.0", "params": params}),
                headers={"Content-Type": "application/json"},
            )
        return answer.json()

    def _confirm(self, transaction):
        """The provider answers; nobody is there but a visitor."""
        transaction.provider_reference = "tok-1"
        transaction._set_done()
        transaction.with_user(self.visitor).sudo()._post_process()
        self.env.invalidate_all()  # as the next request sees it

    def _pay(self, request, provider):
        """
        :rtype: payment.transaction
        """
        answer = self._begin(request, provider)
        self.assertIn("result", answer, answer)
        # those who ask see no deposits
        transactions = request.with_env(self.env).payment_transaction_ids
        transaction = transactions.sorted("id")[-1:]
        self._confirm(transaction)
        return transaction

    def _get_page(self, request):
        return self.url_open(request.get_portal_url()).text

    # --- where it goes

    def test_client_money_is_a_deposit(self):
        request = self._ask(amount=1200.0)
        transaction = self._pay(request, self.clients)
        self.assertEqual(transaction.amount, 1200.0)  # whatever the visitor sent
        self.assertIn(request.name, transaction.reference)
        self.assertEqual(transaction.landing_route, request.get_portal_url())
        deposit = transaction.deposit_ids
        self.assertRecordValues(
            deposit,
            [
                {
                    "state": "posted",
                    "kind": "deposit",
                    "matter_id": self.matter.id,
                    "journal_id": self.client_bank.id,
                    "money_request_id": request.id,
                    "partner_id": self.client.id,
                    "amount": 1200.0,
                    "cleared_on": False,  # until the provider paid it out
                    "posted_by_id": self.env.ref("base.user_root").id,
                }
            ],
        )
        self.assertItems(
            deposit.move_id,
            [(self.receipts, 1200.0, 0.0), (self.liability, 0.0, 1200.0)],
        )
        self.assertHeld(1200.0)
        self.assertEqual(request.state, "paid")
        self.assertFalse(transaction.payment_id)
        self.assertFalse(transaction.slip_ids)
        self.assertFalse(request.bill_ids)
        # told twice, entered once
        transaction.with_user(self.visitor).sudo()._post_process()
        self.assertHeld(1200.0)
        self.assertIn("Your payment is here", self._get_page(request))

    def test_the_firm_s_own_is_a_payment_with_its_bill(self):
        request = self._ask("on_account", 1200.0)
        transaction = self._pay(request, self.office)
        slip = transaction.slip_ids
        self.assertRecordValues(
            slip,
            [
                {
                    "state": "posted",
                    "source": "bank",
                    "means": "card",
                    "amount": 1200.0,
                    "journal_id": self.office_bank.id,
                    "money_request_id": request.id,
                }
            ],
        )
        self.assertEqual(transaction.payment_id, slip.account_payment_id)
        bank = slip.account_payment_id._seek_for_lines()[0].account_id
        self.assertItems(
            slip.move_id, [(bank, 1200.0, 0.0), (self.credits, 0.0, 1200.0)]
        )
        self.assertFalse(transaction.deposit_ids)
        self.assertHeld(0.0)
        bill = request.bill_ids
        self.assertEqual((bill.state, bill.amount_total), ("draft", 1200.0))
        # nobody entered the money: the system uses it
        self._approve(bill)
        self.assertEqual(bill.payment_state, "paid")
        self.assertFalse(self.matter.unallocated_credit_balance)
        transaction.with_user(self.visitor).sudo()._post_process()
        self.assertEqual(request.paid_amount, 1200.0)

    def test_where_two_people_are_wanted_an_officer_posts_it(self):
        self.company.legal_trust_dual_approval = True
        request = self._ask(amount=1200.0)
        deposit = self._pay(request, self.clients).deposit_ids
        self.assertEqual(deposit.state, "draft")
        self.assertHeld(0.0)
        page = self._get_page(request)
        self.assertIn("on its way", page)
        self.assertNotIn(FORM, page)
        self.assertIn("error", self._begin(request, self.clients))
        self._as(deposit, "client_account_officer").action_post()
        self.assertHeld(1200.0)
        self.assertEqual(request.state, "paid")

    def test_cancelled_while_the_client_pays(self):
        request, asked = self._ask(), self._ask("on_account")
        self._begin(request, self.clients)
        self._begin(asked, self.office)
        self._as(request | asked, "biller").action_cancel("no longer")
        self._confirm(request.payment_transaction_ids)
        self._confirm(asked.payment_transaction_ids)
        # the money is there, and stays what it was paid as
        self.assertHeld(1200.0)
        self.assertFalse(
            request.with_env(
                self.env
            ).payment_transaction_ids.deposit_ids.money_request_id
        )
        self.assertEqual(self.matter.unallocated_credit_balance, 1200.0)
        self.assertFalse(asked.bill_ids)

    # --- where it may not go

    def test_no_provider_that_pays_to_another_bank_is_offered(self):
        request, asked = self._ask(), self._ask("on_account")
        for record, fitting, other in (
            (request, self.clients, self.office),
            (asked, self.office, self.clients),
        ):
            page = self._get_page(record)
            self.assertIn(FORM, page)
            self.assertIn(f'data-provider-id="{fitting.id}"', page)
            self.assertNotIn(f'data-provider-id="{other.id}"', page)
            answer = self._begin(record, other)
            self.assertIn("cannot be paid in this way", json.dumps(answer))
            self.assertFalse(record.payment_transaction_ids)
        # without one for client money there is no button, but where to transfer it
        self.clients.state = "disabled"
        page = self._get_page(request)
        self.assertNotIn(FORM, page)
        self.assertIn("By transfer to our client account", page)

    def test_bills_are_never_paid_to_the_client_account(self):
        self._create_time(self.matter)
        bill = self._approve(self._bill(self.matter))
        page = self._get_page(bill)
        self.assertIn(f'data-provider-id="{self.office.id}"', page)
        self.assertNotIn(f'data-provider-id="{self.clients.id}"', page)
        vals = {
            "payment_method_id": self.method.id,
            "reference": "portal-1",
            "amount": 360.0,
            "currency_id": self.company.currency_id.id,
            "partner_id": self.client.id,
            "operation": "online_direct",
            "provider_id": self.clients.id,
        }
        transactions = self.env["payment.transaction"]
        request = self._ask()
        for wrong in (
            {"invoice_ids": [Command.set(bill.ids)]},
            {},
            {"money_request_id": request.id, "provider_id": self.office.id},
            {"money_request_id": self._ask("on_account").id},
            {"money_request_id": request.id, "invoice_ids": [Command.set(bill.ids)]},
        ):
            with self.assertRefused("to a client account", ValidationError):
                transactions.create(vals | wrong)
        transactions.create(vals | {"money_request_id": request.id})

    def test_in_a_client_account_a_provider_books_on_its_own_account(self):
        self.env["account.payment.method"].sudo().create(
            {"name": "Card", "code": "none", "payment_type": "inbound"}
        )
        provider = self._create_plain_provider("Moves")
        lines = self.env["account.payment.method.line"]
        mine = [("payment_provider_id", "=", provider.id)]
        for _round in range(2):
            provider.journal_id = self.client_bank
            self.assertRecordValues(
                lines.search(mine),
                [
                    {
                        "journal_id": self.client_bank.id,
                        "payment_account_id": self.receipts.id,
                    }
                ],
            )
            provider.journal_id = self.office_bank
            line = lines.search(mine)
            self.assertEqual(line.journal_id, self.office_bank)
            self.assertNotEqual(line.payment_account_id, self.receipts)

    # --- who

    def test_nobody_pays_without_the_address(self):
        request, other = self._ask(), self._ask()
        new_test_user(self.env, login="portal_pays", groups="base.group_portal")
        for login in (None, "portal_pays"):
            self.authenticate(login, login)
            for token in ("wrong", other._portal_ensure_token()):
                answer = self._begin(request, self.clients, token=token)
                self.assertIn("access token is invalid", json.dumps(answer))
        self.assertFalse(request.payment_transaction_ids)

    def test_only_what_is_open_and_in_one_go(self):
        request = self._ask(amount=1200.0)
        self._deposit(request, 500.0).action_post()
        self.assertEqual(self._pay(request, self.clients).amount, 700.0)
        self.assertIn("error", self._begin(request, self.clients))
        cancelled = self._ask()
        self._as(cancelled, "biller").action_cancel("no longer")
        self.assertIn("error", self._begin(cancelled, self.clients))
        self.assertNotIn(FORM, self._get_page(cancelled))
        # nor in any other way than the form's
        request = self._ask()
        for params in ({"flow": "token"}, {"invoice_ids": [1]}):
            self.assertIn("error", self._begin(request, self.clients, **params))

    def test_what_was_given_back_online_is_told(self):
        request = self._ask(amount=1200.0)
        transaction = self._pay(request, self.clients)
        refund = transaction._create_child_transaction(1200.0, is_refund=True)
        self._confirm(refund)
        self.assertFalse(refund.deposit_ids)
        self.assertHeld(1200.0)  # until an officer says why it goes back
        notes = " ".join(str(body) for body in request.message_ids.mapped("body"))
        self.assertIn("was given back online", notes)

    def test_the_transaction_is_set_by_the_provider_alone(self):
        request = self._ask()
        transaction = self._pay(request, self.clients)
        deposit = self._deposit(self._ask())
        with self.assertRefused("", ProtectedFieldError):
            deposit.payment_transaction_id = transaction
        with self.assertRefused("", (AccessError, ProtectedFieldError)):
            self._as(request, "biller").payment_transaction_ids = [Command.clear()]
