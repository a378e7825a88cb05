from odoo import api, fields, models
from odoo.fields import Domain


class LegalBillingSelection(models.Model):
    """The header of a mass billing under a name: which matters, which template and
    terms, up to when. One's own, or shared with everybody who bills."""

    _name = "legal.billing.selection"
    _description = "Saved Selection of Mass Billing"
    _inherit = ["legal.billing.scope", "legal.own.company"]
    _order = "is_shared, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    is_shared = fields.Boolean(
        string="For everybody", help="Everybody who bills can choose it."
    )
    is_default = fields.Boolean(
        string="Default",
        help="A new mass billing starts with it: the owner's own, else a shared one.",
    )
    cutoff_rule = fields.Selection(
        [
            ("invoice_date", "Up to the bill date"),
            ("last_month", "Up to the end of last month"),
        ],
        string="Work up to",
        required=True,
        default="invoice_date",
    )
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
        help="Empty: as each matter says.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        check_company=True,
        help="Empty: as each matter says.",
        string="Payment terms",
    )

    _name_once = models.UniqueIndex(
        "(company_id, user_id, name) WHERE active",
        "You have a selection of that name already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Saved from a run's header, the selection is the one that the run uses from
        then on; the run is the context's, so role and access are checked.

        :raise RoleError:
        """
        selections = super().create(vals_list)
        selections._keep_one_default()
        run = self.env["legal.billing.run"].browse(
            self.env.context.get("legal_billing_save_for_run")
        )
        if run and len(selections) == 1:
            run._check_biller()
            run.check_access("write")
            # sudo: the used name is the run's own; role and access were checked
            run.sudo().write(
                {"selection_id": selections.id, "selection_name": selections.name}
            )
        return selections

    def write(self, vals):
        """One default per owner and company: the one that was chosen last."""
        result = super().write(vals)
        if vals.get("is_default"):
            self._keep_one_default()
        return result

    def _keep_one_default(self):
        """One default per owner and company: the newest wins."""
        for selection in self.filtered("is_default"):
            self.search(
                [
                    ("user_id", "=", selection.user_id.id),
                    ("company_id", "=", selection.company_id.id),
                    ("is_default", "=", True),
                    ("id", "!=", selection.id),
                ]
            ).write({"is_default": False})

    @api.model
    def _get_choosable(self, company):
        """Selections that the user may choose: own ones, then shared ones.

        :param res.company company: of the run
        :rtype: legal.billing.selection
        """
        return self.search(
            Domain("company_id", "=", company.id)
            & (Domain("user_id", "=", self.env.uid) | Domain("is_shared", "=", True))
        )

    @api.model
    def _get_default(self, company):
        """What a new mass billing of the user starts with.

        :rtype: legal.billing.selection
        """
        defaults = self._get_choosable(company).filtered("is_default")
        own = defaults.filtered(lambda selection: selection.user_id == self.env.user)
        return (own or defaults)[:1]

    def _prepare_header_vals(self, invoice_date):
        """Values of a run's header.

        :param date invoice_date: of the run
        :rtype: dict
        """
        self.ensure_one()
        cutoff = False
        if self.cutoff_rule == "last_month":
            first = fields.Date.start_of(invoice_date, "month")
            cutoff = fields.Date.subtract(first, days=1)
        return self._get_scope_vals() | {
            "selection_id": self.id,
            "selection_name": self.name,
            "cutoff_date": cutoff,
            "bill_report_id": self.bill_report_id.id,
            "payment_term_id": self.payment_term_id.id,
        }
