from odoo import models

#: The paper on the screen: a sheet without the running header of further pages.
SCREEN_STYLE = """
<style>
    html { background: #fff; zoom: 0.8; }
    body { box-sizing: border-box; padding: 9mm 10mm; max-width: 190mm; margin: auto; }
    .header { display: none; }
    .footer { margin-top: 12mm; }
    .footer .end { display: none; }
    .bill::before {
        content: "%(mark)s"; position: fixed; top: 38%%; left: 0; right: 0;
        text-align: center; font: bold 90pt Arial, sans-serif; color: #99191922;
        transform: rotate(-40deg); pointer-events: none;
    }
</style>
</head>
"""


class AccountMove(models.Model):
    """The paper beside the form."""

    _inherit = "account.move"

    def get_paper_html(self):
        """The bill as it would be printed now, as a page of its own: the same template
        and figures as the PDF, in the client's language.

        :return: a whole HTML document
        :rtype: str
        """
        self.ensure_one()
        self.check_access("read")
        report = self._get_bill_report()
        # sudo: printing needs records that readers of the bill may not see
        reports_sudo = (
            self.env["ir.actions.report"].sudo().with_company(self.company_id)
        )
        content, _kind = reports_sudo._render_qweb_html(report, self.ids)
        style = SCREEN_STYLE % {
            "mark": self.env._("DRAFT") if self.state == "draft" else ""
        }
        return content.decode().replace("</head>", style, 1)
