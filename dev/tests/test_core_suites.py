from lb.core_suites import _tag


def test_tags_of_tests_and_of_classes_that_were_not_set_up():
    test = "account.tests.test_tax: TestTax.test_a"
    assert _tag(test) == "/account/tests/test_tax.py:TestTax.test_a"
    suite = "odoo.tests.suite: odoo.addons.account.tests.test_tax.TestTax"
    assert _tag(suite) == "/account/tests/test_tax.py:TestTax"
