import re
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillingRunError, RoleError
from ..common import LegalBillingCommon

#: What making a bill writes into: none of it may be left behind, or even locked.
TRACES = (
    "account.move",
    "account.move.line",
    "legal.bill.adjustment",
    "legal.fee.instalment",
    "mail.message",
    "mail.mail",
    "mail.activity",
    "ir.attachment",
)
LOCKED = re.compile(
    r'(UPDATE|DELETE FROM)\s+"?(account_analytic_line|project_project|'
    r"legal_billing_run|legal_fee_instalment|res_partner|account_journal)|FOR (NO KEY )?UPDATE"
)


@tagged("post_install", "-at_install")
class TestPrebillPaper(LegalBillingCommon):
    """The paper of a bill that is not made yet: the same as the draft's, and gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Alpha", discount_type="percent")
        cls.matter.discount_value = 10.0
        cls.time = cls._create_time(cls.matter, 2.0, name="Letter to the landlord")
        cls.call = cls._create_time(cls.matter, 1.0, name="Call with the tenant")
        cls.cost = cls._create_disbursement(cls.matter, 100.0)

    def _get_line(self, matter=None):
        return self._as(
            self._get_row(self._create_run(), matter or self.matter), "biller"
        )

    def _count_traces(self):
        self.env.flush_all()
        return {
            model: self.env[model]
            .sudo()
            .with_context(active_test=False)
            .search_count([])
            for model in TRACES
        }

    def _forget_id(self, html):
        return re.sub(r'data-oe-id="\d+"', "", html)

    def _count_hooks(self):
        cursor = self.env.cr
        return len(cursor.precommit), len(cursor.postcommit)

    def _get_paper_of_draft(self, line):
        line.action_bill_selected()
        return line.bill_id, line.bill_id.get_paper_html()

    def test_it_is_the_paper_that_the_draft_has(self):
        line = self._get_line()
        html = line.get_paper_html()
        for text in ("Draft bill", "Letter to the landlord", "DRAFT", "600.00"):
            self.assertIn(text, html)
        bill, draft = self._get_paper_of_draft(line)
        self.assertEqual(bill.amount_untaxed, 910.0)
        self.assertIn("910.00", html)
        self.assertEqual(self._forget_id(html), self._forget_id(draft))
        # from then on the row shows the draft itself
        bill.bill_text = "For the lease"
        self.assertIn("For the lease", line.get_paper_html())

    def test_of_a_fixed_fee(self):
        matter = self._create_matter(
            billing_arrangement="fixed",
            instalment_ids=[Command.create({"amount": 900, "due_date": "2026-10-01"})],
        )
        self._create_time(matter, 2.0, bill_rate=0.0)
        line = self._get_line(matter)
        html = line.get_paper_html()
        self.assertIn("900.00", html)
        self.assertFalse(matter.instalment_ids.bill_id)
        draft = self._get_paper_of_draft(line)[1]
        self.assertEqual(self._forget_id(html), self._forget_id(draft))

    def test_nothing_remains(self):
        line = self._get_line()
        before = self._count_traces()
        sequence = self.matter.billing_sequence
        self.env.invalidate_all()
        figures = line.read()
        self.env.cr.flush()
        hooks = self._count_hooks()
        statements = []
        execute = type(self.env.cr).execute

        def listen(cursor, query, *args, **kwargs):
            statements.append(str(query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", listen):
            self.assertIn("Letter to the landlord", line.get_paper_html())
            self.env.flush_all()
        self.assertFalse([text for text in statements if LOCKED.search(text)])
        self.assertTrue(any("INSERT INTO" in text for text in statements))
        self.assertEqual(self._count_hooks(), hooks)
        self.env.invalidate_all()
        self.assertEqual(self._count_traces(), before)
        self.assertEqual(self.matter.billing_sequence, sequence)
        self.assertFalse((self.time | self.call | self.cost).bill_id)
        self.assertEqual(self.matter.unbilled_amount, 1000.0)
        self.assertEqual(line.read(), figures)
        # the number that the first bill gets is the same as without a look
        bill = self._approve(self._bill(self.matter))
        self.assertTrue(bill.name.endswith("00001"), bill.name)

    def test_it_follows_what_is_unticked_and_edited(self):
        line = self._get_line()
        self._as(self.call, "biller").with_context(
            legal_billing_entry_action="tick", legal_billing_run_line_id=line.id
        ).action_prebill()
        line.entry_ids = [
            Command.update(self.time.id, {"bill_narrative": "Letter to Mr Rees"})
        ]
        html = line.get_paper_html()
        self.assertIn("Letter to Mr Rees", html)
        self.assertNotIn("Call with the tenant", html)

    def test_a_row_without_a_bill_says_why(self):
        line = self._get_line()
        (self.time | self.call | self.cost).is_on_hold = True
        with self.assertRaisesRegex(BillingRunError, "No bill of .*Alpha.* on hold"):
            line.get_paper_html()

    def test_refused_to_who_does_not_bill(self):
        line = self._get_line()
        with self.assertRaisesRegex(RoleError, "Biller"):
            self._as(line, "approver").get_paper_html()
        for role in ("reviewer", "fee_earner"):
            with self.assertRaises(AccessError):
                self._as(line, role).get_paper_html()
