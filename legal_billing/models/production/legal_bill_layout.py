import base64

from odoo import api, fields, models

from ...exceptions import LayoutError
from ...tools import make_file_name

#: What every layout shows unless it says otherwise.
SHOWN = (
    "show_entries",
    "show_timekeeper",
    "show_hours",
    "show_rates",
    "show_summary",
    "show_disbursements",
    "show_payment",
    "show_signature",
)
TEXTS = ("title", "intro_text", "closing_text")
#: What is chosen, by what holds where nothing was.
CHOSEN = {
    "agreed_fees": "included",
    "has_schedule": False,
    "show_unpaid": False,
    "show_client_money": False,
    "has_slip": False,
}
BASES = [
    ("itemised", "Itemised"),
    ("timekeeper", "By timekeeper"),
    ("letter", "Fixed-fee letter"),
]


class LegalBillLayout(models.Model):
    """A bill template in words that a firm can change without code: title, texts, and
    what it shows. Each is a report of Odoo's, to be chosen per matter, run or bill; a
    copy starts from any other and prints on the same page."""

    _name = "legal.bill.layout"
    _description = "Bill Template"
    _order = "is_standard desc, name, id"

    name = fields.Char(required=True, translate=True)
    report_id = fields.Many2one(
        "ir.actions.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    base = fields.Selection(BASES, string="Layout", required=True, readonly=True)
    is_standard = fields.Boolean(readonly=True)
    title = fields.Char(
        translate=True,
        help="Printed above the bill instead of the word Bill. Drafts and credit notes "
        "keep their own.",
    )
    intro_text = fields.Text(
        string="Text before the figures",
        translate=True,
        help="Printed on every bill of this template, in the client's language.",
    )
    closing_text = fields.Text(string="Text after the totals", translate=True)
    show_entries = fields.Boolean(string="Each time entry", default=True)
    show_timekeeper = fields.Boolean(string="Timekeeper of each entry", default=True)
    show_hours = fields.Boolean(string="Hours", default=True)
    show_rates = fields.Boolean(string="Rates", default=True)
    show_summary = fields.Boolean(string="Summary by timekeeper", default=True)
    show_disbursements = fields.Boolean(string="Each disbursement", default=True)
    show_payment = fields.Boolean(string="How to pay", default=True)
    show_signature = fields.Boolean(
        string="Signature",
        default=True,
        help="Room for the responsible lawyer to sign.",
    )
    show_unpaid = fields.Boolean(
        string="Earlier bills unpaid",
        help="What the same payer owes on other bills of the matter, when it is printed.",
    )
    show_client_money = fields.Boolean(
        string="Client money held",
        help="What the firm holds for the matter on client account, when it is printed.",
    )
    has_slip = fields.Boolean(
        string="Remittance slip",
        help="To be cut off and returned with the payment.",
    )
    has_schedule = fields.Boolean(
        string="Summary first, entries as a schedule",
        help="The first page has the summary and what is to be paid; the entries follow "
        "on pages of their own.",
    )
    agreed_fees = fields.Selection(
        [
            ("included", "Entries without amounts"),
            ("standard", "Entries at their own rates"),
        ],
        string="Above an agreed fee",
        default="included",
        required=True,
        help="Where the fees of a bill were agreed or quoted, and the difference to the "
        "entries is no line of its own. The line below them says what was agreed.",
    )
    matter_count = fields.Integer(compute="_compute_use", string="Matters")
    bill_count = fields.Integer(compute="_compute_use", string="Bills")

    _report_unique = models.Constraint(
        "UNIQUE (report_id)", "A report has one layout only."
    )

    @api.depends("report_id")
    def _compute_use(self):
        # counts only, also behind information barriers
        for name, model in (
            ("matter_count", "project.project"),
            ("bill_count", "account.move"),
        ):
            counts = {
                report.id: count
                for report, count in self.env[model]
                .sudo()
                ._read_group(
                    [("bill_report_id", "in", self.report_id.ids)],
                    ["bill_report_id"],
                    ["__count"],
                )
            }
            for layout in self:
                layout[name] = counts.get(layout.report_id.id, 0)

    # --- CRUD

    def write(self, vals):
        """:raise LayoutError: when a template would become another report's"""
        if not self.env.su and vals.keys() & {"report_id", "base", "is_standard"}:
            raise LayoutError(
                self.env._(
                    "A template keeps its report and its layout. Copy the one that has "
                    "the layout you want."
                )
            )
        result = super().write(vals)
        if "name" in vals:
            # sudo: managers of billing name templates, they have no right on reports
            self.report_id.sudo().write({"name": vals["name"]})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """:raise LayoutError: for the three of the addon, and those in use"""
        self.invalidate_recordset(["matter_count", "bill_count"])
        kept = self.filtered(
            lambda layout: (
                layout.is_standard or layout.matter_count or layout.bill_count
            )
        )
        if kept:
            raise LayoutError(
                self.env._(
                    "%(layouts)s: the standard templates stay, and one that matters or "
                    "bills use is not deleted. Choose another for them first.",
                    layouts=", ".join(kept.mapped("name")),
                )
            )

    def unlink(self):
        """The report and the views that were made for a template go with it; those that
        came with an addon stay."""
        # sudo: the right to delete templates is checked by the deletion itself
        reports_sudo = self.report_id.sudo()._filter_own_views()
        result = super().unlink()
        reports_sudo._unlink_own_views()
        reports_sudo.unlink()
        return result

    # --- actions

    def action_copy_layout(self):
        """Copy a template, to be changed: the same page, with a name, texts and a
        choice of what it shows of its own.

        :return: the copy's page
        :rtype: dict
        :raise RoleError: without the manager's role
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("manager")
        name = self.env._("%(name)s (copy)", name=self.name)
        # sudo: managers of billing have no right on reports and views
        report_sudo = self.report_id.sudo()
        copy_sudo = report_sudo.copy({"name": name, "xml_id": False})
        copy_sudo._give_own_view(report_sudo.report_name)
        layout = self.sudo().copy(
            {"name": name, "report_id": copy_sudo.id, "is_standard": False}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": layout.id,
            "views": [(False, "form")],
        }

    def action_preview(self):
        """Print the newest bill in this template.

        :return: an action that opens the PDF
        :rtype: dict
        :raise LayoutError: if there is no bill yet
        """
        self.ensure_one()
        self.check_access("read")
        bills = self.env["account.move"]
        bill = bills.search(
            bills._get_stage_domain("production", "finalized", "draft"),
            order="id desc",
            limit=1,
        )
        if not bill:
            raise LayoutError(self.env._("There is no bill yet to show it with."))
        # sudo: printing needs records that readers of the bill may not see
        reports_sudo = self.env["ir.actions.report"].sudo()
        content, _kind = reports_sudo._render_qweb_pdf(self.report_id.sudo(), bill.ids)
        return (
            self.env["legal.bill.preview"]
            .create(
                {
                    "name": make_file_name(self.env._("Template %s", self.name)),
                    "content": base64.b64encode(content),
                }
            )
            ._open()
        )

    # --- business

    def _get_options(self, lang):
        """What the paper shows, in its language; all of it where there is no layout.

        :param str lang:
        :rtype: dict
        """
        if not self:
            return dict.fromkeys(SHOWN, True) | dict.fromkeys(TEXTS, False) | CHOSEN
        layout_sudo = self[:1].sudo().with_context(lang=lang)
        return {name: layout_sudo[name] for name in (*SHOWN, *TEXTS, *CHOSEN)}
