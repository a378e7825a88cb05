from odoo import api, models
from odoo.fields import Command

from ...tools import format_amount

#: Options that drafts read from their matter: a change prices them again, at once.
PRICED_OPTIONS = {
    "billing_arrangement",
    "cap_amount",
    "blended_rate",
    "subscription_amount",
    "subscription_hours",
    "subscription_period",
    "subscription_from",
    "subscription_carry_over",
    "contingency_percent",
    "contingency_basis_amount",
    "abatement_percent",
    "abatement_from",
    "quoted_amount",
    "quote_scope",
    "quote_rule",
    "quote_basis",
    "adjustment_display",
    "fee_product_id",
    "practice_area_id",
}
#: Options that drafts have a copy of: they keep it unless someone asks otherwise.
COPIED_OPTIONS = {
    "billing_partner_id": "partner_id",
    "bill_report_id": "bill_report_id",
    "bill_payment_term_id": "invoice_payment_term_id",
    "bill_journal_id": "journal_id",
    "bill_email_template_id": "bill_email_template_id",
    "bill_channel_ids": "bill_channel_ids",
    "bill_recipient_ids": "recipient_ids",
    "bill_print_copies": "print_copies",
    "discount_type": "bill_discount_type",
    "discount_value": "bill_discount_value",
}
#: Of bills over several matters these are each matter's own, and price them again.
DISCOUNT_OPTIONS = {"discount_type", "discount_value"}
#: Up to so many drafts are priced to show the difference; more are counted only.
SHOWN_DRAFTS = 20


class ProjectProject(models.Model):
    """What a change of the billing options does to open drafts."""

    _inherit = "project.project"

    # --- actions

    @api.model
    def get_draft_effects(self, ids, vals):
        """What saving these options would do to the open drafts of the matters.

        Nothing is changed.

        :param list ids: of the matters
        :param dict vals: values as for ``write``
        :return: ``count`` of drafts, ``copied`` options that they keep,
            ``can_apply``, and ``rows`` with ``name`` and ``effects`` in words
        :rtype: dict
        """
        matters = self.browse(ids).filtered("is_matter")
        matters.check_access("write")
        touched = (PRICED_OPTIONS | COPIED_OPTIONS.keys()) & vals.keys()
        drafts = matters._get_open_drafts() if touched else None
        if not drafts:
            return {"count": 0, "rows": [], "copied": [], "can_apply": False}
        shown = drafts[:SHOWN_DRAFTS]
        effects = shown._foresee_options({f: vals[f] for f in touched}, matters)
        rows = [
            {"id": bill.id, "name": bill._get_short_name(), "effects": lines}
            for bill, lines in effects.items()
            if lines
        ]
        copied = sorted(touched & COPIED_OPTIONS.keys(), key=list(COPIED_OPTIONS).index)
        return {
            "count": len(drafts) if rows else 0,
            "more": len(drafts) - len(shown),
            "rows": rows,
            "copied": [self._get_option_label(field) for field in copied],
            "can_apply": bool(copied and rows),
        }

    def action_apply_options_to_drafts(self, names=None):
        """Give the open drafts of these matters the options as they are now.

        :param list names: options, default: all that drafts have a copy of
        :return: True
        :raise RoleError: without the biller's role
        """
        self._check_role("biller", "manager")
        self.check_access("write")
        chosen = [
            field for field in COPIED_OPTIONS if names is None or field in set(names)
        ]
        drafts = self._get_open_drafts()
        split = drafts.filtered("is_split")
        for bill in drafts:
            if bill in split and not bill.exists():
                continue  # a set was priced again, and this payer bears nothing of it
            if bill.is_together:
                continue  # what goes for all of its matters is said on the bill
            matter = bill._get_priced_matter()
            copied = bill._get_copied_options()
            vals = {}
            for field in chosen:
                if field not in copied:
                    continue
                target = COPIED_OPTIONS[field]
                value, current = matter[field], bill[target]
                if field == "bill_recipient_ids":  # archived ones too
                    value = matter._get_bill_recipients()
                    current = bill._get_recipients()
                if matter._is_same_option(field, current, value):
                    continue
                if field == "bill_recipient_ids":
                    vals[target] = [Command.set(value.ids)]
                elif value or field not in ("bill_journal_id", "billing_partner_id"):
                    vals[target] = bill._fields[target].convert_to_write(value, bill)
            if vals:
                if "partner_id" in vals:  # or core takes the new payer's own
                    vals.setdefault(
                        "invoice_payment_term_id", bill.invoice_payment_term_id.id
                    )
                bill.write(vals)
                if {"partner_id", "journal_id"} & vals.keys():
                    bill._reprice()
                bill.message_post(
                    body=self.env._(
                        "Taken over from the matter's billing options: %(options)s.",
                        options=", ".join(
                            self._get_option_label(field)
                            for field in chosen
                            if COPIED_OPTIONS[field] in vals
                        ),
                    )
                )
        return True

    # --- helpers

    def _get_open_drafts(self):
        """Drafts of these matters, with the right to change them: call only after the
        user's access to the matters was checked.

        :rtype: account.move
        """
        bills = self.env["account.move"]._internal()
        return bills.search(self._get_open_drafts_domain(self), order="id")

    def _follow_option_changes(self, changes):
        """Price the drafts of matters again whose quote or fee product changed, so
        that a later edit of the draft is no surprise."""
        result = super()._follow_option_changes(changes)
        priced = self.filtered(
            lambda m: m in changes and PRICED_OPTIONS & changes[m].keys()
        )
        drafts = priced._get_open_drafts()._get_split_heads() if priced else priced
        discounted = self.filtered(
            lambda m: m in changes and DISCOUNT_OPTIONS & changes[m].keys()
        )
        if discounted:
            # a bill over several matters has no discount of its own
            together = discounted._get_open_drafts().filtered("is_together")
            drafts = (drafts | together) if priced else together
        for bill in drafts:
            before = bill.split_total
            bill._reprice()
            bill.invalidate_recordset(["split_total"])
            if bill.currency_id.compare_amounts(before, bill.split_total):
                bill.message_post(
                    body=self.env._(
                        "Priced again, as the matter's billing options changed: "
                        "%(before)s → %(after)s.",
                        before=format_amount(self.env, before, bill.currency_id),
                        after=format_amount(
                            self.env, bill.split_total, bill.currency_id
                        ),
                    )
                )
        return result
