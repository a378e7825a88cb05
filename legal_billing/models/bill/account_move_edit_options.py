from markupsafe import Markup

from odoo import models
from odoo.fields import Command

from ...exceptions import BillStageError


class AccountMove(models.Model):
    """How a bill goes out, changed on the bill: for it alone, or the matter too."""

    _inherit = "account.move"

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
        from ...wizards.legal_bill_options import OPTIONS  # loaded after the models

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
        if "recipient_ids" in vals:
            vals["recipient_ids"] = [Command.set(vals["recipient_ids"] or [])]
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
            vals = {
                names[name]: [Command.set(bill._get_recipients().ids)]
                if name == "recipient_ids"
                else bill[name].id
                if isinstance(bill[name], models.Model)
                else bill[name]
                for name in options
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
