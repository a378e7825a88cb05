from odoo import models

from ...exceptions import MatterOptionError
from .legal_wall import THREADS


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """
        :raise MatterOptionError: for people outside the information barrier
        """
        if self._name in THREADS and partner_ids and not self.env.su:
            self._check_inside_wall(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)

    def _check_inside_wall(self, partner_ids):
        """
        :param list partner_ids: who is to follow
        :raise MatterOptionError: naming those who may not
        """
        # whoever adds somebody else must be able to write: core's own refusal comes
        # first, and says nothing of the matter
        if not self.has_access("read"):
            return
        wall = self.env["legal.wall"]
        # sudo: who of the firm is behind a contact
        partners_sudo = self.env["res.partner"].sudo().browse(partner_ids)
        outside = wall._get_outsiders(self._name, self.ids, partners_sudo.user_ids)
        refused_sudo = partners_sudo.filtered(
            lambda partner: any(
                wall._is_outside(partner, users) for users in outside.values()
            )
        )
        if refused_sudo:
            raise MatterOptionError(
                self.env._(
                    "%(names)s is outside the information barrier of %(records)s and "
                    "cannot follow it. Add the person to its team first.",
                    names=", ".join(refused_sudo.mapped("name")),
                    records=", ".join(
                        self.browse(outside).sudo().mapped("display_name")
                    ),
                )
            )

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Besides, nothing of a matter with an information barrier goes to people of
        the firm outside of it, by e-mail or to the inbox."""
        recipients = super()._notify_get_recipients(
            message, msg_vals=msg_vals, **kwargs
        )
        if not self or self._name not in THREADS:
            return recipients
        user_ids = [
            row["uid"] for row in recipients if row.get("uid") and not row["ushare"]
        ]
        outside = self.env["legal.wall"]._get_outsiders(
            self._name, self.ids, self.env["res.users"].sudo().browse(user_ids)
        )
        if not outside:
            return recipients
        ids = {user.id for users in outside.values() for user in users}
        return [row for row in recipients if row.get("uid") not in ids]
