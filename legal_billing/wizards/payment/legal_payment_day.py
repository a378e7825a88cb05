from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import Block, Column, Paper, Row

#: Types of the journals that a day list is made for.
MONEY_TYPES = ("bank", "cash", "credit")


class LegalPaymentDay(models.TransientModel):
    """What came in on a day: the pay-in slip, which goes to the bank with cheques and
    cash, and the list of all payments per bank."""

    _name = "legal.payment.day"
    _inherit = ["legal.paper.window"]
    _description = "Payments of a Day"

    kind = fields.Selection(
        [("pay_in", "Pay-in slip"), ("day_list", "Day list")],
        string="Paper",
        default="pay_in",
        required=True,
    )
    journal_ids = fields.Many2many(
        "account.journal",
        string="Banks and cash",
        domain=[("type", "in", MONEY_TYPES)],
        help="Empty: all.",
        context={"active_test": False},
    )
    date_from = fields.Date(
        string="From", default=fields.Date.context_today, required=True
    )

    # --- the paper

    @api.model
    def _get_paper_fields(self):
        """Also kind, banks and the first day."""
        return (*super()._get_paper_fields(), "kind", "journal_ids", "date_from")

    @api.model
    def _check_may_read_paper(self):
        """Those who enter payments."""
        self._check_role("cashier", "manager")

    def _get_page_name(self):
        return self.env._("Day List and Pay-in Slip")

    def _get_report(self):
        return self.env.ref("legal_billing.legal_payment_day_report")

    def _get_paper(self, kind=None):
        """The pay-in slip, or the list.

        :param str kind: another than the chosen one
        :rtype: Paper
        :raise RoleError:
        """
        self._check_may_read_paper()
        self._check_period()
        return getattr(self, f"_get_{kind or self.kind}_paper")()

    def _get_period_text(self):
        """
        :rtype: str
        """
        first, last = (self._show(day, None) for day in (self.date_from, self.date_to))
        if first == last:
            return last
        return self.env._("%(first)s to %(last)s", first=first, last=last)

    def _get_slips(self, domain):
        """Slips of the days that went through a bank or cash, by journal.

        :param odoo.fields.Domain domain: further conditions
        :return: those that the user sees, and all of them
        :rtype: tuple
        """
        whole = (
            Domain("company_id", "in", (self.company_id & self.env.companies).ids)
            & Domain("account_payment_id", "!=", False)
            & Domain("journal_id.type", "in", MONEY_TYPES)
            & Domain("date", ">=", self.date_from)
            & Domain("date", "<=", self.date_to)
            & domain
        )
        if self.journal_ids:
            whole &= Domain("journal_id", "in", self.journal_ids.ids)
        slips = self.env["legal.payment"].search(whole, order="date, name, id")
        # sudo: sums of what the bank gets, no name
        return slips, slips.sudo().search(whole, order="date, name, id")

    def _get_carried(self):
        """Cheques and cash of the days that are on no pay-in slip.

        :return: those that the user sees, and all of them
        :rtype: tuple
        """
        carried = self.env["legal.payment"]._get_carried_domain()
        return self._get_slips(carried & Domain("pay_in_slip_id", "=", False))

    def action_make_pay_in_slips(self):
        """Make a pay-in slip of each bank and cash of what is still to be paid in.

        :return: the slip, or their list
        :rtype: dict
        :raise RoleError:
        :raise PaymentError: where there is nothing
        """
        self.ensure_one()
        self._check_may_read_paper()
        self._check_own_company()
        self._check_period()
        _shown, every = self._get_carried()
        slips = self.env["legal.pay.in.slip"]._make(every)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_pay_in_slip_action"
        )
        if len(slips) == 1:
            return action | {"res_id": slips.id, "views": [(False, "form")]}
        return action | {"domain": [("id", "in", slips.ids)]}

    @api.model
    def _get_amount(self, slip):
        """What the bank gets, or gives, in its own currency.

        :param legal.payment slip:
        :rtype: float
        """
        amount = slip.account_payment_id.amount
        return -amount if slip.direction == "out" else amount

    def _make_block(self, journal, title, columns, slips, every, get_values):
        """A table of slips with their sum.

        :param account.journal journal:
        :param str title:
        :param list columns: the last one is the amount
        :param legal.payment slips: that the user sees
        :param legal.payment every: all of them, as superuser
        :param get_values: gives the values of a slip before its amount
        :rtype: Block
        """
        rows, total = [], 0.0
        currency = journal.currency_id or journal.company_id.currency_id
        for slip in slips:
            is_undone = slip.state == "reversed"
            amount = self._get_amount(slip)
            rows.append(Row((*get_values(slip), amount), "soft" if is_undone else ""))
        hidden = every - slips
        blank = ("",) * (len(columns) - 2)
        if hidden:
            text = self._get_hidden_text(len(hidden))
            amounts = [self._get_amount(slip) for slip in hidden]
            rows.append(Row((text, *blank, sum(amounts)), "soft"))
        total = sum(
            self._get_amount(slip) for slip in every if slip.state != "reversed"
        )
        text = self.env._("%(count)s in all", count=len(every))
        rows.append(Row((text, *blank, currency.round(total + 0.0)), "sum"))
        return Block(title, columns, rows, currency=currency)

    def _get_pay_in_paper(self):
        """Cheques and cash that are still to be carried to the bank: what is on a
        pay-in slip has its own paper."""
        slips, every = self._get_carried()
        columns = [
            Column(self.env._("Cheque or reference")),
            Column(self.env._("Received from")),
            Column(self.env._("Slip")),
            Column(self.env._("Date"), "date"),
            Column(self.env._("Amount"), "amount"),
        ]
        blocks = [
            self._make_block(
                journal,
                self._get_bank_title(journal),
                columns,
                slips.filtered(lambda slip, own=journal: slip.journal_id == own),
                group,
                lambda slip: (
                    slip.reference or "",
                    slip.received_from_id.display_name or "",
                    slip.name,
                    slip.date,
                ),
            )
            for journal, group in self._by_journal(every)
        ]
        return Paper(
            self.env._("Pay-in slip"),
            self._get_period_text(),
            blocks,
            signatures=(self.env._("Paid in by"), self.env._("Received by the bank")),
        )

    def _get_day_list_paper(self):
        """All payments of the days, refunds and what was taken back among them; what was
        taken back counts in no sum."""
        slips, every = self._get_slips(Domain("state", "!=", "draft"))
        means = dict(slips._fields["means"]._description_selection(self.env))
        cash = self.env._("Cash")
        undone = self.env._("taken back")
        columns = [
            Column(self.env._("Slip")),
            Column(self.env._("Date"), "date"),
            Column(self.env._("Received from")),
            Column(self.env._("Reference")),
            Column(self.env._("By")),
            Column(self.env._("Posted by")),
            Column(self.env._("Amount"), "amount"),
        ]
        blocks = [
            self._make_block(
                journal,
                self._get_bank_title(journal),
                columns,
                slips.filtered(lambda slip, own=journal: slip.journal_id == own),
                group,
                lambda slip: (
                    slip.name,
                    slip.date,
                    slip.received_from_id.display_name or "",
                    slip.reference or "",
                    undone
                    if slip.state == "reversed"
                    else cash
                    if slip.source == "cash"
                    else means.get(slip.means, ""),
                    slip.posted_by_id.name or "",
                ),
            )
            for journal, group in self._by_journal(every)
        ]
        return Paper(self.env._("Day list"), self._get_period_text(), blocks)

    def _by_journal(self, slips_sudo):
        """Slips of each bank or cash, in the order of the journals' names.

        :rtype: list
        """
        groups = slips_sudo.grouped("journal_id").items()
        return sorted(groups, key=lambda group: (group[0].name or "", group[0].id))

    @api.model
    def _get_bank_title(self, journal_sudo):
        """The bank with the number of its account.

        :rtype: str
        """
        number = journal_sudo.bank_account_id.acc_number
        return f"{journal_sudo.name} · {number}" if number else journal_sudo.name
