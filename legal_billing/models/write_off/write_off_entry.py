"""The one arithmetic of write-offs: gross amounts become items of an entry. Used by
write-offs on bills and by rows of a slip."""

from odoo.fields import Command


def compute_net(bill, taxes, gross):
    """The amounts behind a gross one, by Odoo's taxes.

    :param account.move bill: gives currency and payer
    :param account.tax taxes: that are taken back
    :param float gross: in the bill's currency
    :return: as ``account.tax.compute_all``
    :rtype: dict
    """
    return taxes.with_context(force_price_include=True).compute_all(
        gross, currency=bill.currency_id, partner=bill.partner_id, is_refund=True
    )


def get_distribution(matter, account, partner):
    """The analytic distribution of what is given up of a matter.

    :param account.account account: of write-offs
    :param res.partner partner: who owes it
    :rtype: dict | bool
    """
    models = matter.env["account.analytic.distribution.model"]
    products = matter.env["product.product"]
    [found] = models._get_of_matters([(matter, products, account, partner)])
    return found or False


def prepare_items(bill, matter, taxes, gross, account, name, convert):
    """Debits of one part of a write-off: the net to the write-off account, each tax to
    its own. They add up to the gross amount exactly, in both currencies.

    :param account.move bill: that is written off
    :param project.project matter: whose part it is
    :param account.tax taxes: that are taken back; none: all of it is the firm's loss
    :param float gross: in the bill's currency
    :param account.account account: of write-offs
    :param str name: of the item on it
    :param convert: gives an amount of the bill's currency in the company's
    :return: values of ``account.move.line``
    :rtype: list
    """
    common = {
        "partner_id": bill.commercial_partner_id.id,
        "matter_id": matter.id,
        "currency_id": bill.currency_id.id,
    }
    computed = compute_net(bill, taxes, gross) if taxes else {"taxes": []}
    tax_items = [
        {
            **common,
            "name": tax["name"],
            "account_id": tax["account_id"] or account.id,
            "amount_currency": tax["amount"],
            "tax_repartition_line_id": tax["tax_repartition_line_id"],
            "tax_base_amount": tax["base"],
            "tax_tag_ids": [Command.set(tax["tag_ids"])],
        }
        for tax in computed["taxes"]
    ]
    net = gross - sum(item["amount_currency"] for item in tax_items)
    items = [
        {
            **common,
            "name": name,
            "account_id": account.id,
            "amount_currency": bill.currency_id.round(net),
            "tax_ids": [Command.set(taxes.ids)],
            "tax_tag_ids": [Command.set(computed.get("base_tags", []))],
            "analytic_distribution": get_distribution(
                matter, account, bill.commercial_partner_id
            ),
        },
        *tax_items,
    ]
    for item in items:
        item["balance"] = convert(item["amount_currency"])
    return [item for item in items if item["amount_currency"]]
