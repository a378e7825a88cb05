from odoo import api, fields, models
from odoo.fields import Command, Domain

#: What a person chooses on a row; the fields have the same names there.
KEPT_FIELDS = ("bill_report_id", "payment_term_id", "note")


class LegalBillingChoice(models.Model):
    """What was chosen for a matter's next bill: entries that wait, *not this time*,
    template, terms, a note. It belongs to the matter, not to a run that is thrown
    away, and ends when the matter is billed or somebody takes it back."""

    _name = "legal.billing.choice"
    _description = "Choices for a Matter's Next Bill"
    _rec_name = "matter_id"

    matter_id = fields.Many2one(
        "project.project", required=True, index=True, ondelete="cascade"
    )
    # no related field: every project with a new client would ask for its choices
    company_id = fields.Many2one("res.company", required=True, index=True)
    is_left_out = fields.Boolean(
        string="Not this time", help="The matter gets no bill until it is put back."
    )
    unticked_ids = fields.Many2many(
        "account.analytic.line",
        "legal_billing_choice_unticked_rel",
        "choice_id",
        "entry_id",
        string="Entries that wait",
    )
    bill_report_id = fields.Many2one("ir.actions.report", string="Bill template")
    payment_term_id = fields.Many2one("account.payment.term", string="Payment terms")
    note = fields.Char()

    _matter_unique = models.UniqueIndex(
        "(matter_id)", "A matter's choices for its next bill are kept once."
    )

    @api.model
    def _get_of(self, matters):
        """
        :param project.project matters:
        :return: ``{matter id: choice}``, as superuser: they are about the given matters
        :rtype: dict
        """
        if not matters:
            return {}
        choices_sudo = self.sudo().search(Domain("matter_id", "in", matters.ids))
        return {choice.matter_id.id: choice for choice in choices_sudo}

    @api.model
    def _join_unticked(self, choices):
        """
        :param dict choices: as ``_get_of`` gives them
        :return: all entries that are to wait
        :rtype: account.analytic.line
        """
        return self.sudo().union(*choices.values()).unticked_ids

    def _as_row_vals(self):
        """What a row of a run takes over.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "bill_report_id": self.bill_report_id.id,
            "payment_term_id": self.payment_term_id.id,
            "note": self.note,
            "unticked_ids": [Command.set(self._get_waiting().ids)],
        }

    def _get_waiting(self):
        """Entries that are to wait and could be billed.

        :rtype: account.analytic.line
        """
        return self.unticked_ids.filtered(lambda entry: not entry.bill_id)

    @api.model
    def _keep(self, rows, is_left_out=None):
        """Note what rows say now; a row that says nothing takes the choices back.

        :param legal.billing.run.line rows: of matters, that a person changed
        :param bool is_left_out: whether they are left out now; default: as before
        """
        kept = self._get_of(rows.matter_id)
        new, gone = [], self.sudo().browse()
        for row in rows.sudo():  # the caller may write the row
            choice = kept.get(row.matter_id.id)
            vals = {
                "bill_report_id": row.bill_report_id.id,
                "payment_term_id": row.payment_term_id.id,
                "note": row.note,
                "is_left_out": bool(choice and choice.is_left_out)
                if is_left_out is None
                else is_left_out,
                "unticked_ids": [Command.set(row.unticked_ids.ids)],
            }
            if not row.unticked_ids and not any(
                vals[name] for name in (*KEPT_FIELDS, "is_left_out")
            ):
                gone |= choice or gone
            elif choice:
                choice.write(vals)
            else:
                new.append(
                    {
                        "matter_id": row.matter_id.id,
                        "company_id": row.company_id.id,
                        **vals,
                    }
                )
        gone.unlink()
        self.sudo().create(new)

    @api.model
    def _put_back(self, matters):
        """Nothing of these matters is left out any more.

        :param project.project matters: that the user bills
        """
        choices_sudo = self.sudo().search(Domain("matter_id", "in", matters.ids))
        choices_sudo.write({"is_left_out": False, "unticked_ids": [Command.clear()]})

    @api.model
    def _forget(self, matters):
        """The matters are billed: what was chosen for this bill is over."""
        self.sudo().search(Domain("matter_id", "in", matters.ids)).unlink()
