from odoo import fields, models

from ..bill.account_move_line import BILL_ELEMENTS


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
