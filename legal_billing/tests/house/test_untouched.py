from odoo.tests import HttpCase, tagged

from ..client_account.trust_common import TrustCommon

#: Pages of the addon whose new form asks for nothing before it could be kept.
PAGES = (
    ("legal.payment", "legal-payments", "cashier"),
    ("legal.trust.run", "client-transfers", "client_account_officer"),
    ("legal.trust.transaction", "client-movements", "client_account_officer"),
    ("legal.trust.reconciliation", "client-reconciliations", "client_account_officer"),
    ("legal.money.request", "money-requests", "biller"),
)
TYPED = "Half a sentence"


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestUntouched(TrustCommon, HttpCase):
    """A new page that one leaves: what nobody typed anything in is not kept."""

    def _tour(self, url, name, role):
        login = getattr(self, role).login
        self.start_tour(url, f"legal_billing_{name}", login=login)
        self.env.invalidate_all()

    def test_an_untouched_form_is_not_kept(self):
        for name, path, role in PAGES:
            with self.subTest(model=name):
                before = self.env[name].search_count([])
                self._tour(f"/odoo/{path}/new", "leave_untouched", role)
                self.assertEqual(self.env[name].search_count([]), before)

    def test_an_untouched_row_is_not_kept(self):
        before = self.env["legal.rate"].search([])
        self._tour("/odoo/legal-rates", "leave_untouched_row", "manager")
        self.assertEqual(self.env["legal.rate"].search([]), before)

    def test_what_somebody_typed_is_kept(self):
        before = self.env["legal.payment"].search([])
        self._tour("/odoo/legal-payments/new", "leave_typed", "cashier")
        slip = self.env["legal.payment"].search([]) - before
        self.assertEqual(slip.memo, TYPED)
        self.assertEqual(slip.create_uid, self.cashier)
