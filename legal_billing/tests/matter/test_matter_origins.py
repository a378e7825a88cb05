from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import MatterOptionError, RoleError
from ...models.common.legal_billing_defaults import OPTIONS
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterOrigins(LegalBillingCommon):
    """Where options come from, taking them over, and what drafts make of a change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.soon = cls.env["account.payment.term"].create({"name": "Soon"})
        cls.late = cls.env["account.payment.term"].create({"name": "Late"})
        cls.company.legal_minimum_bill_amount = 50.0
        cls.client.legal_bill_payment_term_id = cls.soon

    def _get_window(self, action):
        return self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )

    # --- defaults

    def test_every_option_has_a_default_on_client_and_company(self):
        """Set every default of the client, then of the company: a matter has them."""
        values = {
            "legal_bill_report_id": self.env.ref("account.account_invoices").id,
            "legal_bill_payment_term_id": self.late.id,
            "legal_billing_currency_id": self.setup_other_currency("EUR").id,
            "legal_bill_journal_id": self.company_data["default_journal_sale"].id,
            "legal_bill_email_template_id": self.env.ref(
                "account.email_template_edi_invoice"
            ).id,
            "legal_bill_print_copies": "2",
            "legal_billing_arrangement": "fixed",
            "legal_quote_scope": "both",
            "legal_quote_rule": "higher",
            "legal_quote_basis": "bill",
            "legal_minimum_bill_amount": 75.0,
            "legal_discount_type": "percent",
            "legal_discount_value": 5.0,
            "legal_blended_rate": 240.0,
            "legal_abatement_percent": 7.5,
            "legal_abatement_from": 20000.0,
            "legal_adjustment_display": "discount",
            "legal_bill_line_detail": "timekeeper",
            "legal_default_bill_behavior": "no_charge",
            "legal_exclude_from_mass_billing": True,
            "legal_bill_together": True,
        }
        for source, origin in ((self.client, "client"), (self.company, "company")):
            source.write(values)
            matter = self._create_matter()
            for field, name in (
                self.env["legal.billing.defaults"]._get_defaulted_options().items()
            ):
                value = matter._fields[field].convert_to_write(matter[field], matter)
                self.assertEqual(value, values[name], field)
                self.assertEqual(matter.option_origins[field], origin, field)
            source.write(dict.fromkeys(values, False))
        self.client.write(
            {
                "legal_billing_partner_id": self.partner_b.id,
                "legal_bill_recipient_ids": [Command.set(self.partner_a.ids)],
                "legal_client_fee_product_id": self.fee_product.id,
            }
        )
        matter = self._create_matter()
        self.assertEqual(matter.billing_partner_id, self.partner_b)
        self.assertEqual(matter.bill_recipient_ids, self.partner_a)
        self.assertEqual(matter.fee_product_id, self.fee_product)
        self.assertEqual(set(matter.option_info), set(OPTIONS))

    def test_defaults_of_the_firm_serve_its_contacts(self):
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.client.id}
        )
        self.assertEqual(
            self._create_matter(partner_id=contact.id).bill_payment_term_id, self.soon
        )

    # --- origins

    def test_origin_is_remembered_until_someone_sets_the_option(self):
        matter = self._create_matter(bill_print_copies="1")
        self.assertEqual(
            [
                matter.option_origins[field]
                for field in (
                    "bill_payment_term_id",
                    "minimum_bill_amount",
                    "discount_type",
                    "bill_print_copies",
                )
            ],
            ["client", "company", "standard", "here"],
        )
        self.client.legal_bill_payment_term_id = self.late
        info = matter.option_info["bill_payment_term_id"]
        self.assertEqual(
            (info["origin"], info["differs"], info["default"]),
            ("client", True, "Late"),
        )
        self._as(matter, "biller").bill_payment_term_id = self.soon
        self.assertEqual(matter.option_origins["bill_payment_term_id"], "client")
        self._as(matter, "biller").bill_payment_term_id = False
        self.assertEqual(matter.option_origins["bill_payment_term_id"], "here")

    def test_the_form_says_set_here_before_it_is_saved(self):
        matter = self._create_matter()
        with Form(
            self._as(matter, "biller"), view="legal_billing.matter_view_form"
        ) as form:
            self.assertEqual(
                form.option_info["minimum_bill_amount"]["origin"], "company"
            )
            form.minimum_bill_amount = 10.0
            self.assertEqual(form.option_info["minimum_bill_amount"]["origin"], "here")
        self.assertEqual(matter.option_origins["minimum_bill_amount"], "here")

    # --- take over

    def test_taking_over_shows_the_changes_and_leaves_what_is_unticked(self):
        matter = self._create_matter(minimum_bill_amount=10.0)
        self.client.legal_bill_payment_term_id = self.late
        window = self._get_window(self._as(matter, "biller").action_open_take_over())
        self.assertEqual(
            [(row.option, row.now, row.then, row.origin) for row in window.line_ids],
            [
                ("bill_payment_term_id", "Soon", "Late", "client"),
                ("minimum_bill_amount", "$\xa010.00", "$\xa050.00", "company"),
            ],
        )
        self.assertEqual(matter.bill_payment_term_id, self.soon)
        window.line_ids[1].is_taken = False
        window.action_take_over()
        self.assertEqual(matter.bill_payment_term_id, self.late)
        self.assertEqual(matter.minimum_bill_amount, 10.0)
        self.assertEqual(matter.option_origins["bill_payment_term_id"], "client")
        self.assertEqual(matter.option_origins["minimum_bill_amount"], "here")

    def test_one_option_is_taken_over_alone(self):
        matter = self._create_matter(minimum_bill_amount=10.0, bill_print_copies="2")
        window = self._get_window(
            self._as(matter, "biller")
            .with_context(legal_billing_option="bill_print_copies")
            .action_open_take_over()
        )
        self.assertEqual(window.line_ids.mapped("option"), ["bill_print_copies"])
        window.action_take_over()
        self.assertEqual(
            (matter.bill_print_copies, matter.minimum_bill_amount), ("0", 10)
        )

    def test_taking_over_is_the_billers(self):
        matter = self._create_matter()
        with self.assertRaises(RoleError):
            self._as(matter, "fee_earner").action_open_take_over()
        with self.assertRaises(AccessError):
            self._as(matter, "fee_earner").action_take_over_client_options()

    # --- guards

    def test_an_open_bill_keeps_billing_on(self):
        matter = self._create_matter(name="Owing")
        self._create_time(matter)
        bill = self._approve(self._bill(matter))
        with self.assertRaisesRegex(MatterOptionError, "open bill.*Owing"):
            self._as(matter, "biller").is_billable = False
        self.assertEqual(bill.payment_state, "not_paid")

    def test_currency_stays_while_a_draft_is_open(self):
        matter = self._create_matter(name="Drafted")
        self._create_time(matter)
        self._bill(matter)
        euro = self.setup_other_currency("EUR")
        with self.assertRaisesRegex(
            MatterOptionError, "currency cannot change.*Drafted"
        ):
            self._as(matter, "biller").billing_currency_id = euro

    # --- drafts

    def _draft(self, **vals):
        matter = self._create_matter(bill_payment_term_id=self.soon.id, **vals)
        self._create_time(matter, 10.0)
        return matter, self._bill(matter)

    def test_effect_on_a_draft_is_told_and_nothing_is_done(self):
        matter, bill = self._draft()
        effects = self._as(matter, "biller").get_draft_effects(
            matter.ids,
            {"quoted_amount": 2500.0, "bill_payment_term_id": self.late.id},
        )
        self.assertEqual((effects["count"], effects["can_apply"]), (1, True))
        [row] = effects["rows"]
        self.assertEqual(
            row["effects"],
            [
                "is priced again: $\xa03,000.00 → $\xa02,500.00",
                "keeps Payment terms: Soon",
            ],
        )
        self.assertEqual((matter.quoted_amount, bill.amount_untaxed), (0.0, 3000.0))
        self.assertEqual(matter.bill_payment_term_id, self.soon)
        self.assertFalse(
            matter.get_draft_effects(matter.ids, {"minimum_bill_amount": 5})["rows"]
        )

    def test_quote_prices_the_draft_again_terms_stay(self):
        matter, bill = self._draft()
        self._as(matter, "biller").write(
            {"quoted_amount": 2500.0, "bill_payment_term_id": self.late.id}
        )
        self.assertEqual((bill.amount_untaxed, bill.quote_effect), (2500.0, -500.0))
        self.assertEqual(bill.invoice_payment_term_id, self.soon)
        self.assertIn("Priced again", bill.message_ids[0].body)

    def test_options_are_applied_to_the_draft_on_request(self):
        matter, bill = self._draft()
        matter = self._as(matter, "biller")
        matter.write(
            {
                "bill_payment_term_id": self.late.id,
                "billing_partner_id": self.partner_b.id,
                "bill_recipient_ids": [Command.set(self.partner_a.ids)],
                "discount_type": "percent",
                "discount_value": 10.0,
                "bill_print_copies": "2",
            }
        )
        self.assertEqual((bill.partner_id, bill.amount_untaxed), (self.client, 3000.0))
        matter.action_apply_options_to_drafts(
            ["billing_partner_id", "discount_type", "discount_value"]
        )
        self.assertEqual((bill.partner_id, bill.amount_untaxed), (self.partner_b, 2700))
        self.assertEqual(bill.invoice_payment_term_id, self.soon)
        matter.action_apply_options_to_drafts()
        self.assertEqual(bill.invoice_payment_term_id, self.late)
        self.assertEqual(bill.recipient_ids, self.partner_a)
        self.assertEqual(bill.print_copies, "2")
        self.assertEqual(bill.client_id, self.client)

    def test_fee_earner_cannot_apply_options(self):
        matter, _bill = self._draft()
        with self.assertRaises(RoleError):
            self._as(matter, "fee_earner").action_apply_options_to_drafts()
        with self.assertRaises(AccessError):
            self._as(matter, "fee_earner").get_draft_effects(
                matter.ids, {"quoted_amount": 1}
            )

    # --- many at once

    def _open_options(self, matters):
        return self._get_window(self._as(matters, "biller").action_change_options())

    def test_window_says_what_changes_then_changes_it(self):
        same = self._create_matter(bill_payment_term_id=self.late.id)
        matter, bill = self._draft()
        window = self._open_options(same | matter)
        window.write(
            {
                "change_bill_payment_term_id": True,
                "bill_payment_term_id": self.late.id,
                "change_bill_recipient_ids": True,
            }
        )
        self.assertIn("Payment terms: 1 of 2 matters change to “Late”", window.summary)
        self.assertIn("keeps Payment terms: Soon", window.draft_effects)
        window.action_change()
        self.assertEqual((same | matter).bill_payment_term_id, self.late)
        self.assertFalse((same | matter).bill_recipient_ids)
        self.assertEqual(bill.invoice_payment_term_id, self.soon)
        self.assertIn("Payment terms: Soon → Late", matter.message_ids[0].body)
        self.assertNotIn("Payment terms", same.message_ids[0].body)

    def test_window_applies_to_drafts_when_ticked(self):
        matter, bill = self._draft()
        window = self._open_options(matter | self._create_matter())
        window.write(
            {
                "change_bill_payment_term_id": True,
                "bill_payment_term_id": self.late.id,
                "apply_to_drafts": True,
            }
        )
        window.action_change()
        self.assertEqual(bill.invoice_payment_term_id, self.late)

    def test_mass_edit_costs_the_same_for_few_and_many(self):
        """Neither tracking nor origins nor guards look at the matters one by one."""
        matters = self.env["project.project"].create(
            [
                {"name": f"M{i}", "is_matter": True, "partner_id": self.client.id}
                for i in range(66)
            ]
        )
        self.env.flush_all()
        vals = {
            "bill_payment_term_id": self.late.id,
            "minimum_bill_amount": 12.0,
            "bill_print_copies": "1",
        }
        counts = []
        for group in (matters[:2], matters[2:6], matters[6:]):
            self.env.invalidate_all()
            group = self._as(group, "biller")
            before = self.env.cr.sql_log_count
            group.write(vals)
            self.env.flush_all()
            self.env.cr.precommit.run()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 3)
        for matter in matters:
            self.assertIn("Print: Do not print → 1 copy", matter.message_ids[0].body)

    def test_fee_earner_cannot_change_many(self):
        with self.assertRaises(RoleError):
            self._as(self._create_matter(), "fee_earner").action_change_options()
