from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import RoleError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentDay(PaymentCommon):
    """What is carried to the bank, and what came in on a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_bank = cls.bank.copy({"code": "BNK9"})

    def _receive(self, amount, **vals):
        return self._pay(self._create_bill(amount), amount, **vals)

    def _window(self, kind="pay_in", role="cashier", **vals):
        return self._as(self.env["legal.payment.day"], role).create(
            {"kind": kind, "date_from": DAY, "date_to": DAY, **vals}
        )

    def _rows(self, window):
        return {
            block.title: [row.values for row in block.rows]
            for block in window._get_paper().blocks
        }

    def test_cheques_and_cash_are_carried_to_the_bank_and_transfers_are_not(self):
        first = self._receive(100, means="cheque", reference="CHQ 1")
        second = self._receive(23.45, means="cheque", reference="CHQ 2")
        self._receive(500)  # a transfer
        elsewhere = self._receive(
            70, means="cheque", reference="CHQ 3", journal_id=self.other_bank.id
        )
        cash = self._receive(12, source="cash")
        self._receive(9, means="cheque", date=date(2026, 11, 3))  # the day after
        bounced = self._receive(80, means="cheque", reference="CHQ 4")
        bounced.action_reverse("entered twice", "correction")
        payer = self.client.display_name
        self.assertEqual(
            self._rows(self._window()),
            {
                self.bank.name: [
                    ("CHQ 1", payer, first.name, DAY, 100.0),
                    ("CHQ 2", payer, second.name, DAY, 23.45),
                    ("2 in all", "", "", "", 123.45),
                ],
                self.cash.name: [
                    ("", payer, cash.name, DAY, 12.0),
                    ("1 in all", "", "", "", 12.0),
                ],
                self.other_bank.name: [
                    ("CHQ 3", payer, elsewhere.name, DAY, 70.0),
                    ("1 in all", "", "", "", 70.0),
                ],
            },
        )
        [title] = self._rows(self._window(journal_ids=self.other_bank.ids))
        self.assertEqual(title, self.other_bank.name)

    def test_the_day_list_has_all_of_the_bank(self):
        self._receive(100, means="cheque")
        self._receive(500)
        undone = self._receive(80)
        undone.action_reverse("entered twice", "correction")
        rows = self._rows(self._window("day_list"))[self.bank.name]
        self.assertEqual(
            [row[4] for row in rows], ["Cheque", "Transfer", "taken back", ""]
        )
        self.assertEqual(rows[-1][-1], 600.0)
        booked = self.env["account.payment"].search(
            [
                ("journal_id", "=", self.bank.id),
                ("date", "=", DAY),
                ("state", "!=", "canceled"),
            ]
        )
        self.assertEqual(sum(booked.mapped("amount")), 600.0)

    def test_what_a_barrier_hides_is_a_sum_without_a_name(self):
        self._receive(100, means="cheque", reference="CHQ 1")
        secret = self._create_matter(name="Zebra secret")
        bill = self._create_bill(40, secret)
        self._pay(bill, 40, means="cheque", reference="CHQ Zebra")
        secret.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set((self.env.user | self.manager).ids)],
            }
        )
        for kind in ("pay_in", "day_list"):
            window = self._window(kind)
            with self.subTest(kind=kind):
                self.assertNotIn("Zebra", window.content)
                rows = self._rows(window)[self.bank.name]
                self.assertEqual(rows[-2][0], "1 behind an information barrier")
                self.assertEqual(rows[-1][-1], 140.0)
                whole = self._rows(self._window(kind, "manager"))[self.bank.name]
                self.assertEqual(len(whole), 3)

    def test_page_paper_and_spreadsheet(self):
        self._receive(100, means="cheque", reference="CHQ 1")
        for kind, words in (("pay_in", "Paid in by"), ("day_list", "Cheque")):
            form = Form(self._as(self.env["legal.payment.day"], "cashier"))
            form.kind = kind
            form.date_from = form.date_to = DAY
            window = form.save()
            self.assertIn("CHQ 1", window.content)
            action = window.action_print()
            reports = self._as(self.env["ir.actions.report"], "cashier")
            html, _kind = reports._render_qweb_html(action["report_name"], window.ids)
            with self.subTest(kind=kind):
                self.assertIn(words, html.decode())
                self.assertIn("xlsx", window.action_export()["url"])

    def test_the_page_asks_how_it_came(self):
        form = Form(self._as(self.env["legal.payment"], "cashier"))
        self.assertEqual((form.source, form.means), ("bank", "transfer"))
        form.means = "cheque"
        self.assertEqual(form.save().means, "cheque")

    def test_who_may(self):
        for role in ("biller", "client_account_officer", "fee_earner"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._window(role=role)
        window = self._window()
        for method in ("action_print", "action_export", "_get_paper"):
            with self.subTest(method=method), self.assertRaises(RoleError):
                getattr(window.with_user(self.biller), method)()

    def test_another_company_is_not_read(self):
        self._receive(100, means="cheque")
        window = self._window()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("cashier", login="stranger")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        theirs = self.env["legal.payment.day"].with_user(stranger)
        theirs = theirs.with_context(allowed_company_ids=other.ids).create(
            {"date_from": DAY, "date_to": DAY}
        )
        theirs.sudo().company_id = window.company_id
        theirs.invalidate_recordset()
        self.assertFalse(theirs._get_paper().blocks)

    def test_queries_do_not_grow_with_payments(self):
        counts = []
        for size in (2, 8):
            for index in range(size):
                self._receive(10 + index, means="cheque", reference=f"CHQ {index}")
            self._count_queries("pay_in")  # what is read once is read
            counts.append(
                [self._count_queries(kind) for kind in ("pay_in", "day_list")]
            )
        self.assertEqual(counts[0], counts[1])

    def _count_queries(self, kind):
        window = self._window(kind)
        window._get_paper()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        window._get_paper()
        return self.env.cr.sql_log_count - before
