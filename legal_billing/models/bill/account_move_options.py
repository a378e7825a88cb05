from markupsafe import Markup

from odoo import models
from odoo.fields import Command, Domain

from ...exceptions import BillStageError
from ...tools import format_amount
from .project_project_drafts import COPIED_OPTIONS

#: Options of a bill that say how it goes out, and the matter's options behind them.
OPTIONS = {
    "bill_channel_ids": "bill_channel_ids",
    "recipient_ids": "bill_recipient_ids",
    "print_copies": "bill_print_copies",
    "bill_email_template_id": "bill_email_template_id",
    "bill_report_id": "bill_report_id",
    "invoice_payment_term_id": "bill_payment_term_id",
}


#: Options that each payer of a matter has of his own, as the matter's row names them;
#: channels follow from the others.
PAYER_OPTIONS = {
    "recipient_ids": "recipient_ids",
    "print_copies": "print_copies",
    "bill_report_id": "bill_report_id",
    "bill_channel_ids": False,
}


class AccountMove(models.Model):
    """What a change of its matter's options would do to a draft."""

    _inherit = "account.move"

    def _foresee_options(self, vals, matters):
        """Effects of other options on these drafts. Nothing is written.

        :param dict vals: options of their matters, as for ``write``
        :param project.project matters: that get them
        :return: ``{draft: effects in words}``
        :rtype: dict
        """
        result = {}
        for bill in self:
            if bill.is_together:
                result[bill] = bill._foresee_together(vals, matters)
                continue
            matter = bill._get_priced_matter()
            changed = matter.new(vals, origin=matter)
            result[bill] = bill._describe_price_change(
                matter, changed
            ) + bill._describe_kept_options(changed, vals)
        return result

    def _foresee_net(self, matter):
        """Net amount of what billing makes of this draft's entries.

        :param project.project matter: as it is, or with other options
        :rtype: float
        """
        self.ensure_one()
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        rows = maker._load_rows(Domain("bill_id", "=", self.id))
        before = maker._get_billed_before(matter, exclude=self._get_split_set())
        priced = maker._price(
            matter,
            rows.get(matter._origin.id, []),
            self.instalment_ids,
            before[matter._origin.id],
            self.invoice_date,
            bill=self,
        )
        return float(priced.net)

    def _describe_price_change(self, matter, changed):
        """
        :param project.project matter: as it is
        :param project.project changed: with other options
        :rtype: list
        """
        if self.split_of_id:
            return []  # it is said of the bill that holds the entries
        before = self.split_total
        after = before + self._foresee_net(changed) - self._foresee_net(matter)
        if not self.currency_id.compare_amounts(before, after):
            return []
        return [
            self.env._(
                "is priced again: %(before)s → %(after)s",
                before=format_amount(self.env, before, self.currency_id),
                after=format_amount(self.env, after, self.currency_id),
            )
        ]

    def _describe_kept_options(self, changed, vals):
        """
        :param project.project changed: with other options
        :param dict vals: those that would change
        :rtype: list
        """
        self.ensure_one()
        return [
            self.env._(
                "keeps %(option)s: %(value)s",
                option=changed._get_option_label(field),
                value=changed._format_option(field, self[target]),
            )
            for field, target in self._get_copied_options().items()
            if field in vals
            and not changed._is_same_option(field, self[target], changed[field])
        ]

    def _get_copied_options(self):
        """Options of the matter that this draft has a copy of: one of several payers
        has payer, template and delivery of his own, and discounts are said where the
        entries are.

        :return: ``{option: field of the bill}``
        :rtype: dict
        """
        self.ensure_one()
        if not self.is_split and not self._get_matter_payer():
            return COPIED_OPTIONS
        own = set(PAYER_OPTIONS)
        if self.is_split:
            own.add("partner_id")
        if self.split_of_id:
            own |= {"bill_discount_type", "bill_discount_value"}
        return {
            option: target
            for option, target in COPIED_OPTIONS.items()
            if target not in own
        }

    def _get_matter_payer(self):
        """The row of the matter that says how this payer's bills go out; none where one
        pays all.

        :rtype: legal.matter.payer
        """
        self.ensure_one()
        if not self.is_split and not self.is_shared:
            return self.env["legal.matter.payer"]
        return self.matter_id.payer_ids.filtered(
            lambda payer: payer.partner_id == self.partner_id
        )

    # --- changed on the bill

    def action_open_options(self):
        """Ask for recipients, copies, templates and terms of the ticked bills.

        :return: the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise BillStageError: for bills that went out
        """
        self._check_role("biller", "manager")
        bills = self.env["legal.bulk.selection"]._select(self)
        bills._check_options_stage()
        return self.env["legal.bill.options"]._open(bills)

    def _check_options_stage(self):
        """:raise BillStageError: naming bills that are neither draft nor in production"""
        gone = self.filtered(
            lambda bill: bill.billing_stage not in ("draft", "production")
        )
        if gone or not self:
            raise BillStageError(
                self.env._(
                    "Options are changed on drafts and in production, not on: %(bills)s. "
                    "Send a bill that went out again with E-mail manually, or change "
                    "the matter's billing options.",
                    bills=", ".join(bill._get_short_name() for bill in gone[:10])
                    or self.env._("nothing selected"),
                )
            )

    def _set_options(self, options, with_matter):
        """Write options of these bills, and of their matters.

        :param dict options: values by field of the bill; ``recipient_ids`` as ids
        :param bool with_matter: whether the matters get *all* options of their bill
        :raise RoleError: without the biller's role
        :raise AccessError: where the user may not write the matter
        :raise BillStageError: for bills that went out, terms of approved bills
        """
        self._check_role("biller", "manager")
        self.check_access("write")
        self._check_options_stage()
        if "invoice_payment_term_id" in options:
            approved = self.filtered(lambda bill: bill.state != "draft")
            if approved:
                raise BillStageError(
                    self.env._(
                        "%(bills)s: the terms of an approved bill stay. Revert it first.",
                        bills=", ".join(b._get_short_name() for b in approved[:10]),
                    )
                )
        vals = dict(options)
        for name in {"recipient_ids", "bill_channel_ids"} & vals.keys():
            vals[name] = [Command.set(vals[name] or [])]
        if vals:
            before = {bill: bill._describe_options(options) for bill in self}
            self.write(vals)
            for bill in self:
                bill._log_options(before[bill], bill._describe_options(options))
        if with_matter:
            self._hand_options_to_matters(options or dict.fromkeys(OPTIONS), OPTIONS)

    def _hand_options_to_matters(self, options, names):
        """The matters take over these options of their bills, for the next ones too.

        :param dict options: by field of the bill
        :param dict names: field of the bill → field of the matter
        """
        self.matter_ids.check_access("write")
        for bill in self:
            payer = bill._get_matter_payer()
            own = [name for name in options if payer and name in PAYER_OPTIONS]
            if own:
                payer.write(
                    {
                        PAYER_OPTIONS[name]: [Command.set(bill._get_recipients().ids)]
                        if name == "recipient_ids"
                        else bill[name].id
                        if name == "bill_report_id"
                        else bill[name]
                        for name in own
                        if PAYER_OPTIONS[name]
                    }
                )
            vals = {
                names[name]: [Command.set(bill._get_recipients().ids)]
                if name == "recipient_ids"
                else [Command.set(bill[name].ids)]
                if self._fields[name].type == "many2many"
                else bill[name].id
                if isinstance(bill[name], models.Model)
                else bill[name]
                for name in options
                if name not in own
            }
            labels = self._describe_options(options)
            bill.matter_ids.write(vals)
            for matter in bill.matter_ids:
                matter.message_post(
                    body=Markup("{}<br/>{}").format(
                        self.env._(
                            "Billing options taken over from %(bill)s",
                            bill=bill._get_short_name(),
                        ),
                        Markup("<br/>").join(
                            f"{label}: {value}" for label, value in labels.items()
                        )
                        if len(self) == 1
                        else "",
                    )
                )

    def _describe_options(self, names):
        """What options say now, in words.

        :rtype: dict
        """
        result = {}
        for name in names:
            field = self._fields[name]
            for bill in self[:1]:
                value = bill[name]
                if isinstance(value, models.Model):
                    text = ", ".join(value.mapped("display_name"))
                else:
                    text = dict(field._description_selection(self.env)).get(value, "")
                result[field._description_string(self.env)] = text or "–"
        return result

    def _log_options(self, before, after):
        lines = [
            f"{label}: {before[label]} → {text}"
            for label, text in after.items()
            if text != before[label]
        ]
        if lines:
            self.message_post(body=Markup("<br/>").join(lines))
