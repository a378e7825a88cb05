from dataclasses import dataclass, field

from odoo import models


@dataclass
class PostingItem:
    """One journal item of a payment, besides bank or cash.

    ``amount`` is a credit in the payment's currency (negative: a debit); ``targets``
    are the open items it is matched with, with nothing else.
    """

    amount: float
    name: str
    account: models.Model
    partner: models.Model
    matter: models.Model
    targets: models.Model
    balance: float | None = None
    extra_vals: dict = field(default_factory=dict)

    def prepare_vals(self, currency, balance):
        """Values of the journal item.

        :param res.currency currency: of the payment
        :param float balance: credit in company currency
        :rtype: dict
        """
        return {
            "name": self.name,
            "account_id": self.account.id,
            "partner_id": self.partner.id,
            "matter_id": self.matter.id,
            "currency_id": currency.id,
            "amount_currency": -self.amount,
            "balance": -balance,
            **self.extra_vals,
        }
