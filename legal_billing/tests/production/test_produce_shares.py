from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .produce_common import MAIL_LOGGER, ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestProduceShares(ProduceCommon):
    """The paper of a bill that names its payers, and what each of them gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.email = "client@client.example"
        cls.insurer = cls.env["res.partner"].create(
            {
                "name": "Insurer",
                "is_company": True,
                "email": "claims@insurer.example",
                "street": "1 Cover Street",
            }
        )

    def _make_shared(self, approve=True, **insurer):
        """A bill of 2,000.00 and tax, of which the client owes 650.00.

        :rtype: account.move
        """
        matter = self._create_matter(
            split_mode="shares",
            payer_ids=[
                Command.create(
                    {
                        "partner_id": self.client.id,
                        "share_type": "amount",
                        "value": 250,
                        "bears_tax": True,
                        "reference": "FLEET-1",
                    }
                ),
                Command.create(
                    {
                        "partner_id": self.insurer.id,
                        "share_type": "remainder",
                        "reference": "CLAIM-7",
                        **insurer,
                    }
                ),
            ],
        )
        self._create_time(matter, 10, employee_id=self.associate.id)
        bill = self._bill(matter)
        return self._approve(bill) if approve else bill

    def _get_copy(self, bill):
        share = bill.payer_share_ids.filtered(lambda s: s.partner_id == self.insurer)
        return bill._for_shares(share)

    def test_paper_says_who_pays_what(self):
        bill = self._make_shared()
        paper, copy = bill._get_paper(), self._get_copy(bill)._get_paper()
        self.assertEqual((paper["total"], paper["due"]), (2400, 650))
        self.assertEqual((copy["total"], copy["due"]), (2400, 1750))
        self.assertEqual(
            [(row["name"], row["amount"], row["is_own"]) for row in paper["shares"]],
            [(self.client.display_name, 650, True), ("Insurer", 1750, False)],
        )
        self.assertEqual(
            [row["reference"] for row in copy["shares"]], ["FLEET-1", "CLAIM-7"]
        )
        self.assertTrue(copy["title"].startswith("Copy of"))
        self.assertIn("CLAIM-7", str(dict(copy["references"])["Your reference"]))
        self.assertIn("FLEET-1", str(paper["references"]))
        html = self._get_copy(bill).get_paper_html()
        for text in ("Who pays what", "1 Cover Street", "1,750.00", "made out to"):
            self.assertIn(text, html)
        self.assertNotIn("1 Cover Street", bill.get_paper_html())

    def test_copy_keeps_the_clients_affairs(self):
        """What the client owes besides, and has with the firm, is not told."""
        self.env.ref("legal_billing.legal_bill_layout_itemised").write(
            {"show_unpaid": True, "show_client_money": True}
        )
        first = self._make_shared()
        self._create_time(first.matter_id, 1)
        bill = self._approve(self._bill(first.matter_id))
        self.assertTrue(bill._get_paper()["standing"])
        self.assertFalse(self._get_copy(bill)._get_paper()["standing"])

    def test_plain_bills_say_nothing_of_it(self):
        bill = self._make_bill()
        paper = bill._get_paper()
        self.assertEqual((paper["shares"], paper["due"]), ([], bill.amount_total))
        self.assertFalse(bill._get_email_share_text())
        self.assertNotIn("Who pays what", bill.get_paper_html())
        # a share of another bill is no share of this one
        other = self._get_copy(self._make_shared()).env.context
        self.assertFalse(bill.with_context(**other)._get_copy_share())

    def test_each_gets_its_own_email(self):
        bill = self._make_shared()
        self.assertIn("e-mail to Insurer", bill.production_plan)
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self.assertFalse(bill.delivered_on)
            self._send_queue()
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertTrue(bill.delivered_on)
        self.assertFalse(bill.delivery_error)
        by_address = {message["to"]: message for _envelope, message in mailbox.messages}
        self.assertEqual(len(by_address), 2)
        texts, files = {}, {}
        for address, message in by_address.items():
            name = "insurer" if "insurer" in address else "client"
            texts[name] = message.get_body(("html",)).get_content()
            [part] = message.iter_attachments()
            files[name] = " ".join(self._read_pages(part.get_content()))
        self.assertIn("650.00", texts["client"])
        self.assertNotIn("1,750.00", texts["client"])
        self.assertIn("copy of a bill to", texts["insurer"])
        self.assertIn("1,750.00", texts["insurer"])
        self.assertIn("FLEET-1", files["client"])
        self.assertIn("pay your share of", files["insurer"])
        # nobody gets it twice
        with smtp_server(self.env) as mailbox:
            self.assertFalse(bill._get_pending_copies())

    def test_an_old_template_says_the_share_too(self):
        """The firm's own template knows nothing of shares."""
        template = self.env.ref("legal_billing.mail_template_bill").copy(
            {"body_html": "<p>Our bill <t t-out='object.amount_total'/></p>"}
        )
        bill = self._make_shared()
        bill.bill_email_template_id = template
        email = bill._render_bill_email(self.client)
        self.assertIn("650.00", email["mail_body"])
        email = self._get_copy(bill)._render_bill_email(self.insurer)
        self.assertIn("1,750.00", email["mail_body"])

    @mute_logger(MAIL_LOGGER)
    def test_a_payer_without_address_stands_against_it(self):
        """Nothing goes out before the address is there."""
        bill = self._make_shared()
        self.insurer.email = False
        self.assertTrue(bill.is_unsent)
        run = self._produce(bill | self._make_bill())
        row = run.line_ids.filtered(lambda line: line.bill_id == bill)
        self.assertEqual(row.state, "failed")
        self.assertIn("Insurer has no e-mail address", bill.delivery_error)
        self.assertEqual(bill.billing_stage, "production")
        self.assertFalse(bill.delivery_message_ids)
        self.insurer.email = "claims@insurer.example"
        self._produce(bill)
        self.assertEqual(len(bill.delivery_message_ids), 2)

    def test_copies_are_printed(self):
        """A payer who gets it on paper: his copy follows the bill in the print file."""
        bill = self._make_shared(recipient_ids=[Command.clear()], print_copies="2")
        self.assertIn("2 copies", bill.production_plan)
        run = self._produce(bill)
        [file] = run.print_file_ids
        pages = self._read_pages(file.raw)
        self.assertEqual(len(pages), 2)
        for page in pages:
            self.assertIn("Copy of", page)
            self.assertIn("1 Cover Street", page)

    def test_copy_by_the_payers_template(self):
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        bill = self._make_shared(bill_report_id=letter.id)
        self.assertEqual(self._get_copy(bill)._get_bill_report(), letter)
        self.assertNotEqual(bill._get_bill_report(), letter)
        action = self._as(
            bill.payer_share_ids.filtered(lambda s: s.partner_id == self.insurer),
            "biller",
        ).action_preview_copy()
        self.assertEqual(action["type"], "ir.actions.act_url")

    def test_code_asks_for_the_share(self):
        """The code of a transfer holds what its reader pays."""
        banks = self.env["res.partner.bank"]
        asked = []

        def build(_account, amount, *args, **options):
            asked.append(amount)
            return f"code of {amount}"

        with (
            patch.object(type(banks), "build_qr_code_base64", build),
            patch.object(
                type(banks),
                "get_available_qr_methods_in_sequence",
                lambda self: [("any", "Any")],
            ),
            patch.object(
                type(banks),
                "_get_error_messages_for_qr",
                lambda self, *args: None,
            ),
        ):
            bill = self._make_shared(approve=False)
            bill.display_qr_code = True
            self.assertEqual(bill._generate_qr_code(), "code of 650.0")
            copy = self._get_copy(bill)
            self.assertEqual(copy._generate_qr_code(), "code of 1750.0")
            plain = self._make_bill()
            plain.display_qr_code = True
            asked.clear()
            plain._generate_qr_code()
            self.assertEqual(asked, [plain.amount_residual])

    def test_few_queries_for_many(self):
        """As many queries for thirty bills as for ten."""
        found = {}
        for count in (2, 10, 30):
            bills = self.env["account.move"].union(
                *(self._make_shared() for _number in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bills._read_recipients()
            for bill in bills:
                bill._get_pending_copies()
                bill._get_paper_who_pays(bill.amount_total)
            found[count] = self.env.cr.sql_log_count - before
        self.assertEqual(found[10], found[30])
