from odoo import api, fields, models
from odoo.tools.misc import file_path

#: Fonts that Odoo brings along, by the company's choice: regular and bold.
FONT_FILES = {
    "Lato": ("lato/Lato-Reg-webfont.ttf", "lato/Lato-Bol-webfont.ttf"),
    "Open_Sans": (
        "google/Open_Sans/Open_Sans-Regular.ttf",
        "google/Open_Sans/Open_Sans-Bold.ttf",
    ),
    "Raleway": (
        "google/Raleway/Raleway-Regular.ttf",
        "google/Raleway/Raleway-Bold.ttf",
    ),
    "Roboto": ("google/Roboto/Roboto-Regular.ttf", "google/Roboto/Roboto-Bold.ttf"),
    "Montserrat": (
        "google/Montserrat/Montserrat-Regular.ttf",
        "google/Montserrat/Montserrat-Bold.ttf",
    ),
    "Tajawal": (
        "google/Tajawal/Tajawal-Regular.ttf",
        "google/Tajawal/Tajawal-Bold.ttf",
    ),
}
FONT_FOLDER = "web/static/fonts"


class IrActionsReport(models.Model):
    """Bills have a layout of their own: a few kB of style inside the page instead of
    the 400 kB that core's layouts link to, nothing fetched over HTTP, no waiting for
    scripts. A page costs a quarter of one in core's layout."""

    _inherit = "ir.actions.report"

    legal_light_layout = fields.Boolean(
        string="Light layout of Legal Billing",
        copy=True,
        help="For templates that bring their own style and link to nothing.",
    )

    legal_layout_ids = fields.One2many("legal.bill.layout", "report_id")

    def _get_rendering_context(self, report, docids, data):
        """Bills are printed as the layout of the report at hand says, whichever the
        bill's own is."""
        values = super()._get_rendering_context(report, docids, data)
        if report.sudo().legal_layout_ids:
            values["bill_layout"] = report.sudo().legal_layout_ids[:1]
        return values

    def _give_own_view(self, name):
        """A view of its own for a copied report, so that printing by its name finds it;
        it shows the same page.

        :param str name: of the report that was copied
        """
        self.ensure_one()
        key = f"legal_billing.bill_layout_{self.id}"
        view = self.env["ir.ui.view"].search([("key", "=", name)], limit=1)
        view.copy({"name": self.name, "key": key})
        self.write({"report_name": key, "report_file": key})

    def _filter_own_views(self):
        """The copies among these reports.

        :rtype: ir.actions.report
        """
        return self.filtered(
            lambda report: (
                report.report_name == f"legal_billing.bill_layout_{report.id}"
            )
        )

    def _unlink_own_views(self):
        """Take the views of copied reports away."""
        own = [f"legal_billing.bill_layout_{report.id}" for report in self]
        self.env["ir.ui.view"].search([("key", "in", own)]).unlink()

    def _is_light(self, report_ref):
        return bool(report_ref) and self._get_report(report_ref).legal_light_layout

    def _get_layout(self):
        """Bills have a page of their own instead of core's, which loads the web
        client's styles."""
        if self and self[:1].sudo().legal_light_layout:
            return self.env.ref("legal_billing.bill_page_layout")
        return super()._get_layout()

    def get_paperformat(self):
        """Bills take the company's paper size with margins of their own, unless the
        report names a paper format."""
        if self and self.legal_light_layout and not self.paperformat_id:
            size = self.env.company.paperformat_id.format
            name = "letter" if size == "Letter" else "a4"
            return self.env.ref(f"legal_billing.paperformat_bill_{name}")
        return super().get_paperformat()

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """A PDF of a bill is a PDF in tests, too."""
        if self._is_light(report_ref):
            # Core prints no PDF in tests since its layouts fetch from the very server
            # that is under test. This one fetches nothing.
            self = self.with_context(force_report_rendering=True)
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    @api.model
    def _run_wkhtmltopdf(self, bodies, report_ref=False, **kwargs):
        """Says to `_build_wkhtmltopdf_args`, which is not told the report, that the
        page fetches nothing."""
        if self._is_light(report_ref):
            self = self.with_context(legal_billing_light_layout=True)
        return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, **kwargs)

    @api.model
    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        """A page that fetches nothing is not waited for; the folders of its fonts may
        be read. The rest of core's arguments stays."""
        command_args = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if self.env.context.get("legal_billing_light_layout"):
            # no script works on the page after it was loaded: do not wait for one
            delay = command_args.index("--javascript-delay")
            command_args[delay + 1] = "0"
            for folder in self._get_font_folders():
                command_args += ["--allow", folder]
        return command_args

    @api.model
    def _get_font_folders(self):
        """Folders of the fonts that the light layout may read.

        :rtype: list
        """
        return [file_path(FONT_FOLDER)]

    @api.model
    def _get_light_fonts(self, company):
        """Files of the company's font.

        :param res.company company:
        :return: ``{"normal": path, "bold": path}``, empty if Odoo does not have it
        :rtype: dict
        """
        files = FONT_FILES.get(company.font or "Lato", FONT_FILES["Lato"])
        try:
            normal, bold = (file_path(f"{FONT_FOLDER}/{name}") for name in files)
        except FileNotFoundError:
            return {}
        return {"normal": normal, "bold": bold}
