"""Kinds of matters: every billing option, and every reason why there is no bill.

``share`` is how many of 60 matters are of that kind. The first of each kind come
first, so that even a small firm has a bit of everything.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """How matters of a kind differ from a plain hourly one.

    :param dict options: values of the matter
    :param float quote: quoted amount as a multiple of the expected fees
    :param float cap: cap or threshold of an abatement, as the same
    :param tuple instalments: ``(share of the expected fees, repeat, when)``
    :param dict late: values written when the history is made (closed, archived)
    :param float weight: share of the entries, 1 is a usual one
    :param int cadence: months between bills; 0: never billed yet
    :param str wip: how its entries differ, see ``wip.py``
    :param str who: of client and payer: ``insured``, ``none``, ``abroad``
    """

    key: str
    share: int = 1
    options: dict = field(default_factory=dict)
    quote: float = 0.0
    cap: float = 0.0
    instalments: tuple = ()
    late: dict = field(default_factory=dict)
    weight: float = 1.0
    cadence: int = 1
    wip: str = ""
    who: str = ""


KINDS = (
    Kind("hourly", share=11),
    Kind(
        "percent shown",
        share=2,
        options={
            "discount_type": "percent",
            "discount_value": 10,
            "adjustment_display": "discount",
        },
    ),
    Kind(
        "quote above WIP",
        share=3,
        quote=1.8,
        options={"quote_rule": "lower", "adjustment_display": "discount"},
    ),
    Kind(
        "quote below WIP",
        share=2,
        quote=0.5,
        options={"quote_rule": "lower", "adjustment_display": "discount"},
    ),
    Kind("insured", share=3, who="insured"),
    Kind(
        "instalment each month",
        share=2,
        options={"billing_arrangement": "fixed"},
        instalments=((0.2, "month", "start"),),
    ),
    Kind("foreign currency", share=2, options={"billing_currency_id": "foreign"}),
    Kind("closed", late={"billing_status": "closed"}),
    Kind("archived", late={"active": False}),
    Kind("by hand", late={"exclude_from_mass_billing": True}),
    Kind("no client", who="none", cadence=0, weight=0.4),
    Kind("held", wip="held", cadence=0, weight=0.3),
    Kind("large", weight=8.0, cadence=0),
    Kind("walled", options={"is_walled": True}, cadence=0, weight=0.5),
    Kind("minimum", share=2, weight=0.25, options={"minimum_bill_amount": 500}),
    Kind(
        "fixed discount",
        share=2,
        options={
            "discount_type": "fixed",
            "discount_value": 250,
            "adjustment_display": "discount",
        },
    ),
    Kind(
        "percent hidden",
        options={
            "discount_type": "percent",
            "discount_value": 5,
            "adjustment_display": "hidden",
        },
    ),
    Kind(
        "price of each bill",
        quote=0.22,
        options={"quote_rule": "quote", "quote_basis": "bill"},
    ),
    Kind(
        "at least the quote",
        quote=0.2,
        options={
            "quote_rule": "higher",
            "quote_basis": "bill",
            "adjustment_display": "discount",
        },
    ),
    Kind("quote as estimate", quote=0.9, options={"quote_rule": "wip"}),
    Kind(
        "quote for all",
        quote=1.1,
        options={"quote_rule": "lower", "quote_scope": "both"},
    ),
    Kind(
        "milestone",
        options={"billing_arrangement": "fixed"},
        instalments=((0.4, "no", "milestone"), (0.6, "no", "open milestone")),
    ),
    Kind(
        "instalment each quarter",
        options={"billing_arrangement": "fixed"},
        instalments=((0.5, "quarter", "start"),),
    ),
    Kind(
        "instalment each run",
        options={"billing_arrangement": "fixed"},
        instalments=((0.15, "run", "start"),),
    ),
    Kind(
        "no instalment due",
        options={"billing_arrangement": "fixed"},
        instalments=((1.0, "no", "later"),),
        cadence=0,
        weight=0.5,
    ),
    Kind(
        "no charge",
        cadence=0,
        weight=0.15,
        options={
            "default_bill_behavior": "no_charge",
        },
    ),
    Kind("pro bono", cadence=0, weight=0.4, options={"is_billable": False}),
    Kind("work abroad", options={"fee_product_id": "fees_abroad"}, who="abroad"),
    Kind("no rate", cadence=0, weight=0.3, wip="consultant"),
    Kind("refund", cadence=1, weight=0.5, wip="refund"),
    Kind("later work", cadence=0, weight=0.1, wip="later"),
    Kind("new", share=2, cadence=0, weight=0.4),
    Kind("quarterly", share=3, cadence=3),
    Kind(
        "capped",
        cap=0.9,
        options={"billing_arrangement": "capped", "adjustment_display": "discount"},
    ),
    Kind("blended", options={"billing_arrangement": "blended", "blended_rate": 265}),
    Kind(
        "subscription",
        weight=0.5,
        options={
            "billing_arrangement": "subscription",
            "subscription_amount": 950,
            "subscription_hours": 3,
        },
    ),
    Kind(
        "contingency",
        weight=0.5,
        options={"billing_arrangement": "contingency", "contingency_percent": 25},
    ),
    Kind("abatement", cap=0.5, options={"abatement_percent": 10}),
)


def deal_kinds(count):
    """Kinds of so many matters, in the firm's proportions.

    :param int count:
    :rtype: list
    """
    rest = [kind for kind in KINDS for _index in range(kind.share - 1)]
    pattern = [*KINDS, *rest]
    hourly = KINDS[0]
    result = pattern[:count]
    while len(result) < count:
        # a big firm is mostly plain: half of each further round
        result += [hourly] * len(pattern) + pattern
    return result[:count]
