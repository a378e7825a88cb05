from odoo.tests import tagged

from ...tools import begin_small, format_amount
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestWords(LegalBillingCommon):
    """How amounts and remarks are written."""

    def test_the_sign_comes_before_the_currency(self):
        currency = self.company.currency_id
        for text in (
            format_amount(self.env, -12.0, currency),
            currency.format_signed(-12.0),
        ):
            self.assertRegex(text, rf"^−\{currency.symbol}\D?12\.00$")
        for amount in (0.0, -0.0, -0.001):
            self.assertNotIn("−", currency.format_signed(amount))
        self.assertEqual(
            currency.format_signed(12.0), format_amount(self.env, 12, currency)
        )
        after = self.env.ref("base.SEK")
        self.assertRegex(after.format_signed(-12.0), r"^−12\.00\D?kr$")

    def test_a_remark_begins_small(self):
        for lang in ("en_GB", "de_DE"):
            self.env["res.lang"]._activate_lang(lang)
        env = self.env(context={"lang": "en_GB"})
        for label, text in (
            ("Blended rate", "blended rate"),
            ("VAT on fees", "VAT on fees"),
            ("E-mail", "E-mail"),
            ("", ""),
        ):
            self.assertEqual(begin_small(env, label), text)
        german = self.env(context={"lang": "de_DE"})
        self.assertEqual(begin_small(german, "Stundensatz"), "Stundensatz")
