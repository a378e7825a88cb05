from odoo.tests import tagged

from ...exceptions import BillingRunError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillingRunFilter(LegalBillingCommon):
    """The filter of matters that a script, or an import, gives to a run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Lease")
        cls.other = cls._create_matter(name="Licence", responsible_id=cls.biller.id)
        cls._create_time(cls.matter)
        cls._create_time(cls.other)

    def test_a_filter_is_used_as_written(self):
        run = self._create_run(filter_domain="[('responsible_id', '=', uid)]")
        self.assertEqual(run.line_ids.matter_id, self.other)
        run.filter_domain = False
        run.action_load()
        self.assertEqual(run.line_ids.matter_id, self.matter + self.other)

    def test_a_filter_that_cannot_be_used_is_refused_when_it_is_written(self):
        run = self._create_run()
        for text in (
            "[('name', '=',",
            "name = Lease",
            "[('no_such_field', '=', 1)]",
            "[('partner_id.no_such_field', '=', 1)]",
            "[('name', 'resembles', 'x')]",
            "[('name', '=')]",
            "['&', ('name', '=', 'x')]",
            "[('create_date', '>', 'yesterday evening')]",
            "[('name', '=', no_such_name)]",
            "[('sequence', '=', 1 / 0)]",
            "['or', ('name', '=', 'x')]",
            "{'name': 'x'}",
            "42",
            "'name'",
            "__import__('os')",
        ):
            with (
                self.subTest(text),
                self.assertRaisesRegex(
                    BillingRunError,
                    f"^{run.name}: its filter .*empty it to look at all",
                ),
                self.cr.savepoint(),
            ):
                run.filter_domain = text
        self.assertEqual(run.filter_domain, "[]")
        with self.assertRaisesRegex(BillingRunError, "its filter of matters"):
            self._create_run(filter_domain="[('no_such_field', '=', 1)]")

    def test_a_filter_whose_field_is_gone_is_refused_on_loading(self):
        """As after another addon, with its fields, was removed."""
        run = self._create_run()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE legal_billing_run SET filter_domain = %s WHERE id = %s",
            ["[('x_region', '=', 1)]", run.id],
        )
        run.invalidate_recordset()
        with self.assertRaisesRegex(BillingRunError, f"^{run.name}: .*x_region"):
            run.action_load()
