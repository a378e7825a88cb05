from odoo import models
from odoo.fields import Command

from ...exceptions import ProtectedFieldError

#: What the responsible lawyer may change on a draft of an own matter.
REVIEW_FIELDS = {
    "wip_line_ids",
    "fee_override",
    "bill_discount_type",
    "bill_discount_value",
    "bill_text",
}


class AccountMove(models.Model):
    """Lawyers who review drafts of their own matters, without any accounting right."""

    _inherit = "account.move"

    def write(self, vals):
        if not self._is_written_by_reviewer():
            return super().write(vals)
        self.check_access("write")
        self._check_can_edit_draft()
        vals = dict(vals)
        other = vals.keys() - REVIEW_FIELDS
        if other:
            raise ProtectedFieldError(
                self.env._(
                    "A reviewer changes the entries, the fees, the discount and the "
                    "text of a draft, not: %(fields)s. Ask a biller.",
                    fields=", ".join(
                        self._fields[name].string for name in sorted(other)
                    ),
                )
            )
        self._review_entries(vals.pop("wip_line_ids", []))
        # sudo: the role, the matter and the fields were checked above
        return super(AccountMove, self.sudo()).write(vals) if vals else True

    def _is_written_by_reviewer(self):
        """Whether the user has the right to review and none to write invoices.

        :rtype: bool
        """
        user = self.env.user
        return (
            not self.env.su
            and user.has_group("legal_billing.legal_billing_group_reviewer")
            and not user.has_group("account.group_account_invoice")
        )

    def _review_entries(self, commands):
        """Write what was edited in the list of entries.

        :param list commands: of ``wip_line_ids``; only updates are made
        :raise ProtectedFieldError: for entries of other bills
        """
        for command in commands:
            if command[0] != Command.UPDATE:
                continue
            entry = self.wip_line_ids.browse(command[1])
            if entry not in self.wip_line_ids:
                raise ProtectedFieldError(
                    self.env._(
                        "%(entry)s is not on this draft.", entry=entry.display_name
                    )
                )
            entry.write(command[2])
