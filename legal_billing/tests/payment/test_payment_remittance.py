import time

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...exceptions import PaymentError
from .payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentRemittance(PaymentCommon):
    """A remittance advice is read line by line, looked at, and added."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a = cls._create_bill(1000)
        cls.b = cls._create_bill(5000)
        cls.other_matter = cls._create_matter(partner_id=cls.insurer.id)
        cls.c = cls._create_bill(300, cls.other_matter)

    def _slip(self, amount=0.0, **vals):
        return self._create_payment(self.env["account.move"], amount, **vals)

    def _read(self, slip, *lines, **vals):
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": slip.id, "text": "\n".join(lines), **vals}
        )
        window.action_read()
        return window

    def _get_lines(self, window):
        return [
            (line.bill_id, line.amount, line.status, line.is_included)
            for line in window.line_ids
        ]

    # --- reading

    def test_nothing_is_added_before_it_was_looked_at(self):
        slip = self._slip()
        window = self._read(slip, f"{self.a.name}\t$10.00")
        self.assertFalse(slip.allocation_ids)
        self.assertEqual(slip.amount, 0.0)
        self.assertEqual(window.line_ids.raw, f"{self.a.name}  $10.00")

    def test_amounts_with_signs_codes_and_brackets_are_read(self):
        currency = self.company.currency_id.name
        note = self._create_credit_note(250)
        slip = self._slip()
        window = self._read(
            slip,
            f"{self.a.name}\t{currency} 1,000.00",
            f"30/11/2026\t{self.b.name}\t4,943.42",
            f"{note.name}\t(250.00)",
        )
        self.assertEqual(
            self._get_lines(window),
            [
                (self.a, 1000.0, "ok", True),
                (self.b, 4943.42, "ok", True),
                (note, -250.0, "ok", True),
            ],
        )
        window.action_apply()
        self.assertEqual(slip.amount, 5693.42)
        self.assertEqual(slip.difference_amount, 0.0)

    def test_an_amount_of_another_currency_is_asked(self):
        code = "EUR" if self.company.currency_id.name != "EUR" else "USD"
        window = self._read(self._slip(), f"{self.a.name}\t{code} 100.00")
        self.assertEqual(self._get_lines(window), [(self.a, 0.0, "unreadable", False)])
        self.assertIn("another currency", window.line_ids.note)

    def test_an_empty_slip_takes_the_currency_of_the_bills(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        bill = self._create_bill(100, currency_id=euro.id)
        slip = self._slip()
        window = self._read(slip, f"{bill.name}\tEUR 40.00")
        self.assertEqual(self._get_lines(window), [(bill, 40.0, "ok", True)])
        window.action_apply()
        self.assertEqual((slip.currency_id, slip.amount), (euro, 40.0))
        other = self._read(self._slip(10.0), f"{bill.name}\t40.00")
        self.assertEqual(self._get_lines(other), [(bill, 40.0, "currency", False)])
        self.assertEqual(other.action_apply()["res_id"], other.id)  # it stays there

    def test_numbers_as_payers_write_them(self):
        self.b.payment_reference = "RF05 INV0 0066 8"
        self.b.ref = "PO-7788"
        digits = self.b.name.split("/")[-1]
        for text, reason in (
            (self.b.name.lower(), "number"),
            (f"\ufeff{self.b.name}.", "number"),
            (self.b.name.replace("/", "/ "), "number"),
            ("rf05inv000668.", "reference"),
            ("RF05 INV0 0066 8", "reference"),
            ("po 7788", "client_reference"),
            (digits, "digits"),
            (digits.lstrip("0"), "digits"),
        ):
            with self.subTest(text=text):
                line = self._read(self._slip(), f"{text}\t12.50").line_ids
                self.assertEqual(line.bill_id, self.b)
                self.assertEqual(line.match_reason, reason)
                self.assertEqual((line.amount, line.status), (12.5, "ok"))

    def test_each_line_says_what_becomes_of_it(self):
        paid = self._create_bill(50)
        self._pay(paid, 50)
        slip = self._slip(received_from_id=self.client.id)
        window = self._read(
            slip,
            f"{self.a.name}\t1,056.58",
            f"{paid.name}\t50.00",
            f"{self.c.name}\t300.00",
            f"{self.b.name}\t10.00",
            f"{self.b.name}\t20.00",
            "INV/1999/00007\t5.00",
            "bank charges\t7.00",
            "Total 1,448.58",
        )
        self.assertEqual(
            self._get_lines(window),
            [
                (self.a, 1056.58, "above", True),
                (paid, 50.0, "closed", False),
                (self.c, 300.0, "other", True),
                (self.b, 10.0, "twice", True),
                (self.b, 20.0, "twice", True),
                (self.env["account.move"], 5.0, "not_found", False),
                (self.env["account.move"], 0.0, "unreadable", False),
            ],
        )
        self.assertIn("56.58 above", window.line_ids[0].note.replace("\xa0", ""))
        self.assertIn("no bill beside it", window.line_ids[-1].note)
        self.assertEqual(window.named_amount, 1448.58)
        self.assertEqual(window.read_amount, 1441.58)
        self.assertIn("7.00 apart", window.total_note.replace("\xa0", ""))

    def test_an_amount_that_can_mean_two_things_is_asked_and_harms_no_other(self):
        slip = self._slip()
        window = self._read(slip, f"{self.a.name}\t1.250", f"{self.b.name}\t12.50")
        asked, fine = window.line_ids
        self.assertEqual((asked.status, asked.is_included), ("unreadable", False))
        self.assertIn("can mean", asked.note)
        self.assertEqual((fine.status, fine.is_included), ("ok", True))
        action = window.action_apply()
        self.assertEqual(self._amounts(slip), {self.b: 12.5})
        self.assertEqual(action["res_id"], window.id)
        self.assertEqual(window.line_ids, asked)

    def test_two_bills_with_these_last_digits_are_asked(self):
        self.a.ref = self.b.ref = "CASE-1"
        line = self._read(self._slip(), "CASE-1\t12.50").line_ids
        self.assertFalse(line.bill_id)
        self.assertEqual(line.status, "several")
        self.assertIn(self.a.name, line.note)
        self.assertIn(self.b.name, line.note)

    def test_an_amount_over_several_bills_is_asked(self):
        line = self._read(
            self._slip(), f"{self.a.name} and {self.b.name} 6,000.00"
        ).line_ids
        self.assertEqual((line.amount, line.is_included), (0.0, False))
        self.assertIn("several bills", line.note)

    def test_the_text_around_the_table_is_passed_over_and_kept_to_read(self):
        window = self._read(
            self._slip(),
            "Dear Sirs, our ref CI-778812 of 30 November",
            "Invoice No    Date          Paid",
            f"{self.a.name}    30/11/2026    1,000.00",
            "Total                      1,000.00",
        )
        self.assertEqual(self._get_lines(window), [(self.a, 1000.0, "ok", True)])
        self.assertIn("CI-778812", window.passed_over)
        self.assertFalse(window.total_note)

    def test_nothing_to_read_is_refused(self):
        for vals, message in (
            ({"text": " "}, "Paste at least one"),
            ({"text": "Dear Sirs"}, "No bill and no amount"),
            ({"file": b"UEsDBAo=", "file_name": "x.zip"}, "x.zip cannot be read"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(PaymentError, message):
                self._read(self._slip(), **vals)

    # --- adding

    def test_what_the_advice_says_counts_as_applied(self):
        """B4: neither the amount nor the rule changed."""
        slip = self._slip(1500.0)
        window = self._read(
            slip, f"{self.a.name}\t$1,000.00", f"{self.b.name}\t$500.00"
        )
        window.action_apply()
        self.assertFalse(slip.needs_reapply)
        slip.action_post()
        self.assertEqual(self.a.payment_state, "paid")
        self.assertEqual(self.b.amount_residual, 4500.0)
        self.assertLines(
            slip.move_id,
            [
                (
                    self.outstanding,
                    self.client,
                    self.env["project.project"],
                    f"{slip.name}: {slip.move_id.ref}",
                    1500.0,
                    0.0,
                ),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 1000.0),
                (self.receivable, self.client, self.matter, self.b.name, 0.0, 500.0),
            ],
        )

    def test_the_slips_amount_is_proposed_from_the_lines(self):
        slip = self._slip()
        self._read(
            slip, f"{self.a.name}\t100.00", f"{self.b.name}\t50.00"
        ).action_apply()
        self.assertEqual((slip.amount, slip.difference_amount), (150.0, 0.0))
        other = self._slip()
        self._read(other, f"{self.a.name}\t100.00", self.b.name).action_apply()
        self.assertEqual(other.amount, 0.0)  # a line has no amount

    def test_more_than_a_bill_stays_on_the_slip(self):
        slip = self._slip()
        self._read(slip, f"{self.a.name}\t1,056.58").action_apply()
        self.assertEqual(self._amounts(slip), {self.a: 1000.0})
        self.assertEqual((slip.amount, slip.difference_amount), (1056.58, 56.58))

    def test_a_line_is_corrected_in_place(self):
        slip = self._slip()
        window = self._read(slip, "INV/1999/00007\t1.250", f"{self.b.name}\t10.00")
        with Form(window) as form:
            with form.line_ids.edit(0) as line:
                line.bill_id = self.a
                line.amount = 125.0
                self.assertEqual(line.status, "ok")
                self.assertTrue(line.is_included)
            with form.line_ids.edit(1) as line:
                line.is_included = False
        window.action_apply()
        self.assertEqual(self._amounts(slip), {self.a: 125.0})

    def test_the_columns_of_a_payer_are_remembered(self):
        text = f"{self.a.name}\t100.00\t40.00"
        slip = self._slip(received_from_id=self.client.id)
        window = self._read(slip, text)
        self.assertEqual(window.line_ids.status, "unreadable")
        self.assertIn("which amount is paid", window.line_ids.note)
        window.paid_column = 3
        window.action_read()
        self.assertEqual((window.line_ids.amount, window.line_ids.status), (40.0, "ok"))
        self.assertIn("not used: 100.00", window.line_ids.note)
        window.action_apply()
        again = self._read(self._slip(received_from_id=self.client.id), text)
        self.assertEqual((again.line_ids.amount, again.paid_column), (40.0, 3))
        other = self._read(self._slip(received_from_id=self.insurer.id), text)
        self.assertEqual(other.line_ids.status, "unreadable")

    # --- roles and cost

    def test_a_biller_reads_no_advice(self):
        slip = self._slip()
        with self.assertRaises(AccessError):
            self._as(self.env["legal.remittance"], "biller").create(
                {"payment_id": slip.id, "text": self.a.name}
            )
        window = self._read(slip, f"{self.a.name}\t10.00")
        with self.assertRaises(AccessError):
            self._as(window, "biller").action_apply()

    def test_two_thousand_lines_are_read_quickly(self):
        slip = self._slip()
        self._read(slip, self.a.name)  # rights and languages are read once a server
        lines = [f"INV/1998/{n:05}\t{n}.25\t30/11/2026" for n in range(1, 1980)]
        lines += [f"{self.a.name}\t0.10", f"{self.b.name}\t0.20"] * 10
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": slip.id, "text": "\n".join(lines)}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        started, before = time.perf_counter(), self.env.cr.sql_log_count
        window.action_read()
        window.line_ids.mapped("status")
        queries = self.env.cr.sql_log_count - before
        self.assertLessEqual(queries, 60)
        self.assertEqual(len(window.line_ids), 1999)
        self.assertEqual(window.included_count, 20)
        # measured alone: see docs/remittances.md
        self.assertLess(time.perf_counter() - started, 30)

    def test_adding_costs_no_query_per_line(self):
        def count(bills):
            slip = self._slip()
            window = self._read(slip, *(f"{bill.name}\t1.00" for bill in bills))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            window.action_apply()
            self.env.flush_all()
            self.assertEqual(len(slip.allocation_ids), len(bills))
            return self.env.cr.sql_log_count - before

        bills = self.env["account.move"].union(
            *(self._create_bill(10 + n) for n in range(12))
        )
        few = count(bills[:3])
        many = count(bills)
        self.assertLessEqual(many, few + 6)
