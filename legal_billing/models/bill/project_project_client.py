from datetime import timedelta

from odoo import models
from odoo.fields import Command
from odoo.tools import format_date

from ...exceptions import MatterOptionError
from ...tools import Sign, open_window
from ..common.legal_billing_defaults import OPTIONS
from ..matter.project_project_options import DISCOUNT


class ProjectProject(models.Model):
    """A matter that changes hands: billed history stays with the old client."""

    _inherit = "project.project"

    def write(self, vals):
        """Let options follow a new client that came from the old one, and payer,
        recipients and channels where they were the old one's.

        :raise MatterOptionError: while the matter holds client money, credits or a
            draft
        """
        if "partner_id" not in vals:
            return super().write(vals)
        changed = self.filtered(
            lambda m: m.is_matter and m.partner_id.id != vals["partner_id"]
        )
        moving = changed.filtered("partner_id")
        if moving:
            # a refusal tells of drafts and money: only to who may change the matter
            moving.check_access("write")
            moving._check_client_change()
        following = {
            matter: matter._get_following_options() - vals.keys() for matter in changed
        }
        result = super().write(vals)
        for matter, names in following.items():
            matter._follow_client(names)
        return result

    def _get_following_options(self):
        """Options that belong to the client: those that came from the client, or, as
        long as there is none, from anywhere else but a person. What work in progress
        stands on stays.

        :rtype: set
        """
        self.ensure_one()
        origins = {"client"} if self.partner_id else {"client", "company", "standard"}
        defaults = self._get_option_defaults(self.partner_id, self.company_id)
        names = {
            field
            for field, default in defaults.items()
            if self._get_origin(field, default) in origins
        }
        for field in ("billing_partner_id", "bill_recipient_ids", "bill_channel_ids"):
            default = defaults[field][0]
            if self[field] and (
                (field != "bill_channel_ids" and self[field] == self.partner_id)
                or self._is_same_option(field, self[field], default)
            ):
                names.add(field)
        if self.unbilled_count or self.instalment_ids:
            names -= {"billing_currency_id", "billing_arrangement"}
        if not names >= DISCOUNT:  # both from the same
            names -= DISCOUNT
        return names

    def _follow_client(self, names):
        """Look these options up anew for the matter's client.

        :param set names:
        """
        self.ensure_one()
        defaults = self._get_option_defaults(self.partner_id, self.company_id)
        origins = {field: defaults[field][1] for field in names}
        vals = {
            field: self._fields[field].convert_to_write(defaults[field][0], self)
            for field in sorted(names)
            if not self._is_same_option(field, self[field], defaults[field][0])
        }
        if vals:
            sign = Sign("origin", origins)
            self.with_context(legal_billing_origin_of_options=sign).write(vals)
        self._write_origins({self.id: origins} if origins else {})

    def _check_client_change(self):
        """Refuse a new client while money or a draft of the old one is on the matter.

        :raise MatterOptionError: naming all matters concerned
        """
        with_draft = self.filtered("draft_bill_count")
        if with_draft:
            raise MatterOptionError(
                self.env._(
                    "The client cannot change while there is a draft bill: %(names)s. "
                    "Approve or delete the draft first.",
                    names=", ".join(with_draft.mapped("display_name")),
                )
            )
        with_credit = self.filtered("unallocated_credit_balance")
        if with_credit:
            raise MatterOptionError(
                self.env._(
                    "The client cannot change while the matter holds unallocated "
                    "credits: %(names)s. Use, refund or move them first.",
                    names=", ".join(with_credit.mapped("display_name")),
                )
            )

    # --- actions

    def action_change_client(self):
        """Open the window that asks from which day, and what of the WIP goes along.

        :return: the window
        :rtype: dict
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        wizard = self.env["legal.matter.client"].create({"matter_id": self.id})
        return open_window(
            wizard, self.env._("New client of %(matter)s", matter=self.display_name)
        )

    def _split_for_client(self, entries, day):
        """Put entries that stay with the present client into a matter of their own,
        which has the same options and is billed like any other.

        :param account.analytic.line entries: unbilled
        :param date day: when the new client begins
        :return: the new matter
        :rtype: project.project
        """
        self.ensure_one()
        options = {
            field: self._fields[field].convert_to_write(self[field], self)
            for field in OPTIONS
            if field not in ("quoted_amount", "bill_recipient_ids")
        }
        rest = self.create(
            {
                **options,
                "name": self.env._(
                    "%(matter)s (%(client)s, until %(day)s)",
                    matter=self.name,
                    client=self.partner_id.name,
                    day=format_date(self.env, day - timedelta(days=1)),
                ),
                "is_matter": True,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "bill_recipient_ids": [Command.set(self.bill_recipient_ids.ids)],
                "responsible_id": self.responsible_id.id,
                "practice_area_id": self.practice_area_id.id,
                "client_reference": self.client_reference,
                "is_walled": self.is_walled,
                "wall_user_ids": [Command.set(self.wall_user_ids.ids)],
            }
        )
        rates = {entry.id: entry.bill_rate for entry in entries}
        entries.action_move(rest)
        # a rate that was agreed on the old matter goes along
        for rate, group in entries.grouped(lambda e: rates[e.id]).items():
            group.filtered(lambda e, rate=rate: e.bill_rate != rate)._internal().write(
                {"bill_rate": rate}
            )
        return rest

    def _log_client_change(self, old, day, staying, rest):
        """
        :param res.partner old: the client until now
        :param date day: when the new client begins
        :param account.analytic.line staying: entries that stayed with the old one
        :param project.project rest: where they are, if any
        """
        self.ensure_one()
        text = self.env._(
            "From %(day)s the client is %(new)s instead of %(old)s. Bills and billed "
            "entries keep the old client.",
            day=format_date(self.env, day),
            new=self.partner_id.display_name,
            old=old.display_name,
        )
        if staying:
            text += " " + self.env._(
                "%(count)s earlier unbilled entries stay with the old "
                "client, in %(matter)s.",
                count=len(staying),
                matter=rest.display_name,
            )
        self.message_post(body=text)

    # --- billing one matter by hand

    def action_bill_matter(self):
        """Open the single-matter bill: unbilled entries to tick, the cut-off and, when
        quote and WIP differ, the choice between them.

        :return: the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise MatterOptionError: if the matter cannot be billed at all
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        self._check_can_be_billed()
        wizard = self.env["legal.matter.bill"].create({"matter_id": self.id})
        return open_window(
            wizard, self.env._("Bill %(matter)s", matter=self.display_name)
        )

    def action_close_matter(self):
        """Open the guided check before a matter is closed for billing.

        :return: the window
        :rtype: dict
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        self.check_access("read")
        wizard = self.env["legal.matter.close"].create({"matter_id": self.id})
        return open_window(
            wizard, self.env._("Close %(matter)s", matter=self.display_name)
        )

    def _check_can_close(self):
        """One click closes a matter on which nothing waits to be billed; else the
        guided check shows what is open and how to clear it.

        :raise MatterOptionError: naming the matters
        """
        result = super()._check_can_close()
        waiting = self.filtered(
            lambda m: (
                m.billing_status != "closed"
                and (m.unbilled_count or m.draft_bill_count or m.on_account_balance)
            )
        )
        if waiting:
            raise MatterOptionError(
                self.env._(
                    "%(names)s still has unbilled WIP, a draft bill, or a bill on "
                    "account that is not fully deducted yet. The button Close shows "
                    "what is open and where to clear it.",
                    names=", ".join(waiting.mapped("display_name")),
                )
            )
        return result

    def action_reopen_matter(self):
        """Open a closed matter for billing again.

        :return: True
        """
        self._check_role("biller", "manager")
        self.write({"billing_status": "active"})
        return True

    def _check_can_be_billed(self):
        """Options that stand against any bill, by hand too.

        :raise MatterOptionError: naming the matter and the way out
        """
        self.ensure_one()
        problems = {
            "not_matter": not self.is_matter,
            "not_billable": not self.is_billable,
            "closed": self.billing_status == "closed",
            "no_payer": not self.billing_partner_id,
            "payer_archived": not self.billing_partner_id.active,
        }
        texts = {
            "not_matter": self.env._("%(name)s is a project, not a matter."),
            "not_billable": self.env._(
                "%(name)s is not billable: change its billing options first."
            ),
            "closed": self.env._(
                "%(name)s is closed for billing: open it again first."
            ),
            "no_payer": self.env._(
                "%(name)s has nobody to bill: choose a client or a payer first."
            ),
            "payer_archived": self.env._(
                "%(name)s: its payer %(payer)s is archived. Unarchive the contact, or "
                "choose another payer in the billing options."
            ),
        }
        for code, stands in problems.items():
            if stands:
                payer = self.billing_partner_id.display_name
                raise MatterOptionError(
                    texts[code] % {"name": self.display_name, "payer": payer}
                )
