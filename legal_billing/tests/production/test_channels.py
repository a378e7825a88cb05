from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from ...exceptions import ProduceError, ProtectedFieldError
from .produce_common import ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestChannels(ProduceCommon):
    """How bills go out: from the client's own setting in Odoo to what is done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env["legal.bill.channel"]
        cls.email = cls.channel._get("email")
        cls.print = cls.channel._get("print")
        cls.peppol = cls.channel._get("peppol")
        cls.none = cls.channel._get("none")

    def _make_client(self, method=False, **vals):
        client = self.env["res.partner"].create(
            {"name": "Other Ltd", "email": "other@client.example", **vals}
        )
        client.with_company(self.company).invoice_sending_method = method
        return client

    def _open_for(self, client, **vals):
        """A matter as the biller opens one."""
        return self._as(self.env["project.project"], "biller").create(
            {
                "name": "Matter",
                "is_matter": True,
                "partner_id": client.id,
                "company_id": self.company.id,
                **vals,
            }
        )

    # --- where they come from

    def test_a_matter_goes_as_its_client_wants(self):
        for method, codes in (
            (False, ["email"]),
            ("email", ["email"]),
            ("manual", ["print"]),
        ):
            with self.subTest(method=method):
                matter = self._open_for(self._make_client(method))
                self.assertEqual(matter.bill_channel_ids.mapped("code"), codes)
                origin = "client" if method else "standard"
                self.assertEqual(matter.option_origins["bill_channel_ids"], origin)
                self.assertEqual(bool(matter.bill_recipient_ids), codes == ["email"])
                self.assertEqual(
                    matter.bill_print_copies, "1" if codes == ["print"] else "0"
                )

    def test_the_setting_of_another_company_is_not_asked(self):
        client = self._make_client()
        other = self.env["res.company"].sudo().create({"name": "Other Firm"})
        client.sudo().with_company(other).invoice_sending_method = "manual"
        self.assertEqual(self._open_for(client).bill_channel_ids, self.email)

    def test_who_is_billed_says_how(self):
        insurer = self._make_client("manual", name="Insurer")
        client = self._make_client("email", legal_billing_partner_id=insurer.id)
        self.assertEqual(self._open_for(client).bill_channel_ids, self.print)

    def test_what_the_firm_chose_for_the_client_goes_first(self):
        client = self._make_client("manual", legal_bill_channel_ids=self.email.ids)
        self.company.legal_bill_print_copies = "2"
        matter = self._open_for(client)
        self.assertEqual(matter.bill_channel_ids, self.email)
        self.assertEqual(matter.bill_print_copies, "0")

    def test_copies_of_the_company_are_printed_besides(self):
        self.company.legal_bill_print_copies = "2"
        matter = self._open_for(self._make_client())
        self.assertEqual(matter.bill_channel_ids, self.email | self.print)
        self.assertEqual(matter.bill_print_copies, "2")

    # --- channels, recipients and copies say the same

    def test_one_brings_the_others_along(self):
        client = self._make_client()
        matter = self._open_for(client)
        matter.bill_channel_ids = self.print
        self.assertFalse(matter.bill_recipient_ids)
        self.assertEqual(matter.bill_print_copies, "1")
        matter.bill_channel_ids = self.print | self.email
        self.assertEqual(matter.bill_recipient_ids, client)
        matter.bill_print_copies = "0"
        self.assertEqual(matter.bill_channel_ids, self.email)
        matter.bill_recipient_ids = False
        self.assertFalse(matter.bill_channel_ids)
        matter.bill_channel_ids = self.none
        matter.bill_print_copies = "2"
        self.assertEqual(matter.bill_channel_ids, self.print)

    def test_a_matter_is_made_with_what_was_given(self):
        client = self._make_client()
        matter = self._open_for(client, bill_channel_ids=[Command.set(self.print.ids)])
        self.assertFalse(matter.bill_recipient_ids)
        self.assertEqual(matter.bill_print_copies, "1")
        matter = self._open_for(client, bill_recipient_ids=[Command.clear()])
        self.assertFalse(matter.bill_channel_ids)

    def test_only_managers_name_channels(self):
        self._as(self.email, "manager").name = "By e-mail"
        with self.assertRaises(AccessError):
            self._as(self.email, "biller").name = "Mail"
        with self.assertRaisesRegex(ProtectedFieldError, "keeps its code"):
            self._as(self.email, "manager").code = "mail"
        with self.assertRaises(AccessError):
            self._as(self.channel, "manager").create({"name": "Fax", "code": "fax"})

    # --- producing

    def test_who_wants_no_email_gets_none_and_is_printed(self):
        client = self._make_client("manual")
        bill = self._make_bill(partner_id=client.id)
        self.assertEqual(bill.production_plan, "1 copy")
        with smtp_server(self.env) as mailbox:
            run = self._produce(bill)
            self._send_queue()
        self.assertFalse(mailbox.messages)
        self.assertFalse(bill.delivered_on)
        self.assertEqual(len(self._read_pages(run.print_file_ids.raw)), 1)
        self.assertEqual(
            [(lane["key"], lane["total"]) for lane in run.lanes],
            [("pdf", 1), ("print", 1)],
        )

    def test_nothing_is_sent_where_that_was_chosen(self):
        bill = self._make_bill(bill_channel_ids=[Command.set(self.none.ids)])
        silent = self._make_bill(bill_recipient_ids=[Command.clear()])
        self.assertEqual(bill.production_plan, "nothing, as chosen")
        self.assertFalse(bill.is_unsent)
        self.assertTrue(silent.is_unsent)
        bills = bill | silent
        self.assertEqual(
            bills.search([("id", "in", bills.ids), ("is_unsent", "=", True)]), silent
        )
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertFalse(bill.delivered_on or mailbox.messages)

    def test_a_network_that_is_not_there_is_told_before(self):
        code = "legal_nowhere"
        network = self.channel.sudo().create({"name": "Pigeon", "code": code})
        bill = self._make_bill(bill_channel_ids=[Command.set(network.ids)])
        self.assertRegex(bill.production_plan, "fails: .*Pigeon.*choose another")
        self.assertTrue(bill.is_unsent)
        bills = bill.search([("is_unsent", "=", True), ("id", "=", bill.id)])
        self.assertEqual(bills, bill)
        with self.assertRaisesRegex(ProduceError, "Pigeon"):
            self._as(bill, "biller").action_produce_bills()
        self.assertEqual(bill.billing_stage, "production")
        bill.bill_channel_ids = self.print
        self.assertEqual(bill.production_plan, "1 copy")

    def test_a_credit_note_goes_where_the_bill_went(self):
        bill = self._make_bill(
            bill_channel_ids=[Command.set((self.print | self.email).ids)]
        )
        credit = bill._reverse_moves([{"invoice_date": bill.invoice_date}])
        self.assertEqual(credit.bill_channel_ids, self.print | self.email)

    def test_results_of_networks_are_not_written_by_hand(self):
        bill = self._make_bill()
        with self.assertRaises(ProtectedFieldError):
            self._as(bill, "manager").write(
                {"network_results": {"peppol": {"state": "sent"}}}
            )

    def test_changes_of_channels_are_asked_of_drafts(self):
        bill = self._make_bill(approve=False)
        matter = self._as(bill.matter_id, "biller")
        matter.bill_channel_ids = self.print
        self.assertEqual(bill.bill_channel_ids, self.email)
        matter.action_apply_options_to_drafts()
        self.assertEqual(bill.bill_channel_ids, self.print)
        self.assertEqual(bill.print_copies, "1")
        self.assertFalse(bill.recipient_ids)

    def test_the_strip_counts_what_goes_by_network_or_letter(self):
        letter = self.channel._get("snailmail")
        # Odoo installs what sends letters with its invoicing
        self.assertIn(letter.code, self.channel._get_available_codes())
        address = {"street": "1 High Street", "zip": "N1 1AA", "city": "London"}
        client = self._make_client(**address, country_id=self.env.ref("base.uk").id)
        channels = [Command.set((letter | self.email).ids)]
        both = self._make_bill(partner_id=client.id, bill_channel_ids=channels)
        mailed = self._make_bill()
        nowhere = self._make_bill(bill_recipient_ids=[Command.clear()])
        bills = both | mailed | nowhere
        strip = self._as(bills, "biller").get_bill_strip(
            "production", [("id", "in", bills.ids)]
        )
        figures = [strip[name] for name in ("mail", "print", "network", "nothing")]
        self.assertEqual(figures, [2, 0, 1, 1])
        view = self.env.ref("legal_billing.production_view_search")
        arch = etree.fromstring(bills.get_view(view.id, "search")["arch"])
        [node] = arch.xpath("//filter[@name='by_network']")
        domain = Domain(literal_eval(node.get("domain"))) & Domain(
            "id", "in", bills.ids
        )
        self.assertEqual(bills.search(domain), both)
