from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import MatterOptionError
from ...tools import LARGEST_AMOUNT, PAYERS_TOGETHER, is_amount
from ..common.legal_bill_channel import EMAIL, PRINT
from ..common.legal_billing_defaults import COPIES

SHARE_TYPES = [
    ("percent", "Percentage"),
    ("amount", "Amount per bill"),
    ("remainder", "The rest"),
]
SHARE_SCOPES = [
    ("all", "Everything"),
    ("fees", "Fees"),
    ("disbursements", "Disbursements"),
]
#: Where the rest stands that has no sequence of its own: after all others.
LAST = 1000


class LegalMatterPayer(models.Model):
    """One of several who pay a matter: what he bears, and how his bills go out. Bills
    that are made later follow; drafts keep the shares that they were made with."""

    _name = "legal.matter.payer"
    _description = "Payer of a Matter"
    _inherit = ["legal.own.company", "legal.billing.guard"]
    _order = "sequence, id"
    _rec_name = "partner_id"

    matter_id = fields.Many2one(
        "project.project",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_matter", "=", True)],
    )
    company_id = fields.Many2one(related="matter_id.company_id", store=True)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    sequence = fields.Integer(
        compute="_compute_sequence", store=True, readonly=False, precompute=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        index=True,
        ondelete="restrict",
        context={"active_test": False},
    )
    share_type = fields.Selection(
        SHARE_TYPES, string="Bears", required=True, default="percent"
    )
    value = fields.Float(
        string="Share",
        digits="Product Price",
        help="Percent of each line, or the net amount that each bill puts on this "
        "payer. Amounts are taken first, then percents; the last payer bears the rest.",
    )
    cap_amount = fields.Monetary(
        string="Up to",
        help="Net amount that this payer bears over the life of the matter, credits "
        "given back. What exceeds it goes to the payer of the rest. 0: no limit.",
    )
    scope = fields.Selection(SHARE_SCOPES, string="Of", required=True, default="all")
    bears_tax = fields.Boolean(
        string="All tax",
        help="Where one bill names several payers: this one owes all of its tax, the "
        "others owe net amounts. Nobody: tax goes along with each share.",
    )
    reference = fields.Char(
        compute="_compute_reference",
        store=True,
        readonly=False,
        precompute=True,
        help="The payer's own reference, such as a claim number; printed on the bills.",
    )
    recipient_ids = fields.Many2many(
        "res.partner",
        "legal_matter_payer_recipient_rel",
        "payer_id",
        "partner_id",
        string="E-mail to",
        compute="_compute_delivery",
        store=True,
        readonly=False,
        precompute=True,
        context={"active_test": False},
        help="Empty: this payer's bills are not e-mailed.",
    )
    print_copies = fields.Selection(
        COPIES,
        string="Printed copies",
        compute="_compute_delivery",
        store=True,
        readonly=False,
        precompute=True,
    )
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
        help="Empty: that of the matter.",
    )

    _partner_unique = models.UniqueIndex(
        "(matter_id, partner_id)", "Each payer of a matter is named once."
    )

    # --- computes

    @api.depends("share_type")
    def _compute_sequence(self):
        """The rest is last, whatever was entered first."""
        for payer in self:
            if payer.share_type == "remainder":
                payer.sequence = max(payer.sequence, LAST)
            elif not payer.sequence or payer.sequence >= LAST:
                payer.sequence = 10

    @api.depends("partner_id")
    def _compute_reference(self):
        for payer in self:
            if payer.partner_id == payer.matter_id.partner_id:
                payer.reference = payer.matter_id.client_reference
            else:
                payer.reference = payer.reference

    @api.depends("partner_id")
    def _compute_delivery(self):
        """Who pays the matter alone goes on getting its bills as before; others get
        them by e-mail where their address is known, else on paper."""
        for payer in self:
            matter = payer.matter_id
            goes_out = matter._get_bill_recipients() or (
                matter.bill_print_copies not in ("0", False)
            )
            if (
                goes_out
                and payer.partner_id
                and payer.partner_id == matter.billing_partner_id
            ):
                payer.recipient_ids = matter._get_bill_recipients()
                payer.print_copies = matter.bill_print_copies
            else:
                known = payer.partner_id.filtered("email")
                payer.recipient_ids = known
                payer.print_copies = "0" if known else "1"

    @api.depends("partner_id", "share_type", "value", "scope", "cap_amount")
    def _compute_display_name(self):
        for payer in self:
            payer.display_name = self.env._(
                "%(payer)s: %(share)s",
                payer=payer.partner_id.display_name or "",
                share=payer._describe_share(),
            )

    def _describe_share(self):
        """What this payer bears, in words.

        :rtype: str
        """
        self.ensure_one()
        currency = self.currency_id or self.env.company.currency_id
        return self._describe_share_of(
            self.share_type, self.value, self.scope, self.cap_amount, currency
        )

    @api.model
    def _describe_share_of(self, share_type, value, scope, cap, currency):
        """A share in words, of a matter or of a draft.

        :param res.currency currency: of the amounts
        :rtype: str
        """
        if share_type == "remainder":
            return self.env._("the rest")
        if share_type == "percent":
            text = self.env._("%(percent)s %%", percent=f"{value:g}")
        else:
            text = currency.format_signed(value or 0.0)
        if scope != "all":
            scopes = dict(self._fields["scope"]._description_selection(self.env))
            text = self.env._(
                "%(share)s of %(part)s", share=text, part=scopes[scope].lower()
            )
        if cap:
            text = self.env._(
                "%(share)s, up to %(cap)s", share=text, cap=currency.format_signed(cap)
            )
        return text

    # --- constraints

    @api.constrains("share_type", "value", "cap_amount", "scope")
    def _check_shares(self):
        """
        :raise MatterOptionError: for shares that are none, naming them
        """
        wrong = self.filtered(
            lambda payer: (
                not is_amount(
                    payer.value,
                    most=100 if payer.share_type == "percent" else LARGEST_AMOUNT,
                )
                or not is_amount(payer.cap_amount)
                or (
                    payer.share_type == "remainder"
                    and (payer.value or payer.cap_amount or payer.scope != "all")
                )
            )
        )
        if wrong:
            raise MatterOptionError(
                self.env._(
                    "%(payers)s: a percentage must be between 0 and 100, amounts and "
                    "limits cannot be negative, and the payer who bears the rest has "
                    "neither share nor limit: they bear what the others leave.",
                    payers=", ".join(wrong.partner_id.mapped("display_name")),
                )
            )

    @api.model
    def _check_complete(self, matters):
        """The payers of a matter bear the whole of its bills: exactly one of them what
        the others leave, and the percents are no more than all there is.

        :param project.project matters:
        :raise MatterOptionError: naming the matters
        """
        problems = []
        for matter in matters:
            payers = matter.payer_ids.sorted(lambda row: (row.sequence, row.id))
            if not payers:
                continue
            rest = payers.filtered(lambda payer: payer.share_type == "remainder")
            if len(rest) != 1 or payers[-1] != rest:
                problems.append(
                    self.env._(
                        "%(matter)s: exactly one payer bears the rest, as the last in "
                        "the list. Choose The rest for the payer who takes what the "
                        "others leave, and move that row to the end; or remove all "
                        "payers.",
                        matter=matter.display_name,
                    )
                )
            if len(payers.filtered("bears_tax")) > 1:
                problems.append(
                    self.env._(
                        "%(matter)s: one payer alone owes all of the tax. Take the mark "
                        "off the others.",
                        matter=matter.display_name,
                    )
                )
            for part in ("fees", "disbursements"):
                total = sum(
                    payer.value
                    for payer in payers
                    if payer.share_type == "percent" and payer.scope in ("all", part)
                )
                if round(total, 6) > 100:
                    problems.append(
                        self.env._(
                            "%(matter)s: the percentages of its payers add up to "
                            "%(total)s %%. Lower them to 100 %% together.",
                            matter=matter.display_name,
                            total=f"{total:g}",
                        )
                    )
                    break
        if problems:
            raise MatterOptionError("\n".join(problems))

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        payers = super().create(vals_list)
        payers._follow_changes(payers.matter_id)
        return payers

    def write(self, vals):
        matters = self.matter_id
        result = super().write(vals)
        self._follow_changes(matters | self.matter_id)
        return result

    def unlink(self):
        matters = self.matter_id
        result = super().unlink()
        self._follow_changes(matters)
        return result

    def _follow_changes(self, matters):
        """Check the payers of these matters, unless the matter does so once all of its
        rows are written.

        :param project.project matters:
        """
        if self.env.context.get("legal_billing_payers") is not PAYERS_TOGETHER:
            self._check_complete(matters.exists())

    # --- for bills

    def _prepare_share_vals(self, gets_copy):
        """What a bill that names its payers copies of this one.

        :param bool gets_copy: who is billed gets the bill itself
        :rtype: dict
        """
        self.ensure_one()
        recipients = self.with_context(active_test=False).recipient_ids
        vals = {
            "recipient_ids": [Command.set(recipients.ids)],
            "print_copies": self.print_copies or "0",
            "bill_report_id": self.bill_report_id.id,
        }
        return {
            **(vals if gets_copy else {}),
            "sequence": self.sequence,
            "partner_id": self.partner_id.id,
            "share_type": self.share_type,
            "value": self.value,
            "cap_amount": self.cap_amount,
            "scope": self.scope,
            "bears_tax": self.bears_tax,
            "reference": self.reference,
        }

    def _get_channels(self):
        """How bills go to this payer: e-mail and print as they are set, networks and
        letters as Odoo's settings of the contact say.

        :rtype: legal.bill.channel
        """
        self.ensure_one()
        return self._get_channels_of(
            self.partner_id, self.company_id, self.recipient_ids, self.print_copies
        )

    @api.model
    def _get_channels_of(self, partner, company, recipients, copies):
        """
        :rtype: legal.bill.channel
        """
        channel = self.env["legal.bill.channel"]
        ours = channel._get(EMAIL, PRINT)
        result = channel._get_of_client(partner, company) - ours
        if recipients:
            result |= channel._get(EMAIL)
        if copies not in ("0", False):
            result |= channel._get(PRINT)
        return result
