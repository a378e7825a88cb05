from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import format_amount
from ..common.legal_billing_defaults import ARRANGEMENTS

#: Fields that say which matters are meant; a selection hands them to a run.
SCOPE_FIELDS = (
    "responsible_ids",
    "practice_area_ids",
    "client_ids",
    "scope_arrangement",
    "minimum_amount",
    "minimum_age",
    "has_client_money",
)


class LegalBillingScope(models.AbstractModel):
    """Which matters a mass billing looks at: the same filters for a run and for the
    selections that are saved under a name."""

    _name = "legal.billing.scope"
    _description = "Matters of a Mass Billing"

    responsible_ids = fields.Many2many(
        "res.users",
        string="Responsible lawyers",
        help="Empty: all.",
        context={"active_test": False},
    )
    practice_area_ids = fields.Many2many(
        "legal.practice.area",
        string="Practice areas",
        help="Empty: all.",
        context={"active_test": False},
    )
    client_ids = fields.Many2many(
        "res.partner",
        string="Clients",
        help="Empty: all. Their contacts count too.",
        context={"active_test": False},
    )
    scope_arrangement = fields.Selection(
        ARRANGEMENTS, string="Arrangement", help="Empty: all."
    )
    minimum_amount = fields.Float(
        digits="Product Price",
        help="In company currency. Matters with less to bill are held back. 0: none.",
        string="Minimum amount",
    )
    minimum_age = fields.Integer(
        string="Oldest entry, days",
        help="Matters whose oldest entry is younger are held back. 0: none.",
    )
    has_client_money = fields.Boolean(string="Client money only")

    # --- which matters

    def _get_scope_domains(self):
        """Conditions on the matter, each with the words for who it leaves out.

        :return: ``[(domain, sentence), …]``
        :rtype: list
        """
        self.ensure_one()
        conditions = []
        if self.responsible_ids:
            conditions.append(
                (
                    Domain("responsible_id", "in", self.responsible_ids.ids),
                    self.env._(
                        "This run takes only matters of %s.",
                        ", ".join(self.responsible_ids.mapped("name")),
                    ),
                )
            )
        if self.practice_area_ids:
            conditions.append(
                (
                    Domain("practice_area_id", "in", self.practice_area_ids.ids),
                    self.env._(
                        "This run takes only the practice area %s.",
                        ", ".join(self.practice_area_ids.mapped("display_name")),
                    ),
                )
            )
        if self.client_ids:
            conditions.append(
                (
                    Domain("partner_id", "child_of", self.client_ids.ids),
                    self.env._(
                        "This run takes only matters of the client %s.",
                        ", ".join(self.client_ids.mapped("display_name")),
                    ),
                )
            )
        if self.scope_arrangement:
            conditions.append(
                (
                    Domain("billing_arrangement", "=", self.scope_arrangement),
                    self.env._(
                        "This run takes only matters billed by: %s.",
                        self._get_arrangement_label(),
                    ),
                )
            )
        if self.has_client_money:
            conditions.append(
                (
                    Domain("client_account_balance", ">", 0),
                    self.env._("This run takes only matters that hold client money."),
                )
            )
        return conditions

    def _get_scope_obstacle(self, row):
        """Why a matter that could be billed is not for this run.

        :param MatterRow row: ready
        :return: reason code or False, and the figures of its sentence
        :rtype: tuple
        """
        self.ensure_one()
        if self.minimum_amount and row.company_amount < self.minimum_amount:
            currency = row.matter.company_id.currency_id
            return "below_scope", {
                "amount": format_amount(self.env, row.company_amount, currency),
                "minimum": format_amount(self.env, self.minimum_amount, currency),
            }
        if self.minimum_age and row.age < self.minimum_age:
            return "too_young", {"age": row.age, "minimum": self.minimum_age}
        return False, {}

    # --- in words, as values

    def _get_scope_text(self):
        """The filters in a few words, one per filter.

        :rtype: list
        """
        self.ensure_one()
        texts = []
        for name in ("responsible_ids", "practice_area_ids", "client_ids"):
            records = self[name]
            if records:
                text = ", ".join(records[:3].mapped("display_name"))
                if len(records) > 3:
                    text += self.env._(" and %s more", len(records) - 3)
                texts.append(text)
        if self.scope_arrangement:
            texts.append(self._get_arrangement_label())
        if self.minimum_amount:
            currency = self.company_id.currency_id or self.env.company.currency_id
            amount = format_amount(self.env, self.minimum_amount, currency)
            texts.append(self.env._("from %s", amount))
        if self.minimum_age:
            texts.append(self.env._("%s days and older", self.minimum_age))
        if self.has_client_money:
            texts.append(self.env._("with client money"))
        return texts

    def _get_arrangement_label(self):
        field = self._fields["scope_arrangement"]
        return dict(field._description_selection(self.env))[self.scope_arrangement]

    def _get_scope_vals(self):
        """The filters as values of another record.

        :rtype: dict
        """
        self.ensure_one()
        return {
            name: (
                [fields.Command.set(self[name].ids)]
                if self._fields[name].type == "many2many"
                else self[name]
            )
            for name in self._get_scope_fields()
        }

    @api.model
    def _get_scope_fields(self):
        """Names of the filters; extend to add one.

        :rtype: tuple
        """
        return SCOPE_FIELDS

    def _is_same_scope(self, other):
        """Whether another record asks for the same matters.

        :rtype: bool
        """
        return all(self[name] == other[name] for name in self._get_scope_fields())
