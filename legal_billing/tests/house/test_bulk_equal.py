from datetime import date
from random import Random
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ...models.drafting.legal_bill_maker import BillJob
from ...models.drafting.legal_bill_maker_items import LegalBillMaker
from ..common import LegalBillingCommon

DAY = date(2026, 10, 31)
#: What differs between any two records, or is one bill's own number.
OWN_FIELDS = {
    "id",
    "create_date",
    "create_uid",
    "write_date",
    "write_uid",
    "access_token",
    "approved_on",
    "billing_run_id",
    "cutoff_date",
    "display_name",
    "highest_name",
    "invoice_origin",
    "move_name",
    "name",
    "payment_reference",
    "sequence_number",
}
#: What core works out by itself when it is not given.
EXPLICIT = {
    "amount_currency",
    "balance",
    "partner_id",
    "product_uom_id",
    "tax_tag_ids",
}


@tagged("post_install", "-at_install")
class TestBulkEqual(LegalBillingCommon):
    """Bills made, approved and paid by the hundred are what core makes of the same
    content, one record at a time: every stored field of bills, items and analytic
    items."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.8)])
        cls.terms = [
            cls.env.ref("account.account_payment_term_30days"),
            cls.env["account.payment.term"].create(
                {
                    "name": "Two instalments",
                    "line_ids": [
                        Command.create({"value_amount": 30, "nb_days": 10}),
                        Command.create({"value_amount": 70, "nb_days": 60}),
                    ],
                }
            ),
            cls.env["account.payment.term"].create(
                {
                    "name": "2 % in ten days",
                    "early_discount": True,
                    "discount_days": 10,
                    "discount_percentage": 2,
                    "early_pay_discount_computation": "mixed",
                    "line_ids": [Command.create({"value_amount": 100, "nb_days": 30})],
                }
            ),
            cls.env["account.payment.term"].create(
                {
                    "name": "3 % in five days, the tax as it is",
                    "early_discount": True,
                    "discount_days": 5,
                    "discount_percentage": 3,
                    "early_pay_discount_computation": "excluded",
                    "line_ids": [Command.create({"value_amount": 100, "nb_days": 30})],
                }
            ),
            cls.env["account.payment.term"].create(
                {
                    "name": "Twice the same day",
                    "line_ids": [
                        Command.create({"value_amount": 33.3, "nb_days": 15}),
                        Command.create({"value_amount": 66.7, "nb_days": 15}),
                    ],
                }
            ),
            cls.env["account.payment.term"],
        ]
        cls.fee_products = [
            cls.fee_product,
            cls._create_service("Exempt fees", cls.env["account.tax"], legal_use="fee"),
            cls._create_service(
                "Fees with two taxes",
                cls.tax_20
                | cls.env["account.tax"].create({"name": "Levy 1.25%", "amount": 1.25}),
                legal_use="fee",
            ),
        ]

    def _make_variant(self, random):
        """Options and entries of one matter.

        :rtype: tuple
        """
        options = {
            "bill_payment_term_id": random.choice(self.terms).id,
            "fee_product_id": random.choice(self.fee_products).id,
            "billing_currency_id": random.choice(
                [self.company.currency_id, self.company.currency_id, self.euro]
            ).id,
            "discount_type": random.choice(["none", "percent", "fixed"]),
            "discount_value": random.choice([0, 7.5, 33.33]),
            "adjustment_display": random.choice(["discount", "hidden"]),
        }
        options |= random.choice(
            [
                {},
                {},
                {"billing_arrangement": "capped", "cap_amount": 500.0},
                {"billing_arrangement": "blended", "blended_rate": 211.11},
                {
                    "billing_arrangement": "subscription",
                    "subscription_amount": 90.0,
                    "subscription_hours": 1.5,
                },
                {"abatement_percent": 12.5, "abatement_from": 100.0},
            ]
        )
        if random.random() < 0.3 and "billing_arrangement" not in options:
            options |= {
                "quoted_amount": random.choice([100.01, 999.99]),
                "quote_rule": random.choice(["lower", "quote"]),
            }
        entries = [
            (
                self._create_time,
                {
                    "hours": random.choice([0.1, 0.35, 1, 3.2]),
                    "bill_behavior": random.choice(["bill", "bill", "no_charge"]),
                },
            )
            for _index in range(random.randint(1, 4))
        ]
        entries.append((self._create_time, {"hours": 1.7}))
        for _index in range(random.randint(0, 2)):
            entries.append(
                (
                    self._create_disbursement,
                    {
                        "amount": random.choice([0.01, 19.99, 133.33]),
                        "product_id": random.choice(
                            [self.exempt_type, self.taxed_type]
                        ).id,
                    },
                )
            )
        return options, entries

    def _make_matters(self, variants):
        matters = self.env["project.project"]
        for options, entries in variants:
            matter = self._create_matter(**options)
            for create, vals in entries:
                create(matter, **vals)
            matters |= matter
        return matters

    def _make_plain(self, matters):
        """The same bills by core's own ``create``, one by one, without the values
        that core works out."""
        maker = self.env["legal.bill.maker"]
        rows = self.env["legal.billing.loader"]._load(matters, DAY, DAY, detailed=True)
        bills = self.env["account.move"]
        for row in rows:
            job = BillJob(
                matter=row.matter,
                rows=row.rows,
                instalments=row.instalments,
                invoice_date=DAY,
                cutoff_date=DAY,
                priced=row.priced,
            )
            [vals] = maker._prepare_bill_vals_list([job])
            del vals["matter_ids"]
            vals["invoice_line_ids"] = [
                Command.create({name: line[name] for name in line.keys() - EXPLICIT})
                for _command, _id, line in vals["invoice_line_ids"]
            ]
            bill = bills._internal().create(vals)
            maker._link_entries(
                [(entry.id, bill.id, entry.billed) for entry in row.priced.entries]
            )
            bills |= bill.with_env(self.env)
        return bills

    def _describe(self, record, known):
        """Stored fields, what belongs to one matter named by its part in it.

        :param dict known: name by record
        :rtype: dict
        """
        found = {}
        for name, field in record._fields.items():
            if not field.store or name in OWN_FIELDS or field.type == "one2many":
                continue
            value = record[name]
            if field.relational:
                value = sorted(str(known.get(other, other)) for other in value)
            elif isinstance(value, list):  # periods of a subscription
                value = [
                    {key: row[key] for key in row if key != "matter_id"}
                    for row in value
                ]
            elif field.type == "json" or name == "analytic_distribution":
                value = {
                    str(known.get(("account", key), key)): share
                    for key, share in (value or {}).items()
                }
            elif field.type == "float":
                value = round(value, 6)
            found[name] = value
        return found

    def _describe_bill(self, bill):
        bill = bill.sudo()
        matter = bill.matter_id
        known = {bill: "bill", matter: "matter", matter.account_id: "account"}
        known["account", str(matter.account_id.id)] = "account"
        lines = bill.line_ids.sorted(
            lambda line: (line.display_type, line.sequence, line.balance, line.name)
        )
        for index, line in enumerate(lines):
            known[line] = f"item {index}"
        return {
            "bill": self._describe(bill, known),
            "items": [self._describe(line, known) for line in lines],
            "analytic": [
                self._describe(line, known)
                for line in lines.analytic_line_ids.sorted("amount")
            ],
            "entries": sorted(
                (entry.bill_quantity, entry.wip_amount, entry.billed_amount)
                for entry in bill.wip_line_ids
            ),
        }

    def _compare(self, bulk, plain):
        self.assertEqual(len(bulk), len(plain))
        for fast, slow in zip(bulk, plain, strict=True):
            expected, found = self._describe_bill(slow), self._describe_bill(fast)
            self.assertEqual(found["bill"], expected["bill"])
            for part in ("items", "analytic"):
                self.assertEqual(len(found[part]), len(expected[part]))
                for one, other in zip(found[part], expected[part], strict=True):
                    self.assertEqual(one, other)
            self.assertEqual(found["entries"], expected["entries"])

    def _get_partials(self, bill):
        return sorted(
            (
                partial.amount,
                partial.debit_amount_currency,
                partial.credit_amount_currency,
                bool(partial.exchange_move_id),
            )
            for partial in bill.line_ids.matched_credit_ids
        )

    def test_another_addon_that_decides_taxes_is_asked_for_every_bill(self):
        maker = self.env["legal.bill.maker"]
        taxes = type(self.env["account.tax"])
        prepare_tax_lines = taxes._prepare_tax_lines
        asked = set()

        def note_records(model, base_lines, company, tax_lines=None):
            asked.update(line["record"] for line in base_lines)
            return prepare_tax_lines(model, base_lines, company, tax_lines=tax_lines)

        self.assertTrue(maker._has_core_steps())
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        with patch.object(taxes, "_prepare_tax_lines", note_records):
            self.assertFalse(maker._has_core_steps())
            bill = self._bill(matter)
        self.assertIn(bill.invoice_line_ids, asked)  # with the items, as core does
        self.assertEqual(
            bill.line_ids.sorted("id").mapped("balance"), [-300.0, -60.0, 360.0]
        )

    def test_another_addon_that_computes_a_field_of_items_is_asked(self):
        """Items of many bills say what core would compute, on a record made for each,
        unless somebody else computes it."""
        items = type(self.env["account.move.line"])
        make, compute = items.new, items._compute_price_unit
        made = []

        def note_new(record, values=None, origin=None, ref=None):
            made.append((values or {}).get("display_type"))
            return make(record, values, origin, ref)

        def price(lines):
            compute(lines)
            for line in lines.filtered(lambda line: line.display_type == "tax"):
                line.price_unit = 7.0

        def bill():
            matter = self._create_matter()
            self._create_time(matter, 1.0)
            with patch.object(items, "new", note_new):
                return self._bill(matter)

        taxes = bill().line_ids.filtered(lambda line: line.display_type == "tax")
        self.assertEqual(taxes.mapped("price_unit"), [0.0])
        self.assertFalse({"product", "tax"} & set(made))
        with patch.object(items, "_compute_price_unit", price):
            taxes = bill().line_ids.filtered(lambda line: line.display_type == "tax")
        self.assertEqual(taxes.mapped("price_unit"), [7.0])

    def test_bulk_and_plain_ways_give_the_same_records(self):
        random = Random(19)
        self.maxDiff = None
        variants = [self._make_variant(random) for _index in range(16)]
        matters = self._make_matters(variants)
        complete_items = LegalBillMaker._complete_items
        given = []

        def note_complete_items(maker, vals):
            given.append(complete_items(maker, vals))
            return given[-1]

        with patch.object(LegalBillMaker, "_complete_items", note_complete_items):
            bulk = self._bill(matters)
        # all but those with an early discount that lowers the tax get their items here
        mixed = matters.filtered(
            lambda matter: (
                matter.bill_payment_term_id.early_discount
                and matter.bill_payment_term_id.early_pay_discount_computation
                == "mixed"
            )
        )
        self.assertEqual(given.count(True), len(matters - mixed))
        self.assertEqual(given.count(False), len(mixed))
        self.assertTrue(0 < len(mixed) < len(matters))
        plain = self._make_plain(self._make_matters(variants))
        self.assertEqual(len(bulk), len(variants))
        by_matter = bulk.sorted(lambda bill: bill.matter_id.id)
        self._compare(by_matter, plain)

        self._approve(by_matter)
        for bill in plain.with_user(self.approver).with_company(self.company):
            bill.action_post()
        self._compare(by_matter, plain)
        numbers = sorted((by_matter | plain).mapped("sequence_number"))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 32)))
        for bill in by_matter | plain:
            self.assertEqual(bill.payment_reference, bill.name)
            self.assertEqual(set(bill.line_ids.mapped("move_name")), {bill.name})
        # those of the plain way come after the commit, as core does for a customer
        self.assertEqual(self.client.customer_rank, len(variants))

        home = by_matter.filtered(
            lambda bill: bill.currency_id == bill.company_currency_id
        )
        twins = dict(zip(by_matter, plain, strict=True))
        total = sum(home.mapped("amount_residual"))
        payment = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.client.id,
                "amount": total,
                "date": date(2026, 12, 24),
                "memo": "all of them",
                "allocation_ids": [
                    Command.create({"bill_id": bill.id}) for bill in home
                ],
            }
        )
        payment.action_post()
        for bill in home:
            twin = twins[bill]
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=twin.ids
            ).create(
                {
                    "payment_date": date(2026, 12, 24),
                    "installments_mode": "full",
                    "amount": twin.amount_residual,
                    "group_payment": True,
                }
            )._create_payments()
            self.assertEqual(self._get_partials(bill), self._get_partials(twin))
            self.assertEqual(bill.amount_residual, twin.amount_residual)
