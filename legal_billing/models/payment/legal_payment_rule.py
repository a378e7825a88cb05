from odoo import api, fields, models
from odoo.fields import Command

from ...tools import BILL_ELEMENTS, ELEMENT_ORDER

MODES = [
    ("bill", "Each bill in full"),
    ("element", "Each bill element in full"),
    ("proportional", "Proportionally"),
]


class LegalPaymentRule(models.Model):
    """How one payment is spread over many bills."""

    _name = "legal.payment.rule"
    _description = "Payment Rule"
    _inherit = ["legal.own.company"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    mode = fields.Selection(
        MODES,
        required=True,
        default="bill",
        help="In full: bill by bill in the order below, the last one may be paid in "
        "part. Element in full: the first element of all bills, then the second, and "
        "so on. Proportionally: every bill, and every element in it, by what is open.",
    )
    bill_order = fields.Selection(
        [
            ("due_date", "Due date"),
            ("bill_date", "Bill date"),
            ("number", "Bill number"),
            ("amount", "Smallest first"),
        ],
        required=True,
        default="due_date",
        string="Bill order",
    )
    element_ids = fields.One2many(
        "legal.payment.rule.element",
        "rule_id",
        string="Order of elements",
        default=lambda self: self._default_element_ids(),
        copy=True,
    )
    match_exact_first = fields.Boolean(
        string="Look for an exact match first",
        help="One bill, all bills, all overdue bills, or the one combination of bills "
        "that makes the amount, before the rule is applied.",
    )
    allow_partial = fields.Boolean(string="Part payments", default=True)
    allow_overpayment = fields.Boolean(
        string="Overpayments",
        default=True,
        help="What is above the bills becomes an unallocated credit of the matter.",
    )
    include_blocked = fields.Boolean(
        string="Bills blocked for payment",
        help="Pay bills that are blocked for payment as well.",
    )

    def _default_element_ids(self):
        return [
            Command.create({"element": element, "sequence": sequence})
            for sequence, element in enumerate(ELEMENT_ORDER, start=1)
        ]

    def _get_element_order(self):
        """Elements in the order in which they are paid; those that the rule does not
        name come last, in the usual order.

        :rtype: tuple
        """
        named = self.element_ids.sorted(
            lambda row: (row.sequence, row.id or row._origin.id or 0)
        ).mapped("element")
        usual = list(ELEMENT_ORDER)
        return tuple(dict.fromkeys([*named, *usual]))

    @api.model
    def _get_default_rule(self, company, partner=None, matter=None):
        """The matter's rule, else the payer's, else the company's, else the first one
        there is.

        :param res.company company:
        :param res.partner partner: the payer
        :param project.project matter: where the payment is for one matter only
        :rtype: legal.payment.rule
        """
        rule = matter.payment_rule_id if matter else self.browse()
        if not rule and partner:
            partner = partner.with_company(company)
            rule = (
                partner.legal_payment_rule_id
                or partner.commercial_partner_id.legal_payment_rule_id
            )
        rule = rule or company.legal_payment_rule_id
        return rule or self.search([("company_id", "in", [company.id, False])], limit=1)


class LegalPaymentRuleElement(models.Model):
    """Place of one bill element in a rule's order of payment."""

    _name = "legal.payment.rule.element"
    _description = "Payment Rule Element"
    _order = "sequence, id"
    _rec_name = "element"

    rule_id = fields.Many2one(
        "legal.payment.rule", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    element = fields.Selection(BILL_ELEMENTS, required=True)

    _element_once = models.UniqueIndex(
        "(rule_id, element)", "A rule names each element once."
    )
