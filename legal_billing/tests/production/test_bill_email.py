import runpy

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext
from odoo.tools.misc import file_path

from .produce_common import ProduceCommon
from .smtp import smtp_server

QUESTIONS = "If you have any questions, just reply to this e-mail."


@tagged("post_install", "-at_install")
class TestBillEmail(ProduceCommon):
    """What a client reads in the e-mail of a bill."""

    def _mail(self, bill):
        """The e-mail that a bill goes out with.

        :return: its HTML, blanks evened out
        :rtype: str
        """
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
        _to, message = mailbox.messages[0]
        html = message.get_body(("html",)).get_content()
        return " ".join(html.replace("\xa0", " ").split())

    def test_it_says_what_is_due_when_and_where_to_pay(self):
        self.env["res.partner.bank"].create(
            {
                "acc_number": "GB33BUKB20201555555555",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.client.is_company = True
        bill = self._make_bill("Acquisition of Bhatt")
        html = self._mail(bill)
        text = _as_text(html)
        self.assertRegex(
            text,
            rf"Please find attached our bill {bill.name} for \$ ?360\.00 "
            r"\(Acquisition of Bhatt\), due October 31, 2026\.",
        )
        self.assertRegex(text, r"Sort code\W+20-20-15\W+Account number\W+55555555")
        self.assertRegex(text, rf"Payment reference\W+{bill.payment_reference}")
        self.assertIn(QUESTIONS, text)
        self.assertIn("Dear Sir or Madam,", text)
        self.assertIn("View bill", text)
        for words in ("Powered by", "View Invoice", " over "):
            self.assertNotIn(words, text)

    def test_the_one_person_who_gets_it_is_greeted(self):
        person = self.env["res.partner"].create(
            {
                "name": "Jo Counsel",
                "email": "jo@client.example",
                "parent_id": self.client.id,
            }
        )
        self.client.is_company = True
        bill = self._make_bill(bill_recipient_ids=[Command.set(person.ids)])
        self.assertIn("Dear Jo Counsel,", _as_text(self._mail(bill)))
        both = self._make_bill(
            "Both", bill_recipient_ids=[Command.set((person + self.client).ids)]
        )
        self.assertEqual(both._get_email_addressee(), "")

    def test_where_nothing_is_said_of_payment_the_email_says_nothing_either(self):
        self.env["res.partner.bank"].create(
            {"acc_number": "123456", "partner_id": self.company.partner_id.id}
        )
        bill = self._make_bill()
        bill._get_bill_layout().show_payment = False
        self.assertNotIn("123456", self._mail(bill))

    def test_a_draft_is_called_a_bill(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        draft = self._bill(matter)
        self.assertEqual(draft.display_name, f"Draft bill {draft.id}")
        self._approve(draft)
        self.assertEqual(draft.display_name, draft.name)
        self._as(draft, "approver").action_credit_and_rebill()
        self.assertNotIn("Draft", draft.reversal_move_ids.display_name)
        invoice = self.init_invoice("out_invoice", amounts=[100.0])
        self.assertIn("Draft Invoice", invoice.display_name)

    def test_an_older_text_is_renewed_unless_the_firm_wrote_its_own(self):
        template = self.env.ref("legal_billing.mail_template_bill")
        path = file_path("legal_billing/migrations/19.0.1.1.0/post-bill-email.py")
        migration = runpy.run_path(path)
        template.body_html = "<p>Own words</p>"
        migration["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertIn("Own words", template.body_html)
        migration["migrate"].__globals__["SHIPPED"] = "c70aaa413ca06e110d8bafdc073d67ff"
        template.body_html = "<p>Shipped words</p>"
        migration["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertIn("just reply", template.body_html)


def _as_text(html):
    """What is read of a page, blanks evened out."""
    return " ".join(html2plaintext(html).replace("\xa0", " ").split())
