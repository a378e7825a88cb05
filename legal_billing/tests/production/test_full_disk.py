import resource
from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import (
    BillStageError,
    ProduceError,
    RoleError,
)
from .produce_common import ProduceCommon

LOGGERS = (
    "odoo.addons.legal_billing.models.run.legal_billing_run_print",
    "odoo.addons.legal_billing.models.production.ir_actions_report",
    "odoo.addons.base.models.ir_actions_report",
)


@tagged("post_install", "-at_install")
class TestFullDisk(ProduceCommon):
    """No file of this process can grow beyond a limit: what is cut short by it is not
    taken for the whole afterwards."""

    @contextmanager
    def _room_for(self, size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def _make_printed(self, name):
        return self._make_bill(
            name, bill_print_copies="1", bill_recipient_ids=[Command.clear()]
        )

    def test_file_cut_short_does_not_stand_in_the_way(self):
        vals = {"name": "print.pdf", "raw": b"whole content " * 1000}
        files = self.env["ir.attachment"]
        with mute_logger("odoo.addons.base.models.ir_attachment"):
            with self.assertRaises(OSError), self._room_for(5000):
                files.create(vals)
            self.assertEqual(files.create(vals).raw, vals["raw"])

    def test_other_content_is_not_overwritten(self):
        """Only a beginning of the same content is; core's check stays."""
        whole = files = self.env["ir.attachment"]
        whole = files.create({"name": "whole", "raw": b"whole content " * 1000})
        path = whole._full_path(whole.store_fname)
        self.assertFalse(files._is_unfinished(path, whole.raw))
        self.assertFalse(files._is_unfinished(path, b"whole"))
        self.assertFalse(files._is_unfinished(path, b"another content " * 2000))
        self.assertTrue(files._is_unfinished(path, whole.raw + b"and more"))

    def test_print_file_is_made_when_there_is_room(self):
        first = self._make_printed("First")
        self._produce(first)
        size = len(first.invoice_pdf_report_id.raw)
        bills = first.browse()
        for number in range(4):
            bills |= self._make_printed(f"Matter {number}")
        with self._room_for(size * 3 // 2), mute_logger(*LOGGERS):
            run = self._produce(bills)
        # produced all the same, and the run says what is missing
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertTrue(all(bills.mapped("invoice_pdf_report_id")))
        self.assertFalse(run.print_file_ids)
        self.assertEqual(run.unprinted_count, 4)
        self.assertIn("could not be written", run.message_ids[-1].body)
        # what is not printed cannot have been posted
        self.assertEqual(run.to_post_count, 0)
        with self.assertRaisesRegex(BillStageError, run.name):
            self._as(run, "biller").action_confirm_posted()
        for role in ("cashier", "approver"):
            with self.assertRaises(RoleError):
                self._as(run, role).action_make_print_files()
        mine = self._as(run, "biller")
        words = f"{run.name}.*Make print file"
        with self.assertRaisesRegex(ProduceError, words), self._room_for(size * 3 // 2):
            mine.action_make_print_files()
        mine.action_make_print_files()
        run.invalidate_recordset()
        self.assertEqual((run.unprinted_count, run.to_post_count), (0, 4))
        pages = self._read_pages(run.print_file_ids.raw)
        self.assertEqual(len(pages), 4)
        for bill in bills:
            self.assertTrue(any(f"Bill {bill.name}" in page for page in pages))
        with self.assertRaisesRegex(BillStageError, run.name):
            mine.action_make_print_files()
