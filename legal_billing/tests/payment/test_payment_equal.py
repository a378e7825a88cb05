from unittest.mock import patch

from odoo.tests import tagged

from .payment_common import PaymentCommon

#: What differs between any two records, or is one entry's own number.
OWN_FIELDS = {
    "id",
    "access_token",
    "approved_on",
    "bill_narrative",
    "create_date",
    "create_uid",
    "display_name",
    "full_reconcile_id",
    "invoice_origin",
    "matching_number",
    "move_name",
    "name",
    "payment_reference",
    "posted_on",
    "ref",
    "memo",
    "sequence_number",
    "source_name",
    "made_sequence_gap",
    "write_date",
    "write_uid",
}


@tagged("post_install", "-at_install")
class TestPaymentEqual(PaymentCommon):
    """A slip leaves the same records whether core is asked to look for what follows
    from its items, or that is left out because nothing does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule_bill.allow_overpayment = True
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.8)])
        cls.other_receivable = cls.receivable.copy({"name": "Receivable abroad"})
        cls.other_client = cls.env["res.partner"].create(
            {
                "name": "Abroad GmbH",
                "property_account_receivable_id": cls.other_receivable.id,
            }
        )
        cls.matters = [
            cls.matter,
            cls._create_matter(name="Sale", partner_id=cls.other_client.id),
        ]

    def _make_bills(self, **vals):
        """Bills of two clients on two receivable accounts, with tax and elements."""
        bills = self.env["account.move"].union(
            *(
                self._create_bill(
                    {"fees": 100.01 + index, "disbursement_exempt": 33.33},
                    self.matters[index % 2],
                    taxes=self.tax_20 if index % 3 else self.env["account.tax"],
                    **vals,
                )
                for index in range(6)
            )
        )
        self.assertEqual(
            bills.line_ids.account_id.filtered(
                lambda account: account.account_type == "asset_receivable"
            ),
            self.receivable | self.other_receivable,
        )
        self.env.cr.flush()
        return bills

    def _post(self, plain, prepare, **vals):
        """Post a slip over fresh bills, the plain way or the quick one.

        :return: all that came of it, described
        :rtype: dict
        """
        bills = self._make_bills(**vals)
        payment = prepare(bills)
        self.env.cr.flush()
        self.env.invalidate_all()
        if plain:
            lines = self.env.registry["account.move.line"]
            slips = self.env.registry["legal.payment"]
            with (
                patch.object(slips, "_has_simple_items", lambda self, items: False),
                patch.object(
                    slips,
                    "_reconcile",
                    lambda self, plan: lines._reconcile_plan(
                        self.env["account.move.line"], plan
                    ),
                ),
            ):
                payment.action_post()
        else:
            payment.action_post()
        self.env.cr.flush()
        self.env.invalidate_all()
        return self._describe_all(bills, payment)

    def _describe_all(self, bills, payment):
        payment = payment.sudo()
        moves = payment.move_id | payment.write_off_move_id
        partials = (
            bills.line_ids.matched_credit_ids | bills.line_ids.matched_debit_ids
        ).sorted("id")
        exchanges = partials.exchange_move_id.sorted("id")
        moves |= exchanges
        known = {payment: "slip", payment.account_payment_id: "payment"}
        groups = {
            "bills": bills,
            "moves": moves,
            "lines": (bills | moves).line_ids.sorted("id"),
            "partials": partials,
            "fulls": partials.full_reconcile_id.sorted("id"),
            "rows": payment.allocation_ids.sorted("id"),
            "receipts": self.env["legal.timekeeper.receipt"]
            .sudo()
            .search([("payment_id", "=", payment.id)], order="id"),
            "analytic": moves.line_ids.analytic_line_ids.sorted("id"),
        }
        for name, records in groups.items():
            known |= {record: f"{name} {i}" for i, record in enumerate(records)}
        groups |= {"slip": payment, "payment": payment.account_payment_id}
        found = {
            name: [self._describe(record, known) for record in records]
            for name, records in groups.items()
        }
        found["matching"] = [
            bool(line.matching_number) and line.matching_number[0] == "P"
            for line in groups["lines"]
        ]
        found["credits"] = [
            matter.unallocated_credit_balance for matter in self.matters
        ]
        self.assertTrue(found["partials"] and found["rows"])
        return found

    def _describe(self, record, known):
        result = {}
        for name, field in record._fields.items():
            if not field.store or name in OWN_FIELDS or field.type == "one2many":
                continue
            value = record[name]
            if field.relational:
                if field.comodel_name.startswith("mail."):
                    continue
                value = sorted(str(known.get(other, other)) for other in value)
            elif field.type == "float":
                value = round(value, 6)
            result[name] = value
        return result

    def _compare(self, prepare, **vals):
        self.maxDiff = None
        found = [self._post(plain, prepare, **vals) for plain in (True, False)]
        for name, expected in found[0].items():
            if name == "credits":
                continue  # grow with every slip, compared by what was added
            self.assertEqual(len(found[1][name]), len(expected), name)
            for one, other in zip(found[1][name], expected, strict=True):
                self.assertEqual(one, other, name)
        return found

    def _total(self, bills):
        return round(sum(bills.mapped("amount_residual")), 2)

    def test_exact_amounts(self):
        plain, quick = self._compare(
            lambda bills: self._create_payment(bills, self._total(bills))
        )
        self.assertEqual(len(quick["fulls"]), 6)

    def test_partial_amounts(self):
        self._compare(
            lambda bills: self._create_payment(bills, self._total(bills) - 150.5)
        )

    def test_overpayment_becomes_credit(self):
        def prepare(bills):
            payment = self._create_payment(bills, self._total(bills) + 70)
            payment.allocation_ids.filtered(
                lambda row: row.kind == "credit"
            ).matter_id = self.matter
            return payment

        plain, quick = self._compare(prepare)
        self.assertEqual(
            [
                round(after - before, 2)
                for before, after in zip(
                    plain["credits"], quick["credits"], strict=True
                )
            ],
            [70.0, 0.0],
        )

    def test_write_off_rows(self):
        def prepare(bills):
            payment = self._create_payment(bills, self._total(bills) - 12)
            short = payment.allocation_ids.filtered(
                lambda row: row.amount < row.outstanding_amount
            )
            self._as(self.env["legal.payment.allocation"], "cashier").create(
                {
                    "payment_id": payment.id,
                    "kind": "write_off",
                    "bill_id": short[:1].bill_id.id,
                    "amount": 12,
                    "reason": "small balance",
                }
            )
            return payment

        self._compare(prepare)

    def test_bills_of_another_currency(self):
        self._compare(
            lambda bills: self._create_payment(
                bills, self._total(bills), currency_id=self.euro.id
            ),
            currency_id=self.euro.id,
        )

    def test_a_distribution_model_is_asked(self):
        """Where a model of analytic distribution exists, core looks for it."""
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.other_client.id,
                "analytic_distribution": {self.matter.account_id.id: 100},
            }
        )
        plain, quick = self._compare(
            lambda bills: self._create_payment(bills, self._total(bills))
        )
        self.assertTrue(
            any(line["analytic_distribution"] for line in quick["lines"]), quick
        )
