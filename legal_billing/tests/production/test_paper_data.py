import os
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models import ir_actions_report as core_report

from ...exceptions import ProduceError
from ...models.production import (
    ir_actions_report,
    ir_actions_report_parallel,
)
from ...tools import keep_data_only
from .produce_common import ProduceCommon

PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42m"
    "NkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
#: Every construct by which a page fetches, opens or runs something; {0} is an address.
CONSTRUCTS = (
    '<img src="{0}"/>',
    '<IMG SRC=" {0}"/>',
    '<img srcset="{0} 2x"/>',
    '<input type="image" src="{0}"/>',
    '<p style="background: url({0})">x</p>',
    '<p style="background:URL( &quot;{0}&quot; )">x</p>',
    '<p style="background: u\\72l({0})">x</p>',
    '<p style="background: url(\'{0}">x</p>',
    '<p style="list-style-image: url({0}">x</p>',
    '<table background="{0}"><tr><td background="{0}">x</td></tr></table>',
    '<link rel="stylesheet" href="{0}"/>',
    "<style>@import '{0}'; p {{ color: red }}</style>",
    "<style>p {{ background: url({0}) }}</style>",
    '<iframe src="{0}"></iframe>',
    '<iframe srcdoc="&lt;img src={0}&gt;"></iframe>',
    '<object data="{0}"></object>',
    '<embed src="{0}"/>',
    '<video src="{0}" poster="{0}"></video>',
    '<audio><source src="{0}"/></audio>',
    '<svg><image xlink:href="{0}" width="9" height="9"/></svg>',
    '<svg><use href="{0}#a"/></svg>',
    '<svg><rect fill="url({0}#a)" width="9" height="9"/></svg>',
    '<script src="{0}"></script>',
    "<script>new Image().src = '{0}'</script>",
    "<p onclick=\"x('{0}')\">x</p>",
    '<meta http-equiv="refresh" content="0; url={0}"/>',
    '<base href="{0}"/>',
    '<form action="{0}"><button formaction="{0}">x</button></form>',
    "<a href=\"javascript:x('{0}')\">x</a>",
    '<a ping="{0}">x</a>',
    '<blockquote cite="{0}">x</blockquote>',
)
LOGGERS = (
    "odoo.addons.legal_billing.models.run.legal_billing_run_process",
    "odoo.addons.legal_billing.models.production.ir_actions_report",
    "odoo.addons.base.models.ir_actions_report",  # what its libraries say
)


@contextmanager
def counting_server():
    """A web server on this machine that counts who asks.

    :return: its address, and the list of what was asked for
    """
    hits = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", hits
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent_server():
    """A server that takes connections and never answers.

    :return: its address
    """
    with create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@tagged("post_install", "-at_install")
class TestKeepDataOnly(BaseCase):
    """A page after cleaning has no address that a converter would follow."""

    def _page(self, body, head=""):
        return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"

    def test_nothing_that_is_fetched_stays(self):
        for address in (
            "http://127.0.0.1:8/x",
            "https://host.example/x",
            "//host.example/x",
            "/web/image/1",
            "file:///etc/passwd",
            "ftp://host.example/x",
            "x.png",
        ):
            for construct in CONSTRUCTS:
                with self.subTest(construct=construct, address=address):
                    page = self._page(construct.format(address))
                    cleaned = keep_data_only(page)
                    self.assertNotEqual(cleaned, page)
                    self.assertNotIn(address, cleaned)
                    self.assertTrue(cleaned.startswith("<!DOCTYPE html>"))

    def test_data_fonts_and_links_stay(self):
        page = self._page(
            f'<img src="{PNG}"/><p style="background: url({PNG})">x</p>'
            '<a href="https://firm.example/pay?id=1">Pay</a>'
            '<a href="mailto:a@firm.example">a</a>'
            '<svg><rect fill="url(#a)"/></svg><p style="color: red">Text &amp; more</p>',
            '<style>@font-face { src: url("file:///fonts/Lato.ttf") }</style>'
            "<script>function subst() { return 1 < 2 }</script>",
        )
        page = page.replace("<body>", '<body onload="subst()">')
        self.assertIs(keep_data_only(page, ["file:///fonts/"]), page)

    def test_what_is_allowed_is_not_left_by_a_back_door(self):
        for address in (
            "file:///fonts/../../etc/passwd",
            "file:///fonts/%2e%2e/passwd",
            "file:///fontsX/a",
        ):
            page = self._page("x", f"<style>p {{ src: url({address}) }}</style>")
            self.assertNotIn(address, keep_data_only(page, ["file:///fonts/"]))

    def test_the_text_stays(self):
        page = self._page(
            '<p>Fees é £ <img src="http://x.example/y"/>100.00</p><p>2</p>'
        )
        cleaned = keep_data_only(page)
        self.assertIn("Fees é £", cleaned)
        self.assertIn("100.00", cleaned)
        self.assertIn("<p>2</p>", cleaned)


@tagged("post_install", "-at_install")
class TestPaperData(ProduceCommon):
    """Nothing is fetched for a bill, and one bill's paper never holds up the others."""

    def _narrate(self, bill, text):
        """Terms as they are stored, whatever the editor would take out."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET narration = jsonb_build_object('en_US', %s::text) "
            "WHERE id = %s"
            if self.env["account.move"]._fields["narration"].translate
            else "UPDATE account_move SET narration = %s WHERE id = %s",
            [text, bill.id],
        )
        self.env.invalidate_all()

    def _everything(self, address):
        return "<p>Terms of the firm</p>" + "".join(
            construct.format(f"{address}/{index}")
            for index, construct in enumerate(CONSTRUCTS)
        )

    def test_nothing_is_fetched(self):
        bill = self._make_bill()
        with counting_server() as (address, hits):
            evil = self._everything(address)
            self._narrate(bill, evil)
            self.company.report_footer = f'<p>Foot <img src="{address}/foot"/></p>'
            self.company.company_details = f'<p>Head <img src="{address}/head"/></p>'
            term = bill.invoice_payment_term_id or self.env.ref(
                "account.account_payment_term_30days"
            )
            term.note = f'<p>Note <img src="{address}/note"/></p>'
            self._as(bill, "biller").action_preview_bills()
            run = self._produce(bill)
            self.assertEqual(run.done_count, 1, run.line_ids.message)
            self.assertEqual(hits, [])
        text = " ".join(self._read_pages(bill.invoice_pdf_report_id.raw))
        self.assertIn("Terms of the firm", text)

    def test_nothing_is_fetched_in_core_s_layout_either(self):
        bill = self._make_bill()
        bill.bill_report_id = self.env.ref("account.account_invoices")
        with counting_server() as (address, hits):
            self._narrate(bill, self._everything(address))
            reports = self.env["ir.actions.report"].with_context(
                force_report_rendering=True
            )
            with mute_logger(*LOGGERS):
                reports._render_qweb_pdf("account.account_invoices", bill.ids)
            self.assertEqual(hits, [])

    def test_an_invoice_without_a_matter_is_printed_as_core_does(self):
        invoice = self.init_invoice("out_invoice", amounts=[100.0], post=True)
        reports = self.env["ir.actions.report"]
        marked = reports._mark_bill_paper("account.account_invoices", invoice.ids)
        self.assertEqual(marked, reports)
        self.assertFalse(marked.env.context.get("legal_billing_bill_paper"))

    def test_a_server_that_never_answers_holds_up_nobody(self):
        bills = self.env["account.move"]
        for name in ("One", "Two", "Three"):
            bills |= self._make_bill(name)
        with silent_server() as address:
            self._narrate(bills[1], self._everything(address))
            started = time.monotonic()
            run = self._produce(bills)
        self.assertEqual(run.done_count, 3)
        self.assertLess(time.monotonic() - started, 60)

    # --- the time limit

    @contextmanager
    def _converter_that_hangs(self, marker):
        """The converter, but for pages with that text, over which it sleeps."""
        program = ir_actions_report._wkhtml().bin
        with TemporaryDirectory() as folder:
            script = Path(folder) / "wkhtmltopdf"
            script.write_text(
                "#!/bin/sh\n"
                f'for file in "$@"; do case "$file" in *.html) '
                f'grep -q {marker} "$file" && while :; do sleep 1; done;; '
                "esac; done\n"
                f'exec {program} "$@"\n'
            )
            os.chmod(script, 0o755)
            info = ir_actions_report._wkhtml()._replace(bin=str(script))
            with (
                patch.object(ir_actions_report, "_wkhtml", lambda: info),
                patch.object(ir_actions_report_parallel, "_wkhtml", lambda: info),
                patch.object(core_report, "_wkhtml", lambda: info),
            ):
                yield

    def _check_one_fails_alone(self, bills):
        hanging = bills[1]
        self._narrate(hanging, "<p>HANGSFOREVER</p>")
        with (
            self._converter_that_hangs("HANGSFOREVER"),
            patch.object(
                type(self.env["ir.actions.report"]),
                "_get_pdf_seconds",
                lambda *_args: 4,
            ),
            mute_logger(*LOGGERS),
        ):
            run = self._produce(bills)
        self.assertEqual((run.done_count, run.failed_count), (len(bills) - 1, 1))
        row = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(row.bill_id, hanging)
        self.assertRegex(row.message, re.compile("could not be laid out in the time"))
        self.assertEqual(hanging.billing_stage, "production")
        self.assertFalse(hanging.invoice_pdf_report_id)
        # mended, it is produced
        self._narrate(hanging, "<p>Terms</p>")
        self._produce(hanging)
        self.assertEqual(hanging.billing_stage, "finalized")

    def test_a_bill_that_takes_for_ever_fails_alone(self):
        bills = self.env["account.move"]
        for name in ("One", "Two", "Three"):
            bills |= self._make_bill(name)
        self._check_one_fails_alone(bills)

    def test_also_where_several_processes_work(self):
        self.env["ir.config_parameter"].set_param("legal_billing.pdf_processes", "2")
        matters = self.env["project.project"]
        for index in range(ir_actions_report_parallel.SLICE):
            matter = self._create_matter(
                name=f"Matter {index}", bill_recipient_ids=[Command.clear()]
            )
            self._create_time(matter)
            matters |= matter
        self._check_one_fails_alone(self._approve(self._bill(matters)).sorted("id"))

    def test_core_s_layout_has_a_time_limit_too(self):
        bill = self._make_bill()
        bill.bill_report_id = self.env.ref("account.account_invoices")
        self._narrate(bill, "<p>HANGSFOREVER</p>")
        reports = self.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        self.patch(type(reports), "_get_pdf_seconds", lambda *_args: 3)
        started = time.monotonic()
        with (
            self._converter_that_hangs("HANGSFOREVER"),
            mute_logger(*LOGGERS),
            self.assertRaisesRegex(ProduceError, "could not be laid out in the time"),
        ):
            reports._render_qweb_pdf("account.account_invoices", bill.ids)
        self.assertLess(time.monotonic() - started, 60)

    def test_papers_of_client_money_are_cleaned_too(self):
        reports = self.env["ir.actions.report"]
        report = self.env.ref("legal_billing.action_report_statement")
        for ref in (report, "legal_billing.legal_trust_ledgers_document"):
            marked = reports._mark_bill_paper(ref, [1])
            self.assertTrue(marked.env.context.get("legal_billing_bill_paper"))

    def test_a_converter_that_fails_says_so(self):
        bill = self._make_bill()
        info = ir_actions_report._wkhtml()._replace(bin="false")
        with (
            patch.object(ir_actions_report, "_wkhtml", lambda: info),
            mute_logger(*LOGGERS),
            self.assertRaisesRegex(ProduceError, "could not be laid out"),
        ):
            bill._render_bill_pdfs()

    def test_the_seconds_are_a_setting(self):
        reports = self.env["ir.actions.report"]
        self.assertEqual(reports._get_pdf_seconds([1, 2]), 64)
        self.env["ir.config_parameter"].set_param("legal_billing.pdf_seconds", "10")
        self.assertEqual(reports._get_pdf_seconds([1]), 12)
