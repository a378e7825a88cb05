from odoo import api, fields, models
from odoo.tools import format_date

from ...exceptions import MatterOptionError, RoleError
from ...tools import RELOAD_PAGE, given_values, is_amount, notify, split_addresses

#: What the client was told, and keeps.
TOLD = {"matter_id", "date", "fees", "disbursements", "scope", "sent_on"}


class LegalFeeEstimate(models.Model):
    """What a client was told that a matter would cost, net of tax. It binds nobody: it is
    held against what is billed and recorded, so that the client hears of more before the
    bill comes. A new estimate replaces the one before; none that was sent is changed.

    Source: best information about costs, at the start and as a matter goes on (SRA Code
    of Conduct for Solicitors, 8.7); elsewhere a duty of the profession as well.
    """

    _name = "legal.fee.estimate"
    _description = "Estimate of a Matter's Costs"
    _inherit = ["mail.thread", "legal.own.company", "legal.billing.guard"]
    _order = "date desc, id desc"

    matter_id = fields.Many2one(
        "project.project",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_matter", "=", True)],
    )
    company_id = fields.Many2one(related="matter_id.company_id", store=True)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    partner_id = fields.Many2one(related="matter_id.partner_id", string="Client")
    date = fields.Date(required=True, default=fields.Date.context_today)
    fees = fields.Monetary(help="Net of tax, for the whole matter.")
    disbursements = fields.Monetary(help="Net of tax, for the whole matter.")
    amount = fields.Monetary(
        string="Estimate", compute="_compute_amount", store=True, precompute=True
    )
    scope = fields.Text(
        string="Covers",
        help="What the estimate is for, and what it takes for granted. It is in the "
        "e-mail to the client.",
    )
    sent_on = fields.Date(
        string="Sent on",
        copy=False,
        help="The day on which the client was told, however that was.",
    )
    sent_by_id = fields.Many2one(
        "res.users", string="Sent by", readonly=True, copy=False
    )
    consent_on = fields.Date(
        string="Agreed on", copy=False, help="The day on which the client agreed to it."
    )
    warned_on = fields.Date(
        string="Warned on",
        readonly=True,
        copy=False,
        help="When whoever is responsible heard that it is nearly used.",
    )
    state = fields.Selection(
        [
            ("draft", "Not sent"),
            ("sent", "Sent"),
            ("agreed", "Agreed"),
            ("replaced", "Replaced"),
        ],
        string="Status",
        compute="_compute_state",
    )

    @api.depends("fees", "disbursements")
    def _compute_amount(self):
        for estimate in self:
            estimate.amount = estimate.fees + estimate.disbursements

    @api.depends(
        "sent_on", "consent_on", "matter_id.estimate_ids.sent_on", "date", "matter_id"
    )
    def _compute_state(self):
        for estimate in self:
            current = estimate.matter_id.estimate_id
            if not estimate.sent_on:
                estimate.state = "draft"
            elif estimate._origin != current._origin:
                estimate.state = "replaced"
            else:
                estimate.state = "agreed" if estimate.consent_on else "sent"

    @api.depends("date", "amount", "matter_id")
    def _compute_display_name(self):
        for estimate in self:
            currency = estimate.currency_id or self.env.company.currency_id
            estimate.display_name = self.env._(
                "%(matter)s: estimate of %(day)s, %(amount)s",
                matter=estimate.matter_id.display_name or "",
                day=format_date(self.env, estimate.date),
                amount=currency.format_signed(estimate.amount),
            )

    # --- what may be entered, and what stays

    @api.constrains("fees", "disbursements", "sent_on", "consent_on", "date")
    def _check_amounts_and_days(self):
        """
        :raise MatterOptionError: for amounts that are none, and days that cannot be
        """
        today = fields.Date.context_today(self)
        for estimate in self:
            if (
                not is_amount(estimate.fees)
                or not is_amount(estimate.disbursements)
                or not estimate.amount
            ):
                raise MatterOptionError(
                    self.env._(
                        "%(matter)s: enter fees, disbursements or both; neither is "
                        "negative.",
                        matter=estimate.matter_id.display_name,
                    )
                )
            days = [day for day in (estimate.sent_on, estimate.consent_on) if day]
            if any(day > today for day in days):
                raise MatterOptionError(
                    self.env._(
                        "%(estimate)s: the day on which it was sent or agreed is still "
                        "to come.",
                        estimate=estimate.display_name,
                    )
                )

    @api.model
    def _protected_fields(self):
        return super()._protected_fields() | {"amount", "sent_by_id", "warned_on"}

    @api.model
    def _frozen_fields(self):
        """What the client was told."""
        return super()._frozen_fields() | TOLD

    def _get_frozen(self):
        return self.filtered("sent_on")

    def _get_frozen_refusal(self):
        return MatterOptionError(
            self.env._(
                "%(names)s: the client was told so, and it stays. Make a new estimate, "
                "which replaces it.",
                names="; ".join(self.mapped("display_name")),
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever enters an estimate that was sent already, told the client."""
        for vals in vals_list:
            self._check_protected(given_values(self.env, vals))
        estimates = super().create(vals_list)
        estimates.filtered("sent_on")._internal().sent_by_id = self.env.uid
        return estimates

    def write(self, vals):
        """
        :raise MatterOptionError: if what the client was told would change
        """
        self._check_protected(vals)
        self._check_frozen(vals)
        result = super().write(vals)
        if "matter_id" in vals:
            self.check_access("write")  # it is not sent where the user may not look
        if vals.get("sent_on"):
            self._internal().sent_by_id = self.env.uid
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self._check_frozen()

    # --- sending

    def action_send(self):
        """E-mail these estimates to their clients, each in the client's language, and
        note that they were told.

        :return: a message
        :rtype: dict
        :raise RoleError: for those who may not enter estimates
        :raise MatterOptionError: naming the clients without an e-mail address
        """
        self._check_may_enter()
        self.check_access("write")
        without = self.filtered(
            lambda estimate: not split_addresses(estimate.sudo().partner_id.email)
        )
        if without:
            raise MatterOptionError(
                self.env._(
                    "%(names)s: the client has no e-mail address. Enter it, or tell the "
                    "client another way and enter the day as sent.",
                    names="; ".join(without.mapped("display_name")),
                )
            )
        template_sudo = self.env.ref(
            "legal_billing.mail_template_fee_estimate"
        ).sudo()  # rendered for users who may read the estimate
        for estimate in self:
            lang = estimate.partner_id.lang or self.env.lang
            there = estimate.with_context(lang=lang, mail_notify_force_send=False)
            email = template_sudo.with_context(lang=lang)._generate_template(
                estimate.ids, ("subject", "body_html")
            )[estimate.id]
            there.message_post(
                subject=email["subject"],
                body=email["body_html"],
                partner_ids=estimate.partner_id.ids,
                subtype_xmlid="mail.mt_comment",
            )
            if not estimate.sent_on:
                estimate.sent_on = fields.Date.context_today(self)
        return notify(
            self.env._("%s estimates are on their way.", len(self))
            if len(self) > 1
            else self.env._(
                "The estimate is on its way to %s.", self.partner_id.display_name
            ),
            RELOAD_PAGE,
        )

    def _check_may_enter(self):
        """
        :raise RoleError:
        """
        if not self._has_role("fee_earner", "biller", "manager"):
            raise RoleError(
                self.env._(
                    "%(user)s may not give estimates: ask a fee earner or a biller of "
                    "the matter.",
                    user=self.env.user.name,
                )
            )

    def _get_email_addressee(self):
        """The person who is greeted; nobody where the client is a company.

        :rtype: str
        """
        self.ensure_one()
        return not self.partner_id.is_company and self.partner_id.name or ""
