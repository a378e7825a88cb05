from odoo import api, fields, models

from ...exceptions import TrustLockedError
from ...tools import given_values

#: What became of a bill; written by posting the run only.
POSTED_FIELDS = {"state", "message", "payment_id"}


class LegalTrustRunLine(models.Model):
    """A bill on a transfer run: what of it the matter's client money pays."""

    _name = "legal.trust.run.line"
    _description = "Bill on a Transfer Run"
    _inherit = ["legal.billing.guard"]
    _order = "run_id, matter_id, id"
    _rec_name = "bill_id"
    _check_company_auto = True

    run_id = fields.Many2one(
        "legal.trust.run", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    currency_id = fields.Many2one(related="run_id.currency_id")
    matter_id = fields.Many2one(
        "project.project", required=True, readonly=True, ondelete="restrict"
    )
    client_id = fields.Many2one(related="matter_id.partner_id", string="Client")
    bill_id = fields.Many2one(
        "account.move", required=True, readonly=True, ondelete="restrict"
    )
    delivered_on = fields.Datetime(related="bill_id.delivered_on")
    delivered_day = fields.Date(related="bill_id.delivered_day")
    invoice_date_due = fields.Date(related="bill_id.invoice_date_due", string="Due")
    payable_amount = fields.Monetary(readonly=True, string="Payable")
    before_amount = fields.Monetary(
        readonly=True, string="Before", help="Client money available before this bill."
    )
    amount = fields.Monetary(string="Transfer")
    after_amount = fields.Monetary(
        compute="_compute_after_amount",
        string="After",
        help="Client money available after this bill.",
    )
    state = fields.Selection(
        [("ready", "Ready"), ("done", "Transferred"), ("failed", "Not transferred")],
        default="ready",
        readonly=True,
    )
    message = fields.Char(readonly=True)
    payment_id = fields.Many2one("legal.payment", readonly=True)

    _amount_not_negative = models.Constraint(
        "CHECK(amount >= 0)", "A transfer to office cannot be negative."
    )

    @api.depends("before_amount", "amount")
    def _compute_after_amount(self):
        for line in self:
            line.after_amount = line.before_amount - line.amount

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever adds a bill prepared the run.

        :raise ProtectedFieldError: for what posting writes
        """
        for vals in vals_list:
            self._check_protected(given_values(self.env, vals))
        lines = super().create(vals_list)
        lines._check_open()
        lines._note_preparer()
        return lines

    def write(self, vals):
        """Whoever changes a line prepared the run."""
        if not self._is_internal():
            self._check_open()
            if vals.keys() - {"amount"}:  # the rest is of the bill, or of posting
                raise TrustLockedError(
                    self.env._(
                        "On a transfer run only the amount of a bill can be "
                        "changed. Load "
                        "the bills again for others."
                    )
                )
        self._note_preparer()
        return super().write(vals)

    def unlink(self):
        """Whoever takes a bill off prepared the run."""
        self.check_access("unlink")
        self._check_open()
        self._note_preparer()
        return super().unlink()

    @api.model
    def _protected_fields(self):
        """Fields that posting the run alone writes."""
        return super()._protected_fields() | POSTED_FIELDS

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of a bill on a transfer run is set by Post.", fields=labels
        )

    def _note_preparer(self):
        """Whoever changes what a run pays has prepared it: the second person is another
        one. Call after access and state of the run were checked."""
        if not self._is_internal():
            self.run_id._internal().write(
                {"prepared_by_id": self.env.uid, "state": "draft"}
            )

    def _check_open(self):
        self.run_id._check_frozen()
