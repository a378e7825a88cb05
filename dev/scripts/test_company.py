"""Make the company of the tests once, with its chart of accounts; runs in Odoo's shell
(`env` is given). Each class of tests would make one of its own, for three seconds."""

company = env["res.company"].create({"name": "Firm of the tests"})
templates = env["account.chart.template"]
templates.try_loading(
    templates._guess_chart_template(company.country_id),
    company=company,
    install_demo=False,
)
if not company.account_fiscal_country_id:
    company.account_fiscal_country_id = env.ref("base.us")
env["ir.model.data"]._update_xmlids(
    [{"xml_id": "legal_billing_tests.company", "record": company, "noupdate": True}]
)
env.cr.commit()
