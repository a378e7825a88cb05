from odoo import api, fields, models
from odoo.tools import format_date

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import format_amount

#: Reasons of the engine that a sentence is made of.
TOLD_REASONS = {
    "cap_applied",
    "blended_applied",
    "subscription_applied",
    "contingency_applied",
    "abatement_applied",
}


class LegalBillMaker(models.AbstractModel):
    """Fee arrangements: capped, blended, subscription, contingent, abatement (C-35)."""

    _inherit = "legal.bill.maker"

    # --- terms

    @api.model
    def _make_arrangement(self, matter, before, bill=None, cutoff=None):
        """What the matter's arrangement makes of its fees.

        :param BilledBefore before: what other bills of the matter took
        :param account.move bill: the draft that is priced again
        :param date cutoff: periods of a subscription are due until then
        :return: arguments of ``engine.Terms``
        :rtype: dict
        """
        return {
            # a draft that is there stays a bill, at whatever its options come to
            "waits": None if bill else self._get_waiting_code(matter),
            "quote": self._make_quote(matter, before, bill),
            "blended_rate": (
                to_decimal(matter.blended_rate)
                if matter.billing_arrangement == "blended"
                else None
            ),
            "subscription": self._make_subscription(matter, before, bill, cutoff),
        }

    @api.model
    def _get_waiting_code(self, matter):
        """Why nothing is billed under the arrangement as it is now.

        :return: reason code, or None
        :rtype: str
        """
        arrangement = matter.billing_arrangement
        if arrangement == "contingency" and not matter._get_quote().amount:
            return "waits_for_outcome"
        amount = {
            "capped": "cap_amount",
            "blended": "blended_rate",
            "subscription": "subscription_amount",
        }.get(arrangement)
        return "arrangement_incomplete" if amount and not matter[amount] else None

    @api.model
    def _make_quote(self, matter, before, bill=None):
        """
        :rtype: engine.Quote
        """
        quote = matter._get_quote()
        if not quote.amount and quote.name == "quote":
            return None
        chosen = bill and bill.bill_quote_rule
        if quote.name != "quote" and chosen != "wip":
            chosen = None  # a cap or an outcome is left alone, or billed over
        return engine.Quote(
            amount=to_decimal(quote.amount),
            rule=chosen or quote.rule,
            scope=quote.scope,
            already_billed=to_decimal(before.quote if quote.is_for_life else 0.0),
            name=quote.name,
        )

    @api.model
    def _make_subscription(self, matter, before, bill=None, cutoff=None):
        """
        :rtype: engine.Subscription
        """
        if matter.billing_arrangement != "subscription":
            return None
        until = (
            (bill and (bill.cutoff_date or bill.invoice_date))
            or cutoff
            or fields.Date.context_today(matter)
        )
        return engine.Subscription(
            amount=to_decimal(matter.subscription_amount),
            periods=engine.list_periods(
                matter.subscription_period or "month",
                until,
                to_decimal(matter.subscription_hours),
                before.periods,
                matter.subscription_from or None,
            ),
            carry_over=bool(matter.subscription_carry_over),
        )

    @api.model
    def _make_abatement(self, matter, before):
        """
        :rtype: engine.Abatement
        """
        if not matter.abatement_percent:
            return None
        return engine.Abatement(
            percent=to_decimal(matter.abatement_percent),
            above=to_decimal(matter.abatement_from),
            already_billed=to_decimal(before.fees),
        )

    @api.model
    def _get_owing(self, matters, before, cutoff):
        """Matters that owe a fee whatever the work: a period of their subscription, or
        what is left of their outcome.

        :param project.project matters:
        :param dict before: of ``_get_billed_before``
        :param date cutoff: the effective cut-off
        :rtype: project.project
        """
        return matters.filtered(
            lambda matter: (
                engine.price_bill(
                    (), self._make_terms(matter, (), before[matter.id], cutoff=cutoff)
                ).has_fee
                and not self._get_waiting_code(matter)
            )
        )

    @api.model
    def _as_stored_periods(self, matter, priced):
        """What a bill keeps of its subscription's periods.

        :return: for a field of JSON; False for none
        :rtype: list
        """
        charged = {line.period.start for line in priced.lines if line.period}
        return [
            {
                "matter_id": matter.id,
                "start": str(period.start),
                "end": str(period.end),
                "is_charged": period.start in charged,
                "hours": float(period.hours),
                "used": float(period.used),
            }
            for period in priced.periods
        ] or False

    # --- words

    @api.model
    def _get_arrangement_text(self, matter, priced):
        """What the arrangement does to this bill, in a sentence.

        :param engine.PricedBill priced:
        :return: empty where it does nothing
        :rtype: str
        """
        told = {reason.code: reason for reason in priced.reasons}
        if told.keys().isdisjoint(TOLD_REASONS):
            return ""
        currency = matter.billing_currency_id or matter.company_id.currency_id

        def get_figures(code):
            return {
                name: format_amount(self.env, float(value), currency)
                for name, value in (told[code].values if code in told else ())
            }

        texts = []
        if figures := get_figures("cap_applied"):
            if figures["wip"] != figures["billed"]:
                text = self.env._(
                    "Cap of %(quote)s: %(billed)s of %(wip)s is billed, the rest is "
                    "above it.",
                    **figures,
                )
            else:
                text = self.env._(
                    "Cap of %(quote)s: %(percent)s %% used.",
                    quote=figures["quote"],
                    percent=self._get_cap_used(priced),
                )
            texts.append(text)
        if "blended_applied" in told:
            rate = format_amount(self.env, matter.blended_rate, currency)
            texts.append(self.env._("Blended rate of %(rate)s an hour.", rate=rate))
        if "subscription_applied" in told:
            texts.append(self._get_subscription_text(priced))
        if "contingency_applied" in told:
            percent, basis = matter.contingency_percent, matter.contingency_basis_amount
            texts.append(
                self.env._(
                    "Contingent fee: %(percent)s %% of %(basis)s.",
                    percent=f"{percent:g}",
                    basis=format_amount(self.env, basis, currency),
                )
            )
        if figures := get_figures("abatement_applied"):
            texts.append(
                self.env._(
                    "%(abatement)s off, for %(above)s of fees above %(threshold)s.",
                    threshold=format_amount(self.env, matter.abatement_from, currency),
                    **figures,
                )
            )
        return " ".join(texts)

    @api.model
    def _get_subscription_text(self, priced):
        periods = priced.periods
        used = sum(period.used for period in periods)
        charged = [line.period for line in priced.lines if line.period]
        included = sum(period.hours for period in charged)
        hours = f"{float(used):g}"
        if not charged:
            return self.env._(
                "Subscription: %(used)s hours of a period that was billed.", used=hours
            )
        return self.env._(
            "Subscription: %(used)s of %(included)s hours used.",
            used=hours,
            included=f"{float(included):g}",
        )

    @api.model
    def _get_period_text(self, period):
        """What the line of a subscription's period says.

        :param engine.Period period:
        :rtype: str
        """
        name = f"{format_date(self.env, period.start)} – {format_date(self.env, period.end)}"
        hours = float(period.hours)
        if not hours:
            return self.env._("Subscription %(period)s", period=name)
        return self.env._(
            "Subscription %(period)s, %(hours)s hours included",
            period=name,
            hours=f"{hours:g}",
        )

    @api.model
    def _get_abatement_text(self, matter):
        """What the line of an abatement says.

        :rtype: str
        """
        currency = matter.billing_currency_id or matter.company_id.currency_id
        percent = f"{matter.abatement_percent:g}"
        if not matter.abatement_from:
            return self.env._("Abatement of %(percent)s %%", percent=percent)
        return self.env._(
            "Abatement of %(percent)s %% on fees above %(threshold)s",
            percent=percent,
            threshold=format_amount(self.env, matter.abatement_from, currency),
        )

    @api.model
    def _get_cap_used(self, priced):
        """How much of the cap is used with this bill.

        :return: percent; 0 without a cap
        :rtype: int
        """
        for reason in priced.reasons:
            if reason.code in ("cap_applied", "cap_used_up"):
                figures = dict(reason.values)
                left = figures.get("left", 0) - figures.get("billed", 0)
                quote = figures["quote"]
                return int(100 * (quote - left) / quote) if quote else 0
        return 0
