"""What a law firm takes from each of Odoo's charts of accounts.

The names are those of the charts' own templates, ``addons/l10n_*/data/template``: codes
of accounts would not do, since a company may have more digits than its chart.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Chart:
    """What is named here exists in the chart. What is not named is as core has it; the
    accounts of disbursements, credits and client money are then made beside another, whose
    place in the balance sheet they take."""

    #: Tax of fees, where the chart's default is one of goods.
    fee_tax: str = ""
    #: Income from services, where the chart's default is one of goods.
    fee_account: str = ""
    #: 0 % on what is paid in the client's name, where the chart has a tax for just that.
    agent_tax: str = ""
    #: What is paid in the client's name: a current asset until the client has paid.
    agent_account: str = ""
    agent_beside: str = ""
    #: What was billed on account, before the work was done; beside the credits, if the
    #: chart has no account of its own.
    advances_account: str = ""
    #: What clients paid above their bills, and money that is theirs.
    credits_beside: str = ""
    money_account: str = ""
    money_beside: str = ""
    #: Where the new account's code begins, if not after its neighbour's.
    credits_code: str = ""
    money_code: str = ""
    #: Bad debts, as distinct from cash discounts.
    write_off_account: str = ""

    def extended_by(self, other):
        """This chart with what a chart that is built on it changes.

        :param Chart other:
        :rtype: Chart
        """
        return Chart(
            **{
                item.name: getattr(other, item.name) or getattr(self, item.name)
                for item in fields(self)
            }
        )


#: By ``chart_template``; a chart that is built on another has what that has.
CHARTS = {
    "at": Chart(
        agent_beside="chart_at_template_2300",
        advances_account="chart_at_template_3200",
        credits_beside="chart_at_template_3200",
        money_beside="chart_at_template_3480",
        money_code="3700",  # where other liabilities stand in Austria's usual frame
    ),
    "au": Chart(
        agent_beside="au_11210",
        credits_beside="au_21600",
        money_beside="au_21600",
    ),
    # the default of 21 % and that of services fill the same boxes, as in Austria
    "be": Chart(
        fee_account="a7001",
        agent_beside="a416",
        advances_account="a46",
        credits_beside="a46",
        money_beside="a488",
        write_off_account="a642",
    ),
    "ca_2023": Chart(
        fee_account="l10n_ca_411200",
        agent_beside="l10n_ca_113300",
        credits_beside="l10n_ca_298000",
        money_account="l10n_ca_294000",  # Amounts Held in Trust
        money_beside="l10n_ca_298000",
    ),
    "ch": Chart(
        fee_account="ch_coa_3400",
        agent_beside="ch_coa_1190",
        advances_account="ch_coa_2030",
        credits_beside="ch_coa_2030",
        money_beside="ch_coa_2210",
        write_off_account="ch_coa_3805",
    ),
    # "Durchlaufende Posten". New codes keep clear of those that DATEV books taxes by
    "de_skr03": Chart(
        agent_account="account_1590",
        agent_beside="account_1590",
        credits_beside="account_1719",
        credits_code="1723",
        money_beside="account_1700",
        money_code="1794",
        write_off_account="account_2400",
    ),
    "de_skr04": Chart(
        agent_account="chart_skr04_1370",
        agent_beside="chart_skr04_1370",
        credits_beside="chart_skr04_3280",
        money_beside="chart_skr04_3500",
        write_off_account="chart_skr04_6930",
    ),
    "es_common": Chart(
        fee_account="account_common_7050",
        agent_beside="account_common_555",
        advances_account="account_common_438",
        credits_beside="account_common_438",
        money_beside="account_common_561",
    ),
    "es_common_mainland": Chart(fee_tax="account_tax_template_s_iva21s"),
    "es_assec": Chart(write_off_account="account_assoc_655"),
    "es_coop_pymes": Chart(write_off_account="account_coop_650"),
    "es_full": Chart(write_off_account="account_full_650"),
    "es_pymes": Chart(write_off_account="account_pymes_650"),
    # VAT on services is due on payment
    "fr": Chart(
        fee_tax="tva_normale_encaissement",
        fee_account="pcg_706",
        agent_beside="pcg_467",
        advances_account="pcg_4191",
        credits_beside="pcg_4191",
        money_beside="pcg_467",
        write_off_account="pcg_6541",
    ),
    "generic_coa": Chart(
        agent_beside="current_assets",
        credits_beside="current_liabilities",
        money_beside="current_liabilities",
    ),
    "ie": Chart(
        fee_tax="ie_tax_sale_services_23",
        agent_beside="l10n_ie_account_2130",
        credits_beside="l10n_ie_account_33",
        money_beside="l10n_ie_account_3824",
    ),
    # "escluso art. 15": advanced in the name and for the account of the client
    "it": Chart(
        fee_tax="22vs",
        agent_tax="00art15v",
        agent_account="1503",
        agent_beside="1503",
        credits_beside="2530",
        money_beside="2619",
        write_off_account="4905",
    ),
    # its defaults are those of services
    "lu": Chart(
        agent_beside="lu_2011_account_42188",
        credits_beside="lu_2011_account_4015",
        money_beside="lu_2011_account_4718",
    ),
    "nl": Chart(
        fee_tax="btw_21_d",
        fee_account="8005",
        agent_beside="1290",
        credits_beside="1405",
        money_beside="1490",
        write_off_account="4550",
    ),
    "nz": Chart(
        agent_beside="nz_11210",
        credits_beside="nz_21600",
        money_beside="nz_21600",
    ),
    "uk": Chart(
        agent_beside="110200",
        credits_beside="210200",
        money_beside="210200",
        write_off_account="785000",
    ),
    "us": Chart(
        agent_beside="account_account_us_current_assets",
        credits_beside="account_account_us_current_liabilities",
        money_beside="account_account_us_current_liabilities",
    ),
    "za": Chart(
        agent_beside="100070",
        credits_beside="200030",
        money_beside="200030",
        write_off_account="610360",
    ),
}

#: What the neighbour is called in a chart that is not named above, best first.
NEIGHBOURS = {
    "asset_current": (
        "disbursement",
        "other debtor",
        "other receivable",
        "other current asset",
        "current asset",
    ),
    "liability_current": (
        "customer deposit",
        "deposits from customers",
        "advances from customers",
        "advances received",
        "payments received",
        "prepayments received",
        "down payments",
        "other current liabilit",
        "other creditor",
        "other liabilit",
        "current liabilit",
    ),
}


def get_chart(templates):
    """What is taken from a chart; of an unknown one, nothing.

    :param list templates: the chart's name and those of the charts that it is built on,
        its own first
    :rtype: Chart
    """
    chart = Chart()
    for template in reversed(templates):
        chart = chart.extended_by(CHARTS.get(template, Chart()))
    return chart
