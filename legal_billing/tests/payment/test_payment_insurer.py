from odoo.fields import Command
from odoo.tests import tagged

from .payment_common import DAY, PaymentCommon

CLIENTS, MATTERS, BILLS = 12, 25, 40
DISPUTED, AMENDED = 7, 11
DISPUTE = 50.0


@tagged("post_install", "-at_install")
class TestPaymentInsurer(PaymentCommon):
    """An insurer's cheque over 40 bills of 25 matters of 12 clients, one of them
    disputed: from the pasted remittance advice to the bank statement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clients = cls.env["res.partner"].create(
            [{"name": f"Client {number:02}"} for number in range(CLIENTS)]
        )
        cls.matters = cls.env["project.project"].create(
            [
                {
                    "name": f"Claim {number:02}",
                    "is_matter": True,
                    "partner_id": clients[number % CLIENTS].id,
                    # every other matter is billed to the insurer himself
                    "billing_partner_id": cls.insurer.id if number % 2 else False,
                    "company_id": cls.company.id,
                    "responsible_id": cls.reviewer.id,
                }
                for number in range(MATTERS)
            ]
        )
        cls.bills = cls.env["account.move"].union(
            *(
                cls._create_bill(
                    {"disbursement_exempt": 20, "fees": 100 + number},
                    cls.matters[number % MATTERS],
                )
                for number in range(BILLS)
            )
        )
        cls.bills[DISPUTED]._internal().disputed_amount = DISPUTE
        cls.total = sum(cls.bills.mapped("amount_total"))
        # a cheque that leaves the disputed part out and pays 75.00 too much
        cls.cheque = cls.total - DISPUTE + 75.0

    def _paste(self, slip, text):
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": slip.id, "text": text}
        )
        return window.action_apply()

    def _get_row(self, slip, number):
        return slip.allocation_ids.filtered(
            lambda row: row.bill_id == self.bills[number]
        )

    def _enter(self):
        """The slip, as the cashier fills it in."""
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.insurer.id,
                "amount": self.cheque,
                "date": DAY,
                "reference": "cheque 100200",
                "memo": "October claims",
            }
        )
        action = self._paste(slip, "\n".join(self.bills.mapped("name")))
        self.assertEqual(action["type"], "ir.actions.act_window_close")
        return slip

    def test_from_the_remittance_advice_to_the_bank_statement(self):
        slip = self._enter()
        # 1. the rule was applied at once: all but what is disputed, the rest homeless
        self.assertEqual(len(slip.allocation_ids.bill_id), BILLS)
        self.assertEqual(len(slip.allocation_ids.matter_id), MATTERS)
        disputed = self._get_row(slip, DISPUTED)
        self.assertEqual(disputed.payable_amount, disputed.outstanding_amount - DISPUTE)
        self.assertIn("disputed", disputed.payable_note)
        self.assertEqual(disputed.amount, disputed.payable_amount)
        self.assertEqual(slip.credit_amount, 75.0)
        self.assertTrue(slip.is_credit_homeless)
        # 2. one bill is amended by hand: the difference is told, posting is refused
        amended = self._get_row(slip, AMENDED)
        amended.write({"amount": amended.amount - 10})
        self.assertEqual(slip.difference_amount, 10.0)
        with self.assertRefusedNaming(r"10\.00 of .* is not allocated"):
            slip.action_post()
        # 3. the surplus becomes a credit of one matter
        credit = slip.allocation_ids.filtered(lambda row: row.kind == "credit")
        credit.write({"matter_id": self.matters[3].id, "amount": 85.0})
        self.assertEqual(slip.difference_amount, 0.0)
        # 4. one entry, one item per bill
        slip.action_post()
        self._check_books(slip)
        # 5. the bank has one line
        self._match_with_bank(slip)
        paid = self.bills - self.bills[DISPUTED] - self.bills[AMENDED]
        self.assertEqual(set(paid.mapped("payment_state")), {"paid"})

    def assertRefusedNaming(self, message):
        return self.assertRaisesRegex(Exception, message)

    def _check_books(self, slip):
        numbers = self.bills.sorted(
            lambda bill: (
                slip.allocation_ids.filtered(lambda row: row.bill_id == bill).sequence
            )
        ).mapped("name")
        self.assertEqual(slip.move_id.ref, ": ".join([*numbers, "October claims"]))
        self.assertEqual(slip.account_payment_id.memo, slip.move_id.ref)
        short = {DISPUTED: DISPUTE, AMENDED: 10.0}
        self.assertLines(
            slip.move_id,
            [
                (
                    self.outstanding,
                    self.insurer,
                    self.env["project.project"],
                    f"{slip.name} cheque 100200: {slip.move_id.ref}",
                    self.cheque,
                    0.0,
                ),
                *(
                    (
                        self.receivable,
                        bill.commercial_partner_id,
                        bill.matter_id,
                        bill.name,
                        0.0,
                        bill.amount_total - short.get(number, 0.0),
                    )
                    for number, bill in enumerate(self.bills)
                ),
                (
                    self.credit_account,
                    self.insurer,
                    self.matters[3],
                    f"Unallocated credit {self.matters[3].matter_number}",
                    0.0,
                    85.0,
                ),
            ],
        )
        for number, bill in enumerate(self.bills):
            partial = bill.line_ids.matched_credit_ids
            self.assertEqual(len(partial), 1)
            self.assertEqual(bill.amount_residual, short.get(number, 0.0))
        self.assertEqual(self.matters[3].unallocated_credit_balance, 85.0)
        self.assertEqual(slip.bill_count, BILLS)

    def _match_with_bank(self, slip):
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DAY,
                "payment_ref": "cheque 100200",
                "amount": self.cheque,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = self.outstanding
        bank_item = slip.move_id.line_ids.filtered(
            lambda line: line.account_id == self.outstanding
        )
        (suspense + bank_item).reconcile()
        slip.invalidate_recordset(["bank_status"])
        self.assertEqual(slip.bank_status, "matched")
        self.assertTrue(statement_line.is_reconciled)

    def test_amounts_of_the_advice_are_taken_as_typed(self):
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "received_from_id": self.insurer.id,
                "date": DAY,
                "amount": 150.0,
            }
        )
        a, b, unknown = self.bills[0].name, self.bills[1].name, "INV/1999/00001"
        action = self._paste(slip, f"{a}\t100.00\n{b}\t50,00\n{unknown}\t10.00")
        self.assertEqual(self._get_row(slip, 0).amount, 100.0)
        self.assertEqual(self._get_row(slip, 1).amount, 50.0)
        self.assertTrue(all(slip.allocation_ids.mapped("is_manual")))
        self.assertEqual(slip.difference_amount, 0.0)
        window = self.env["legal.remittance"].browse(action["res_id"])
        self.assertEqual(window.unknown, f"{unknown}  10.00")  # the whole line

    def test_the_insurers_look_up_finds_the_bills_of_his_matters(self):
        """*Add open bills* of the payer: those addressed to him, and those of clients
        of whom he is the payer by paste only."""
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {"received_from_id": self.insurer.id, "date": DAY}
        )
        slip.action_add_bills()
        own = self.bills.filtered(
            lambda bill: bill.commercial_partner_id == self.insurer
        )
        self.assertEqual(slip.allocation_ids.bill_id, own)
        slip.allocation_ids = [
            Command.update(slip.allocation_ids[0].id, {"is_selected": False})
        ]
        self.assertEqual(slip.bill_count, 0)
