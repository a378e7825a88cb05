from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ...exceptions import BillingRunError
from ...tools import begin_small, format_amount
from .reasons import BAD_STATES, GROUPS, REASONS, STATE_TONES, get_group

#: Remarks that are made of the few rows of a run that they hold for.
SELDOM = ("is_off_usual", "has_late_entries")
#: Rows from which on a remark may hold for too many.
FEW = 4
#: Percentage of a cap from which on it is worth a warning.
CAP_WARNING = 80


class LegalBillingRunLine(models.Model):
    """What the list of rows shows beside the figures."""

    _inherit = "legal.billing.run.line"

    reason_group = fields.Selection(
        GROUPS,
        string="Held back because",
        compute="_compute_reason_group",
        store=True,
        index="btree_not_null",
    )
    cure_label = fields.Char(compute="_compute_cure_label")
    other_payer_id = fields.Many2one(
        "res.partner",
        string="Other payer",
        compute="_compute_other_payer_id",
        help="Who pays, where it is not the client.",
    )
    unpaid_amount = fields.Monetary(
        string="Unpaid bills", compute="_compute_matter_money"
    )
    unallocated_credit_balance = fields.Monetary(
        string="Credits", compute="_compute_matter_money"
    )
    on_account_balance = fields.Monetary(
        string="On account",
        compute="_compute_matter_money",
        help="Billed on account, net, and not deducted yet.",
    )
    client_account_currency_id = fields.Many2one(
        "res.currency", compute="_compute_matter_money"
    )
    client_account_balance = fields.Monetary(
        string="Client money",
        compute="_compute_matter_money",
        currency_field="client_account_currency_id",
    )
    client_account_available = fields.Monetary(
        string="Client money available",
        compute="_compute_matter_money",
        currency_field="client_account_currency_id",
    )
    is_foreign = fields.Boolean(
        string="Other currency", compute="_compute_is_foreign", store=True
    )
    is_unsent = fields.Boolean(
        string="No recipient",
        compute="_compute_is_unsent",
        help="The bill would be neither e-mailed nor printed.",
    )
    row_flags = fields.Json(string="Remarks", compute="_compute_row_flags")
    note = fields.Char(string="Note to self", help="Stays with the row; not printed.")

    # --- defaults and computes

    def _get_editable_fields(self):
        """The note is for whoever looks at the list."""
        return super()._get_editable_fields() | {"note"}

    @api.depends("reason_code")
    def _compute_reason_group(self):
        for line in self:
            line.reason_group = get_group(line.reason_code)

    @api.depends("state", "reason_code")
    def _compute_cure_label(self):
        for line in self:
            reason = line.state in BAD_STATES and REASONS.get(line.reason_group)
            label = reason and reason.label
            line.cure_label = self.env._(label) if label else False

    @api.depends("client_id", "payer_id")
    def _compute_other_payer_id(self):
        for line in self:
            line.other_payer_id = line.payer_id != line.client_id and line.payer_id

    @api.depends("matter_id")
    def _compute_matter_money(self):
        """Figures of the matters, asked for all rows together."""
        names = (
            "unpaid_amount",
            "unallocated_credit_balance",
            "on_account_balance",
            "client_account_currency_id",
            "client_account_balance",
            "client_account_available",
        )
        # sudo: figures of the own rows; browsed to be computed all together
        matters_sudo = self.env["project.project"].sudo().browse(self.matter_id.ids)
        figures = {
            matter.id: {name: matter[name] for name in names} for matter in matters_sudo
        }
        for line in self:
            line.update(figures.get(line.matter_id.id) or dict.fromkeys(names, False))

    @api.depends("currency_id", "company_id.currency_id")
    def _compute_is_foreign(self):
        for line in self:
            line.is_foreign = (
                line.currency_id and line.currency_id != line.company_id.currency_id
            )

    @api.depends("matter_id.bill_channel_ids")
    def _compute_is_unsent(self):
        for line in self:
            matter = line.matter_id
            line.is_unsent = bool(matter and not matter.bill_channel_ids)

    def _compute_row_flags(self):
        """Short remarks on a row, the reason first: ``{text, tone, help}``."""
        rows = self.filtered(lambda line: line.state == "ready" and line.matter_id)
        refused = self.env["legal.billing.check"]._get_einvoice_problems(rows.matter_id)
        common = rows._get_common_remarks()
        for line in self:
            said = common.get(line.run_id.id, ())
            flags = [
                flag for flag in line._get_row_flags() if flag.get("key") not in said
            ]
            if line in rows and line.matter_id in refused:
                text = self.env._(
                    "The e-invoice would be refused: %s",
                    " ".join(refused[line.matter_id]),
                )
                flags.append(
                    {
                        "text": self.env._("e-invoice"),
                        "tone": "warning",
                        "help": text,
                    }
                )
            line.row_flags = flags

    def _get_common_remarks(self):
        """Remarks that most of the ready rows of a run would have: they tell no row from
        the others, and are not made.

        :return: ``{run id: names of the fields that they are of}``
        :rtype: dict
        """
        counts = defaultdict(Counter)
        for run, *values, count in self._read_group(
            Domain("run_id", "in", self.run_id.ids) & Domain("state", "=", "ready"),
            ["run_id", *SELDOM],
            ["__count"],
        ):
            counts[run.id]["rows"] += count
            for name, value in zip(SELDOM, values, strict=True):
                counts[run.id][name] += value and count
        return {
            run_id: {name for name in SELDOM if 2 * found[name] > found["rows"]}
            for run_id, found in counts.items()
            if found["rows"] >= FEW
        }

    def _get_row_flags(self):
        """Remarks of one row; extend to add some.

        :rtype: list
        """
        self.ensure_one()
        if self.state != "ready":
            label = begin_small(self.env, self._get_state_label())
            tone = STATE_TONES[self.state]
            flags = [{"text": label, "tone": tone, "help": self.message or label}]
            if self.message:
                flags.append(
                    {"text": self.message, "tone": "plain", "help": self.message}
                )
            return flags
        flags = []
        if self.is_changed:
            title = self.env._("WIP was added or edited since this list was made.")
            flags.append({"text": self.env._("changed"), "tone": "info", "help": title})
        if self.is_first_bill:
            title = self.env._("The matter was never billed before.")
            flags.append({"text": self.env._("first"), "tone": "light", "help": title})
        if self.other_payer_id:
            name = self.other_payer_id.sudo().display_name  # of an own row
            title = self.env._("%s pays, not the client.", name)
            flags.append(
                {"text": self.env._("other payer"), "tone": "light", "help": title}
            )
        count = len(self.matter_id.sudo().payer_ids)  # of an own row
        if count > 1:
            title = self.env._("One bill for each payer, as the matter shares them.")
            if self.matter_id.sudo().split_mode == "shares":
                title = self.env._(
                    "One bill, which says what of it each payer owes, as the matter "
                    "shares them."
                )
            text = self.env._("%s payers", count)
            flags.append({"text": text, "tone": "info", "help": title})
        if self.bill_together:
            flags.append(self._get_together_flag(count))
        if self.on_account_balance:
            flags.append(self._get_on_account_flag())
        if self.retainer_ask_amount:
            flags.append(self._get_retainer_flag())
        if self.matter_id.is_near_estimate:
            flags.append(
                {
                    "text": self.env._("estimate"),
                    "tone": "warning",
                    "help": self.matter_id._get_estimate_text(),
                }
            )
        if self.arrangement_text:
            flags.append(self._get_arrangement_flag())
        if self.is_off_usual:
            title = self.env._(
                "More than 25 % above the largest of the last three bills, or below "
                "the smallest."
            )
            flags.append(
                {
                    "key": "is_off_usual",
                    "text": self.env._("unusual"),
                    "tone": "warning",
                    "help": title,
                }
            )
        if self.is_unsent:
            title = self.env._(
                "There is nobody to e-mail it to, and no copy is printed."
            )
            flags.append(
                {"text": self.env._("no recipient"), "tone": "warning", "help": title}
            )
        if self.has_late_entries:
            title = self.env._(
                "Work from before the last bill's cut-off that was not on it: recorded "
                "late, or on hold then."
            )
            flags.append(
                {
                    "key": "has_late_entries",
                    "text": self.env._("late"),
                    "tone": "light",
                    "help": title,
                }
            )
        if self.unticked_count:
            title = self.env._("Unticked entries stay work in progress this time.")
            text = self.env._("%s unticked", self.unticked_count)
            flags.append({"text": text, "tone": "light", "help": title})
        if self.held_count:
            title = self.env._("Entries on hold stay work in progress.")
            text = self.env._("%s held", self.held_count)
            flags.append({"text": text, "tone": "light", "help": title})
        if self.note:
            flags.append({"text": self.note, "tone": "plain", "help": self.note})
        return flags

    def _get_together_flag(self, payer_count):
        """
        :param int payer_count: who share the matter's bills
        :rtype: dict
        """
        if payer_count > 1:
            return {
                "text": self.env._("alone"),
                "tone": "light",
                "help": self.env._(
                    "It is marked to be billed together with others, but has several "
                    "payers: such a matter has bills of its own."
                ),
            }
        return {
            "text": self.env._("together"),
            "tone": "info",
            "help": self.env._(
                "On one bill with the other ready matters of this payer that are billed "
                "together, as far as currency, journal, template, terms, reference and "
                "recipients are the same."
            ),
        }

    def _get_on_account_flag(self):
        """
        :rtype: dict
        """
        kind = self.company_id.sudo().legal_deduct_on_account
        texts = {
            "paid": self.env._(
                "%s was billed on account: what has been paid of it is deducted, up "
                "to the amount of the bill."
            ),
            "approved": self.env._(
                "%s was billed on account: it is deducted, as far as the bill goes."
            ),
            "no": self.env._(
                "%s was billed on account, and is not deducted by itself."
            ),
        }
        amount = format_amount(self.env, self.on_account_balance, self.currency_id)
        return {
            "text": self.env._("on account"),
            "tone": "info",
            "help": texts[kind] % amount,
        }

    def _get_retainer_flag(self):
        """
        :rtype: dict
        """
        currency = self.company_currency_id
        return {
            "text": self.env._("retainer"),
            "tone": "warning",
            "help": self.env._(
                "Left of the retainer after this bill: %(left)s. Still to be asked for: "
                "%(ask)s.",
                left=format_amount(self.env, self.retainer_after_amount, currency),
                ask=format_amount(self.env, self.retainer_ask_amount, currency),
            ),
        }

    def _get_arrangement_flag(self):
        """The remark on what the arrangement does, a warning where a cap is nearly used.

        :rtype: dict
        """
        name = "billing_arrangement"
        label = dict(self._fields[name]._description_selection(self.env))[
            self.billing_arrangement or "hourly"
        ]
        if self.cap_used:
            label = self.env._("cap %s %%", self.cap_used)
        elif self.billing_arrangement in ("hourly", "fixed", False):
            label = self.env._("abatement")
        return {
            "text": begin_small(self.env, label),
            "tone": "warning" if self.cap_used >= CAP_WARNING else "light",
            "help": self.arrangement_text,
        }

    def _get_state_label(self):
        """The reason in two words, else the state.

        :rtype: str
        """
        self.ensure_one()
        name = "state"
        if self.reason_group and self.reason_group != "other":
            name = "reason_group"
        return dict(self._fields[name]._description_selection(self.env))[self[name]]

    # --- actions

    def action_confirm_bill(self):
        """Ask before billing: count, amount and warnings of the ticked rows, or of
        all ready rows of the filter.

        :rtype: dict
        """
        lines = self._get_selection()
        lines.run_id._check_biller()
        return self.env["legal.billing.run.confirm"]._open(lines)

    def action_bill_now(self):
        """Ask before billing this one row.

        :rtype: dict
        """
        self.ensure_one()
        self.run_id._check_biller()
        return self.env["legal.billing.run.confirm"]._open(self)

    def action_leave_out(self):
        """Keep these matters out until they are put back: not this time.

        :return: True
        """
        lines = self._get_selection()
        lines.run_id._check_biller()
        left_out = lines.filtered(lambda line: line.state == "ready")
        left_out.sudo().write(  # figures of the row; the role was checked above
            {
                "state": "excluded",
                "reason_code": "left_out",
                "message": self._get_reason_text("left_out"),
            }
        )
        left_out._keep_choices(is_left_out=True)
        return True

    def action_refresh(self):
        """Look at the matters of the run again and show the list anew.

        :rtype: dict
        """
        run = (
            self.env["legal.billing.run"].browse(
                self.env.context.get("legal_billing_run_id")
            )
            or self._get_selection().run_id[:1]
        )
        run.action_load()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_retry_failed(self):
        """Try the failed rows again: the ticked ones, else all of the filter.

        :rtype: dict
        """
        lines = self._get_selection()
        failed = lines.filtered(lambda line: line.state in ("failed", "skipped"))
        if not failed:
            raise BillingRunError(
                self.env._("No row of this list failed: there is nothing to retry.")
            )
        return failed.action_retry()
