from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    ApprovalError,
    BillStageError,
    MatterOptionError,
    ProtectedFieldError,
    RoleError,
)
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillShares(LegalBillingCommon):
    """One tax invoice to the client, of which the insurer owes a part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = cls.env["res.partner"].create(
            {"name": "Insurer", "email": "claims@insurer.example", "is_company": True}
        )
        cls.landlord = cls.env["res.partner"].create({"name": "Landlord"})
        cls.matter = cls._create_shared_matter()
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        lines = (
            cls.tax_20.invoice_repartition_line_ids
            | cls.tax_20.refund_repartition_line_ids
        )
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.tax_account

    @classmethod
    def _create_shared_matter(cls, *rows, **vals):
        """A matter of a client registered for VAT with an excess of 250.00, or with
        these payers; the insurer bears the rest.

        :rtype: project.project
        """
        rows = rows or (
            {
                "partner_id": cls.client.id,
                "share_type": "amount",
                "value": 250,
                "bears_tax": True,
            },
            {
                "partner_id": cls.insurer.id,
                "share_type": "remainder",
                "reference": "CLAIM-7",
            },
        )
        return cls._create_matter(
            split_mode="shares",
            payer_ids=[Command.create(row) for row in rows],
            **vals,
        )

    def _bill_shared(self, matter=None, hours=10):
        """A draft of so many hours of 200.00, made by the biller.

        :rtype: account.move
        """
        matter = matter or self.matter
        self._create_time(matter, hours, employee_id=self.associate.id)
        return self._bill(matter)

    def assertShares(self, bill, *expected):
        """What the payers owe, in their order."""
        bill.payer_share_ids.invalidate_recordset()
        self.assertEqual(
            [round(row.amount, 2) for row in bill.payer_share_ids], list(expected)
        )
        self.assertEqual(
            bill.currency_id.compare_amounts(sum(expected), bill.amount_total), 0
        )

    # --- making

    def test_excess_and_tax(self):
        """C-30: the client owes the excess and all of the tax, the insurer net less
        excess; the books know one bill of the client."""
        bill = self._bill_shared()
        self.assertEqual(len(bill), 1)
        self.assertEqual(bill.partner_id, self.client)
        self.assertFalse(bill.is_split)
        self.assertShares(bill, 650, 1750)
        self.assertEqual(bill.payer_share_ids.partner_id, self.client | self.insurer)
        self.assertEqual(bill.payer_share_ids.mapped("net_amount"), [250, 1750])
        self.assertEqual(bill.payer_share_ids.mapped("paid_amount"), [0, 0])
        theirs = bill.payer_share_ids[1]
        self.assertEqual(theirs.reference, "CLAIM-7")
        self.assertEqual(theirs.recipient_ids, self.insurer)
        self.assertItems(
            bill,
            [
                (self.receivable, 2400.0, 0),
                (self.revenue, 0, 2000.0),
                (self.tax_account, 0, 400.0),
            ],
        )
        self.assertEqual(bill.billing_run_id.line_ids.company_amount, 2000)
        self.assertIn("Insurer", bill.shares_text)
        self._approve(bill)
        self.assertShares(bill, 650, 1750)
        self.assertEqual(
            bill.line_ids.filtered(
                lambda line: line.account_id == self.receivable
            ).partner_id,
            self.client,
        )

    def test_tax_along_with_the_shares(self):
        """Nobody bears all of it: tax of 20 % on the fees, none on the court fee."""
        matter = self._create_shared_matter(
            {
                "partner_id": self.insurer.id,
                "share_type": "percent",
                "value": 60,
                "scope": "fees",
            },
            {"partner_id": self.client.id, "share_type": "remainder"},
        )
        self._create_disbursement(matter, 100.01)
        bill = self._bill_shared(matter, hours=5)
        self.assertEqual(bill.amount_total, 1300.01)
        self.assertShares(bill, 720, 580.01)

    def test_cap_over_life(self):
        """C-29: 70 % up to 1,500 net over three bills; a credit gives back, in part
        and in full."""
        matter = self._create_shared_matter(
            {
                "partner_id": self.insurer.id,
                "share_type": "percent",
                "value": 70,
                "cap_amount": 1500,
            },
            {
                "partner_id": self.client.id,
                "share_type": "remainder",
                "bears_tax": True,
            },
        )
        bills = []
        for hours, expected in (
            (5, (700, 500)),
            (7.5, (800, 1000)),
            (4, (0, 960)),
        ):
            bill = self._bill_shared(matter, hours)
            self.assertShares(bill, *expected)
            bills.append(self._approve(bill))
        self._as(bills[1], "approver").action_credit_and_rebill()
        again = self._bill(matter)
        self.assertShares(again, 800, 1000)

    def test_only_one_bears_the_tax(self):
        with (
            self.assertRaisesRegex(MatterOptionError, "one payer alone"),
            self.env.cr.savepoint(),
        ):
            self.matter.payer_ids.bears_tax = True
        # the mode alone decides whether it counts
        self.matter.split_mode = "bills"
        own, theirs = self._bill_shared().sorted("amount_untaxed")
        self.assertEqual((own.amount_tax, theirs.amount_tax), (50, 350))

    def test_a_matter_without_rows_has_plain_bills(self):
        matter = self._create_matter(split_mode="shares")
        bill = self._bill_shared(matter)
        self.assertFalse(bill.is_shared)
        self.assertFalse(bill.payer_share_ids)

    # --- drafts

    def test_amounts_follow_the_draft(self):
        """Edited, taken off, discounted, a line by hand: the shares are those of the
        draft as it is."""
        bill = self._bill_shared()
        entry = bill.wip_line_ids
        self._as(entry, "biller").bill_quantity = 5
        self.assertShares(bill, 450, 750)
        self._as(bill, "biller").write(
            {"bill_discount_type": "percent", "bill_discount_value": 10}
        )
        self.assertShares(bill, 430, 650)
        more = self._create_time(self.matter, 1, employee_id=self.associate.id)
        self._as(bill, "biller").action_add_new_wip()
        self.assertShares(bill, 466, 830)
        self._as(bill, "biller").action_remove_entries(more)
        self.assertShares(bill, 430, 650)
        self._as(bill, "biller").write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.fee_product.id,
                            "name": "Report",
                            "price_unit": 50.0,
                        }
                    )
                ]
            }
        )
        self.assertShares(bill, 440, 700)
        # a line changed directly is seen, and said by approval
        by_hand = bill.invoice_line_ids.filtered(lambda line: line.name == "Report")
        self._as(by_hand, "biller").price_unit = 100.0
        self.assertShares(bill, 450, 750)
        self._approve(bill)
        self.assertShares(bill, 450, 750)
        self.assertEqual(bill.payer_share_ids.mapped("shared_amount"), [450, 750])

    def test_resplit(self):
        """Shares are changed on the draft, nobody deletes anything."""
        bill = self._bill_shared()
        name = bill.id
        draft = self._as(bill, "biller")
        draft.split_share_ids = [
            Command.update(bill.split_share_ids[0].id, {"value": 500}),
        ]
        with self.assertRaisesRegex(ApprovalError, "Split again"):
            self._approve(bill)
        draft.action_resplit()
        self.assertEqual(bill.id, name)
        self.assertShares(bill, 900, 1500)
        draft.split_share_ids = [
            Command.create(
                {
                    "partner_id": self.landlord.id,
                    "share_type": "percent",
                    "value": 10,
                }
            ),
            Command.update(bill.split_share_ids[0].id, {"bears_tax": False}),
        ]
        draft.action_resplit()
        self.assertEqual(sum(bill.payer_share_ids.mapped("amount")), 2400)
        self.assertEqual(len(bill.payer_share_ids), 3)
        self.assertEqual(self.matter.payer_ids[0].value, 250, "the matter's stay")
        # without somebody for the rest it is refused
        draft.split_share_ids.filtered(
            lambda row: row.share_type == "remainder"
        ).unlink()
        with (
            self.assertRaisesRegex(BillStageError, "bears the rest"),
            self.env.cr.savepoint(),
        ):
            draft.action_resplit()

    def test_a_plain_draft_names_its_payers(self):
        matter = self._create_matter(split_mode="shares")
        bill = self._bill_shared(matter)
        draft = self._as(bill, "biller")
        draft.split_share_ids = [
            Command.create(
                {"partner_id": self.insurer.id, "share_type": "amount", "value": 1000}
            ),
            Command.create({"partner_id": self.client.id, "share_type": "remainder"}),
        ]
        draft.action_resplit()
        self.assertTrue(bill.is_shared)
        self.assertFalse(bill.is_split_due)
        self.assertShares(bill, 1200, 1200)

    def test_approved_shares_stay(self):
        bill = self._approve(self._bill_shared())
        share = self._as(bill.payer_share_ids[0], "biller")
        with self.assertRaises(BillStageError), self.env.cr.savepoint():
            share.value = 1
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            share.shared_amount = 1
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(bill, "approver").action_resplit()
        self.assertShares(bill, 650, 1750)
        # how a copy goes out is changed as long as somebody waits for it
        theirs = self._as(bill.payer_share_ids[1], "biller")
        theirs.recipient_ids = [Command.clear()]
        theirs.print_copies = "1"
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(theirs, "cashier").print_copies = "2"
        self.assertFalse(bill.is_split_due)
        # back in draft it follows again
        self._as(bill, "approver").action_revert_bills()
        self._as(bill.wip_line_ids, "biller").bill_quantity = 5
        self.assertShares(bill, 450, 750)
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual(bill.state, "cancel", "its number stays accounted for")
        self.assertEqual(self.matter.unbilled_amount, 1000)

    def test_on_account_is_the_addressees(self):
        """What the client was billed on account is off the client's share."""
        self.matter.company_id.legal_deduct_on_account = "approved"
        window = self.env["legal.on.account.bill"].browse(
            self._as(self.matter, "biller").action_bill_on_account()["res_id"]
        )
        self.assertEqual(window.payer_ids, self.client)
        self.assertEqual(window.partner_id, self.client)
        window = self._as(window, "biller")
        window.amount = 200
        advance = self.env["account.move"].browse(window.action_bill()["res_id"])
        self.assertFalse(advance.is_shared)
        self._approve(advance)
        bill = self._bill_shared()
        self.assertEqual(bill.amount_total, 2160)
        self.assertShares(bill, 410, 1750)
