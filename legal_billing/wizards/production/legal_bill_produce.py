from odoo import api, fields, models

from ...exceptions import BillStageError, ProduceError
from ...models.common.legal_bill_channel import EMAIL, PRINT
from ...models.run.legal_billing_run_print import PRINT_PART
from ...tools import RELOAD_PAGE, notify, open_window, split_addresses

#: Bills that the text names; the others are counted.
SHOWN_PROBLEMS = 12


class LegalBillProduce(models.TransientModel):
    """Asks before bills are produced: how many go out which way, and which reach nobody.
    Those are named, and stay in production unless the person says how they go. The same
    window finalizes bills that went out by other means."""

    _name = "legal.bill.produce"
    _inherit = ["legal.window.guard"]
    _description = "Produce Bills"

    bill_ids = fields.Many2many(
        "account.move", "legal_bill_produce_rel", "produce_id", "bill_id"
    )
    line_ids = fields.One2many("legal.bill.produce.line", "produce_id")
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    mode = fields.Selection(
        [("send", "Send and print"), ("quiet", "Produce without sending")],
        default="send",
        required=True,
    )
    count = fields.Integer(compute="_compute_plan", string="Bills")
    total = fields.Monetary(compute="_compute_plan", string="Total with tax")
    email_count = fields.Integer(compute="_compute_plan", string="By e-mail")
    network_count = fields.Integer(compute="_compute_plan", string="By network or post")
    print_count = fields.Integer(compute="_compute_plan", string="To print")
    copy_count = fields.Integer(compute="_compute_plan", string="Copies")
    part_count = fields.Integer(compute="_compute_plan", string="Print files")
    nothing_count = fields.Integer(compute="_compute_plan", string="Nothing is sent")
    no_account_count = fields.Integer(compute="_compute_plan", string="No account")
    problem_count = fields.Integer(compute="_compute_plan", string="Reach nobody")
    problem_text = fields.Text(compute="_compute_plan", string="Which, and why")
    do_count = fields.Integer(compute="_compute_plan", string="Produced")
    do_label = fields.Char(compute="_compute_plan")
    print_order = fields.Selection(
        lambda self: self.env["legal.billing.run"]._fields["print_order"].selection,
        default="number",
        required=True,
        string="Print order",
    )
    note = fields.Char(help="Why nothing is sent, or how the bill went out.")
    is_delivered = fields.Boolean(
        string="The clients have these bills",
        help="Producing alone does not mean that the client has the bill.",
    )
    sent_on = fields.Date(
        string="Sent on", default=lambda self: fields.Date.context_today(self)
    )
    method = fields.Selection(
        lambda self: self.env["account.move"]._fields["delivery_method"].selection,
        string="Sent by",
        default="hand",
    )

    @api.depends("bill_ids", "line_ids.way", "line_ids.email", "mode")
    def _compute_plan(self):
        for wizard in self:
            bills = wizard.bill_ids._origin
            bills._read_recipients()
            way_of = {line.bill_id._origin: line.way for line in wizard.line_ids}
            nowhere = bills.filtered(lambda bill: bill._goes_nowhere())

            by = {way: bills.browse() for way in ("later", "email", "print", "quiet")}
            for bill in nowhere:
                by[way_of.get(bill, "later")] |= bill
            fine = bills - nowhere
            mailed = fine.filtered(
                lambda bill: (
                    bill._get_pending_recipients() or bill._get_pending_copies()
                )
            )
            printed = fine.filtered(lambda bill: bill._count_prints())
            networked = fine.filtered(lambda bill: bill._get_pending_networks())
            also_printed = by["print"] + by["email"].filtered(
                lambda bill: bill._count_prints()
            )
            wizard.count = len(bills)
            wizard.total = sum(bills.mapped("amount_total_signed"))
            wizard.email_count = len(mailed) + len(by["email"])
            wizard.network_count = len(networked)
            wizard.print_count = len(printed) + len(also_printed)
            wizard.copy_count = sum(bill._count_prints() for bill in printed) + sum(
                bill._count_prints() or 1 for bill in also_printed
            )
            wizard.part_count = -(-wizard.print_count // PRINT_PART)
            wizard.nothing_count = len(fine - mailed - networked - printed) + len(
                by["quiet"]
            )
            wizard.no_account_count = len(bills._get_without_account())
            wizard.problem_count = len(nowhere)
            wizard.problem_text = wizard._describe_problems(nowhere)
            waiting = by["later"] if wizard.mode == "send" else bills.browse()
            wizard.do_count = len(bills) - len(waiting)
            wizard.do_label = self.env._("Produce")
            if waiting:
                wizard.do_label = self.env._(
                    "Produce %(count)s of %(all)s",
                    count=wizard.do_count,
                    all=wizard.count,
                )

    def _describe_problems(self, bills):
        """Which bills reach nobody, and why; the first ones by name.

        :rtype: str
        """
        lines = [
            f"{bill._get_short_name()}: {bill._get_nowhere_reason()}"
            for bill in bills[:SHOWN_PROBLEMS]
        ]
        if len(bills) > SHOWN_PROBLEMS:
            lines.append(self.env._("and %s more", len(bills) - SHOWN_PROBLEMS))
        return "\n".join(lines)

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        """An address is typed once for all bills of the same person."""
        for line in self.line_ids.filtered(lambda line: line.way == "email"):
            line._get_same(self.line_ids).update({"email": line.email, "way": "email"})

    @api.model
    def _open(self, bills, mode="send"):
        """Show the window for these bills.

        :param account.move bills: that can be produced
        :param str mode: what is preselected
        :rtype: dict
        """
        lines = self.env["legal.bill.produce.line"]
        bills._read_recipients()
        wizard = self.create(
            {
                "bill_ids": [fields.Command.set(bills.ids)],
                "company_id": bills[:1].company_id.id,
                "mode": mode,
                "line_ids": [
                    fields.Command.create(lines._prepare_vals(bill))
                    for bill in bills
                    if bill._goes_nowhere()
                ],
            }
        )
        return open_window(wizard, self.env._("Produce bills"))

    def action_produce(self):
        """Do what the window says.

        :return: the page to show next
        :rtype: dict
        :raise BillStageError: if none of the bills is left to be produced
        """
        self.ensure_one()
        selection = self.env["legal.bulk.selection"]
        bills = selection._settle(self.bill_ids)
        self.env["account.move"]._check_role("biller", "manager")
        if self.mode == "send":
            return self._send(bills)
        self._produce_quietly(
            selection._settle(
                bills.filtered(lambda bill: bill.billing_stage == "production")
            )
        )
        return RELOAD_PAGE

    def _send(self, bills):
        """Produce those that reach somebody, or for which the window says how they go.

        :param account.move bills:
        :return: the page to show next
        :rtype: dict
        :raise BillStageError: if there are none
        """
        quiet = self.line_ids._settle(bills)
        sent = (bills - quiet).filtered(lambda bill: not bill._goes_nowhere())
        if not sent | quiet:
            raise BillStageError(
                self.env._(
                    "None of these bills reaches anybody: enter an address, print them, "
                    "or produce them without sending."
                )
            )
        self._produce_quietly(quiet)
        if not sent:
            return RELOAD_PAGE
        return sent.with_context(
            legal_billing_print_order=self.print_order
        ).action_produce_bills()

    def _produce_quietly(self, bills):
        """Finalize these without sending, with what the window says of it.

        :param account.move bills: none: nothing is done
        """
        if bills:
            bills.action_produce_without_sending(
                note=self.note,
                sent_on=self.sent_on if self.is_delivered else None,
                method=self.method if self.is_delivered else None,
            )

    def action_produce_fine(self):
        """Produce the bills that nothing stands against, leave the others.

        :rtype: dict
        :raise BillStageError: if there are none
        """
        self.ensure_one()
        bills = self.env["legal.bulk.selection"]._settle(self.bill_ids)
        fine = bills.filtered(lambda bill: not bill._get_address_problem())
        if not fine:
            raise BillStageError(
                self.env._(
                    "None of these bills can be produced: correct the addresses."
                )
            )
        self.bill_ids = fine
        return self.action_produce()

    def action_test_send(self):
        """E-mail the first of these bills to the person who asks, with its PDF, and
        leave the bill as it is.

        :return: a notification
        :rtype: dict
        :raise BillStageError: if none of them is left
        """
        self.ensure_one()
        bill = self.env["legal.bulk.selection"]._settle(self.bill_ids[:1])
        me = bill._send_test_email()
        return notify(
            self.env._(
                "%(bill)s is on its way to %(address)s.",
                bill=bill._get_short_name(),
                address=me.email,
            ),
        )


class LegalBillProduceLine(models.TransientModel):
    """A bill that would reach nobody, and what becomes of it: it stays in production, or
    the person enters the address that is missing, has it printed, or produces it without
    sending."""

    _name = "legal.bill.produce.line"
    _inherit = ["legal.window.guard"]
    _description = "Bill that reaches nobody"

    produce_id = fields.Many2one(
        "legal.bill.produce", required=True, index=True, ondelete="cascade"
    )
    bill_id = fields.Many2one(
        "account.move", string="Which bill", required=True, ondelete="cascade"
    )
    bill_name = fields.Char(compute="_compute_bill", string="Bill")
    payer_name = fields.Char(compute="_compute_bill", string="Billed to")
    problem = fields.Char(compute="_compute_bill", string="What is missing")
    partner_id = fields.Many2one(
        "res.partner",
        compute="_compute_bill",
        help="Whose address is entered.",
    )
    is_produced = fields.Boolean(
        compute="_compute_bill", help="It is to be sent again, so it needs an address."
    )
    email = fields.Char(string="E-mail address")
    way = fields.Selection(
        [
            ("later", "Stays in production"),
            ("email", "Is e-mailed"),
            ("print", "Is printed"),
            ("quiet", "Is produced without sending"),
        ],
        default="later",
        required=True,
        string="What becomes of it",
    )

    @api.depends("bill_id")
    def _compute_bill(self):
        for line in self:
            bill = line.bill_id._origin
            line.bill_name = bill._get_short_name() if bill else ""
            line.payer_name = bill.partner_id.display_name
            line.problem = bill and bill._get_nowhere_reason()
            line.partner_id = bill and line._get_partner(bill)
            line.is_produced = bill.billing_stage == "finalized"

    @api.model
    def _get_partner(self, bill):
        """Whose address would mend the bill: the one recipient whose address cannot be
        used, else who is billed, where nobody is named. More than that is for *Edit
        options*.

        :rtype: res.partner
        """
        nobody = self.env["res.partner"]
        if bill._get_network_problems():
            return nobody
        recipients = bill._get_recipients()
        if not recipients:
            default = bill._get_email_default()
            return default if len(default) == 1 else bill.partner_id
        wrong = self._get_wrong(bill)
        return wrong if len(wrong) == 1 and wrong.active else nobody

    @api.model
    def _get_wrong(self, bill):
        """Recipients of the bill whose address cannot be used.

        :rtype: res.partner
        """
        return bill._get_pending_recipients().filtered(
            lambda partner: not partner.active or not split_addresses(partner.email)
        )

    @api.onchange("email")
    def _onchange_email(self):
        for line in self:
            if split_addresses(line.email):
                line.way = "email"
            elif line.way == "email":
                line.way = "later"

    @api.model
    def _prepare_vals(self, bill):
        """Values of the row of a bill; the address that is there is shown, to be used or
        mended.

        :rtype: dict
        """
        return {"bill_id": bill.id, "email": self._get_partner(bill).email}

    def _get_same(self, lines):
        """Rows without an address, of the same person.

        :param legal.bill.produce.line lines: of the window
        :rtype: legal.bill.produce.line
        """
        self.ensure_one()
        return lines.filtered(
            lambda line: (
                line.partner_id == self.partner_id
                and line.way == "later"
                and not line.email
            )
        )

    def _settle(self, bills):
        """Do what the rows say with their bills, short of producing them.

        :param account.move bills: that are to be produced
        :return: those of them that are produced without sending
        :rtype: account.move
        :raise ProduceError: for an address that is none
        """
        rows = self.filtered(lambda row: row.bill_id in bills and row.way != "later")
        for row in rows.filtered(lambda row: row.way == "email"):
            row._enter_address()
        for row in rows.filtered(lambda row: row.way == "print"):
            row._print_instead()
        return bills & rows.filtered(lambda row: row.way == "quiet").bill_id

    def _enter_address(self):
        """The address is the contact's from now on, and the bill goes to it."""
        self.ensure_one()
        if not self.partner_id or not split_addresses(self.email):
            raise ProduceError(
                self.env._(
                    "%(bill)s: “%(email)s” is not an e-mail address.",
                    bill=self.bill_name,
                    email=self.email or "",
                )
            )
        if self.partner_id.email != self.email:
            self._get_writable_partner().email = self.email.strip()
        if not self.bill_id._get_recipients():
            self.bill_id._set_options({"recipient_ids": self.partner_id.ids}, False)

    def _get_writable_partner(self):
        """The contact, to be given its address. Who produces bills may enter one that is
        missing, without the right to change contacts: not replace one that can be used,
        and not that of a user, who would log in by it.

        :rtype: res.partner
        :raise ProduceError:
        """
        self.ensure_one()
        partner = self.partner_id
        if partner.has_access("write"):
            return partner
        partner_sudo = partner.sudo()  # the role was checked by the window's action
        users_sudo = partner_sudo.with_context(active_test=False).user_ids
        if users_sudo or split_addresses(partner.email):
            raise ProduceError(
                self.env._(
                    "%(bill)s: the address of %(partner)s is changed by those who keep the "
                    "contacts. Ask one of them, or have the bill printed.",
                    bill=self.bill_name,
                    partner=partner.name,
                )
            )
        partner_sudo._message_log(
            body=self.env._(
                "E-mail address entered by %(user)s to send %(bill)s.",
                user=self.env.user.name,
                bill=self.bill_name,
            )
        )
        return partner_sudo

    def _print_instead(self):
        """The bill is printed; who has no address gets no e-mail, the others do."""
        self.ensure_one()
        bill = self.bill_id
        reached = bill._get_recipients() - self._get_wrong(bill)
        options = {
            "recipient_ids": reached.ids,
            "print_copies": str(bill._get_copies() or 1),
        }
        if bill._get_network_problems():
            codes = [EMAIL, PRINT] if reached else [PRINT]
            options["bill_channel_ids"] = bill.bill_channel_ids._get(*codes).ids
        bill._set_options(options, False)
