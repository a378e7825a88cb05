from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    ApprovalError,
    BillStageError,
    MatterOptionError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from ...models.drafting.legal_bill_maker_items import LegalBillMaker
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillSplit(LegalBillingCommon):
    """A matter that several pay: one bill each, and the whole of it once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = cls.env["res.partner"].create(
            {"name": "Insurer", "email": "claims@insurer.example", "is_company": True}
        )
        cls.matter = cls._create_payer_matter()
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
    def _create_payer_matter(cls, *others, **vals):
        """A matter whose insurer bears 60 %, or what is given, and the client the rest.

        :rtype: project.project
        """
        rows = others or (
            {
                "partner_id": cls.insurer.id,
                "share_type": "percent",
                "value": 60,
                "reference": "CLAIM-7",
            },
        )
        rows = (*rows, {"partner_id": cls.client.id, "share_type": "remainder"})
        return cls._create_matter(
            payer_ids=[Command.create(row) for row in rows], **vals
        )

    def _bill_split(self, matter=None):
        """The bills of a matter, made by the biller.

        :return: of the insurer, of the client (who bears the rest)
        :rtype: tuple
        """
        bills = self._bill(matter or self.matter)
        return tuple(
            bills.filtered_domain([("partner_id", "=", partner.id)])
            for partner in (self.insurer, self.client)
        )

    def _fees_and_costs(self, bill):
        return (
            round(bill.fees_amount, 2),
            round(bill.disbursements_amount, 2),
            round(bill.amount_tax, 2),
        )

    # --- making

    def test_percent(self):
        """C-28: fees 1,000.00 and an exempt disbursement of 100.01, 60 to 40."""
        entries = self._create_time(self.matter, 5, employee_id=self.associate.id)
        entries |= self._create_disbursement(self.matter, 100.01)
        theirs, own = self._bill_split()
        self.assertEqual(self._fees_and_costs(theirs), (600.0, 60.01, 120.0))
        self.assertEqual(self._fees_and_costs(own), (400.0, 40.0, 80.0))
        self.assertEqual(theirs.split_of_id, own)
        self.assertEqual(own.split_ids, theirs)
        self.assertFalse(own.split_of_id)
        self.assertEqual(entries.bill_id, own)
        self.assertEqual(sum(entries.mapped("billed_amount")), 1100.01)
        self.assertEqual(self.matter.unbilled_amount, 0)
        self.assertItems(
            theirs,
            [
                (self.receivable, 780.01, 0),
                (self.revenue, 0, 600.0),
                (self.revenue, 0, 60.01),
                (self.tax_account, 0, 120.0),
            ],
        )
        self.assertItems(
            own,
            [
                (self.receivable, 520.0, 0),
                (self.revenue, 0, 400.0),
                (self.revenue, 0, 40.0),
                (self.tax_account, 0, 80.0),
            ],
        )
        self.assertEqual(theirs.ref, "CLAIM-7")
        self.assertEqual(theirs.recipient_ids, self.insurer)
        self.assertEqual(own.recipient_ids, self.client)
        self.assertEqual(theirs.client_id, self.client)
        self.assertEqual(
            own.payer_share_ids.mapped(lambda row: (row.partner_id.name, row.amount)),
            [("Insurer", 780.01), ("Client Ltd", 520.0)],
        )
        line = theirs.billing_run_id.line_ids
        self.assertEqual(line.bill_id, own)
        self.assertEqual(line.company_amount, 1100.01)

    def test_cap_over_life(self):
        """C-29: 70 % up to 1,500 over three bills, and a credit gives back."""
        matter = self._create_payer_matter(
            {
                "partner_id": self.insurer.id,
                "share_type": "percent",
                "value": 70,
                "cap_amount": 1500,
            }
        )
        found, bills = [], []
        for hours in (5, 7.5, 4):
            self._create_time(matter, hours, employee_id=self.associate.id)
            theirs, own = self._bill_split(matter)
            self._approve(theirs | own)
            found.append((theirs.amount_untaxed, own.amount_untaxed))
            bills.append(theirs | own)
        self.assertEqual(found, [(700, 300), (800, 700), (0, 800)])
        self.assertEqual(len(bills[2]), 1, "the insurer gets no bill of nothing")
        self.assertEqual(bills[2].split_count, 1)
        # the second set is credited: 800.00 are left again
        self._as(bills[1], "approver").action_credit_and_rebill()
        theirs, own = self._bill_split(matter)
        self.assertEqual((theirs.amount_untaxed, own.amount_untaxed), (800, 700))

    def test_excess(self):
        """C-30 in mode bills: the client bears 208.33 of 2,000.00, the insurer the
        rest; a bill below that is the client's alone."""
        matter = self._create_matter(
            payer_ids=[
                Command.create(
                    {
                        "partner_id": self.client.id,
                        "share_type": "amount",
                        "value": 208.33,
                    }
                ),
                Command.create(
                    {"partner_id": self.insurer.id, "share_type": "remainder"}
                ),
            ]
        )
        self._create_time(matter, 10, employee_id=self.associate.id)
        theirs, own = self._bill_split(matter)
        self.assertEqual(
            [(bill.amount_untaxed, bill.amount_tax) for bill in (own, theirs)],
            [(208.33, 41.67), (1791.67, 358.33)],
        )
        self.assertEqual(own.split_of_id, theirs)
        self._approve(own | theirs)
        self._create_time(matter, 0.5, employee_id=self.associate.id)
        bill = self._bill(matter)
        self.assertEqual((bill.partner_id, bill.amount_untaxed), (self.client, 100))
        self.assertTrue(bill.wip_line_ids)

    def test_taxes_are_those_of_the_whole(self):
        """Rounded bill by bill the tax would be 20.00, that of the whole is 20.01: the
        cent is the remainder payer's."""
        rate = self.env["legal.rate"].create(
            {"price": 100.03, "matter_id": self.matter.id, "date_from": "2026-01-01"}
        )
        self.assertTrue(rate)
        self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self.assertItems(
            theirs,
            [
                (self.receivable, 72.02, 0),
                (self.revenue, 0, 60.02),
                (self.tax_account, 0, 12.0),
            ],
        )
        self.assertItems(
            own,
            [
                (self.receivable, 48.02, 0),
                (self.revenue, 0, 40.01),
                (self.tax_account, 0, 8.01),
            ],
        )
        # priced again it stays so, approved too
        self._as(own, "biller").write({"bill_discount_type": "none"})
        self._approve(own)
        self.assertEqual((own.state, theirs.state), ("posted", "posted"))
        self.assertEqual((own.amount_tax, theirs.amount_tax), (8.01, 12.0))

    def test_scopes_and_discount(self):
        """The insurer pays the fees only; a discount is shared as they are."""
        matter = self._create_payer_matter(
            {
                "partner_id": self.insurer.id,
                "share_type": "percent",
                "value": 50,
                "scope": "fees",
            },
            discount_type="percent",
            discount_value=10,
        )
        self._create_time(matter, 1)
        self._create_disbursement(matter, 80)
        theirs, own = self._bill_split(matter)
        self.assertEqual(self._fees_and_costs(theirs), (135.0, 0.0, 27.0))
        self.assertEqual(self._fees_and_costs(own), (135.0, 80.0, 27.0))
        self.assertEqual(theirs.standard_fees + own.standard_fees, 300.0)
        self.assertEqual(theirs.discount_effect + own.discount_effect, 30.0)

    def test_taxes_per_piece_are_owed_once(self):
        """C-36: a stamp of 2.00 a line is the payer's of the rest."""
        stamp = self.env["account.tax"].create(
            {"name": "Stamp", "amount_type": "fixed", "amount": 2.0}
        )
        self.fee_product.taxes_id |= stamp
        self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self.assertEqual((theirs.amount_tax, own.amount_tax), (36.0, 26.0))
        self._as(own, "biller").fee_override = 100
        self.assertEqual((theirs.amount_tax, own.amount_tax), (12.0, 10.0))

    def test_instalments_are_billed_once(self):
        matter = self._create_payer_matter()
        instalment = self.env["legal.fee.instalment"].create(
            {"matter_id": matter.id, "amount": 500, "due_date": "2026-10-01"}
        )
        self._create_time(matter, 1)
        theirs, own = self._bill_split(matter)
        self.assertEqual((theirs.amount_untaxed, own.amount_untaxed), (300, 200))
        self.assertEqual(instalment.bill_id, own)
        self._as(theirs, "biller").action_delete_bills()
        self.assertFalse(instalment.bill_id)

    def test_a_payer_under_another_fiscal_position(self):
        """Each bill is taxed by itself: the insurer abroad owes no tax, the client his
        own."""
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        zero = self.env["account.tax"].create(
            {
                "name": "0 %",
                "amount": 0,
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set(self.tax_20.ids)],
            }
        )
        self.insurer.property_account_position_id = abroad
        entry = self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self.assertEqual(theirs.invoice_line_ids.tax_ids, zero)
        self.assertEqual((theirs.amount_tax, own.amount_tax), (0.0, 24.0))
        self._as(entry, "biller").bill_quantity = 2
        self.assertEqual((theirs.amount_tax, own.amount_tax), (0.0, 48.0))

    def test_core_makes_the_same_items(self):
        """Where core makes the items itself, bills and books are the same."""
        found = []
        for core in (True, False):
            matter = self._create_payer_matter()
            self._create_time(matter, 1.33)
            self._create_disbursement(matter, 19.99, product_id=self.taxed_type.id)
            with patch.object(
                LegalBillMaker, "_has_core_steps", lambda self, c=core: c
            ):
                bills = self._bill_split(matter)
            found.append(
                [
                    sorted(
                        (line.account_id.code, line.debit, line.credit)
                        for line in bill.line_ids
                    )
                    for bill in bills
                ]
            )
        self.assertEqual(found[0], found[1])

    # --- drafts

    def test_edits_price_the_whole_set_again(self):
        entry = self._create_time(self.matter, 2)
        theirs, own = self._bill_split()
        self._as(entry, "biller").bill_quantity = 3
        self.assertEqual((theirs.amount_untaxed, own.amount_untaxed), (540, 360))
        self._as(own, "biller").fee_override = 500
        self.assertEqual((theirs.amount_untaxed, own.amount_untaxed), (300, 200))
        self.assertEqual((theirs.amount_tax, own.amount_tax), (60, 40))
        more = self._create_time(self.matter, 1)
        self._as(own, "biller").fee_override = False
        self._as(theirs, "biller").action_add_new_wip()
        self.assertEqual(more.bill_id, own)
        self.assertEqual((theirs.amount_untaxed, own.amount_untaxed), (720, 480))
        with self.assertRaisesRegex(BillStageError, "holds the entries"):
            self._as(theirs, "biller").fee_override = 1

    def test_lines_by_hand_stay_where_they_are(self):
        entry = self._create_time(self.matter, 2)
        theirs, own = self._bill_split()
        self._as(theirs, "biller").write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.fee_product.id,
                            "name": "Report to the insurer",
                            "price_unit": 50.0,
                        }
                    )
                ]
            }
        )
        self._as(entry, "biller").bill_quantity = 3
        self.assertEqual((theirs.amount_untaxed, own.amount_untaxed), (590, 360))
        self.assertEqual((theirs.amount_tax, own.amount_tax), (118, 72))

    def test_resplit(self):
        """Shares, payers and amounts are changed on the draft, without deleting it."""
        self._create_time(self.matter, 5, employee_id=self.associate.id)
        theirs, own = self._bill_split()
        third = self.env["res.partner"].create({"name": "Group AG"})
        row = own.split_share_ids.filtered(lambda x: x.partner_id == self.insurer)
        biller = self._as(own, "biller")
        biller.write(
            {
                "split_share_ids": [
                    Command.update(row.id, {"value": 50}),
                    Command.create(
                        {"partner_id": third.id, "share_type": "amount", "value": 100}
                    ),
                ]
            }
        )
        self.assertTrue(own.is_split_due)
        with self.assertRaisesRegex(ApprovalError, "Split again"):
            self._as(own, "approver").action_post()
        biller.action_resplit()
        group = own.split_ids - theirs
        self.assertEqual(group.partner_id, third)
        self.assertEqual(
            [bill.amount_untaxed for bill in (theirs, group, own)], [500, 100, 400]
        )
        self.assertFalse(own.is_split_due)
        # the insurer leaves, the third is replaced
        fourth = self.env["res.partner"].create({"name": "Landlord"})
        row.with_user(self.biller).unlink()
        self._as(
            own.split_share_ids.filtered(lambda x: x.partner_id == third), "biller"
        ).partner_id = fourth
        biller.action_resplit()
        self.assertFalse(theirs.exists())
        self.assertEqual(group.partner_id, fourth)
        self.assertEqual((group.amount_untaxed, own.amount_untaxed), (100, 900))
        self.assertEqual(self.matter.payer_ids[0].value, 60, "the matter's own stay")
        self.assertEqual(self.matter.unbilled_amount, 0)

    def test_a_plain_draft_is_split(self):
        matter = self._create_matter()
        self._create_time(matter, 1)
        bill = self._bill(matter)
        biller = self._as(bill, "biller")
        with self.assertRaisesRegex(BillStageError, "no payers"):
            biller.action_resplit()
        biller.split_share_ids = [
            Command.create({"partner_id": self.insurer.id, "value": 25}),
        ]
        with self.assertRaisesRegex(BillStageError, "bears the rest"):
            biller.action_resplit()
        biller.split_share_ids = [
            Command.create({"partner_id": self.client.id, "share_type": "remainder"}),
        ]
        biller.action_resplit()
        self.assertEqual(bill.amount_untaxed, 225)
        self.assertEqual(bill.split_ids.amount_untaxed, 75)

    # --- life

    def test_approved_all_or_none(self):
        self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self.insurer.active = False
        with self.assertRaisesRegex(ApprovalError, "Insurer is archived"):
            self._as(own, "approver").action_post()
        self.assertEqual((own.state, theirs.state), ("draft", "draft"))
        window = self._as(own, "approver").action_open_approve()
        window = self.env[window["res_model"]].browse(window["res_id"])
        self.assertEqual((window.count, window.problem_count), (2, 2))
        self.insurer.active = True
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(theirs, "biller").action_post()
        self._as(theirs, "approver").action_approve_bills()
        self.assertEqual((own.billing_stage, theirs.billing_stage), ("production",) * 2)
        self.assertEqual(theirs.approved_by_id, self.approver)

    def test_reverted_and_deleted_all_or_none(self):
        entry = self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self._approve(own)
        self._pay(theirs, 50)
        with self.assertRaisesRegex(UndoError, theirs.name), self.env.cr.savepoint():
            self._as(own, "biller").action_revert_bills()
        with self.assertRaisesRegex(UndoError, theirs.name), self.env.cr.savepoint():
            self._as(own, "approver").button_draft()
        theirs.line_ids.remove_move_reconcile()
        self._as(own, "biller").action_revert_bills()
        self.assertEqual((own.state, theirs.state), ("draft", "draft"))
        self.assertEqual(entry.bill_id, own)
        self._as(theirs, "biller").action_delete_bills()
        self.assertEqual((own.state, theirs.state), ("cancel", "cancel"))
        self.assertFalse(entry.bill_id)
        self.assertEqual(self.matter.unbilled_amount, 300)

    def test_deleted_by_any_of_them(self):
        entry = self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self._as(theirs, "biller").unlink()
        self.assertFalse((theirs | own).exists())
        self.assertFalse(entry.bill_id)
        theirs, own = self._bill_split()
        theirs.billing_run_id.with_user(self.biller).action_undo()
        self.assertFalse((theirs | own).exists())
        self.assertEqual(self.matter.unbilled_amount, 300)

    def test_entries_are_free_when_all_are_credited(self):
        entry = self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self._approve(own)
        # core's own credit note, of one of them
        self._as(theirs, "approver")._reverse_moves(
            [{"invoice_date": "2026-11-01", "date": "2026-11-01"}], cancel=True
        )
        self.assertEqual(entry.bill_id, own, "the client's bill still charges it")
        self.assertFalse(self.matter.unbilled_amount)
        self._as(own, "approver").action_credit_and_rebill()
        self.assertEqual(len(theirs.reversal_move_ids), 1, "credited once")
        self.assertFalse(entry.bill_id)
        self.assertEqual(self.matter.unbilled_amount, 300)

    def test_credit_and_rebill_of_any_of_them(self):
        entry = self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self._approve(own)
        self._as(theirs, "approver").action_credit_and_rebill()
        notes = (own | theirs).reversal_move_ids
        self.assertEqual(len(notes), 2)
        self.assertItems(
            theirs.reversal_move_ids,
            [
                (self.receivable, 0, 216.0),
                (self.revenue, 180.0, 0),
                (self.tax_account, 36.0, 0),
            ],
        )
        self.assertFalse(entry.bill_id)
        with self.assertRaises(UndoError), self.env.cr.savepoint():
            self._as(own, "approver").button_draft()

    def _pay(self, bill, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": amount})._create_payments()

    def test_each_is_produced_and_paid_for_itself(self):
        self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        self._approve(own)
        self._as(theirs, "biller").action_produce_without_sending()
        self.assertEqual(
            (theirs.billing_stage, own.billing_stage), ("finalized", "production")
        )
        self._pay(theirs, 216)
        self.assertEqual((theirs.amount_residual, own.amount_residual), (0, 144))
        receipts = self.env["legal.timekeeper.receipt"].search(
            [("bill_id", "in", (own | theirs).ids)]
        )
        self.assertEqual(receipts.bill_id, theirs)
        self.assertEqual(
            receipts.mapped(lambda row: (row.employee_id, row.amount)),
            [(self.lawyer, 180.0)],
        )
        shares = own.payer_share_ids.sorted("amount")
        self.assertEqual(shares.mapped("paid_amount"), [0.0, 216.0])

    def test_options_of_a_bill_are_those_of_its_payer(self):
        self._create_time(self.matter, 1)
        theirs, _own = self._bill_split()
        claims = self.env["res.partner"].create(
            {"name": "Claims desk", "email": "desk@insurer.example"}
        )
        before = self.matter.bill_recipient_ids
        self._as(theirs, "biller")._set_options({"recipient_ids": claims.ids}, True)
        self.assertEqual(theirs.recipient_ids, claims)
        self.assertEqual(self.matter.payer_ids[0].recipient_ids, claims)
        self.assertEqual(self.matter.bill_recipient_ids, before)
        # nor do the matter's options reach the bills of its payers
        self.matter.bill_recipient_ids = self.insurer
        self._as(self.matter, "biller").action_apply_options_to_drafts()
        self.assertEqual(theirs.recipient_ids, claims)
        self.assertEqual(theirs.partner_id, self.insurer)

    def test_by_the_window_of_one_matter(self):
        self._create_time(self.matter, 1)
        action = self._as(self.matter, "biller").action_bill_matter()
        window = self.env[action["res_model"]].with_user(self.biller)
        window = window.browse(action["res_id"])
        window.action_bill()
        bills = self.env["account.move"].search([("matter_id", "=", self.matter.id)])
        self.assertEqual(sorted(bills.mapped("amount_untaxed")), [120, 180])

    # --- the paper

    def test_paper_shows_the_whole_and_the_share(self):
        self._create_time(self.matter, 1)
        self._create_disbursement(self.matter, 100.01)
        theirs, own = self._bill_split()
        for bill, net in ((theirs, 240.01), (own, 160.0)):
            paper = bill._get_paper()
            self.assertEqual(paper["time_total"], 300)
            self.assertEqual(paper["fees_total"], 300)
            self.assertAlmostEqual(paper["disbursements_total"], 100.01)
            self.assertAlmostEqual(paper["whole_net"], 400.01)
            self.assertAlmostEqual(paper["net"], net)
        self.assertEqual(theirs._get_paper()["share_text"], "60 %")
        text = str(self._as(theirs, "biller").get_paper_html())
        self.assertTrue("Your share" in text)
        self.assertTrue("CLAIM-7" in text, "the payer's own reference")

    # --- the payers of a matter

    def test_payers_bear_the_whole(self):
        rows = self.matter.payer_ids
        for vals, error in (
            ({"value": 101}, "between 0 and 100"),
            ({"share_type": "remainder", "value": 0}, "exactly one"),
            ({"sequence": 2000}, "as the last"),
            ({"value": -1}, "cannot be negative"),
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(MatterOptionError, error),
                self.env.cr.savepoint(),
            ):
                rows[0].write(vals)
        with self.assertRaisesRegex(MatterOptionError, "120"), self.env.cr.savepoint():
            self.matter.payer_ids = [
                Command.create(
                    {
                        "partner_id": self.env.company.partner_id.id,
                        "share_type": "percent",
                        "value": 60,
                    }
                )
            ]
        with self.assertRaisesRegex(MatterOptionError, "one"), self.env.cr.savepoint():
            rows[1].unlink()
        # rows change places in one go
        self.matter.payer_ids = [
            Command.update(rows[0].id, {"share_type": "remainder", "value": 0}),
            Command.update(rows[1].id, {"share_type": "percent", "value": 30}),
        ]
        self.assertEqual(self.matter.payer_ids.sorted("sequence")[-1], rows[0])
        self.matter.payer_ids = [Command.clear()]
        self.assertFalse(self.matter.payer_ids)

    def test_who_may(self):
        row = self.matter.payer_ids[0]
        self._as(row, "biller").value = 55
        with self.assertRaises(Exception) as refused, self.env.cr.savepoint():
            self._as(row, "fee_earner").value = 50
        self.assertEqual(type(refused.exception).__name__, "AccessError")
        self._create_time(self.matter, 1)
        theirs, own = self._bill_split()
        share = own.split_share_ids[0]
        self._as(share, "biller").value = 45
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            self._as(share, "biller").share_bill_id = own
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            self._as(theirs, "biller").split_of_id = False
        self._as(own, "biller").action_resplit()
        self._approve(own)
        with self.assertRaises(BillStageError), self.env.cr.savepoint():
            self._as(share, "biller").value = 40

    def test_behind_a_wall(self):
        self._create_time(self.matter, 1)
        _theirs, own = self._bill_split()
        self.matter.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set(self.reviewer.ids)],
            }
        )
        for records in (self.matter.payer_ids, own.payer_share_ids):
            hidden = self._as(records, "biller")
            self.assertFalse(hidden.search([("id", "in", hidden.ids)]))

    def test_a_part_of_one_bill_is_credited(self):
        """Of the payer's own share; the others are as they were."""
        self._create_time(self.matter, 2.0)
        self._create_disbursement(self.matter, 45.0, product_id=self.taxed_type.id)
        insurer, client = self._bill_split()
        self._approve(insurer | client)
        action = self._as(insurer, "approver").action_open_credit()
        window = self._as(self.env[action["res_model"]], "approver")
        window = window.browse(action["res_id"])
        window.reason = "Goodwill"
        row = window.line_ids.filtered(
            lambda row: row.bill_element == "disbursement_taxable"
        )
        row.amount = 27.0
        note = self.env["account.move"].browse(window.action_credit()["res_id"])
        self.assertEqual(note.amount_untaxed, 27.0)
        self.assertEqual(note.reversed_entry_id, insurer)
        self.assertEqual((insurer.state, client.state), ("posted", "posted"))
        window = self._as(self.env["legal.bill.credit"], "approver").create(
            {
                "bill_id": client.id,
                "reason": "Goodwill",
                "line_ids": [Command.create({"key": "of another bill", "amount": 1.0})],
            }
        )
        with self.assertRaisesRegex(UndoError, "changed meanwhile"):
            window.action_credit()
