from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, models

from ...exceptions import EntryLockedError, LegalBillingError, RoleError
from ...tools import is_from_books, is_internal, read_amount, read_reason

#: What is said of an entry: whoever may write it writes these, nothing follows.
TEXT_FIELDS = {"name", "bill_narrative", "code", "ref"}
#: What time is worth: from the rates, or set by those who bill.
VALUE_FIELDS = (
    "bill_quantity",
    "bill_rate",
    "wip_amount",
    "wip_type",
    "wip_currency_id",
)
#: What else decides what a client pays, and for whose work.
EFFECT_FIELDS = (
    *VALUE_FIELDS,
    "matter_id",
    "project_id",
    "employee_id",
    "user_id",
    "bill_behavior",
    "is_on_hold",
    "hold_until",
    "is_anticipated",
    "product_id",
    "product_uom_id",
    "unit_amount",
    "amount",
    "agent_amount",
    "date",
    "account_id",
    "move_line_id",
    "bill_id",
)
#: What recording itself changes of a person's own time; the rest follows from it.
OWN_FIELDS = {
    "matter_id",
    "project_id",
    "account_id",
    "unit_amount",
    "amount",
    "date",
    "is_on_hold",
    "hold_until",
}
#: What Odoo's own timesheet approvers change of other people's time.
APPROVED_FIELDS = {"unit_amount", "amount", "date"}
NUMBER_FIELDS = ("unit_amount", "bill_quantity", "bill_rate", "wip_amount", "amount")
#: Below the decimals of rates and quantities.
ROUNDING = 0.000051
HOURS_LIMIT = 1000  #: more is no entry of time
HOURS_REMARK = 24  #: more is remarked upon
NUMBER_LIMIT = 10**15  #: no money and no quantity reaches this
#: Context: why an entry that somebody recorded goes.
REASON = "legal_billing_reason"


class AccountAnalyticLine(models.Model):
    """The value of WIP comes from recording and from billing's own acts, and from
    nothing else.

    What a write did is looked at after it, whatever fields it named and whatever way it
    came: value, matter, person, behaviour and the rest of an entry are what recording
    gives, or the writer has the role that the act on it asks.
    """

    _inherit = "account.analytic.line"

    # --- numbers

    @api.model
    def _check_numbers(self, vals):
        """Refuse what is no number, before anything is worked out from it.

        :param dict vals: for ``create`` or ``write``
        :raise LegalBillingError: naming the field and what was given
        """
        for name in NUMBER_FIELDS:
            if not vals.get(name):
                continue
            error = LegalBillingError(
                self.env._(
                    "%(value)s is not a number that %(field)s can have.",
                    value=str(vals[name])[:40],
                    field=self._fields[name].string,
                )
            )
            if abs(read_amount(vals[name], error)) >= NUMBER_LIMIT:
                raise error

    @api.onchange("unit_amount")
    def _onchange_unit_amount_of_a_day(self):
        """More hours than a day has may be right (a week in one entry): a remark."""
        if (
            not self.matter_id
            or not self.project_id
            or self._get_hours() <= HOURS_REMARK
        ):
            return None
        return {
            "warning": {
                "title": self.env._("More than a day"),
                "message": self.env._(
                    "%(hours)g hours in one entry: is that what you mean?",
                    hours=self._get_hours(),
                ),
                "type": "notification",
            }
        }

    def _check_limits(self):
        """
        :raise LegalBillingError: naming entries that nobody can have meant
        """
        beyond = self.filtered(
            lambda entry: (
                entry.wip_type == "time"
                and max(abs(entry._get_hours()), abs(entry.bill_quantity)) > HOURS_LIMIT
            )
        )
        if beyond:
            raise LegalBillingError(
                self.env._(
                    "%(entries)s: one entry cannot have more than %(limit)s hours. Record "
                    "the time day by day.",
                    entries=beyond._get_names(),
                    limit=HOURS_LIMIT,
                )
            )
        beyond = self.filtered(
            lambda entry: any(
                not abs(entry[name]) < NUMBER_LIMIT for name in NUMBER_FIELDS
            )
        )
        if beyond:
            raise LegalBillingError(
                self.env._(
                    "%(entries)s: a value of this size cannot be right. Check hours, quantity "
                    "and rate.",
                    entries=beyond._get_names(),
                )
            )

    def _check_not_turned(self, before):
        """What is billed of work is not turned into what the client gets: a correction
        is recorded as one.

        :param dict before: as ``_take_effect`` gave it
        :raise LegalBillingError: naming the entries
        """
        turned = self.filtered(
            lambda entry: (
                (old := before.get(entry.id))
                and entry.wip_amount < 0 <= old["wip_amount"]
                and entry.unit_amount * old["unit_amount"] >= 0
            )
        )
        if turned:
            raise LegalBillingError(
                self.env._(
                    "%(entries)s: an entry is never billed below zero. Write "
                    "it down or off, leave it out, or credit the bill that it was on.",
                    entries=turned._get_names(),
                )
            )

    # --- before and after

    def _take_effect(self):
        """What these entries are worth, whose they are and what becomes of them.

        :return: ``{entry id: {field: value}}``
        :rtype: dict
        """
        return {
            entry.id: {name: entry[name] for name in EFFECT_FIELDS}
            for entry in self.sudo()  # compared, not shown
        }

    @contextmanager
    def _undone_if_refused(self):
        """Let the block write to entries as a whole or not at all: what its effect is
        shows afterwards. Billers are refused little of it, and work in bulk: theirs is
        undone with the whole call."""
        if self._is_system() or self._has_biller():
            yield
            return
        # what waits is worked out as this user: the savepoint would do it as the first
        # user of the transaction, whose name others' messages then have
        self.env.flush_all()
        with self.env.cr.savepoint():
            yield
            self.env.flush_all()

    @api.model
    def _is_own_doing(self):
        """Whether billing's own code is at work, or the books: nothing is looked at.

        :rtype: bool
        """
        return is_internal(self.env) or is_from_books(self.env)

    def _timesheet_postprocess(self, values):
        """What core works out of an entry, its cost, is not written by whoever records
        it."""
        return super(AccountAnalyticLine, self._internal())._timesheet_postprocess(
            values
        )

    def _check_effect(self, before):
        """Look at what a write did, and undo it all by an error where the writer may not.

        :param dict before: as ``_take_effect`` gave it; empty for new entries
        :raise RoleError: naming what comes from the rates, or is changed by those who
            bill
        :raise EntryLockedError: where nobody may, or not without a reason
        """
        touched = self.sudo().filtered(  # compared, not shown
            lambda entry: entry.wip_type or before.get(entry.id, {}).get("wip_type")
        )
        if not touched:
            return
        touched._check_limits()
        touched._check_not_turned(before)
        unrecorded = touched._get_unrecorded(before)
        if unrecorded:
            touched._refuse_unrecorded(unrecorded)
        touched._check_kinds(before)
        touched._check_matters(before)
        given_up = touched.filtered(lambda entry: entry._is_given_up(before))
        given_up._check_may_give_up(before)
        if before:
            (touched - given_up)._log_moves(before)
            (touched - given_up)._log_hours(before)

    def _get_changed(self, old):
        """:rtype: set"""
        self.ensure_one()
        return {name for name in EFFECT_FIELDS if self[name] != old[name]}

    def _may_leave_wip(self):
        """Whether the user may take this entry, which stays with its matter, out of WIP
        because something else bills it: see the addons that know of such things.

        :rtype: bool
        """
        self.ensure_one()
        return self._has_role_for()

    def _check_kinds(self, before):
        """Time stays time and a cost a cost, and neither is WIP because a field says so;
        time belongs to the matter of its project. Nobody's role changes that.

        :raise EntryLockedError: naming the entries
        """
        wrong = self.filtered(
            lambda entry: (
                entry.wip_type != before.get(entry.id, {}).get("wip_type")
                and (
                    entry.wip_type != entry._get_wip_kind()
                    or (entry.wip_type and before.get(entry.id, {}).get("wip_type"))
                )
            )
        )
        if wrong:
            raise EntryLockedError(
                self.env._(
                    "%(entries)s: time stays time and a disbursement stays a "
                    "disbursement; what is not work in progress does not become so. "
                    "Move the entry, write it off, or record another one.",
                    entries=wrong._get_names(),
                )
            )
        strayed = self.filtered(
            lambda entry: (
                entry.project_id
                and entry.matter_id
                and entry.matter_id != entry.project_id
                and not (
                    entry.id in before
                    and entry.matter_id == before[entry.id]["matter_id"]
                    and entry.project_id == before[entry.id]["project_id"]
                )
            )
        )
        if strayed:
            raise EntryLockedError(
                self.env._(
                    "%(entries)s: time belongs to the matter of its project. Choose the "
                    "project, or ask a biller to move the entry.",
                    entries=strayed._get_names(),
                )
            )

    def _check_matters(self, before):
        """Nobody writes a matter that he may not read.

        :raise RoleError: naming the entries, not the matter
        """
        if self._is_system():
            return
        written = self.filtered(
            lambda entry: (
                entry.matter_id
                and entry.matter_id != before.get(entry.id, {}).get("matter_id")
            )
        )
        matters = written.matter_id.sudo(False)
        hidden = matters - matters._filtered_access("read")
        if hidden:
            hidden_ids = set(hidden.ids)
            raise RoleError(
                self.env._(
                    "%(entries)s: you may not see the matter that you chose. Choose "
                    "another one, or ask somebody who works on it.",
                    entries=written.filtered(
                        lambda entry: entry.matter_id.id in hidden_ids
                    )._get_names(),
                )
            )

    # --- what recording gives

    @api.model
    def _is_system(self):
        """Whether no person is at work: a job of the server, an installation.

        :rtype: bool
        """
        return self.env.su and self.env.uid == SUPERUSER_ID

    @api.model
    def _has_biller(self):
        """Whether the person at work bills: also where code runs as superuser.

        :rtype: bool
        """
        return self.env.user.has_group("legal_billing.legal_billing_group_biller")

    def _is_own(self, old=None):
        """Whether the user recorded this entry for himself.

        :param dict old: what it was before, as ``_take_effect`` gives it
        :rtype: bool
        """
        self.ensure_one()
        values = old or self
        if values["move_line_id"]:
            return False
        user = values["employee_id"].user_id if values["employee_id"] else False
        return (user or values["user_id"]) == self.env.user

    def _has_role_for(self, old=None):
        """Whether the user bills the matter of this entry: billers and managers any,
        reviewers their own, before and after.

        :param dict old: as for ``_is_own``
        :rtype: bool
        """
        self.ensure_one()
        if self._is_system() or self._has_biller():
            return True
        user = self.env.user
        return (
            user.has_group("legal_billing.legal_billing_group_reviewer")
            and self.matter_id.responsible_id == user
            and (not old or old["matter_id"] in (False, self.matter_id))
        )

    def _get_unrecorded(self, before):
        """What of these entries is not what recording gives, and the user has not the
        role for.

        :param dict before: as for ``_check_effect``
        :return: ``{entry: names of fields}``
        :rtype: dict
        """
        names = {}
        if self._is_system() or self._has_biller():
            return names
        for entry in self:
            old = before.get(entry.id)
            if old and not entry.wip_type:
                # off the matter it is given up: see _check_may_give_up
                if entry.matter_id and not entry._may_leave_wip():
                    names[entry] = {"wip_type"}
                continue
            changed = entry._get_changed(old) if old else set(EFFECT_FIELDS)
            if changed and not entry._has_role_for(old):
                names[entry] = changed
        if not names:
            return {}
        time = self.browse(entry.id for entry in names if entry.wip_type == "time")
        prices = self.env["legal.rate"]._resolve(
            [(entry.matter_id, entry.employee_id, entry.date) for entry in time]
        )
        prices = dict(zip(time, prices, strict=True))
        found = {}
        for entry, changed in names.items():
            old = before.get(entry.id)
            if old and not old["wip_type"]:
                old, changed = None, set(EFFECT_FIELDS)
            kind = old["wip_type"] if old else entry._get_wip_kind()
            if entry.wip_type != kind:
                found[entry] = {"wip_type"}
                continue
            if kind != "time":
                found[entry] = changed
                continue
            wrong = changed - entry._get_recorded(old, changed, prices.get(entry))
            if wrong:
                found[entry] = wrong
        return found

    def _get_recorded(self, old, changed, rate):
        """Which of the changes of this time entry recording gives: to a person's own
        time, or, where Odoo's timesheet approvers record for others, theirs.

        :param dict old: as for ``_is_own``; None for a new entry
        :param set changed: names of fields
        :param legal.rate rate: that holds for the entry
        :rtype: set
        """
        self.ensure_one()
        own = self._is_own(old)
        approves = self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver")
        if own:
            right = set(OWN_FIELDS)
        elif approves:
            right = set(APPROVED_FIELDS)
        else:
            return set()
        if not old:
            right |= self._get_recorded_new(own)
        if self.user_id == self.employee_id.user_id:
            right.add("user_id")
        if self.product_uom_id == self.company_id.project_time_mode_id:
            right.add("product_uom_id")
        currency = self.matter_id.billing_currency_id
        if self.wip_currency_id == currency:
            right.add("wip_currency_id")
        price = rate and rate._get_price_in(currency, self.date) or 0.0
        if abs(self.bill_rate - price) <= ROUNDING:
            right.add("bill_rate")
        if abs(self.bill_quantity - self._round_time(self._get_hours())) <= ROUNDING:
            right.add("bill_quantity")
        value = self._get_time_value(self.wip_currency_id or currency)
        if not currency.compare_amounts(self.wip_amount, value):
            right.add("wip_amount")
        # what stayed though it follows from what changed
        if changed & {"matter_id", "date", "wip_currency_id"}:
            changed |= {"bill_rate", "wip_currency_id"}
        if "unit_amount" in changed:
            changed.add("bill_quantity")
        if changed & {"bill_quantity", "bill_rate", "wip_currency_id"}:
            changed.add("wip_amount")
        return right

    def _get_recorded_new(self, own):
        """What recording gives a new entry of time, beside its value.

        :param bool own: it is the user's
        :return: names of fields
        :rtype: set
        """
        right = {"matter_id", "project_id", "account_id", "wip_type", "employee_id"}
        right |= {"move_line_id", "bill_id"}  # protected, or refused as a cost
        default = self.matter_id.default_bill_behavior or "bill"
        if self.bill_behavior in (False, default):
            right.add("bill_behavior")
        right.update(
            name
            for name in ("is_anticipated", "product_id", "agent_amount")
            if not self[name]
        )
        if own or not self.is_on_hold:
            right |= {"is_on_hold", "hold_until"}
        if not self.product_uom_id:
            right.add("product_uom_id")
        return right

    def _refuse_unrecorded(self, unrecorded):
        """
        :param dict unrecorded: as ``_get_unrecorded`` gives it
        :raise RoleError:
        """
        entries = self.browse(entry.id for entry in unrecorded)
        names = set().union(*unrecorded.values())
        time = all(
            names == {"wip_type"} or (entry.project_id and names <= set(VALUE_FIELDS))
            for entry, names in unrecorded.items()
        )
        shown = {name for name in names if self._fields[name].string}
        if time:
            text = self.env._(
                "%(fields)s of time comes from the rates. Ask a biller or the "
                "responsible lawyer. It is about %(entries)s.",
                fields=self._get_labels(shown),
                entries=entries._get_names(),
            )
        elif names >= {"wip_type", "unit_amount", "matter_id"}:
            text = self.env._(
                "%(entries)s: you record your own time. Time of others and "
                "disbursements are recorded by a biller, by the responsible lawyer, or "
                "with the vendor's bill.",
                entries=entries._get_names(),
            )
        else:
            shown = shown - set(VALUE_FIELDS) or shown
            text = self.env._(
                "%(fields)s of %(entries)s is changed by those who bill. Ask a biller or "
                "the responsible lawyer.",
                fields=self._get_labels(shown),
                entries=entries._get_names(),
            )
        raise RoleError(text)

    # --- what is given up, and what moves

    def _was_looked_at(self, matters):
        """Those of these entries that somebody saw when he decided on a bill; rooms
        above know where.

        :param dict matters: ``{entry id: matter}``, as it was then
        :rtype: account.analytic.line
        """
        return self.browse()

    def _get_not_own(self, before, matters=None):
        """Those of these entries that are not just the user's: other people's, and what
        was looked at for a bill.

        :param dict before: as for ``_check_effect``
        :param dict matters: ``{entry id: matter}`` where it is not in there
        :rtype: account.analytic.line
        """
        matters = matters or {
            entry.id: (before.get(entry.id) or entry)["matter_id"] for entry in self
        }
        looked_at = self._was_looked_at(matters)
        return self.filtered(
            lambda entry: not entry._is_own(before.get(entry.id)) or entry in looked_at
        )

    def _is_given_up(self, before):
        """Whether unbilled work of some value is gone: no WIP any more, no hours, or hours
        of the other sign.

        :param dict before: as for ``_check_effect``
        :rtype: bool
        """
        self.ensure_one()
        old = before.get(self.id)
        if not old or not old["wip_type"] or old["bill_id"] or not old["wip_amount"]:
            return False
        if not self.wip_type:
            return not self.matter_id
        return self.wip_type == "time" and any(
            old[name] and old[name] * self[name] <= 0
            for name in ("unit_amount", "bill_quantity")
        )

    def _check_may_give_up(self, before=None):
        """What somebody else recorded, or was looked at, goes by role and with a reason,
        and the matter's history says so.

        :param dict before: as for ``_check_effect``; None: the entries are deleted
        :raise RoleError: without the role
        :raise LegalBillingError: without a reason
        """
        before = before or {}
        if not self or self._is_system():
            return
        others = self._get_not_own(before)
        if not others:
            return
        if not self._has_biller():
            raise RoleError(
                self.env._(
                    "%(entries)s: other people's work, and work that was looked at for a "
                    "bill, is not deleted or set to nil. Ask a biller to write it off.",
                    entries=others._get_names(),
                )
            )
        reason = read_reason(self.env.context.get(REASON))
        if not reason:
            raise LegalBillingError(
                self.env._(
                    "%(entries)s: work that somebody else recorded, or that was looked at "
                    "for a bill, does not go without a reason. Use Write off, which asks "
                    "for one.",
                    entries=others._get_names(),
                )
            )
        groups = {}
        for entry in others:
            old = before.get(entry.id) or entry
            groups.setdefault(old["matter_id"], []).append(
                f"{entry._get_names()}: {entry._format_wip(old['wip_amount'])}"
            )
        self._log_lines(
            {
                matter: self.env._(
                    "Deleted or set to nil by %(user)s (%(reason)s): %(entries)s.",
                    user=self.env.user.name,
                    reason=reason,
                    entries="; ".join(texts),
                )
                for matter, texts in groups.items()
            }
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_up(self):
        """See ``_check_may_give_up``; what items of the books made goes with them."""
        if self._is_own_doing():
            return
        self.sudo().filtered(  # compared, not shown
            lambda entry: (
                entry.wip_type
                and not entry.bill_id
                and entry.wip_amount
                and not (
                    entry.move_line_id and entry.move_line_id.parent_state == "draft"
                )
            )
        )._check_may_give_up()

    def _log_moves(self, before):
        """Leave a line in the history of both matters for what changed its matter, and
        hold against it who may.

        :param dict before: as for ``_check_effect``
        :raise RoleError: for other people's time, and for what was looked at
        """
        moved = {}
        for entry in self.sudo():  # compared, and named on matters of the writer
            old = before.get(entry.id)
            if old and old["matter_id"] and old["matter_id"] != entry.matter_id:
                moved.setdefault((old["matter_id"], entry.matter_id), []).append(entry)
        lines = {}
        for (source, target), entries in moved.items():
            entries = self.browse(entry.id for entry in entries).sudo()
            entries._check_may_move(before)
            lines.setdefault(source, []).append(
                entries._get_log_text(
                    self.env._(
                        "Entries moved to %(matter)s", matter=target.display_name
                    )
                    if target
                    else self.env._("Entries moved off the matter")
                )
            )
            if target:
                lines.setdefault(target, []).append(
                    entries._get_log_text(
                        self.env._(
                            "Entries moved here from %(names)s",
                            names=source.display_name,
                        )
                    )
                )
        self._log_lines({matter: " ".join(texts) for matter, texts in lines.items()})

    def _check_may_move(self, before, matters=None):
        """Other people's work, and what was looked at, moves by the biller's act.

        :param dict before: as for ``_check_effect``
        :param dict matters: as for ``_get_not_own``
        :raise RoleError: naming people and entries
        """
        if not self or self._is_system() or is_internal(self.env) or self._has_biller():
            return
        others = self._get_not_own(before, matters)
        if others:
            raise RoleError(
                self.env._(
                    "%(entries)s of %(people)s: other people's work, and work that was "
                    "looked at for a bill, moves to another matter by a biller. Ask one "
                    "to use Move in the list of WIP.",
                    entries=others._get_names(),
                    people=", ".join(
                        sorted(
                            {
                                entry.employee_id.name or entry.user_id.name or ""
                                for entry in others
                            }
                        )
                    ),
                )
            )

    def _check_may_follow_task(self, matters):
        """Whether these entries may go where their task went.

        :param dict matters: ``{entry id: matter}`` that they leave
        :raise RoleError: naming the people whose they are
        """
        worth = self.sudo().filtered("wip_type")  # compared, not shown
        worth._check_may_move({}, matters)

    def _log_hours(self, before):
        """Leave a line in the matter's history where somebody without a role of billing
        changed the hours of others."""
        changed = self.filtered(
            lambda entry: (
                entry.wip_type == "time"
                and (old := before.get(entry.id))
                and old["wip_type"]
                and old["unit_amount"] != entry.unit_amount
                and not entry._is_own(old)
                and not entry._has_role_for(old)
            )
        )
        texts = {}
        for entry in changed:
            texts.setdefault(entry.matter_id, []).append(
                f"{entry._get_names()}: {before[entry.id]['unit_amount']:.2f} → "
                f"{entry.unit_amount:.2f}"
            )
        self._log_lines(
            {
                matter: self.env._(
                    "Hours changed by %(user)s: %(entries)s.",
                    user=self.env.user.name,
                    entries="; ".join(lines),
                )
                for matter, lines in texts.items()
            }
        )

    # --- what follows

    def _follow_accounts(self, before):
        """Time that came to another project has its analytic accounts: core leaves the
        cost with the old one.

        :param dict before: as ``_take_effect`` gave it
        """
        moved = self.filtered(
            lambda entry: (
                entry.project_id and entry.project_id != before[entry.id]["project_id"]
            )
        )
        for project, entries in moved.sudo().grouped("project_id").items():
            entries._internal().write(self._get_matter_accounts(project))

    # --- texts

    def _get_names(self, limit=10):
        """Names of entries, for messages.

        :rtype: str
        """
        shown = [f"{entry.date} {(entry.name or '')[:40]}" for entry in self[:limit]]
        if len(self) > limit:
            shown.append(self.env._("%(count)s more", count=len(self) - limit))
        return "; ".join(shown)

    @api.model
    def _log_lines(self, bodies):
        """
        :param dict bodies: ``{matter: text}``
        """
        if bodies:
            # sudo: a note on what the user was allowed to do
            self.env["project.project"].sudo().browse(
                matter.id for matter in bodies
            )._message_log_batch(
                bodies={matter.id: text for matter, text in bodies.items()}
            )
