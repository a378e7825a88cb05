from ast import literal_eval

from lxml import etree

from odoo.tests import HttpCase, tagged

from ..payment.payment_common import PaymentCommon

#: Columns that show the number of something, as lists of billing call them.
NUMBERS = {
    "account.move": ("bill_label", "name"),
    "account.move.line": ("move_name",),
    "legal.billing.run": ("name",),
    "legal.pay.in.slip": ("name",),
    "legal.payment": ("display_name",),
    "legal.trust.run": ("display_name",),
    "legal.trust.transaction": ("name",),
}
#: Links to something that is known by its number.
LINKS = ("bill_id", "payment_id", "transaction_id")
REASON = "The income account of the fees is archived: open it, or choose another."
#: What "RINV/2026/00001" needs, in pixels.
WHOLE = 125
#: What "Draft 12345" needs: a list of drafts has no other numbers.
WHOLE_DRAFT = 84


@tagged("post_install", "-at_install")
class TestLists(PaymentCommon):
    """Lists at the width of a small screen."""

    def _get_lists(self):
        """Lists that are pages of their own.

        :rtype: ir.ui.view
        """
        names = self.env["ir.model.data"].search(
            [("module", "=", "legal_billing"), ("model", "=", "ir.ui.view")]
        )
        return (
            self.env["ir.ui.view"]
            .browse(names.mapped("res_id"))
            .filtered(lambda view: view.type == "list" and view.mode == "primary")
        )

    def test_every_list_has_room_for_whole_numbers(self):
        seen = 0
        for view in self._get_lists():
            names = NUMBERS.get(view.model, ()) + LINKS
            arch = self.env[view.model].get_view(view.id, "list")["arch"]
            for node in self._find_columns(arch, names):
                with self.subTest(view=view.name, column=node.get("name")):
                    options = literal_eval(node.get("options") or "{}")
                    least = options.get("widths", [0])[0]
                    least = least or int((node.get("width") or "0").removesuffix("px"))
                    is_draft = view == self.env.ref(
                        "legal_billing.draft_bill_view_list"
                    )
                    self.assertGreaterEqual(least, WHOLE_DRAFT if is_draft else WHOLE)
                    seen += 1
        self.assertGreater(seen, 12)

    def test_dates_of_another_year_have_room(self):
        """Core gives them what they need; where that is too much, the year wraps."""
        seen = 0
        for view in self._get_lists():
            model = self.env[view.model]
            arch = model.get_view(view.id, "list")["arch"]
            dates = {n for n, f in model._fields.items() if f.type == "date"}
            for node in self._find_columns(arch, dates):
                with self.subTest(view=view.name, column=node.get("name")):
                    narrow = node.get("width") or "widths" in node.get("options", "")
                    wraps = "o_legal_date" in node.get("class", "").split()
                    self.assertTrue(wraps or not narrow)
                    seen += 1
        self.assertGreater(seen, 12)

    def _find_columns(self, arch, names):
        return [
            node
            for node in etree.fromstring(arch).findall("field")
            if node.get("name") in names
            and node.get("column_invisible") not in ("1", "True")
        ]


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestListTours(PaymentCommon, HttpCase):
    """Pages as they are first seen, on a screen of 1366 × 768."""

    def test_after_log_in_a_page_has_billings_menu(self):
        """*Mass Billing* is an action that makes another one."""
        self.biller.action_id = self.env.ref(
            "legal_billing.legal_billing_run_action_new"
        ).id
        self.start_tour("/odoo", "legal_billing_menu_first", login=self.biller.login)

    def test_a_bookmark_of_a_page_has_billings_menu(self):
        url = "/odoo/action-legal_billing.legal_billing_run_action_new"
        self.start_tour(url, "legal_billing_menu_first", login=self.biller.login)

    def test_a_page_of_core_keeps_its_menu(self):
        self.start_tour(
            "/odoo/action-base.action_partner_form",
            "legal_billing_menu_of_core",
            login=self.biller.login,
        )

    def test_numbers_of_payments_are_whole(self):
        bill = self._create_bill(100.0)
        self._pay(bill, 100.0, reference="A long reference of the bank 000123")
        self.start_tour(
            "/odoo/legal-payments",
            "legal_billing_whole_numbers",
            login=self.cashier.login,
        )

    def test_numbers_of_bills_are_whole(self):
        bill = self._create_bill(100.0)
        bill._reverse_moves([{"invoice_date": bill.invoice_date}], cancel=True)
        self.start_tour(
            "/odoo/legal-bills",
            "legal_billing_whole_numbers",
            login=self.biller.login,
        )

    def test_dates_of_bills_are_whole(self):
        """In January those of December have their year."""
        bill = self._create_bill(100.0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date = '2024-12-31' WHERE id = %s",
            [bill.id],
        )
        self.env.invalidate_all()
        self.start_tour(
            "/odoo/legal-bills",
            "legal_billing_whole_dates",
            login=self.biller.login,
        )

    def test_remarks_and_reasons_are_whole(self):
        matter = self._create_matter(
            name="Claim of many years", billing_partner_id=self.insurer.id
        )
        self._create_time(matter, 1.0)
        other = self._create_matter(name="Estate")
        self._create_time(other, 1.0)
        run = self._create_run(invoice_date="2026-11-02")
        self._get_row(run, other).sudo()._set_result("failed", "error", REASON)
        self.assertIn(
            "other payer",
            [flag["text"] for flag in self._get_row(run, matter).row_flags],
        )
        self.env.flush_all()
        self.start_tour(
            f"/odoo/billing-runs/{run.id}",
            "legal_billing_whole_remarks",
            login=self.biller.login,
        )
