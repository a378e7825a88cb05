from datetime import date

from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import MatterOptionError, ProtectedFieldError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterCopies(LegalBillingCommon):
    """Options that nobody chose belong to the client: copies, templates, imports and
    defaults of a caller look them up for their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        terms = cls.env["account.payment.term"]
        cls.soon = terms.create({"name": "Soon"})
        cls.late = terms.create({"name": "Late"})
        cls.client.write(
            {
                "legal_bill_payment_term_id": cls.soon.id,
                "legal_discount_type": "percent",
                "legal_discount_value": 10.0,
            }
        )
        cls.other = cls.env["res.partner"].create(
            {
                "name": "Other Ltd",
                "email": "other@other.example",
                "legal_bill_payment_term_id": cls.late.id,
            }
        )
        cls.matter = cls._create_matter(name="Lease", bill_print_copies="2")

    def assertOfOther(self, matter):
        self.assertRecordValues(
            matter,
            [
                {
                    "partner_id": self.other.id,
                    "billing_partner_id": self.other.id,
                    "bill_recipient_ids": self.other.ids,
                    "bill_payment_term_id": self.late.id,
                    "discount_type": "none",
                    "discount_value": 0.0,
                }
            ],
        )
        self.assertEqual(matter.option_origins["billing_partner_id"], "client")
        self.assertEqual(matter.option_origins["discount_type"], "standard")

    # --- copies

    def test_a_copy_for_another_client_is_that_client_s(self):
        copy = self._as(self.matter, "biller").copy({"partner_id": self.other.id})
        self.assertOfOther(copy)
        self.assertEqual(copy.bill_print_copies, "2", "chosen here, so it goes along")
        self.assertEqual(copy.option_origins["bill_print_copies"], "here")
        self.assertNotEqual(copy.matter_number, self.matter.matter_number)

    def test_a_copy_keeps_what_a_person_chose(self):
        self._as(self.matter, "biller").write(
            {"billing_partner_id": self.partner_b.id, "discount_value": 5.0}
        )
        copy = self._as(self.matter, "biller").copy({"partner_id": self.other.id})
        self.assertEqual(copy.billing_partner_id, self.partner_b)
        self.assertEqual((copy.discount_type, copy.discount_value), ("percent", 5.0))
        self.assertEqual(copy.bill_recipient_ids, self.other)

    def test_a_copy_has_what_the_client_asks_for_by_now(self):
        self.client.legal_bill_payment_term_id = self.late
        self.assertEqual(self.matter.copy().bill_payment_term_id, self.late)
        self.assertEqual(self.matter.bill_payment_term_id, self.soon)

    # --- templates

    def _make_template(self):
        self._create_time(self.matter)
        action = self._as(self.matter, "manager").action_create_template_from_project()
        found = action.get("params", {}).get("project_id") or action.get("res_id")
        return self.env["project.project"].browse(found)

    def test_a_template_is_no_matter(self):
        template = self._make_template()
        self.assertTrue(template.is_template)
        self.assertRecordValues(
            template,
            [
                {
                    "is_matter": False,
                    "makes_matters": True,
                    "matter_number": False,
                    "partner_id": False,
                    "billing_partner_id": False,
                    "bill_recipient_ids": [],
                    "bill_payment_term_id": False,
                    "bill_print_copies": "2",
                }
            ],
        )
        listed = self.env["project.project"].search(
            [("is_matter", "=", True), ("name", "=", "Lease")]
        )
        self.assertEqual(listed, self.matter, "core would have archived it")
        with self.assertRaisesRegex(MatterOptionError, "Lease.*template of matters"):
            self._create_time(template)

    def test_a_matter_from_a_template_is_billed_to_its_own_client(self):
        """F1: the client chosen with it, or set afterwards."""
        template = self._make_template()
        at_once = template.action_create_from_template(
            {"name": "At once", "partner_id": self.other.id}
        )
        later = template.action_create_from_template({"name": "Later"})
        self.assertFalse(later.billing_partner_id)
        with Form(self._as(later, "biller"), "legal_billing.matter_view_form") as form:
            form.partner_id = self.other
        for matter in at_once | later:
            self.assertTrue(matter.is_matter)
            self.assertFalse(matter.makes_matters)
            self.assertTrue(matter.matter_number)
            self.assertOfOther(matter)
            self.assertEqual(matter.bill_print_copies, "2")
        self._create_time(later, 3.0)
        bill = self._bill(later)
        self.assertEqual(bill.partner_id, self.other)
        self.assertEqual(bill.recipient_ids, self.other)
        self.assertEqual((bill.amount_untaxed, bill.amount_total), (900.0, 1080.0))

    def test_a_matter_with_time_is_no_template(self):
        self._create_time(self.matter, day=date(2026, 10, 1))
        with self.assertRaisesRegex(MatterOptionError, "Lease"):
            self._as(self.matter, "manager").is_template = True
        self.assertTrue(self.matter.matter_number)

    def test_nobody_says_that_a_matter_is_a_template(self):
        with self.assertRaisesRegex(ProtectedFieldError, "Create template"):
            self._as(self.matter, "manager").makes_matters = True

    def test_a_matter_becomes_a_template_and_back(self):
        self.matter.is_template = True
        self.assertRecordValues(
            self.matter,
            [{"is_matter": False, "makes_matters": True, "matter_number": False}],
        )
        self.matter.is_template = False
        self.assertTrue(self.matter.is_matter)
        self.assertFalse(self.matter.makes_matters)
        self.assertTrue(self.matter.matter_number)

    # --- other ways

    def test_a_client_in_the_caller_s_defaults_is_a_client(self):
        matter = (
            self._as(self.env["project.project"], "biller")
            .with_context(default_is_matter=True, default_partner_id=self.other.id)
            .create({"name": "By RPC"})
        )
        self.assertOfOther(matter)

    def test_an_option_in_the_caller_s_defaults_is_chosen(self):
        matter = (
            self._as(self.env["project.project"], "biller")
            .with_context(
                default_is_matter=True,
                default_partner_id=self.other.id,
                default_bill_payment_term_id=self.soon.id,
            )
            .create({"name": "By RPC"})
        )
        self.assertEqual(matter.bill_payment_term_id, self.soon)
        self.assertEqual(matter.option_origins["bill_payment_term_id"], "here")
        self.assertEqual(matter.billing_partner_id, self.other)

    def test_an_imported_row_is_looked_up_for_its_client(self):
        result = self._as(self.env["project.project"], "biller").load(
            ["name", "is_matter", "partner_id/.id"],
            [["Imported", "1", str(self.other.id)]],
        )
        self.assertFalse(result["messages"])
        self.assertOfOther(self.env["project.project"].browse(result["ids"]))

    def test_options_of_the_client_follow_another_client(self):
        self._as(self.matter, "biller").partner_id = self.other
        self.assertOfOther(self.matter)
        self.assertEqual(self.matter.bill_print_copies, "2")

    def test_the_currency_of_wip_stays_with_another_client(self):
        euro = self.setup_other_currency("EUR")
        self.client.legal_billing_currency_id = euro
        matter = self._create_matter(name="Foreign")
        self._create_time(matter)
        self._as(matter, "biller").partner_id = self.other
        self.assertEqual(matter.billing_currency_id, euro)
        self.assertEqual(matter.billing_partner_id, self.other)
        self.assertEqual(matter.bill_recipient_ids.ids, self.other.ids)

    def test_recipients_that_a_person_chose_stay(self):
        self._as(self.matter, "biller").bill_recipient_ids = [
            Command.set(self.partner_b.ids)
        ]
        self._as(self.matter, "biller").partner_id = self.other
        self.assertEqual(self.matter.bill_recipient_ids, self.partner_b)

    # --- addresses

    def _make_invoice_address(self, client, **vals):
        return self.env["res.partner"].create(
            {
                "name": "Accounts",
                "type": "invoice",
                "parent_id": client.id,
                "email": "accounts@client.example",
                **vals,
            }
        )

    def test_bills_go_to_the_client_s_invoice_address(self):
        address = self._make_invoice_address(self.client)
        contact = self.env["res.partner"].create(
            {"name": "Jo", "parent_id": self.client.id}
        )
        for client in (self.client, contact):
            matter = self._as(self.env["project.project"], "biller").create(
                {"name": "New", "is_matter": True, "partner_id": client.id}
            )
            self.assertEqual(matter.partner_id, client)
            self.assertEqual(matter.billing_partner_id, address)
            self.assertEqual(matter.bill_recipient_ids, address)
        self._create_time(matter)
        bill = self._approve(self._bill(matter))
        self.assertEqual(bill.partner_id, address)
        self.assertEqual(bill.commercial_partner_id, self.client)
        receivable = self.company_data["default_account_receivable"]
        [owed] = bill.line_ids.filtered(lambda line: line.account_id == receivable)
        self.assertEqual((owed.partner_id, owed.debit), (self.client, 324.0))

    def test_an_invoice_address_without_e_mail_is_for_letters(self):
        address = self._make_invoice_address(self.client, email=False)
        matter = self._create_matter()
        self.assertEqual(matter.billing_partner_id, address)
        self.assertEqual(matter.bill_recipient_ids, self.client)

    def test_a_payer_who_was_named_is_meant(self):
        self._make_invoice_address(self.other)
        self.client.legal_billing_partner_id = self.other
        matter = self._create_matter()
        self.assertEqual(matter.billing_partner_id, self.other)
        self.assertEqual(matter.bill_recipient_ids, self.other)
