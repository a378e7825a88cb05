from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .produce_common import ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestTwoCompanies(ProduceCommon):
    """Two firms in one database, with people who work in both and have both ticked:
    their bills are approved and produced together, and each stays its firm's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = (
            cls.env["res.company"]
            .sudo()
            .create({"name": "Firm of Bath", "email": "office@bath.example"})
        )
        cls.env["account.chart.template"].sudo().try_loading("generic_coa", cls.other)
        cls.env.user.company_ids |= cls.other
        cls.firms = cls.company | cls.other
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.firms.ids)
        )
        for role in ("biller", "approver"):
            getattr(cls, role).sudo().company_ids = [Command.link(cls.other.id)]
        cls.env["legal.rate"].create({"price": 50.0, "company_id": cls.other.id})
        cls.here = cls._create_matter(name="Here")
        bath = cls.env["res.partner"].create(
            {"name": "Client of Bath", "email": "bath@client.example"}
        )
        cls.there = cls._create_matter(
            name="There", company_id=cls.other.id, partner_id=bath.id
        )

    def _both(self, records, role):
        return records.with_user(getattr(self, role)).with_context(
            allowed_company_ids=self.firms.ids
        )

    def _make_drafts(self):
        drafts = self.env["account.move"]
        for matter in (self.here, self.there):
            self._create_time(matter, 2.0)
            run = self._both(self.env["legal.billing.run"], "biller").create(
                {
                    "invoice_date": date(2026, 10, 31),
                    "company_id": matter.company_id.id,
                }
            )
            run.action_load()
            self.assertEqual(run.line_ids.matter_id, matter, "of its company alone")
            run.action_bill_all()
            drafts |= run.bill_ids.with_env(self.env)
        return drafts

    def test_bills_of_both_are_approved_and_produced_together(self):
        _mine, theirs = bills = self._make_drafts()
        self.assertEqual(bills.company_id, self.firms)
        self.assertEqual(bills.mapped("amount_untaxed"), [600.0, 100.0])
        self._both(bills, "approver").action_approve_bills()
        self.assertEqual(set(bills.mapped("state")), {"posted"})
        for bill in bills:
            company = bill.company_id
            self.assertEqual(bill.journal_id.company_id, company)
            self.assertEqual(bill.line_ids.company_id, company)
            self.assertIn(company, bill.line_ids.account_id.company_ids)
            self.assertEqual(bill.line_ids.tax_ids.company_id, company)
        self.assertEqual(theirs.amount_tax, 15.0)
        self.assertItems(
            theirs,
            [
                (theirs.invoice_line_ids.account_id, 0.0, 100.0),
                (theirs.line_ids.filtered("tax_line_id").account_id, 0.0, 15.0),
                (self._get_receivable(theirs), 115.0, 0.0),
            ],
        )
        with smtp_server(self.env) as mailbox:
            self._both(bills, "biller").action_produce_bills()
            self._send_queue()
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(
            mailbox.get_recipients(), ["bath@client.example", "client@client.example"]
        )
        for bill in bills:
            text = " ".join(self._read_pages(bill.invoice_pdf_report_id.raw))
            for firm in self.firms:
                check = self.assertIn if firm == bill.company_id else self.assertNotIn
                check(firm.name, text)

    def _get_receivable(self, bill):
        return bill.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).account_id

    def test_who_is_of_one_touches_no_bill_of_the_other(self):
        _mine, theirs = self._make_drafts()
        self.approver.sudo().company_ids = [Command.unlink(self.other.id)]
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            theirs.with_user(self.approver).with_company(
                self.company
            ).action_approve_bills()
        self.assertEqual(theirs.state, "draft")
