from odoo import models


class AccountChartTemplate(models.AbstractModel):
    """The chart of accounts may come before the addon, with it, or after."""

    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """What a law firm needs is taken from the chart as soon as it is there. Core
        comes first: it sets the company's taxes and journals."""
        result = super()._post_load_data(template_code, company, template_data)
        company = company or self.env.company
        company._set_up_from_chart(fresh=not company.root_id._existing_accounting())
        if hasattr(self.env.registry, "_auto_install_template"):
            # the chart that comes with the installation, after the addon's own hook
            company._set_up_cash_journal()
        return result
