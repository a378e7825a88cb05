from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import (
    BillStageError,
    ProduceError,
    RoleError,
)
from ...tools import split_addresses
from .produce_common import MAIL_LOGGER, ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestProduceEmail(ProduceCommon):
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

    @mute_logger("odoo.sql_db")
    def test_what_the_database_refuses_of_one_bill_leaves_the_others(self):
        """The e-mails of a chunk are made together; where that fails, one by one."""
        bills = self.env["account.move"].union(
            *(self._make_bill(f"Matter {number}") for number in range(3))
        )
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE mail_mail ADD CONSTRAINT none_of_it CHECK "
            "(body_html NOT LIKE %s)",
            (f"%{bills[1].name}%",),
        )
        with smtp_server(self.env) as mailbox:
            run = self._produce(bills)
            self._send_queue()
        self.assertEqual(
            bills.mapped("billing_stage"), ["finalized", "production", "finalized"]
        )
        self.assertEqual([bool(bill.delivered_on) for bill in bills], [True, 0, True])
        self.assertEqual(
            run.line_ids.sorted("bill_id").mapped("state"), ["done", "failed", "done"]
        )
        self.assertIn("e-mail could not be made", bills[1].delivery_error)
        self.assertEqual(len(mailbox.messages), 2)
        self.assertFalse(bills[1].delivery_message_ids)

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
            | self._make_bill("Two", **to(self._make_partner("Two", "a@b.cd, e.f.gh")))
            | self._make_bill("Archived", bill_print_copies="1", **to(archived))
        )
        archived.active = False
        good = (
            self._make_bill("E-mail")
            | self._make_bill("Both", **to(self._make_partner("B", "a@b.cd, e@f.gh")))
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

    def test_several_addresses_of_one_recipient_get_the_bill(self):
        """As core sends to them: with a comma or a semicolon between, with names."""
        both = ["ap@client.example", "jo@client.example"]
        texts = (
            ", ".join(both),
            "; ".join(both),
            "\n".join(both),
            "AP@client.example;jo@client.example;",
            '"Doe, Ann" <ap@client.example>, Jo <jo@client.example>',
            "Doe, Ann <ap@client.example>; Roe, Jo <jo@client.example>",
            "Doe, Ann <ap@client.example>, Roe, Jo <jo@client.example>",
        )
        for number, text in enumerate(texts):
            partner = self._make_partner(f"Client {number}", text)
            with smtp_server(self.env) as mailbox:
                bill = self._make_bill(bill_recipient_ids=[Command.set(partner.ids)])
                self.assertEqual(bill.production_plan, "e-mail")
                self.assertNotIn(bill, bill.search([("is_unsent", "=", True)]))
                self.assertEqual(self._produce(bill).done_count, 1)
                self._send_queue()
            self.assertEqual(mailbox.get_recipients(), both)
            self.assertTrue(bill.delivered_on)

    def test_one_wrong_address_of_several_is_said(self):
        """The check and the list's filter agree."""
        partner = self._make_partner("Half", "ap@client.example; jo.client.example")
        bill = self._make_bill(bill_recipient_ids=[Command.set(partner.ids)])
        self.assertIn(bill, bill.search([("is_unsent", "=", True)]))
        with self.assertRaisesRegex(ProduceError, "address of Half .* is wrong"):
            self._as(bill, "biller").action_produce_bills()

    def test_what_looks_like_an_address_is_no_surname(self):
        for text in (
            "jo.client.example, Ann <ap@client.example>",
            "Ann <ap@client.example>, jo",
            "Doe, Ann",
            "Doe, Ann <ap>",
        ):
            self.assertEqual(split_addresses(text), [], text)

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
            self.assertNotIn(missing.name, missing.delivery_error)  # a column beside it
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
            ProduceError, f"{bill.name}: No Mail has no e-mail address. Correct"
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
            mute_logger(
                "odoo.addons.legal_billing.models.run.legal_billing_run_process"
            ),
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
