"""What a law firm takes from each of Odoo's charts of accounts.

The names are those of the charts' own templates, ``addons/l10n_*/data/template``:
codes of accounts would not do, since charts of one country differ in their digits.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """What is named here exists in the chart; what is not is made, or left as core has
    it."""

    #: 0 % on what is paid in the client's name, where the chart has a tax for just that.
    agent_tax: str = ""


#: By ``chart_template`` of the company.
CHARTS = {
    # "escluso art. 15": what is advanced in the name and for the account of the client
    "it": Chart(agent_tax="00art15v"),
}


def get_chart(template):
    """What is taken from a chart; of an unknown one, nothing.

    :param str template: ``chart_template`` of a company
    :rtype: Chart
    """
    return CHARTS.get(template or "", Chart())
