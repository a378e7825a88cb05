import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools import make_file_name, write_workbook

#: Rows that the page shows; paper and spreadsheet have them all.
ROWS_ON_SCREEN = 400


class LegalPaperWindow(models.AbstractModel):
    """A page that shows a paper of rows and sums while its days and filters are chosen,
    prints it, and gives it as a spreadsheet: the same values each time.

    Models that mix it in say ``_get_paper``, ``_get_report`` and ``_get_page_name``, and extend
    ``_get_paper_fields`` with what the paper depends on.
    """

    _name = "legal.paper.window"
    _inherit = ["legal.window.guard", "legal.billing.guard"]
    _description = "Page that shows a Paper"

    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To", default=fields.Date.context_today, required=True)
    content = fields.Html(compute="_compute_content", sanitize=False)
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True, string="File name")

    @api.depends("company_id")
    def _compute_display_name(self):
        """The page has one name, whatever is chosen on it."""
        for window in self:
            window.display_name = window._get_page_name()

    @api.depends(lambda self: self._get_paper_fields())
    def _compute_content(self):
        for window in self:
            try:
                window.content = window.date_to and window._render_screen()
            except UserError as error:  # while a person is still choosing the days
                text = Markup('<p class="alert alert-warning">%s</p>')
                window.content = text % str(error)

    def _render_screen(self):
        """
        :rtype: Markup
        """
        paper, left_out = self._get_paper().cut(ROWS_ON_SCREEN)
        html = self.env["ir.qweb"]._render(
            "legal_billing.legal_paper_screen",
            {"paper": paper, "left_out": left_out, "show": self._show},
        )
        return Markup(html)

    def action_print(self):
        """Print the chosen paper.

        :rtype: dict
        :raise RoleError:
        """
        self.ensure_one()
        self._check_may_read_paper()
        self._check_own_company()
        self._check_period()
        return self._get_report().report_action(self)

    def action_export(self):
        """Get the chosen paper as a spreadsheet.

        :return: the download
        :rtype: dict
        :raise RoleError:
        """
        self.ensure_one()
        self._check_may_read_paper()
        self._check_own_company()
        self._check_period()
        paper = self._get_paper()
        content = write_workbook(paper, self.company_id.name)
        name = make_file_name(f"{paper.title} {self.date_to}") + ".xlsx"
        # sudo: the window was read above, so it is the user's own
        self.sudo().write({"file": base64.b64encode(content), "file_name": name})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{name}?download=true",
            "target": "download",
        }

    @api.model
    def _show(self, value, block):
        """A value of a paper as people read it.

        :param value: text, date, amount or nothing
        :param Block block: whose currency amounts have
        :rtype: str
        """
        if isinstance(value, float):
            return block.currency.format_signed(value)
        if value and not isinstance(value, str):
            return format_date(self.env, value)
        return value or ""

    def _get_hidden_text(self, count):
        return self.env._("%(count)s behind an information barrier", count=count)

    # --- what a model that mixes this in says

    @api.model
    def _get_paper_fields(self):
        """Fields that the paper depends on.

        :rtype: tuple
        """
        return ("company_id", "date_to")

    @api.model
    def _check_may_read_paper(self):
        """Refuse those who may not have the paper.

        :raise RoleError:
        """
        self._check_role("manager")

    def _check_own_company(self):
        """Papers are of a company that the user works in.

        :raise UserError:
        """
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._(
                    "You do not work in this company now. Choose it above, or another "
                    "one here."
                )
            )

    def _check_period(self):
        """Refuse a period that ends before it begins.

        :raise UserError:
        """
        if self.date_from and self.date_from > self.date_to:
            raise UserError(
                self.env._("The period ends before it begins. Choose other days.")
            )

    def _get_paper(self, kind=None):
        """The chosen paper.

        :param str kind: another than the chosen one, where there are several
        :rtype: Paper
        :raise RoleError:
        """
        raise NotImplementedError

    def _get_page_name(self):
        """
        :rtype: str
        """
        raise NotImplementedError

    def _get_report(self):
        """What prints it.

        :rtype: ir.actions.report
        """
        raise NotImplementedError
