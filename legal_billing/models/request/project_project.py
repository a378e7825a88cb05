from odoo import api, fields, models

from ...exceptions import MatterOptionError, RequestError
from .legal_money_request import WAITING


class ProjectProject(models.Model):
    """What clients of a matter are asked for, and its retainer filled up."""

    _inherit = "project.project"

    money_request_ids = fields.One2many(
        "legal.money.request", "matter_id", string="Requests for money"
    )
    money_request_count = fields.Integer(
        string="Requests", compute="_compute_money_request_count"
    )

    def _compute_money_request_count(self):
        counts = dict(
            self.env["legal.money.request"]._read_group(
                [("matter_id", "in", self.ids)], ["matter_id"], ["__count"]
            )
        )
        for matter in self:
            matter.money_request_count = counts.get(matter, 0)

    # --- retainers

    @api.depends("money_request_ids.open_amount")
    def _compute_retainer(self):
        """What was asked for already is not asked for again."""
        return super()._compute_retainer()

    def _get_awaited_client_money(self):
        """What requests for client money wait for."""
        awaited = super()._get_awaited_client_money()
        requests_sudo = self.env["legal.money.request"].sudo()  # sums of own matters
        for matter, amount in requests_sudo._read_group(
            [
                ("matter_id", "in", self.ids),
                ("kind", "=", "client_money"),
                ("state", "in", WAITING),
            ],
            ["matter_id"],
            ["open_amount:sum"],
        ):
            awaited[matter.id] = awaited.get(matter.id, 0.0) + amount
        return awaited

    def _prepare_retainer_requests(self, figures):
        """Requests that fill up the retainers of these matters.

        :param dict figures: of `_get_retainers`
        :return: values; matters of which nothing is to be asked are missing
        :rtype: list[dict]
        """
        result = []
        for matter in self:
            left, ask = figures[matter.id]
            if ask <= 0:
                continue
            result.append(
                {
                    "kind": "client_money",
                    "matter_id": matter.id,
                    "partner_id": matter.partner_id.id,
                    "amount": ask,
                    "narrative": matter._get_retainer_text(left),
                }
            )
        return result

    def _get_retainer_text(self, left):
        """Why the client is asked, in the client's language.

        :param float left: of client money once all that is open is paid
        :rtype: str
        """
        self.ensure_one()
        matter = self.with_context(lang=self.partner_id.lang or self.env.lang)
        currency = matter.client_account_currency_id
        agreed = matter.env._(
            "We agreed to hold at least %(minimum)s, and to bring it back to "
            "%(target)s once less is left.",
            minimum=currency.format_signed(
                matter.retainer_minimum or matter.retainer_target
            ),
            target=currency.format_signed(
                max(matter.retainer_minimum, matter.retainer_target)
            ),
        )
        if left < 0:
            return matter.env._(
                "What is outstanding on this matter comes to %(missing)s more than we "
                "hold for you. %(agreed)s",
                missing=currency.format_signed(-left),
                agreed=agreed,
            )
        return matter.env._(
            "Once what is outstanding on this matter is paid from it, %(left)s of "
            "your money will be left with us. %(agreed)s",
            left=currency.format_signed(left),
            agreed=agreed,
        )

    def _ask_with_bills(self, bills):
        """Ask for what these bills, just approved, leave missing of retainers. Called on
        the matters, as superuser.

        :param account.move bills:
        """
        held = self.filtered(
            lambda matter: matter.retainer_minimum or matter.retainer_target
        )
        if not held:
            return
        held.invalidate_recordset(["unpaid_amount"])
        vals_list = held._prepare_retainer_requests(held._get_retainers({}))
        if not vals_list:
            return
        by_matter = {}
        for bill in bills.sudo():
            if bill.move_type == "out_invoice":
                for matter in bill.matter_ids:
                    payer = bill.commercial_partner_id
                    is_client = payer == matter.partner_id.commercial_partner_id
                    if is_client or matter not in by_matter:
                        by_matter[matter] = bill
        for vals in vals_list:
            matter = self.browse(vals["matter_id"])
            vals["asked_with_id"] = by_matter[matter].id
        # whoever asks for the same at the same time looks again
        self.env["legal.bill.maker"]._touch_matters(
            self.browse([vals["matter_id"] for vals in vals_list])
        )
        self.env["legal.money.request"]._internal().create(vals_list)

    # --- guards

    def _get_waiting_requests(self):
        """Requests of these matters that still wait for money.

        :return: as superuser
        :rtype: legal.money.request
        """
        return self.sudo().money_request_ids.filtered(  # of the own matters
            lambda request: request.state in WAITING
        )

    def _get_open_items(self):
        """Besides: what the client is still asked for."""
        requests_sudo = self._get_waiting_requests()
        parts = [
            currency.format_signed(sum(requests.mapped("open_amount")))
            for currency, requests in requests_sudo.grouped("currency_id").items()
        ]
        company_currency = self.company_id.currency_id
        return [
            *super()._get_open_items(),
            (
                "requests",
                self.env._("Money asked for"),
                " + ".join(parts) or company_currency.format_signed(0.0),
                bool(requests_sudo),
            ),
        ]

    def _check_can_close(self):
        """Nor while the client is asked for money: what came in had nowhere to go.

        :raise MatterOptionError: naming the matters and the requests
        """
        result = super()._check_can_close()
        open_matters = self.filtered(lambda m: m.billing_status != "closed")
        requests_sudo = open_matters._get_waiting_requests()
        if requests_sudo:
            raise MatterOptionError(
                self.env._(
                    "Money is still asked for: %(matters)s (%(requests)s). Cancel the "
                    "requests first, or wait until they are paid.",
                    matters=", ".join(requests_sudo.matter_id.mapped("display_name")),
                    requests=", ".join(requests_sudo.mapped("name")),
                )
            )
        return result

    def _check_client_change(self):
        """Nor while the client is asked for money.

        :raise MatterOptionError: naming the matters and the requests
        """
        result = super()._check_client_change()
        requests_sudo = self._get_waiting_requests()
        if requests_sudo:
            raise MatterOptionError(
                self.env._(
                    "The client cannot change while money is asked for: %(matters)s "
                    "(%(requests)s). Cancel the requests first.",
                    matters=", ".join(requests_sudo.matter_id.mapped("display_name")),
                    requests=", ".join(requests_sudo.mapped("name")),
                )
            )
        return result

    # --- actions

    def action_ask_for_money(self):
        """Open a new request for money of this matter: what its retainer lacks, where it
        has one.

        :rtype: dict
        :raise RoleError: for those who do not ask clients for money
        """
        self.ensure_one()
        requests = self.env["legal.money.request"]
        requests._check_asker()
        has_retainer = self.retainer_minimum or self.retainer_target
        held = has_retainer or self.client_account_balance
        context = {
            "default_matter_id": self.id,
            "default_kind": "client_money" if held else "on_account",
        }
        if self.retainer_ask_amount:
            [vals] = self._prepare_retainer_requests(
                {self.id: (self.retainer_after_amount, self.retainer_ask_amount)}
            )
            context |= {
                "default_amount": vals["amount"],
                "default_narrative": vals["narrative"],
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for money"),
            "res_model": "legal.money.request",
            "views": [(False, "form")],
            "context": context,
        }

    def action_ask_for_retainers(self):
        """Ask for what is missing of the retainers of these matters: one draft request
        each, which are listed to be sent. Matters of which nothing is missing are left
        out.

        :return: the list of the requests
        :rtype: dict
        :raise RoleError: for those who do not ask clients for money
        :raise RequestError: if nothing is missing of any
        """
        requests = self.env["legal.money.request"]
        requests._check_asker()
        self.check_access("read")
        matters = self.filtered("is_matter")
        self.env["legal.bill.maker"]._touch_matters(matters)
        vals_list = matters._prepare_retainer_requests(
            {
                matter.id: (matter.retainer_after_amount, matter.retainer_ask_amount)
                for matter in matters
            }
        )
        if not vals_list:
            raise RequestError(
                self.env._(
                    "%(matters)s: nothing is missing of the retainer, or it is asked for "
                    "already.",
                    matters=", ".join(matters.mapped("display_name")),
                )
            )
        return requests.create(vals_list)._get_list_action()

    def action_open_waiting_requests(self):
        """The requests of these matters that still wait for money.

        :rtype: dict
        """
        action = self.action_open_money_requests()
        return action | {"domain": [*action["domain"], ("state", "in", WAITING)]}

    def action_open_money_requests(self):
        """The requests for money of these matters.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_money_request_action"
        )
        return action | {
            "domain": [("matter_id", "in", self.ids)],
            "context": {"default_matter_id": self[:1].id},
        }
