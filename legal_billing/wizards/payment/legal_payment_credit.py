from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import CreditError


class LegalPaymentCredit(models.TransientModel):
    """Moves or refunds unallocated credits of a matter, explicitly and with a reason."""

    _name = "legal.payment.credit"
    _inherit = ["legal.window.guard"]
    _description = "Move or Refund Credit"

    company_id = fields.Many2one(related="matter_id.company_id")
    matter_id = fields.Many2one(
        "project.project", required=True, domain=[("is_matter", "=", True)]
    )
    currency_id = fields.Many2one("res.currency", required=True)
    available_amount = fields.Monetary(compute="_compute_available_amount")
    operation = fields.Selection(
        [
            ("refund", "Pay it back"),
            ("move", "Move it to another matter"),
            ("client_account", "Move it to the client account"),
        ],
        required=True,
        default="refund",
    )
    amount = fields.Monetary(required=True)
    to_matter_id = fields.Many2one(
        "project.project", string="To matter", domain=[("is_matter", "=", True)]
    )
    partner_id = fields.Many2one("res.partner", string="Pay to")
    journal_id = fields.Many2one(
        "account.journal", domain=[("type", "in", ("bank", "cash"))], check_company=True
    )
    client_journal_id = fields.Many2one(
        "account.journal",
        string="Client bank",
        domain=[("type", "=", "bank")],
        check_company=True,
    )
    date = fields.Date(required=True, default=lambda self: self._default_date())
    reason = fields.Char(required=True)

    def _default_date(self):
        return fields.Date.context_today(self)

    @api.model
    def default_get(self, field_names):
        """From a matter, or from ticked credit items of one matter.

        :raise CreditError: for credits of several matters
        """
        values = super().default_get(field_names)
        context = self.env.context
        ids = context.get("active_ids") or []
        if context.get("active_model") == "account.move.line" and ids:
            lines = self.env["account.move.line"].browse(ids)
            if len(lines.matter_id) != 1 or len(lines.currency_id) != 1:
                raise CreditError(
                    self.env._("Choose credits of one matter and one currency.")
                )
            values |= {
                "matter_id": lines.matter_id.id,
                "currency_id": lines.currency_id.id,
                "amount": -sum(lines.mapped("amount_residual_currency")),
                "partner_id": lines.partner_id[:1].id,
            }
        elif context.get("active_model") == "project.project" and len(ids) == 1:
            matter = self.env["project.project"].browse(ids)
            currency = matter._get_credit_currency()
            credits = matter._get_open_credits(currency)
            values |= {
                "matter_id": matter.id,
                "currency_id": currency.id,
                "amount": -sum(credits.mapped("amount_residual_currency")),
                "partner_id": (matter.billing_partner_id or matter.partner_id).id,
            }
        return values

    @api.depends("matter_id", "currency_id")
    def _compute_available_amount(self):
        for wizard in self:
            lines = wizard.matter_id and wizard.matter_id._get_open_credits(
                wizard.currency_id
            )
            wizard.available_amount = (
                -sum(lines.mapped("amount_residual_currency")) if lines else 0.0
            )

    def action_confirm(self):
        """Post the movement.

        :return: its page
        :rtype: dict
        :raise CreditError: without the other matter, the bank or the client bank, where
            the client bank is of another currency, or where there is not enough
        """
        self.ensure_one()
        payments = self.env["legal.payment"]
        payments._check_cashier()
        self._check_amount()
        if self.operation == "client_account":
            self.env["legal.trust.transaction"]._check_trust_role()
            self._check_client_journal()
        payment = payments.create(
            self._prepare_move_vals()
            if self.operation == "move"
            else self._prepare_refund_vals()
        )
        payment.action_post()
        if self.operation == "client_account":
            self._deposit(payment)
        return payment._get_form_action()

    def _check_amount(self):
        """An amount that can go is entered.

        :raise CreditError:
        """
        currency = self.currency_id
        if (
            currency.compare_amounts(self.amount, 0.0) <= 0
            or currency.compare_amounts(self.amount, self.available_amount) > 0
        ):
            raise CreditError(
                self.env._(
                    "%(matter)s: enter what leaves the credit, up to %(available)s.",
                    matter=self.matter_id.display_name,
                    available=currency.format_signed(self.available_amount),
                )
            )

    def _check_client_journal(self):
        """The client bank is chosen, and of the credit's currency.

        :raise CreditError:
        """
        bank = self.client_journal_id
        if not bank:
            raise CreditError(self.env._("Choose the client bank that takes it."))
        currency = bank.currency_id or bank.company_id.currency_id
        if currency != self.currency_id:
            raise CreditError(
                self.env._(
                    "The credit of %(matter)s is in %(currency)s and %(bank)s in "
                    "%(bank_currency)s: the amount would change. Choose a client bank "
                    "in %(currency)s, or refund the credit.",
                    matter=self.matter_id.display_name,
                    currency=self.currency_id.name,
                    bank=bank.display_name,
                    bank_currency=currency.name,
                )
            )

    def _prepare_move_vals(self):
        if not self.to_matter_id:
            raise CreditError(self.env._("Choose the matter that gets the credit."))
        return {
            "source": "unallocated",
            "matter_id": self.matter_id.id,
            "company_id": self.matter_id.company_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "memo": self.reason,
            "allocation_ids": [
                Command.create(
                    {
                        "kind": "credit",
                        "matter_id": self.to_matter_id.id,
                        "amount": self.amount,
                    }
                )
            ],
        }

    def _prepare_refund_vals(self):
        if not self.journal_id:
            raise CreditError(self.env._("Choose the bank or cash it is paid from."))
        return {
            "direction": "out",
            "source": "cash" if self.journal_id.type == "cash" else "bank",
            "journal_id": self.journal_id.id,
            "matter_id": self.matter_id.id,
            "company_id": self.matter_id.company_id.id,
            "received_from_id": (self.partner_id or self.matter_id.partner_id).id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "memo": self.reason,
            "allocation_ids": [
                Command.create(
                    {
                        "kind": "credit",
                        "matter_id": self.matter_id.id,
                        "amount": self.amount,
                    }
                )
            ],
        }

    def _deposit(self, payment):
        """Book what left the office bank as client money of the matter; where the firm
        wants two people, it waits for the second.

        :param legal.payment payment: the refund
        """
        deposit = self.env["legal.trust.transaction"].create(
            {
                "kind": "deposit",
                "matter_id": self.matter_id.id,
                "amount": self.amount,
                "date": self.date,
                "journal_id": self.client_journal_id.id,
                "memo": f"{payment.name}: {self.reason}",
            }
        )
        if deposit.needs_second_person:
            deposit.action_submit()
        else:
            deposit.action_post()
