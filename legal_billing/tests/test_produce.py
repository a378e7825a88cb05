import io
import re
from datetime import date, timedelta
from unittest.mock import patch

from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.legal_billing.exceptions import (
    BillStageError,
    ProduceError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from odoo.addons.legal_billing.models import legal_billing_run_produce

from .common import LegalBillingCommon
from .smtp import smtp_server

MAIL_LOGGER = "odoo.addons.mail.models.mail_mail"


class ProduceCommon(LegalBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller.partner_id.email = "biller@firm.example"
        cls.company.email = "office@firm.example"

    def _make_bill(self, name="Matter", approve=True, **vals):
        """An approved bill of 300.00 plus tax.

        :rtype: account.move
        """
        matter = self._create_matter(name=name, **vals)
        self._create_time(matter, 1.0)
        bill = self._bill(matter)
        return self._approve(bill) if approve else bill

    def _make_partner(self, name, email=None):
        return self.env["res.partner"].create({"name": name, "email": email})

    def _produce(self, bills, role="biller"):
        """Produce and give back the run.

        :rtype: legal.billing.run
        """
        self._as(bills, role).action_produce_bills()
        return self.env["legal.billing.run"].search(
            [("operation", "=", "produce")], order="id desc", limit=1
        )

    def _send_queue(self):
        """Work off the mail queue as the cron does."""
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()

    def _read_pages(self, pdf):
        return [
            re.sub(r"\s+", " ", page.extract_text())
            for page in PdfReader(io.BytesIO(pdf)).pages
        ]


@tagged("post_install", "-at_install")
class TestProduce(ProduceCommon):
    # --- e-mail

    def test_email_reaches_the_recipients_with_the_bill(self):
        with smtp_server(self.env) as mailbox:
            other = self._make_partner("Jo Counsel", "jo@client.example")
            bill = self._make_bill(
                "Lease", bill_recipient_ids=[Command.set((self.client + other).ids)]
            )
            self._produce(bill)
            self.assertFalse(mailbox.messages, "nothing is sent before the commit")
            self.assertEqual(bill.billing_stage, "finalized")
            self.assertEqual(bill.produced_by_id, self.biller)
            self.assertFalse(bill.delivered_on, "produced is not delivered")
            self._send_queue()
        self.assertEqual(
            mailbox.get_recipients(), ["client@client.example", "jo@client.example"]
        )
        _to, message = mailbox.messages[0]
        self.assertIn(bill.name, message["subject"])
        self.assertIn("Lease", message["subject"])
        pages = self._read_pages(mailbox.get_pdfs()[0])
        self.assertIn(f"Bill {bill.name}", pages[0])
        self.assertIn("Advice 1.00 300.00 300.00", pages[0])
        self.assertTrue(bill.delivered_on)
        self.assertEqual(bill.delivery_method, "email")
        self.assertFalse(bill.delivery_error)

    def test_own_email_template_is_used(self):
        template = self.env.ref("legal_billing.mail_template_bill").copy(
            {"name": "Insurer", "subject": "CLAIM {{ object.invoice_origin }}"}
        )
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill(bill_email_template_id=template.id)
            self._produce(bill)
            self._send_queue()
        self.assertEqual(
            mailbox.messages[0][1]["subject"], f"CLAIM {bill.invoice_origin}"
        )

    def test_no_recipient_and_no_copy_is_produced_with_nothing_sent(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill(bill_recipient_ids=[Command.clear()])
            self.assertEqual(bill.production_plan, "nothing: no address")
            run = self._produce(bill)
            self._send_queue()
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertFalse(mailbox.messages)
        self.assertFalse(bill.delivered_on)
        self.assertFalse(run.print_file_ids)
        self.assertTrue(bill.invoice_pdf_report_id)

    def test_bills_that_go_nowhere_are_found(self):
        def to(partner, **vals):
            return {"bill_recipient_ids": [Command.set(partner.ids)], **vals}

        archived = self._make_partner("Gone", "gone@client.example")
        bad = (
            self._make_bill("None", bill_recipient_ids=[Command.clear()])
            | self._make_bill("Missing", **to(self._make_partner("No Mail")))
            | self._make_bill("Wrong", **to(self._make_partner("Wrong", "not this")))
            | self._make_bill("Two", **to(self._make_partner("Two", "a@b.cd, e@f.gh")))
            | self._make_bill("Archived", bill_print_copies="1", **to(archived))
        )
        archived.active = False
        good = (
            self._make_bill("E-mail")
            | self._make_bill(
                "Named", **to(self._make_partner("N", '"n@x.yz" <n@x.yz>'))
            )
            | self._make_bill(
                "Paper", bill_recipient_ids=[Command.clear()], bill_print_copies="1"
            )
        )
        self.assertEqual((bad | good).filtered("is_unsent"), bad)
        for bill in bad:
            self.assertRegex(bill.production_plan, "^(fails|nothing): ")
        domain = [("id", "in", (bad | good).ids)]
        found = bad.search([*domain, ("is_unsent", "=", True)])
        self.assertEqual(set(found), set(bad))
        found = bad.search([*domain, ("is_unsent", "=", False)])
        self.assertEqual(set(found), set(good))

    def test_recipient_without_address_keeps_only_that_bill_in_production(self):
        nobody = self._make_partner("No Mail")
        wrong = self._make_partner("Wrong Mail", "not an address")
        good = self._make_bill("Good")
        missing = self._make_bill(
            "Missing", bill_recipient_ids=[Command.set((self.client + nobody).ids)]
        )
        broken = self._make_bill("Broken", bill_recipient_ids=[Command.set(wrong.ids)])
        self.assertEqual(
            missing.production_plan, "fails: No Mail has no e-mail address"
        )
        with smtp_server(self.env) as mailbox:
            run = self._produce(good | missing | broken)
            self._send_queue()
            self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
            self.assertEqual((run.done_count, run.failed_count), (1, 2))
            self.assertEqual(missing.billing_stage, "production")
            self.assertIn("No Mail has no e-mail address", missing.delivery_error)
            self.assertIn("Wrong Mail (not an address)", broken.delivery_error)
            nobody.email = "now@client.example"
            run.with_user(self.biller).line_ids.filtered(
                lambda line: line.bill_id == missing
            ).action_retry()
            self._send_queue()
        self.assertEqual(missing.billing_stage, "finalized")
        self.assertFalse(missing.delivery_error)
        self.assertEqual(
            mailbox.get_recipients(),
            ["client@client.example", "client@client.example", "now@client.example"],
        )

    def test_single_bill_without_address_is_refused_with_the_reason(self):
        nobody = self._make_partner("No Mail")
        bill = self._make_bill(bill_recipient_ids=[Command.set(nobody.ids)])
        with self.assertRaisesRegex(
            ProduceError, f"{bill.name}: No Mail has no e-mail address. Mend"
        ):
            self._as(bill, "biller").action_produce_bills()

    def test_archived_recipient_is_not_passed_over(self):
        gone = self._make_partner("Gone", "gone@client.example")
        bill = self._make_bill(bill_recipient_ids=[Command.set(gone.ids)])
        gone.active = False
        with self.assertRaisesRegex(ProduceError, "Gone is archived"):
            self._as(bill, "biller").action_produce_bills()

    def test_archived_recipient_of_the_matter_is_on_the_bill(self):
        other = self._make_partner("Jo", "jo@client.example")
        gone = self._make_partner("Gone", "gone@client.example")
        both = [Command.set((other + gone).ids)]
        draft = self._make_bill("Draft", approve=False)
        draft.matter_id.bill_recipient_ids = both
        matter = self._create_matter(name="New", bill_recipient_ids=both)
        self._create_time(matter, 1.0)
        gone.active = False
        self.env.invalidate_all()
        bills = self._bill(matter) | draft
        self._as(draft.matter_id, "biller").action_apply_options_to_drafts()
        for bill in bills:
            self.assertEqual(bill._get_recipients(), other | gone)
            self.assertTrue(bill.is_unsent)
            self.assertEqual(bill.production_plan, "fails: Gone is archived")
        # nothing to take over: no second note
        notes = len(draft.message_ids)
        self._as(draft.matter_id, "biller").action_apply_options_to_drafts()
        self.assertEqual(len(draft.message_ids), notes)

    def test_archived_recipient_stays_on_credit_notes_and_matters(self):
        other = self._make_partner("Jo", "jo@client.example")
        gone = self._make_partner("Gone", "gone@client.example")
        both = other + gone
        to_both = {"bill_recipient_ids": [Command.set(both.ids)]}
        bill = self._make_bill("In full", **to_both)
        part = self._make_bill("In part", **to_both)
        gone.active = False
        self.env.invalidate_all()
        part._set_options({"recipient_ids": part._get_recipients().ids}, True)
        self.assertEqual(part.matter_id._get_bill_recipients(), both)
        self._as(bill, "approver").action_credit_and_rebill()
        rows = part._get_credit_rows()
        self._as(part, "biller")._credit_parts({rows[0]["key"]: 100.0}, "too much")
        for note in (bill | part).reversal_move_ids:
            self.assertEqual(note._get_recipients(), both)

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_broken_template_fails_only_its_own_bills(self):
        # Odoo saves no template that it cannot fill in: it breaks on this bill only
        template = self.env.ref("legal_billing.mail_template_bill").copy(
            {"subject": "{{ 1 / (object.matter_id.name != 'Bad') }}"}
        )
        good = self._make_bill("Good")
        bad = self._make_bill("Bad", bill_email_template_id=template.id)
        with smtp_server(self.env) as mailbox:
            run = self._produce(good | bad)
            self._send_queue()
        self.assertEqual(good.billing_stage, "finalized")
        self.assertEqual(bad.billing_stage, "production")
        self.assertIn(template.name, bad.delivery_error)
        self.assertEqual(run.failed_count, 1)
        self.assertEqual(len(mailbox.messages), 1)

    @mute_logger("odoo.addons.base.models.ir_qweb", "odoo.addons.legal_billing")
    def test_broken_report_fails_only_its_own_bills(self):
        broken = self.env.ref("legal_billing.action_report_bill_letter").copy(
            {"name": "Broken"}
        )
        good = self._make_bill("Good")
        bad = self._make_bill("Bad", bill_report_id=broken.id)
        self.env["ir.ui.view"].create(
            {
                "name": "broken",
                "type": "qweb",
                "key": "legal_billing.report_broken",
                "arch": "<t t-name='x'><t t-out=\"docs.no_such_thing\"/></t>",
            }
        )
        broken.report_name = "legal_billing.report_broken"
        with (
            smtp_server(self.env),
            mute_logger("odoo.addons.legal_billing.models.legal_billing_run_process"),
        ):
            run = self._produce(good | bad)
        self.assertEqual(good.billing_stage, "finalized")
        self.assertEqual(bad.billing_stage, "production")
        self.assertFalse(bad.delivery_message_ids)
        self.assertIn("no_such_thing", run.line_ids.filtered("message").message)

    @mute_logger(MAIL_LOGGER)
    def test_refused_address_flags_the_bill_and_is_retried_alone(self):
        other = self._make_partner("Jo", "jo@client.example")
        bill = self._make_bill(
            bill_recipient_ids=[Command.set((self.client + other).ids)]
        )
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("jo@client.example")
            self._produce(bill)
            self._send_queue()
            self.assertEqual(bill.billing_stage, "finalized")
            self.assertFalse(bill.delivered_on)
            self.assertIn("jo@client.example", bill.delivery_error)
            mailbox.refused.clear()
            self._produce(bill)
            self._send_queue()
        # nobody gets the bill twice
        self.assertEqual(
            mailbox.get_recipients(), ["client@client.example", "jo@client.example"]
        )
        self.assertTrue(bill.delivered_on)
        self.assertFalse(bill.delivery_error)

    @mute_logger(MAIL_LOGGER)
    def test_replaced_recipient_delivers(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            mailbox.refused.add("client@client.example")
            self._produce(bill)
            self._send_queue()
            self.assertTrue(bill.delivery_error)
            new = self._make_partner("New", "new@client.example")
            self._as(bill, "biller").write({"recipient_ids": [Command.set(new.ids)]})
            self.assertFalse(bill.delivered_on, "the new one does not have it yet")
            self._produce(bill)
            self._send_queue()
            self.assertEqual(mailbox.get_recipients(), ["new@client.example"])
        self.assertTrue(bill.delivered_on)
        self.assertFalse(bill.delivery_error)

    @mute_logger(MAIL_LOGGER)
    def test_recipient_taken_off_delivers_to_the_rest(self):
        other = self._make_partner("Jo", "jo@client.example")
        bill = self._make_bill(
            bill_recipient_ids=[Command.set((self.client + other).ids)]
        )
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("jo@client.example")
            self._produce(bill)
            self._send_queue()
        self.assertFalse(bill.delivered_on)
        self._as(bill, "biller").write({"recipient_ids": [Command.unlink(other.id)]})
        self.assertTrue(bill.delivered_on)
        self.assertEqual(bill.delivery_method, "email")
        self.assertFalse(bill.delivery_error)

    @mute_logger(MAIL_LOGGER)
    def test_no_mail_server_flags_the_bill(self):
        bill = self._make_bill()
        with smtp_server(self.env):
            self._produce(bill)
        with smtp_server(self.env):
            server = self.env["ir.mail_server"].search([], limit=1)
            server.smtp_port = 1
            self._send_queue()
        self.assertFalse(bill.delivered_on)
        self.assertTrue(bill.delivery_error)
        self.assertEqual(bill.billing_stage, "finalized")

    def test_bounce_takes_delivery_back(self):
        bill = self._make_bill()
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
            self.assertTrue(bill.delivered_on)
            message_id = mailbox.messages[0][1]["Message-Id"]
            self.env["mail.thread"]._routing_handle_bounce(
                None,
                {
                    "bounced_email": "client@client.example",
                    "bounced_partner": self.client,
                    "bounced_msg_ids": [message_id],
                    "bounced_message": bill.delivery_message_ids,
                    "email_from": "mailer-daemon@x.example",
                    "to": "bounce@firm.example",
                    "message_id": "<b@x>",
                },
            )
            self.assertFalse(bill.delivered_on)
            self.assertIn("client@client.example", bill.delivery_error)
            self.assertIn("Bounce", bill.delivery_error)
            self.assertIn("e-mail", bill.production_plan)
            self._produce(bill)
            self._send_queue()
        self.assertEqual(len(mailbox.messages), 2)
        self.assertTrue(bill.delivered_on)

    def test_delivered_bill_is_not_produced_again(self):
        bill = self._make_bill()
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
            with self.assertRaisesRegex(BillStageError, bill.name):
                self._as(bill, "biller").action_produce_bills()
            self._send_queue()
        self.assertEqual(len(mailbox.messages), 1)

    def test_cron_catches_up_with_what_the_queue_could_not_write(self):
        bill = self._make_bill()
        with (
            smtp_server(self.env),
            patch.object(self.env.registry["account.move"], "_refresh_delivery_safely"),
        ):
            self._produce(bill)
            self._send_queue()
        self.assertFalse(bill.delivered_on)
        self.env["account.move"].sudo()._cron_refresh_delivery()
        self.assertTrue(bill.delivered_on)

    # --- print

    def test_print_file_has_every_copy_in_order(self):
        first = self._make_bill(
            "First", bill_print_copies="2", bill_recipient_ids=[Command.clear()]
        )
        mailed = self._make_bill("Mailed")
        last = self._make_bill("Last", bill_print_copies="1")
        self.assertEqual(first.production_plan, "2 copies")
        self.assertEqual(last.production_plan, "e-mail + 1 copy")
        with smtp_server(self.env):
            run = self._produce(last | mailed | first)
        self.assertEqual(len(run.print_file_ids), 1)
        pages = self._read_pages(run.print_file_ids.raw)
        numbers = [bill.name for bill in (first, first, last)]
        self.assertEqual(len(pages), 3)
        for page, number in zip(pages, numbers, strict=True):
            self.assertIn(f"Bill {number}", page)
        self.assertEqual(run.to_post_count, 2)
        self.assertFalse(first.delivered_on)
        self._as(run, "biller").action_confirm_posted()
        self.assertTrue(first.delivered_on)
        self.assertEqual(first.delivery_method, "post")
        self.assertFalse(mailed.delivered_on)
        with self.assertRaisesRegex(BillStageError, run.name):
            self._as(run, "biller").action_confirm_posted()

    def test_large_print_runs_come_in_parts(self):
        bills = self.env["account.move"]
        for number in range(3):
            bills |= self._make_bill(f"Matter {number}", bill_print_copies="1")
        with (
            smtp_server(self.env),
            patch.object(legal_billing_run_produce, "PRINT_PART", 2),
        ):
            run = self._produce(bills)
        self.assertEqual(
            [
                len(self._read_pages(file.raw))
                for file in run.print_file_ids.sorted("id")
            ],
            [2, 1],
        )
        self.assertEqual(run.line_ids.print_file_id, run.print_file_ids)

    def test_both_sided_print_starts_each_bill_on_a_sheet(self):
        self.company.legal_print_duplex = True
        bill = self._make_bill(bill_print_copies="2")
        with smtp_server(self.env):
            run = self._produce(bill)
        pages = self._read_pages(run.print_file_ids.raw)
        self.assertEqual([bool(page) for page in pages], [True, False, True, False])

    def test_retry_prints_only_what_was_not_printed(self):
        nobody = self._make_partner("No Mail")
        good = self._make_bill("Good", bill_print_copies="1")
        bad = self._make_bill(
            "Bad", bill_print_copies="1", bill_recipient_ids=[Command.set(nobody.ids)]
        )
        with smtp_server(self.env):
            run = self._produce(good | bad)
            nobody.email = "now@client.example"
            run.with_user(self.biller).line_ids.filtered(
                lambda line: line.state == "failed"
            ).action_retry()
        first, second = run.print_file_ids.sorted("id")
        self.assertIn(good.name, self._read_pages(first.raw)[0])
        self.assertIn(bad.name, self._read_pages(second.raw)[0])
        self.assertEqual(len(self._read_pages(second.raw)), 1)

    # --- by other means

    def test_produce_without_sending_is_not_delivered(self):
        bill = self._make_bill()
        with smtp_server(self.env) as mailbox:
            self._as(bill, "biller").action_produce_without_sending(
                note="handed over at completion"
            )
            self._send_queue()
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertEqual(bill.delivery_note, "handed over at completion")
        self.assertFalse(bill.delivered_on)
        self.assertFalse(mailbox.messages)
        self.assertIn("handed over at completion", bill.message_ids[0].body)

    def test_produce_without_sending_may_say_when_it_was_sent(self):
        bill = self._make_bill()
        self._as(bill, "biller").action_produce_without_sending(
            note="by courier", sent_on=date(2026, 11, 2)
        )
        self.assertEqual(bill.delivered_on, fields.Datetime.to_datetime("2026-11-02"))
        self.assertEqual(bill.delivery_method, "hand")

    def test_confirm_posted_needs_produced_bills(self):
        bill = self._make_bill()
        with self.assertRaisesRegex(BillStageError, bill.name):
            self._as(bill, "biller").action_confirm_posted()

    @mute_logger(MAIL_LOGGER)
    def test_confirm_posted_of_a_list_takes_printed_bills_only(self):
        nobody = {"bill_recipient_ids": [Command.clear()]}
        printed = self._make_bill("Printed", bill_print_copies="1", **nobody)
        refused = self._make_bill("Refused")
        quiet = self._make_bill("Quiet", bill_print_copies="1", **nobody)
        bills = printed | refused | quiet
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            self._produce(printed | refused)
            self._send_queue()
        self._as(quiet, "biller").action_produce_without_sending()
        self.assertTrue(refused.delivery_error)
        whole_list = self._as(bills.browse(), "biller").with_context(
            active_domain=[("id", "in", bills.ids)], active_model="account.move"
        )
        whole_list.action_confirm_posted()
        self.assertEqual(bills.filtered("delivered_on"), printed)
        self.assertTrue(refused.delivery_error)
        with self.assertRaisesRegex(BillStageError, "is in a print file. Tick those"):
            whole_list.action_confirm_posted()
        # ticked: somebody posted just this one by hand
        whole_list.browse(refused.ids).action_confirm_posted()
        self.assertEqual(refused.delivery_method, "post")
        self.assertFalse(refused.delivery_error)
        self.assertFalse(quiet.delivered_on)

    def test_produce_without_sending_takes_no_day_to_come(self):
        bill = self._make_bill()
        today = fields.Date.context_today(bill)
        for day in (today + timedelta(days=1), str(today + timedelta(days=400))):
            with self.assertRaisesRegex(ProduceError, "is still to come"):
                self._as(bill, "biller").action_produce_without_sending(sent_on=day)
        self.assertEqual(bill.billing_stage, "production")
        self._as(bill, "biller").action_produce_without_sending(sent_on=today)
        self.assertEqual(bill.delivered_on.date(), today)

    def test_drafts_cannot_be_produced(self):
        bill = self._make_bill(approve=False)
        for action in ("action_produce_bills", "action_produce_without_sending"):
            with self.assertRaisesRegex(
                BillStageError, r"none of these bills.*\(Draft\)"
            ):
                getattr(self._as(bill, "biller"), action)()
        with self.assertRaises(BillStageError):
            self._as(bill, "biller").action_email_bill()

    # --- what the stored PDF says

    def test_changed_paper_is_made_anew(self):
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        bill = self._make_bill()
        by_biller = self._as(bill, "biller")
        bill._internal()._make_pdfs()
        first = bill.invoice_pdf_report_id
        by_biller._set_options({"bill_report_id": letter.id}, False)
        self.assertFalse(bill.invoice_pdf_report_id)
        self.assertIn("detached", first.name, "kept, but not as the bill's PDF")
        bill._internal()._make_pdfs()
        second = bill.invoice_pdf_report_id
        by_biller.write({"bill_text": "For the lease"})
        self.assertFalse(bill.invoice_pdf_report_id)
        self.assertIn("detached", second.name)
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
        text = " ".join(self._read_pages(mailbox.get_pdfs()[0]))
        self.assertIn("Yours sincerely", text)
        self.assertIn("For the lease", text)

    def test_unchanged_paper_keeps_its_pdf(self):
        bill = self._make_bill(bill_print_copies="1")
        bill._internal()._make_pdfs()
        pdf = bill.invoice_pdf_report_id
        self._as(bill, "biller").write(
            {
                "bill_text": bill.bill_text,
                "bill_report_id": bill.bill_report_id.id,
                "cutoff_date": bill.cutoff_date,
                "print_copies": "2",
            }
        )
        self.assertEqual(bill.invoice_pdf_report_id, pdf)
        self.assertNotIn("detached", pdf.name)

    def test_paper_that_went_out_stays(self):
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        mailed = self._make_bill("Mailed")  # by hand: in production still
        printed = self._make_bill("Printed", bill_print_copies="1")
        with smtp_server(self.env):
            self._email_by_hand(mailed, self.client)
            self._produce(printed)
        self.assertEqual(mailed.billing_stage, "production")
        for bill in mailed | printed:
            pdf = bill.invoice_pdf_report_id
            for name, value in (("bill_text", "Late"), ("bill_report_id", letter.id)):
                for role in ("biller", "manager"):
                    with (
                        self.subTest(bill=bill.matter_id.name, field=name, role=role),
                        self.assertRaisesRegex(
                            BillStageError, f"{bill.name} went out.*Revert it first"
                        ),
                    ):
                        self._as(bill, role).write({name: value})
            self.assertEqual(bill.invoice_pdf_report_id, pdf)
        # core's own fields may be changed: what went out is kept
        self._as(printed, "biller").payment_reference = "X 1"
        self.assertEqual(printed.invoice_pdf_report_id, pdf)
        # the way out
        self._as(printed, "manager").action_revert_bills("wrong text")
        self._as(printed, "biller").bill_text = "Better"
        self.assertEqual(printed.bill_text, "Better")

    # --- who may

    def test_only_billers_produce(self):
        bill = self._make_bill()
        for action in (
            "action_produce_bills",
            "action_produce_without_sending",
            "action_confirm_posted",
            "action_email_bill",
        ):
            for role in ("approver", "reviewer", "cashier"):
                with (
                    self.subTest(action=action, role=role),
                    self.assertRaises(RoleError),
                ):
                    getattr(self._as(bill, role), action)()
        self.assertEqual(bill.billing_stage, "production")

    def test_delivery_cannot_be_written_by_hand(self):
        bill = self._make_bill()
        for name, value in (
            ("delivered_on", fields.Datetime.now()),
            ("produced_on", fields.Datetime.now()),
            ("delivery_error", "x"),
        ):
            with self.subTest(field=name), self.assertRaises(ProtectedFieldError):
                self._as(bill, "manager").write({name: value})

    # --- Odoo's own ways

    def test_odoo_send_uses_the_bills_template_recipients_and_email(self):
        other = self._make_partner("Jo", "jo@client.example")
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        bill = self._make_bill(
            bill_recipient_ids=[Command.set(other.ids)], bill_report_id=letter.id
        )
        action = self._as(bill, "biller").action_email_bill()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.pdf_report_id, letter)
        self.assertEqual(wizard.mail_partner_ids, other)
        self.assertEqual(
            wizard.template_id, self.env.ref("legal_billing.mail_template_bill")
        )
        with smtp_server(self.env) as mailbox:
            wizard.action_send_and_print()
            self._send_queue()
            self.assertEqual(mailbox.get_recipients(), ["jo@client.example"])
            self.assertTrue(bill.delivered_on)
            # in production still: Produce has nothing left to send
            self.assertEqual(bill.production_plan, "nothing: e-mailed already")
            self._produce(bill)
            self._send_queue()
        self.assertEqual(len(mailbox.messages), 1)
        self.assertIn("Yours sincerely", self._read_pages(mailbox.get_pdfs()[0])[-1])

    def _email_by_hand(self, bill, partners):
        """Send the bill with Odoo's own window, to these instead of its recipients."""
        action = self._as(bill, "biller").action_email_bill()
        window = (
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
            .create({})
        )
        window.sending_methods = ["email"]  # not chosen for a bill without recipients
        window.mail_partner_ids = [Command.set(partners.ids)]
        window.action_send_and_print()
        self._send_queue()

    def test_colleague_is_not_the_client(self):
        colleague = self._make_partner("Colleague", "colleague@firm.example")
        other = self._make_partner("Jo", "jo@client.example")
        bill = self._make_bill(
            bill_recipient_ids=[Command.set((self.client + other).ids)]
        )
        with smtp_server(self.env) as mailbox:
            self._email_by_hand(bill, colleague)
            self.assertEqual(mailbox.get_recipients(), ["colleague@firm.example"])
            self.assertFalse(bill.delivered_on)
            self.assertEqual(bill.production_plan, "e-mail")
            self._email_by_hand(bill, self.client)
            self.assertFalse(bill.delivered_on, "one of two has it")
            self._produce(bill)
            self._send_queue()
        self.assertEqual(
            mailbox.get_recipients(),
            ["client@client.example", "colleague@firm.example", "jo@client.example"],
        )
        self.assertTrue(bill.delivered_on)

    def test_bill_without_recipients_is_not_delivered_to_the_firm(self):
        bill = self._make_bill(bill_recipient_ids=[Command.clear()])
        self.approver.partner_id.email = "approver@firm.example"
        with smtp_server(self.env):
            self._email_by_hand(bill, self.approver.partner_id)
            self.assertFalse(bill.delivered_on)
            self._email_by_hand(bill, self.client)
        self.assertTrue(bill.delivered_on)

    def test_odoo_send_by_the_wrong_role_is_refused(self):
        bill = self._make_bill()
        with self.assertRaises(RoleError):
            self.env["account.move.send"].with_user(
                self.cashier
            )._generate_and_send_invoices(self._as(bill, "cashier"))

    def test_other_invoices_are_sent_as_ever(self):
        invoice = self.init_invoice("out_invoice", amounts=[100.0], post=True)
        sender = self.env["account.move.send"]
        self.assertEqual(
            sender._get_default_pdf_report_id(invoice),
            self.env.ref("account.account_invoices"),
        )
        self.assertEqual(
            sender._get_default_mail_template_id(invoice),
            self.env.ref("account.email_template_edi_invoice"),
        )
        self.assertEqual(sender._get_default_sending_methods(invoice), {"manual"})

    def test_create_payment_opens_the_payment_window(self):
        bill = self._make_bill()
        action = self._as(bill, "cashier").action_create_payment()
        self.assertEqual(action["type"], "ir.actions.act_window")

    # --- reset

    def test_reverted_bill_is_sent_anew_and_says_what_it_replaces(self):
        bill = self._make_bill()
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
            sent_on = bill.delivered_on
            with self.assertRaises(UndoError):
                self._as(bill, "biller").action_revert_bills("typo")
            self._as(bill, "manager").action_revert_bills("typo")
            self.assertFalse(bill.delivery_message_ids)
            self.assertEqual(bill.replaces_sent_on, sent_on)
            self._approve(bill)
            self._produce(bill)
            self._send_queue()
        self.assertEqual(len(mailbox.messages), 2)
        self.assertIn(
            "This bill replaces the version sent on",
            self._read_pages(mailbox.get_pdfs()[1])[0],
        )

    def test_revert_stops_the_queued_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            message = bill.delivery_message_ids
            mail = (
                self.env["mail.mail"]
                .sudo()
                .search([("mail_message_id", "=", message.id)])
            )
            self._as(bill, "biller").action_revert_bills()
            self._send_queue()
            self.assertFalse(mailbox.messages)
            self.assertEqual(bill.state, "draft")
            self.assertEqual(mail.state, "cancel")
            self.assertEqual(message.notification_ids.notification_status, "canceled")
            self.assertFalse(bill.delivery_error)
            notes = "".join(bill.message_ids.mapped("body"))
            self.assertIn(f"The e-mail to {self.client.name} was still in", notes)
            # produced again: one e-mail, with the new paper
            self._approve(bill)
            self._produce(bill)
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
        self.assertTrue(bill.delivered_on)

    def test_cancel_stops_the_queued_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            self._as(bill, "biller").button_cancel()
            self._send_queue()
        self.assertEqual(bill.state, "cancel")
        self.assertFalse(mailbox.messages)

    def test_credit_in_full_stops_the_queued_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            message = bill.delivery_message_ids
            self._as(bill, "approver").action_credit_and_rebill()
            self._send_queue()
            self.assertFalse(mailbox.messages)
        self.assertEqual(message.notification_ids.notification_status, "canceled")
        self.assertRecordValues(
            bill,
            [
                {
                    "state": "posted",
                    "delivered_on": False,
                    "delivery_error": False,
                    "delivery_message_ids": [],
                }
            ],
        )
        self.assertFalse(bill._needs_redelivery())
        notes = "".join(bill.message_ids.mapped("body"))
        self.assertIn(f"The e-mail to {self.client.name} was still in", notes)

    @mute_logger(MAIL_LOGGER)
    def test_a_credited_bill_is_not_sent_again_after_a_refusal(self):
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
            self.assertTrue(bill._needs_redelivery())
            self._as(bill, "approver").action_credit_and_rebill()
            self.assertFalse(bill._needs_redelivery())
            mailbox.refused.clear()
            with self.assertRaisesRegex(BillStageError, bill.name):
                self._produce(bill)
            bill._cron_refresh_delivery()
            self.assertFalse(bill.delivery_error)
            self._send_queue()
            self.assertFalse(mailbox.messages)

    def test_a_waiting_credit_note_stops_the_email_when_it_is_approved(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            note = self._as(bill, "biller")._reverse_moves()
            self.assertTrue(bill.delivery_message_ids, "a draft credits nothing yet")
            self._approve(note.with_env(self.env))
            self._send_queue()
            self.assertFalse(mailbox.messages)

    def test_a_credit_in_part_lets_the_email_go(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            self._as(bill, "approver")._credit_parts(
                {bill._get_credit_rows()[0]["key"]: 100.0}, "Agreed"
            )
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
        self.assertTrue(bill.delivered_on)

    def test_a_credit_after_the_email_leaves_the_delivery(self):
        with smtp_server(self.env):
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
            self._as(bill, "approver").action_credit_and_rebill()
        self.assertTrue(bill.delivered_on)
        self.assertTrue(bill.delivery_message_ids)

    @mute_logger(MAIL_LOGGER)
    def test_revert_leaves_no_refused_email_to_send_again(self):
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
            mail = (
                self.env["mail.mail"]
                .sudo()
                .search([("mail_message_id", "=", bill.delivery_message_ids.id)])
            )
            self.assertEqual(mail.state, "exception")
            self._as(bill, "biller").action_revert_bills()
        self.assertEqual(mail.state, "cancel")

    def test_revert_by_the_wrong_role_leaves_the_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            with self.assertRaises(RoleError):
                self._as(bill, "cashier").button_draft()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])

    # --- the window

    def test_window_counts_by_channel_and_produces_what_is_fine(self):
        nobody = self._make_partner("No Mail")
        mailed = self._make_bill("Mailed")
        printed = self._make_bill(
            "Printed", bill_print_copies="2", bill_recipient_ids=[Command.clear()]
        )
        nothing = self._make_bill("Nothing", bill_recipient_ids=[Command.clear()])
        bad = self._make_bill("Bad", bill_recipient_ids=[Command.set(nobody.ids)])
        bills = mailed | printed | nothing | bad
        action = self._as(bills, "biller").action_open_produce()
        wizard = self.env["legal.bill.produce"].with_user(self.biller)
        wizard = wizard.browse(action["res_id"])
        self.assertRecordValues(
            wizard,
            [
                {
                    "count": 4,
                    "total": 1440.0,
                    "email_count": 1,
                    "print_count": 1,
                    "copy_count": 2,
                    "nothing_count": 1,
                    "problem_count": 1,
                    "problem_text": f"{bad.name}: No Mail has no e-mail address",
                }
            ],
        )
        with smtp_server(self.env):
            wizard.action_produce_fine()
        self.assertEqual(
            (mailed | printed | nothing).mapped("billing_stage"), ["finalized"] * 3
        )
        self.assertEqual(bad.billing_stage, "production")

    def test_window_without_sending_takes_day_and_method(self):
        bill = self._make_bill()
        action = self._as(bill, "biller").action_open_produce_without_sending()
        wizard = self.env["legal.bill.produce"].with_user(self.biller)
        wizard = wizard.browse(action["res_id"])
        wizard.write(
            {
                "note": "posted by the secretary",
                "is_delivered": True,
                "sent_on": date(2026, 11, 3),
                "method": "post",
            }
        )
        wizard.action_produce()
        self.assertEqual(bill.delivery_method, "post")
        self.assertEqual(bill.delivered_on.date(), date(2026, 11, 3))

    def test_test_send_goes_to_the_person_alone(self):
        bill = self._make_bill()
        action = self._as(bill, "biller").action_open_produce()
        wizard = self.env["legal.bill.produce"].with_user(self.biller)
        with smtp_server(self.env) as mailbox:
            wizard.browse(action["res_id"]).action_test_send()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["biller@firm.example"])
        self.assertIn(f"Bill {bill.name}", self._read_pages(mailbox.get_pdfs()[0])[0])
        self.assertEqual(bill.billing_stage, "production")
        self.assertFalse(bill.delivery_message_ids)

    # --- cost

    def test_queries_of_a_chunk_grow_by_a_little_per_bill(self):
        """Without rendering: the PDFs are there; e-mails cost what Odoo's cost."""
        counts = {}
        for size in (5, 15):
            for channel in ("print", "email"):
                vals = {"bill_print_copies": "1"}
                if channel == "print":
                    vals["bill_recipient_ids"] = [Command.clear()]
                bills = self.env["account.move"]
                for number in range(size):
                    bills |= self._make_bill(f"{channel} {size} {number}", **vals)
                self._as(bills, "biller")._internal()._make_pdfs()
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self._produce(bills)
                self.env.flush_all()
                counts[channel, size] = self.env.cr.sql_log_count - before
        per_print = (counts["print", 15] - counts["print", 5]) / 10
        per_email = (counts["email", 15] - counts["email", 5]) / 10
        self.assertLess(per_print, 8, counts)
        self.assertLess(per_email, 60, counts)


@tagged("post_install", "-at_install")
class TestPaperAccess(ProduceCommon):
    def test_preview_of_a_walled_matter_is_refused(self):
        bill = self._make_bill()
        bill.matter_id.sudo().is_walled = True
        with self.assertRaises(UserError):
            self._as(bill, "biller").action_preview_bills()
