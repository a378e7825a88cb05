import io
from datetime import date
from unittest.mock import patch

from pypdf import PdfReader

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.production.ir_actions_report_parallel import (
    PROCESSES_PARAMETER,
    SLICE,
)
from ...models.production.layout_process import LayoutProcess
from .produce_common import ProduceCommon

REPORT = "legal_billing.report_bill_itemised"


@tagged("post_install", "-at_install")
class TestProduceParallel(ProduceCommon):
    """Many bills are laid out by several processes at once; what comes out is what one
    process makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        matters = cls.env["project.project"]
        for index in range(SLICE + 2):
            matter = cls._create_matter(name=f"Matter {index}")
            # one in seven bills has two pages
            for day in range(1, 31 if index % 7 == 0 else 2):
                cls._create_time(matter, day=date(2026, 10, day))
            matters += matter
        cls.matters = matters

    def _make_bills(self):
        return self._approve(self._bill(self.matters)).sorted("id")

    def _print(self, bills, processes):
        """Texts of the pages of each bill.

        :rtype: dict
        """
        self.env["ir.config_parameter"].set_param(PROCESSES_PARAMETER, processes)
        self.env.invalidate_all()
        streams = self.env["ir.actions.report"]._render_qweb_pdf_prepare_streams(
            REPORT, {}, res_ids=bills.ids
        )
        return {
            bill_id: self._read_pages(found["stream"].getvalue())
            for bill_id, found in streams.items()
        }

    def test_processes_make_the_pdfs_that_core_makes(self):
        bills = self._make_bills()
        alone = self._print(bills, "0")
        self.assertEqual({len(pages) for pages in alone.values()}, {1, 2})
        started = []
        start = LayoutProcess.start

        def note(layout, arguments):
            started.append(layout.ids)
            return start(layout, arguments)

        with patch.object(LayoutProcess, "start", note):
            shared = self._print(bills, "2")
        self.assertEqual(sum(started, []), bills.ids)
        self.assertGreater(len(started), 1)
        self.assertEqual(list(shared), list(alone))
        self.assertEqual(shared, alone)
        for bill in bills:
            self.assertIn(bill.name, shared[bill.id][0])

    def test_producing_stores_each_bill_its_own_pdf(self):
        bills = self._make_bills()
        self.env["ir.config_parameter"].set_param(PROCESSES_PARAMETER, "2")
        run = self._produce(bills)
        self.assertEqual(run.done_count, len(bills))
        for bill in bills:
            pdf = PdfReader(io.BytesIO(bill.invoice_pdf_report_id.raw))
            text = pdf.pages[0].extract_text()
            self.assertIn(bill.name, text)
            self.assertIn(bill.matter_id.name, text)

    def test_a_process_that_fails_is_made_good_by_core(self):
        bills = self._make_bills()
        expected = self._print(bills, "0")
        start = LayoutProcess.start
        failing = []

        def fail_first(layout, arguments):
            if not failing:
                failing.append(layout)
                arguments = ["false"]
            return start(layout, arguments)

        with patch.object(LayoutProcess, "start", fail_first):
            self.assertEqual(self._print(bills, "2"), expected)
        self.assertTrue(failing)

    def test_one_bill_that_cannot_be_rendered_fails_alone(self):
        bills = self._make_bills()
        broken = bills[3]
        get_paper = type(bills)._get_paper

        def refuse(bill, *args, **kwargs):
            if bill == broken:
                raise ValueError(f"No paper for {broken.name}")
            return get_paper(bill, *args, **kwargs)

        with (
            patch.object(type(bills), "_get_paper", refuse),
            mute_logger(
                "odoo.addons.legal_billing.models.run.legal_billing_run_process",
                "odoo.addons.base.models.ir_qweb",
            ),
        ):
            run = self._produce(bills)
        self.assertEqual((run.done_count, run.failed_count), (len(bills) - 1, 1))
        row = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(row.bill_id, broken)
        self.assertIn(f"No paper for {broken.name}", row.message)
        self.assertEqual(broken.billing_stage, "production")
        self.assertFalse(broken.invoice_pdf_report_id)

    def test_no_process_outlives_an_error(self):
        bills = self._make_bills()
        self.env["ir.config_parameter"].set_param(PROCESSES_PARAMETER, "2")
        seen = []
        close = LayoutProcess.close

        def note(layout):
            seen.append(layout)
            return close(layout)

        last = bills[-1]
        get_paper = type(bills)._get_paper

        def refuse(bill, *args, **kwargs):
            if bill == last:
                raise ValueError("No paper")
            return get_paper(bill, *args, **kwargs)

        with (
            patch.object(LayoutProcess, "close", note),
            patch.object(type(bills), "_get_paper", refuse),
            mute_logger("odoo.addons.base.models.ir_qweb"),
            self.assertRaisesRegex(Exception, "No paper"),
        ):
            self._print(bills, "2")
        self.assertTrue(seen, "the first slice was started")
        self.assertTrue(all(layout._process is None for layout in seen))
