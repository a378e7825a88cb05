from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestCostExact(LegalBillingCommon):
    """Costs passed on add up to what was paid, and nothing is a price (rule C-27)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls.env["project.project"]
        for number in range(7):
            cls.matters |= cls._create_matter(name=f"Share {number}")
        cls.purchase_20 = cls.env["account.tax"].create(
            {"name": "In 20%", "amount": 20.0, "type_tax_use": "purchase"}
        )
        cls.exempt_type.lst_price = 1.0
        cls.taxed_type.lst_price = 1.0
        cls.marked_up = cls._create_service(
            "Expert", cls.tax_20, legal_use="disbursement", disbursement_markup=10.0
        )
        cls.eur = cls._set_rate("EUR", 1.1487)

    @classmethod
    def _set_rate(cls, name, rate):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", name)])
        currency.write(
            {
                "active": True,
                "rate_ids": [
                    Command.clear(),
                    Command.create({"name": "2026-01-01", "rate": rate}),
                ],
            }
        )
        return currency

    def _share(self, *percents):
        return {
            str(matter.account_id.id): percent
            for matter, percent in zip(self.matters, percents, strict=False)
            if percent
        }

    def _create_purchase(self, lines, move_type="in_invoice", **vals):
        """Post a vendor's bill.

        :param list lines: ``(price, taxes, shares, product)``
        """
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": "Report",
                            "quantity": 1,
                            "price_unit": price,
                            "tax_ids": [Command.set(taxes.ids)],
                            "analytic_distribution": self._share(*shares),
                        }
                    )
                    for price, taxes, shares, product in lines
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    def _get_values(self, move):
        """Values of a vendor's costs, in the order of the matters."""
        entries = self._get_costs(move).sorted(lambda e: (e.matter_id.id, e.id))
        return [round(value, 2) for value in entries.mapped("wip_amount")]

    def _get_costs(self, move):
        """The disbursements that a vendor's bill made; tax that is lost is none."""
        entries = move.line_ids.analytic_line_ids
        return entries.filtered(lambda e: e.wip_type == "disbursement")

    # --- what was paid

    def test_shares_and_lines_add_up_to_what_was_paid(self):
        none = self.env["account.tax"]
        agent, vat = self.exempt_type, self.purchase_20
        seven = [14.29] * 6 + [14.26]
        cases = [
            ([(182.25, none, (98, 2), agent)], "round_per_line", 182.25),
            ([(100.0, vat, (33.33, 33.33, 33.34), agent)], "round_per_line", 120.0),
            ([(99.99, vat, seven, agent)], "round_per_line", 119.99),
            ([(0.33, vat, (100,), agent)] * 7, "round_globally", 2.77),
            ([(0.33, vat, (100,), agent)] * 7, "round_per_line", 2.80),
            ([(0.33, vat, (50, 50), agent)] * 7, "round_globally", 2.77),
        ]
        for lines, method, paid in cases:
            with self.subTest(lines=lines, method=method):
                self.company.tax_calculation_rounding_method = method
                move = self._create_purchase(lines)
                self.assertAlmostEqual(move.amount_total, paid, 2)
                self.assertAlmostEqual(sum(self._get_values(move)), paid, 2)
                refund = self._create_purchase(lines, "in_refund")
                self.assertAlmostEqual(sum(self._get_values(refund)), -paid, 2)

    def test_the_client_is_billed_what_was_paid(self):
        move = self._create_purchase(
            [(100.0, self.purchase_20, (33.33, 33.33, 33.34), self.exempt_type)]
        )
        bills = self._approve(self._bill(self.matters[:3]))
        self.assertAlmostEqual(sum(bills.mapped("amount_total")), 120.0, 2)
        revenue = bills.line_ids.filtered(lambda line: line.display_type == "product")
        self.assertAlmostEqual(sum(revenue.mapped("balance")), -120.0, 2)
        payable = move.line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        self.assertAlmostEqual(payable.balance, -120.0, 2)

    def test_a_tax_that_was_typed_is_what_was_paid(self):
        move = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.exempt_type.id,
                            "price_unit": price,
                            "tax_ids": [Command.set(taxes.ids)],
                            "analytic_distribution": self._share(100),
                        }
                    )
                    for price, taxes in (
                        (100.0, self.purchase_20),
                        (50.0, self.env["account.tax"]),
                    )
                ],
            }
        )
        tax = move.line_ids.filtered("tax_line_id")
        tax.amount_currency = 20.03
        move.action_post()
        self.assertEqual(move.amount_total, 170.03)
        self.assertEqual(sorted(self._get_values(move)), [50.0, 120.03])

    def test_tax_that_is_withheld_from_the_vendor_is_paid_too(self):
        """To the state, instead of to him: the cost is the same as where it is kept
        back when he is paid."""
        vat, held, group = self.env["account.tax"].create(
            [
                {"name": name, "amount": amount, "type_tax_use": "purchase", **vals}
                for name, amount, vals in (
                    ("21 %", 21.0, {}),
                    ("WHT 15 %", -15.0, {}),
                    ("Both", 0.0, {"amount_type": "group"}),
                )
            ]
        )
        group.children_tax_ids = vat.copy({"name": "21 % g"}) | held.copy(
            {"name": "WHT g"}
        )
        reverse = self._create_reverse_charge()
        thirds, agent = (33.33, 33.33, 33.34), self.exempt_type
        cases = [
            ([(100.0, vat | held, (100,), agent)], 106.0, 121.0),
            ([(100.0, vat | held, thirds, agent)], 106.0, 121.0),
            ([(99.99, vat | held, (100,), agent)] * 3, 317.96, 362.96),
            ([(100.0, group, thirds, agent)], 106.0, 121.0),
            ([(100.0, held, (98, 2), agent)], 85.0, 100.0),
            # all of the VAT is withheld: what is split with the state is paid in full
            ([(100.0, vat | self._withhold(21.0), (100,), agent)], 100.0, 121.0),
            # what nobody pays is no cost
            ([(100.0, reverse, thirds, agent)], 100.0, 100.0),
            ([(100.0, reverse | held, thirds, agent)], 85.0, 100.0),
            # as principal it is net, and what is withheld is no discount
            ([(100.0, vat | held, thirds, self.marked_up)], 106.0, 110.0),
        ]
        for lines, payable, cost in cases:
            with self.subTest(lines=lines):
                move = self._create_purchase(lines)
                self.assertAlmostEqual(move.amount_total, payable, 2)
                self.assertAlmostEqual(sum(self._get_values(move)), cost, 2)
                refund = self._create_purchase(lines, "in_refund")
                self.assertAlmostEqual(sum(self._get_values(refund)), -cost, 2)

    def test_only_the_tax_of_customs_is_passed_on(self):
        """Spain takes the base of a customs paper away with a tax of -100 %."""
        none, vat = self._withhold(100.0), self.purchase_20
        move = self._create_purchase([(100.0, vat | none, (100,), self.exempt_type)])
        self.assertAlmostEqual(move.amount_total, 20.0, 2)
        self.assertAlmostEqual(sum(self._get_values(move)), 20.0, 2)

    def _withhold(self, percent):
        return self.env["account.tax"].create(
            {
                "name": f"-{percent} %",
                "amount": -percent,
                "type_tax_use": "purchase",
            }
        )

    def _create_reverse_charge(self):
        """As charts have it: one tax, whose halves cancel out."""
        halves = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "factor_percent": 100}),
            Command.create({"repartition_type": "tax", "factor_percent": -100}),
        ]
        return self.env["account.tax"].create(
            {
                "name": "21 % reverse",
                "amount": 21.0,
                "type_tax_use": "purchase",
                "invoice_repartition_line_ids": halves,
                "refund_repartition_line_ids": halves,
            }
        )

    def test_many_pieces_at_a_small_price(self):
        """The rate has four decimals, the value has none of its rounding."""
        move = self._create_purchase(
            [(0.0, self.env["account.tax"], (100,), self.exempt_type)]
        )
        move.button_draft()
        move.invoice_line_ids.write(
            {
                "quantity": 1000,
                "price_unit": 0.03,
                "tax_ids": [Command.set(self.purchase_20.ids)],
            }
        )
        tax = move.line_ids.filtered("tax_line_id")
        tax.amount_currency = 6.04
        move.action_post()
        entry = self._get_costs(move)
        self.assertEqual((entry.wip_amount, entry.bill_rate), (36.04, 0.036))
        self._as(entry, "biller").date = "2026-10-08"
        self.assertEqual(entry.wip_amount, 36.04)
        self._as(entry, "biller").bill_quantity = 500
        self.assertEqual(entry.wip_amount, 18.0)

    def test_markup_by_share_adds_up_to_the_price(self):
        move = self._create_purchase(
            [(100.0, self.purchase_20, (33.33, 33.33, 33.34), self.marked_up)]
        )
        self.assertEqual(sum(self._get_values(move)), 110.0)

    def test_a_foreign_bill_is_passed_on_in_its_currency(self):
        """The client pays what the vendor charged, not what comes back from the books."""
        self.matters[:3].billing_currency_id = self.eur
        lines = [(33.33, self.purchase_20, (33.33, 33.33, 33.34), self.exempt_type)]
        move = self._create_purchase(lines * 3, currency_id=self.eur.id)
        entries = self._get_costs(move)
        self.assertEqual(entries.wip_currency_id, self.eur)
        self.assertAlmostEqual(sum(entries.mapped("wip_amount")), move.amount_total, 2)
        self.assertAlmostEqual(
            -sum(entries.mapped("agent_amount")), -move.amount_total_signed, 2
        )
        # matters in the firm's own currency
        self.matters[3:5].billing_currency_id = self.company.currency_id
        shares = (0, 0, 0, 45.55, 54.45)
        move = self._create_purchase(
            [(77.77, self.purchase_20, shares, self.exempt_type)],
            currency_id=self.eur.id,
        )
        entries = self._get_costs(move)
        self.assertAlmostEqual(
            sum(entries.mapped("wip_amount")), -move.amount_total_signed, 2
        )

    def test_an_expense_of_several_lines(self):
        lines = [
            (0.33, self.purchase_20, (50, 50), self.exempt_type),
            (10.01, self.purchase_20, (33.3, 66.7), self.exempt_type),
            (7.0, self.env["account.tax"], (10, 90), self.exempt_type),
        ]
        self.company.tax_calculation_rounding_method = "round_globally"
        move = self._create_purchase(lines, "in_receipt")
        self.assertAlmostEqual(sum(self._get_values(move)), move.amount_total, 2)

    def test_a_match_leaves_no_cent(self):
        """The anticipated 40.00, 40.00 and 40.00 are what comes of 120.00."""
        move = self._create_purchase(
            [(100.0, self.purchase_20, (33.33, 33.33, 33.34), self.exempt_type)]
        )
        values = self._get_values(move)
        entries = self.env["account.analytic.line"]
        for matter, value in zip(self.matters, values, strict=False):
            entries |= self._create_disbursement(matter, value, is_anticipated=True)
        for entry in entries:
            cost = self._get_costs(move).filtered(
                lambda line, entry=entry: line.matter_id == entry.matter_id
            )
            self._as(entry, "biller").action_match_cost(self._as(cost, "biller"))
        self.assertEqual(
            [round(value, 2) for value in entries.mapped("wip_amount")], values
        )
        self.assertAlmostEqual(sum(self.matters.mapped("unbilled_amount")), 120.0, 2)
        with self.assertRaises(RoleError):
            self._as(entries[:1], "fee_earner").action_unmatch_cost()
        self._as(entries, "biller").action_unmatch_cost()
        self.assertAlmostEqual(sum(self._get_values(move)), 120.0, 2)

    def test_splits_of_a_cost_keep_its_value(self):
        move = self._create_purchase(
            [(182.25, self.env["account.tax"], (100,), self.exempt_type)]
        )
        entry = self._get_costs(move)
        part = self._as(entry, "biller").action_split(60.77)
        self._as(entry | part, "biller").date = "2026-10-09"
        self.assertEqual((part.wip_amount, entry.wip_amount), (60.77, 121.48))
        self._as(part, "biller").action_join()
        self.assertEqual(entry.wip_amount, 182.25)

    def test_another_type_charges_another_part(self):
        move = self._create_purchase(
            [(100.0, self.purchase_20, (100,), self.marked_up)]
        )
        entry = self._get_costs(move)
        self.assertEqual(entry.wip_amount, 110.0)
        self._as(entry, "biller").product_id = self.exempt_type
        self.assertEqual(entry.wip_amount, 120.0)
        self._as(entry, "biller").product_id = self.taxed_type
        self.assertEqual(entry.wip_amount, 100.0)
        self.assertEqual(self._approve(self._bill(self.matters[0])).amount_total, 120.0)

    # --- zero is a price

    def test_a_cost_of_nothing_is_charged_at_nothing(self):
        matters = self.env["project.project"]
        for number in range(13):
            matters |= self._create_matter(name=f"Small {number}")
        self.matters |= matters
        move = self._create_purchase(
            [(0.10, self.env["account.tax"], [5.0] * 20, self.exempt_type)]
        )
        self.assertAlmostEqual(sum(self._get_values(move)), 0.10, 2)
        entries = self._get_costs(move)
        self.assertIn(0.0, entries.mapped("wip_amount"))
        nothing = entries.filtered(lambda entry: not entry.wip_amount)
        self._as(nothing, "biller").date = "2026-10-09"
        self.assertEqual(set(nothing.mapped("wip_amount")), {0.0})
        move = self._create_purchase(
            [(0.05, self.purchase_20, [16.67] * 5 + [16.65], self.exempt_type)]
        )
        self.assertAlmostEqual(move.amount_total, 0.06, 2)
        self.assertAlmostEqual(sum(self._get_values(move)), 0.06, 2)

    def test_a_cost_that_is_nothing_in_another_currency(self):
        jpy = self._set_rate("JPY", 0.004)
        matter = self.matters[0]
        matter.billing_currency_id = jpy
        move = self._create_purchase(
            [(100.0, self.purchase_20, (100,), self.exempt_type)]
        )
        entry = self._get_costs(move)
        self.assertEqual((entry.wip_currency_id, entry.wip_amount), (jpy, 0.0))

    def test_a_price_of_nothing_stays(self):
        matter = self.matters[0]
        entry = self._create_disbursement(matter, 0.0)
        self.assertEqual(entry.wip_amount, 0.0)
        self._as(entry, "biller").date = "2026-10-09"
        self._as(entry, "biller").action_move(self.matters[1])
        self.assertEqual((entry.bill_rate, entry.wip_amount), (0.0, 0.0))
        # no price at all: that of the type
        values = {"name": "Copies", "product_id": self.exempt_type.id}
        for place in (
            {"matter_id": matter.id},
            {"account_id": matter.account_id.id},
        ):
            entry = self.env["account.analytic.line"].create(values | place)
            self.assertEqual((entry.matter_id, entry.wip_amount), (matter, 1.0))
            entry.bill_rate = 0.0
            entry.date = "2026-10-09"
            self.assertEqual(entry.wip_amount, 0.0)
