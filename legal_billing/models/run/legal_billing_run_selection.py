from odoo import api, fields, models
from odoo.fields import Domain

from ...exceptions import BillingRunError


class LegalBillingRun(models.Model):
    """Which matters a run looks at, and the saved selection that it used."""

    _name = "legal.billing.run"
    _inherit = ["legal.billing.run", "legal.billing.scope"]

    selection_id = fields.Many2one(
        "legal.billing.selection",
        ondelete="set null",
        copy=False,
    )
    selection_name = fields.Char(
        string="Used selection",
        readonly=True,
        copy=False,
        help="What the selection was called when this run used it.",
    )
    scope_text = fields.Char(string="Filters", compute="_compute_scope_text")

    @api.depends(lambda self: self._get_scope_fields())
    def _compute_scope_text(self):
        for run in self:
            run.scope_text = " · ".join(run._get_scope_text())

    # --- loading

    def _get_matter_domain(self):
        domains = [domain for domain, _text in self._get_scope_domains()]
        return Domain.AND([super()._get_matter_domain(), *domains])

    def _get_scope_sentence(self, matter):
        """Which filter of the header leaves a matter out.

        :rtype: str
        """
        self.ensure_one()
        for domain, text in self._get_scope_domains():
            if not matter.filtered_domain(domain):
                return text
        return self.env._("The filter of this run leaves it out.")

    # --- actions

    def action_open_scope(self):
        """Open the window with the filters of the header.

        :rtype: dict
        """
        self.ensure_one()
        self._check_biller()
        self._check_not_started()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which matters?"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (self.env.ref("legal_billing.legal_billing_run_view_scope").id, "form")
            ],
            "target": "new",
        }

    def action_apply_scope(self):
        """Look at the matters again, with the filters of the window.

        :return: an action that closes the window
        :rtype: dict
        """
        self.ensure_one()
        self._check_not_started()
        self.action_load()
        return {"type": "ir.actions.act_window_close"}

    def choose_selection(self, selection_id):
        """Take a saved selection over into the header, and look at the matters again.

        :param int selection_id: a selection that the user may choose; ``False`` takes
            all filters away
        :return: True
        :raise BillingRunError: if the run has been worked on
        """
        self.ensure_one()
        self._check_biller()
        self.check_access("write")
        self._check_not_started()
        selections = self.env["legal.billing.selection"]
        if selection_id:
            selection = selections._get_choosable(self.company_id).filtered(
                lambda selection: selection.id == selection_id
            )
            if not selection:
                raise BillingRunError(
                    self.env._("That selection is gone, or is not shared with you.")
                )
            vals = selection._prepare_header_vals(self.invoice_date)
        else:
            empty = selections.new({"company_id": self.company_id.id})
            vals = empty._get_scope_vals() | {
                "selection_id": False,
                "selection_name": False,
            }
        self.sudo().write(vals)  # the used name is the run's own; role checked above
        self.action_load()
        return True

    def action_save_selection(self):
        """Open the window that saves the header under a name.

        :rtype: dict
        """
        self.ensure_one()
        self._check_biller()
        last_month = bool(self.cutoff_date) and self.cutoff_date < fields.Date.start_of(
            self.invoice_date, "month"
        )
        values = self._get_scope_vals() | {
            "name": self.selection_name,
            "company_id": self.company_id.id,
            "bill_report_id": self.bill_report_id.id,
            "payment_term_id": self.payment_term_id.id,
            "cutoff_rule": "last_month" if last_month else "invoice_date",
        }
        context = {f"default_{name}": value for name, value in values.items()}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Save this selection"),
            "res_model": "legal.billing.selection",
            "views": [
                (
                    self.env.ref("legal_billing.legal_billing_selection_view_save").id,
                    "form",
                )
            ],
            "target": "new",
            "context": context | {"legal_billing_save_for_run": self.id},
        }

    def _check_not_started(self):
        started = self.filtered("started_on")
        if started:
            raise BillingRunError(
                self.env._(
                    "%(run)s has made bills already: its filters stay. Start a new mass "
                    "billing for other matters.",
                    run=", ".join(started.mapped("name")),
                )
            )

    def _get_selection_strip(self):
        """What the strip above the list says of selections.

        :rtype: dict
        """
        self.ensure_one()
        selections = self.env["legal.billing.selection"]._get_choosable(self.company_id)
        used = self.selection_id
        return {
            "scope": self._get_scope_text(),
            "selection": used.id or False,
            "selection_name": used.name or self.selection_name or False,
            "selection_edited": bool(used) and not self._is_same_scope(used),
            "selections": [
                {
                    "id": selection.id,
                    "name": selection.name,
                    "is_shared": selection.is_shared,
                    "is_default": selection.is_default,
                    "owner": selection.user_id.name,
                }
                for selection in selections
            ],
        }
