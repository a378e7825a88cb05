from odoo import api, fields, models
from odoo.tools import format_date

from ...exceptions import EntryLockedError, LegalBillingError, RoleError
from ...tools import read_date


class AccountAnalyticLine(models.Model):
    """What is done to WIP in bulk."""

    _inherit = "account.analytic.line"

    def action_hold(self, until=None):
        """Keep entries out of bills until they are released.

        :param date until: the day they are released by themselves; empty: by hand only
        :return: True
        :raise LegalBillingError: for a text that is no date
        """
        until = read_date(
            until,
            LegalBillingError(
                self.env._("%(value)s is not a date to hold until.", value=until)
            ),
        )
        entries = self._get_wip_selection("hold")
        entries.write({"is_on_hold": True, "hold_until": until or False})
        text = self.env._("On hold")
        if until:
            day = format_date(self.env, until)
            text = self.env._("On hold until %(day)s", day=day)
        entries._log_on_matters(text)
        return True

    def action_release(self):
        """Let held entries be billed again.

        :return: True
        """
        entries = self._get_wip_selection("release").filtered("is_on_hold")
        entries.write({"is_on_hold": False, "hold_until": False})
        # somebody decided that it is no anticipated disbursement
        entries.filtered("match_proposal_id")._internal().match_proposal_id = False
        entries._log_on_matters(self.env._("Released"))
        return True

    def action_no_charge(self):
        """Show these entries on the next bill at 0.00.

        :return: True
        """
        return self._set_behavior("no_charge", self.env._("No charge"))

    def action_hide(self):
        """Take these entries with the next bill without showing them.

        :return: True
        """
        return self._set_behavior("hide", self.env._("Hidden"))

    def action_bill_normally(self):
        """Charge these entries again.

        :return: True
        """
        return self._set_behavior("bill", self.env._("Charged again"))

    def _set_behavior(self, behavior, text):
        entries = self._get_wip_selection(text.lower())
        changed = entries.filtered(lambda entry: entry.bill_behavior != behavior)
        changed.write({"bill_behavior": behavior})
        changed._log_on_matters(text)
        return True

    def action_move(self, matter):
        """Move unbilled entries to another matter of the same company.

        :param project.project matter: the matter they belong to, or its id
        :return: True
        :raise LegalBillingError: for another company's matter
        :raise EntryLockedError: if an entry is on a bill
        """
        entries = self._get_wip_selection("move", roles=("biller", "manager"))
        matter = self._read_matter(matter)
        if not matter.is_matter or entries.company_id - matter.company_id:
            raise LegalBillingError(
                self.env._(
                    "Entries move to a matter of their own company; %(matter)s is not.",
                    matter=matter.display_name,
                )
            )
        entries = entries.filtered(lambda entry: entry.matter_id != matter)
        matters = entries.matter_id
        text = self.env._("Entries moved to %(matter)s", matter=matter.display_name)
        entries._log_on_matters(text)
        names = ", ".join(matters.mapped("display_name"))
        text = self.env._("Entries moved here from %(names)s", names=names)
        # the biller's role covers entries of others
        moved = entries._internal()
        time = moved.filtered("project_id")
        time.write({"project_id": matter.id, "task_id": False})
        accounts = self._get_matter_accounts(matter)
        (moved - time).write({"matter_id": matter.id, **accounts})
        (matters | matter).invalidate_recordset()
        entries._log_on_matters(text)
        return True

    @api.model
    def _cron_release_holds(self):
        """Release the entries whose hold has ended."""
        self.search(
            self._get_unbilled_domain()
            & fields.Domain("is_on_hold", "=", True)
            & fields.Domain("hold_until", "<=", fields.Date.context_today(self))
        )._internal().write({"is_on_hold": False, "hold_until": False})

    # --- helpers

    @api.model
    def _read_matter(self, matter):
        """The matter that a caller gives: a record, or over the network its id.

        :rtype: project.project
        :raise LegalBillingError: for anything else
        """
        matters = self.env["project.project"]
        given = getattr(matter, "id", matter)
        found = matters.browse(given if type(given) is int else ()).exists()
        if not found:
            raise LegalBillingError(
                self.env._(
                    "%(value)s is not a matter. Choose the one that the entries move to.",
                    value=matter or self.env._("Nothing"),
                )
            )
        return found

    def _get_wip_selection(self, action, roles=("biller", "reviewer", "manager")):
        """The entries of a bulk action, after all checks.

        :param str action: what is done, for the message
        :param tuple roles: who may
        :rtype: account.analytic.line
        :raise RoleError: without one of the roles; a fee earner may hold or release
            his own
        :raise EntryLockedError: naming entries on approved bills
        """
        entries = self.env["legal.bulk.selection"]._select(self)
        entries.check_access("read")
        own = all(entry.user_id == self.env.user for entry in entries)
        if not own or "reviewer" not in roles:
            self._check_role(*roles)
        self._check_reviewer_scope(entries, roles)
        entries = entries.filtered("wip_type")
        on_bill = entries.sudo().filtered(
            lambda e: (
                e.bill_id and (e.bill_id.state != "draft" or "reviewer" not in roles)
            )
        )
        if on_bill:
            raise EntryLockedError(
                self.env._(
                    "%(action)s is not possible for entries on a bill: %(entries)s. "
                    "Take them off the draft, or credit the bill, first.",
                    action=action.capitalize(),
                    entries=on_bill._describe_with_bill(),
                )
            )
        return entries

    def _check_reviewer_scope(self, entries, roles):
        user = self.env.user
        if self.env.su or any(
            user.has_group(f"legal_billing.legal_billing_group_{role}")
            for role in roles
            if role != "reviewer"
        ):
            return
        foreign = entries.sudo().filtered(
            lambda e: e.matter_id.responsible_id != user and e.user_id != user
        )
        if foreign:
            raise RoleError(
                self.env._(
                    "You review the WIP of your own matters; these belong to others: "
                    "%(entries)s.",
                    entries=", ".join(foreign.matter_id.mapped("display_name")),
                )
            )

    def _log_on_matters(self, text):
        """Leave a note with count and value on the matters, all written together.

        :param str text: what was done
        """
        self._log_lines(
            {
                matter: entries._get_log_text(text)
                for matter, entries in self.sudo().grouped("matter_id").items()
            }
        )

    def _get_log_text(self, text):
        """A note with count and value of these entries of one matter.

        :param str text: what was done
        :rtype: str
        """
        return self.env._(
            "%(text)s: %(count)s entries, %(amount)s, by %(user)s.",
            text=text,
            count=len(self),
            amount=self[:1]._format_wip(sum(self.mapped("wip_amount"))),
            user=self.env.user.name,
        )

    def _as_snapshot(self):
        """What an itemised list says of these entries, as plain values.

        :rtype: list
        """
        return [
            {
                "date": str(entry.date),
                "wip_type": entry.wip_type,
                "timekeeper": entry.employee_id.name or "",
                "narrative": entry.bill_narrative or entry.name or "",
                "quantity": entry.bill_quantity,
                "rate": entry.bill_rate,
                "behavior": entry.bill_behavior,
                "standard": entry.wip_amount,
                "currency_id": entry.wip_currency_id.id,
                "amount": entry.billed_amount,
                "product": entry.product_id.display_name or "",
                "grade": entry.employee_id.legal_grade,
                "exempt": entry.wip_type == "disbursement"
                and entry.product_id._is_exempt(entry.company_id),
                "matter": entry.matter_id.display_name,
                "matter_id": entry.matter_id.id,
            }
            for entry in self.sudo()  # names of people and their grades
        ]

    # --- buttons of the lists

    def action_new_disbursement(self):
        """Record a disbursement by hand: quantity × price. What is ticked in the list
        plays no part.

        :rtype: dict
        """
        view = self.env.ref("legal_billing.wip_disbursement_view_form")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New disbursement"),
            "res_model": self._name,
            "views": [(view.id, "form")],
            "target": "new",
            "context": {
                "default_unit_amount": 1.0,
                "default_matter_id": self.env.context.get("default_matter_id"),
            },
        }

    def action_open_hold(self):
        """Ask until when, then hold.

        :rtype: dict
        """
        entries = self._get_wip_selection("hold")
        return self.env["legal.wip.operation"]._open("hold", entries)

    def action_open_split(self):
        """Ask for the value of the part, then split this entry.

        :rtype: dict
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        return self.env["legal.wip.operation"]._open("split", self)

    def action_open_write_off(self):
        """Ask for the reason, then write off.

        :rtype: dict
        """
        self._check_role("manager", "biller")
        return self.env["legal.wip.operation"]._open("write_off", self)

    def action_open_write_down(self):
        """Ask for the amount and the reason, then take it off this entry.

        :rtype: dict
        """
        self.ensure_one()
        self._check_role("manager", "biller")
        return self.env["legal.wip.operation"]._open("write_down", self)

    def action_open_move(self):
        """Ask for the matter, then move.

        :rtype: dict
        """
        self._check_role("biller", "manager")
        return self.env["legal.wip.operation"]._open("move", self)

    def action_open_entry(self):
        """Open the entry in a window.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("WIP entry"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("legal_billing.wip_view_form").id, "form")],
            "target": "new",
        }
