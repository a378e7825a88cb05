from bisect import bisect_right
from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import format_amount, open_window
from ..firm.hr_employee import GRADES

#: Order in which a rate is looked for: whose matter first, then whose time.
SCOPES = ("matter", "client", "area", "firm")

WHOS = ("employee", "grade", "all")


class LegalRate(models.Model):
    """Price of an hour.

    A rate names at most one of matter, client and practice area (none: the whole
    firm) and at most one of timekeeper and grade (none: everybody). The most specific
    rate that holds on the day of the work wins, first by matter, client, area, firm,
    then by timekeeper, grade, all; among equals the newest ``date_from``.
    """

    _name = "legal.rate"
    _description = "Billing Rate"
    _inherit = ["legal.own.company"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    price = fields.Monetary(required=True, help="Net price of one hour.")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    date_from = fields.Date(string="From", help="Empty: has always held.")
    date_to = fields.Date(string="To", help="Last day. Empty: until a newer rate.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self._default_company_id()
    )
    matter_id = fields.Many2one(
        "project.project",
        domain=[("is_matter", "=", True)],
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Client", index="btree_not_null", ondelete="cascade"
    )
    practice_area_id = fields.Many2one(
        "legal.practice.area",
        ondelete="cascade",
        check_company=True,
        string="Practice area",
    )
    employee_id = fields.Many2one(
        "hr.employee",
        string="Timekeeper",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    grade = fields.Selection(GRADES)
    scope = fields.Selection(
        [
            ("matter", "Matter"),
            ("client", "Client"),
            ("area", "Practice area"),
            ("firm", "Firm"),
        ],
        compute="_compute_scope",
        store=True,
    )
    active = fields.Boolean(default=True)

    _price_not_negative = models.Constraint(
        "CHECK(price >= 0)", "A rate cannot be negative."
    )
    _one_scope = models.Constraint(
        "CHECK(num_nonnulls(matter_id, partner_id, practice_area_id) <= 1)",
        "A rate is for one matter, one client or one practice area, or for the firm.",
    )
    _one_who = models.Constraint(
        "CHECK(num_nonnulls(employee_id, grade) <= 1)",
        "A rate is for one timekeeper or one grade, or for everybody.",
    )

    # --- defaults and computes

    def _default_company_id(self):
        return self.env.company

    @api.depends("matter_id", "partner_id", "practice_area_id")
    def _compute_scope(self):
        for rate in self:
            rate.scope = (
                (rate.matter_id and "matter")
                or (rate.partner_id and "client")
                or (rate.practice_area_id and "area")
                or "firm"
            )

    @api.depends("price", "scope", "employee_id", "grade")
    def _compute_display_name(self):
        grades = dict(self._fields["grade"]._description_selection(self.env))
        for rate in self:
            scope = (
                rate.matter_id.display_name
                or rate.partner_id.display_name
                or rate.practice_area_id.display_name
                or self.env._("firm")
            )
            who = (
                rate.employee_id.name
                or grades.get(rate.grade)
                or self.env._("everybody")
            )
            rate.display_name = f"{scope} · {who} · {rate.price:.2f}"

    # --- business

    @api.model
    def _resolve(self, requests):
        """Find the rate of many entries with a constant number of queries.

        :param list requests: ``(matter, employee, date)`` records and dates; matters
            of one company
        :return: one ``legal.rate`` (possibly empty) per request, in order
        :rtype: list
        """
        # sudo: grades and rates are private to HR and billing, their result is not
        rates_sudo = self.sudo()
        matters = self.env["project.project"].union(*(r[0] for r in requests)).sudo()
        employees = self.env["hr.employee"].union(*(r[1] for r in requests)).sudo()
        ladder = defaultdict(list)
        for rate in rates_sudo.search(
            self._get_resolve_domain(matters, employees), order="date_from, id"
        ):
            ladder[rate._get_scope_key(), rate._get_who_key()].append(rate)
        for rates in ladder.values():
            rates.sort(key=lambda rate: (rate.date_from or date.min, rate.id))
        resolved = {}
        result = []
        for matter, employee, day in requests:
            key = matter.id, employee.id, day
            if key not in resolved:
                resolved[key] = self._pick(ladder, matter.sudo(), employee.sudo(), day)
            result.append(resolved[key])
        return result

    @api.model
    def _get_resolve_domain(self, matters, employees):
        """Rates that may apply to the matters and timekeepers.

        :rtype: odoo.fields.Domain
        """
        clients = matters.partner_id | matters.partner_id.commercial_partner_id
        return (
            Domain("company_id", "in", matters.company_id.ids)
            & Domain("matter_id", "in", [False, *matters.ids])
            & Domain("partner_id", "in", [False, *clients.ids])
            & Domain("practice_area_id", "in", [False, *matters.practice_area_id.ids])
            & Domain("employee_id", "in", [False, *employees.ids])
        )

    @api.model
    def _pick(self, ladder, matter, employee, day):
        """Walk down the ladder for one request.

        :param dict ladder: ``{(scope key, who key): rates by date}``
        :rtype: legal.rate
        """
        clients = matter.partner_id | matter.partner_id.commercial_partner_id
        scope_keys = [
            ("matter", matter.id),
            *(("client", client.id) for client in clients),
            ("area", matter.practice_area_id.id),
            ("firm", matter.company_id.id),
        ]
        who_keys = [
            ("employee", employee.id),
            ("grade", employee.legal_grade),
            ("all", False),
        ]
        for scope_key in scope_keys:
            for who_key in who_keys:
                rates = ladder.get((scope_key, who_key))
                if not rates:
                    continue
                index = bisect_right(
                    rates, day, key=lambda rate: rate.date_from or date.min
                )
                for rate in reversed(rates[:index]):
                    if rate.company_id == matter.company_id and (
                        not rate.date_to or rate.date_to >= day
                    ):
                        return rate
        return self.browse()

    def _get_scope_key(self):
        self.ensure_one()
        target = {
            "matter": self.matter_id,
            "client": self.partner_id,
            "area": self.practice_area_id,
            "firm": self.company_id,
        }[self.scope]
        return self.scope, target.id

    def _get_who_key(self):
        self.ensure_one()
        if self.employee_id:
            return "employee", self.employee_id.id
        return ("grade", self.grade) if self.grade else ("all", False)

    def _get_price_in(self, currency, day):
        """Price of an hour in another currency, at the day's exchange rate.

        :param res.currency currency: the matter's billing currency
        :rtype: float
        """
        self.ensure_one()
        if self.currency_id == currency:
            return self.price
        return self.currency_id._convert(self.price, currency, self.company_id, day)

    # --- offering a rate to unbilled entries

    def get_rerate_offer(self):
        """Whether unbilled entries hold another rate than they would get now.

        :return: ``count`` of entries and the ``difference`` in words; nothing is done
        :rtype: dict
        """
        self.check_access("write")
        count, difference = 0, 0.0
        currency = self.company_id[:1].currency_id
        for rate in self:
            apply = self.env["legal.rate.apply"].new(rate._prepare_apply_vals())
            count += apply.entry_count
            difference += apply.difference
        return {
            "count": count,
            "difference": format_amount(self.env, difference, currency),
        }

    def action_rerate(self):
        """Open the window that puts this rate on unbilled entries, showing the
        difference first.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("write")
        apply = self.env["legal.rate.apply"].create(self._prepare_apply_vals())
        return open_window(apply, self.env._("Re-rate unbilled entries"))

    def _prepare_apply_vals(self):
        """Values of the window: the entries that this rate may hold for.

        :rtype: dict
        """
        self.ensure_one()
        entries = self.env["account.analytic.line"]
        oldest = entries.search(
            entries._get_unbilled_domain()
            & fields.Domain("company_id", "=", self.company_id.id)
            & fields.Domain("wip_type", "=", "time"),
            order="date",
            limit=1,
        )
        return {
            "date_from": self.date_from
            or oldest.date
            or fields.Date.context_today(self),
            "matter_id": self.matter_id.id,
            "partner_id": self.partner_id.id,
            "employee_id": self.employee_id.id,
            "grade": self.grade,
            "company_id": self.company_id.id,
        }
