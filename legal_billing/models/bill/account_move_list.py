from collections import defaultdict
from dataclasses import dataclass
from textwrap import shorten

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...exceptions import BillStageError, RoleError
from ...tools import RELOAD_PAGE, begin_small, format_amount, notify
from ..common.legal_bill_channel import OURS

#: Entries of core's menus for which the pages of bills have their own: *Credit and
#: rebill*, *Create payment*, *Dispute*, *Approve*, the bill templates.
REPLACED = (
    "account.action_view_account_move_reversal",
    "account.action_move_switch_move_type",
    "account.action_move_force_register_payment",
    "account.action_move_block_payment",
    "account.action_validate_account_moves",
    "account.account_invoices",
    "account.account_invoices_without_payment",
)


@dataclass
class NewWip:
    """What a draft could still take: up to its cut-off, and later."""

    count: int = 0
    amount: float = 0.0
    later_count: int = 0
    later_amount: float = 0.0


class AccountMove(models.Model):
    """What the lists of bills show beside the stored figures."""

    _inherit = "account.move"

    bill_label = fields.Char(string="Bill", compute="_compute_bill_label")
    payer_id = fields.Many2one(
        "res.partner",
        string="Billed to",
        compute="_compute_payer_id",
        help="Who pays, where it is not the client.",
    )
    realisation = fields.Float(
        string="Billed of standard (%)",
        compute="_compute_realisation",
        search="_search_realisation",
        help="Fees of the bill as a share of the standard value of its entries.",
    )
    new_wip_count = fields.Integer(string="New entries", compute="_compute_new_wip")
    new_wip_amount = fields.Monetary(
        string="New WIP",
        compute="_compute_new_wip",
        search="_search_new_wip_amount",
        help="Recorded on the matter since the draft was made, up to its cut-off.",
    )
    later_wip_count = fields.Integer(compute="_compute_new_wip")
    later_wip_amount = fields.Monetary(
        compute="_compute_new_wip",
        help="Recorded on the matter after the draft's cut-off, up to today.",
        string="Later WIP",
    )
    bill_flags = fields.Json(compute="_compute_bill_flags")
    paid_share = fields.Float(string="Paid (%)", compute="_compute_paid_share")

    # what stands out among drafts
    is_below_minimum = fields.Boolean(
        string="Below minimum",
        compute="_compute_is_below_minimum",
        search="_search_is_below_minimum",
        help="The net amount is below the matter's smallest bill.",
    )
    is_period_locked = fields.Boolean(
        string="Period locked",
        compute="_compute_is_period_locked",
        search="_search_is_period_locked",
        help="The bill's date is in a locked period: give it a later one.",
    )

    # --- computes

    @api.depends("name", "state")
    def _compute_bill_label(self):
        for move in self:
            if move.name and move.name != "/":
                move.bill_label = move.name
            else:
                move.bill_label = self.env._("Draft %(number)s", number=move.id or "")

    def _get_move_display_name(self, show_ref=False):
        """Drafts of bills are called so, with a number that tells them apart."""
        if (
            self.state != "draft"
            or self.env.context.get("name_as_amount_total")
            or not self._get_bills()
        ):
            return super()._get_move_display_name(show_ref=show_ref)
        number = self.name if self.name and self.name != "/" else self._origin.id or ""
        if self.move_type == "out_refund":
            name = self.env._("Draft credit note %(number)s", number=number)
        else:
            name = self.env._("Draft bill %(number)s", number=number)
        return name.strip() + (
            f" ({shorten(self.ref, 50)})" if show_ref and self.ref else ""
        )

    @api.depends("client_id", "partner_id")
    def _compute_payer_id(self):
        for move in self:
            move.payer_id = move.partner_id != move.client_id and move.partner_id

    @api.depends("standard_fees", "fees_amount")
    def _compute_realisation(self):
        for move in self:
            move.realisation = (
                100 * move.fees_amount / move.standard_fees
                if move.standard_fees
                else 100.0
            )

    @api.model
    def _search_realisation(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        query = self._search(Domain("standard_fees", ">", 0))
        query.add_where(
            SQL(
                "%(fees)s * 100 %(operator)s %(standard)s * %(value)s",
                fees=self._field_to_sql(self._table, "fees_amount", query),
                standard=self._field_to_sql(self._table, "standard_fees", query),
                operator=SQL(operator),
                value=value,
            )
        )
        return Domain("id", "in", query)

    def _compute_new_wip(self):
        """Unbilled entries of the drafts' matters, by one statement."""
        figures = self._get_new_wip(
            self.filtered(
                lambda move: move.billing_stage == "draft" and not move.split_of_id
            )
        )
        for move in self:
            new = figures.get(move.id, NewWip())
            move.new_wip_count = new.count
            move.new_wip_amount = new.amount
            move.later_wip_count = new.later_count
            move.later_wip_amount = new.later_amount

    @api.model
    def _get_new_wip(self, bills, until=None):
        """Count and value of what drafts could still take: work of the matter that a
        draft prices (see ``_get_priced_matter``), not of those that have a line made by
        hand on it. What a person left out and what a fixed fee keeps waiting is no part
        of it.

        :param account.move bills: drafts
        :param date until: how far to look beyond a draft's cut-off; default: today
        :return: ``{bill id: NewWip}`` of the drafts that could
        :rtype: dict
        """
        if not bills:
            return {}
        bills.flush_recordset(
            ["cutoff_date", "invoice_date", "matter_ids", "matter_id", "left_out_ids"]
        )
        self.env["account.move.line"].flush_model(["matter_id", "legal_line_kind"])
        self.env["account.analytic.line"].flush_model()
        groups = self.env.execute_query(
            SQL(
                """
                SELECT bill.id, rel.matter_id, entry.wip_type, entry.date > %(cutoff)s,
                       COUNT(*),
                       SUM(entry.wip_amount) FILTER (
                           WHERE COALESCE(entry.bill_behavior, 'bill') = 'bill')
                  FROM account_move bill
                  JOIN legal_bill_matter_rel rel ON rel.bill_id = bill.id
                  JOIN account_analytic_line entry
                    ON entry.matter_id = rel.matter_id
                 WHERE bill.id IN %(bills)s
                   AND entry.wip_type IS NOT NULL AND entry.bill_id IS NULL
                   AND entry.written_off_on IS NULL
                   AND entry.is_on_hold IS NOT TRUE
                   AND bill.billing_kind IS DISTINCT FROM 'on_account'
                   AND (
                       bill.matter_id = rel.matter_id
                       OR EXISTS (
                           SELECT FROM account_move_line line
                            WHERE line.move_id = bill.id
                              AND line.matter_id = rel.matter_id
                              AND line.legal_line_kind IS NOT NULL))
                   AND NOT EXISTS (
                       SELECT FROM legal_bill_left_out_rel left_out
                        WHERE left_out.bill_id = bill.id
                          AND left_out.entry_id = entry.id)
                   AND entry.date <= GREATEST(%(cutoff)s, %(until)s)
              GROUP BY 1, 2, 3, 4
                """,
                bills=tuple(bills.ids),
                cutoff=SQL(
                    "COALESCE(bill.cutoff_date, bill.invoice_date, CURRENT_DATE)"
                ),
                until=until or fields.Date.context_today(self),
            )
        )
        # sudo: options of the matters of drafts that the caller knows
        maker_sudo = self.env["legal.bill.maker"].sudo()
        drafts_sudo = self.sudo().browse({row[0] for row in groups})
        matters_sudo = self.env["project.project"].sudo()
        fixed_ids = set(
            matters_sudo.browse({row[1] for row in groups})
            .filtered(lambda matter: matter.billing_arrangement == "fixed")
            .ids
        )
        figures = {}
        for bill_id, matter_id, kind, is_later, count, amount in groups:
            if matter_id in fixed_ids and not maker_sudo._split_fixed_rows(
                matters_sudo.browse(matter_id),
                [{"wip_type": kind}],
                drafts_sudo.browse(bill_id).instalment_ids,
            ):
                continue
            new = figures.setdefault(bill_id, NewWip())
            if is_later:
                new.later_count += count
                new.later_amount += float(amount or 0.0)
            else:
                new.count += count
                new.amount += float(amount or 0.0)
        return figures

    @api.model
    def _search_new_wip_amount(self, operator, value):
        if operator not in (">", "!=") or value:
            return NotImplemented
        drafts = self.search(
            self._get_stage_domain("draft") & Domain("split_of_id", "=", False)
        )
        found = self._get_new_wip(drafts).items()
        return Domain("id", "in", [bill_id for bill_id, new in found if new.count])

    def _compute_bill_flags(self):
        """Short remarks on a bill: ``{text, tone, help}``."""
        unsent = self.filtered(
            lambda bill: bill.billing_stage in ("draft", "production")
        )
        refused = unsent._get_einvoice_problems()
        looks = self._get_looks()
        for move in self:
            flags = move._get_bill_flags() if move.billing_stage else []
            flags += move._get_look_flags(looks.get(move, ()))
            if move in refused:
                text = self.env._(
                    "The e-invoice would be refused: %s", " ".join(refused[move])
                )
                flags.append(
                    {
                        "text": self.env._("e-invoice"),
                        "tone": "warning",
                        "help": text,
                    }
                )
            move.bill_flags = flags

    def _get_bill_flags(self):
        """Remarks of one bill; extend to add some.

        :rtype: list
        """
        self.ensure_one()
        flags = []
        if self.is_split:
            flags.append(
                {
                    "text": self.env._("split: %s", (self.partner_id.name or "")[:24]),
                    "tone": "info",
                    "help": self.env._("One of several bills, one for each payer."),
                }
            )

        if self.is_shared:
            flags.append(
                {
                    "text": self.env._("%s payers", len(self.sudo().payer_share_ids)),
                    "tone": "info",
                    "help": self._describe_shares(),
                }
            )
        if self.is_together:
            names = ", ".join(self.sudo().matter_ids.mapped("display_name"))
            flags.append(
                {
                    "text": self.env._("%s matters", len(self.matter_ids)),
                    "tone": "info",
                    "help": self.env._("One bill over several matters: %s.", names),
                }
            )

        def add(text, tone="secondary", title=""):
            flags.append({"text": text, "tone": tone, "help": title})

        if self.billing_kind == "on_account":
            add(
                self.env._("on account"),
                "info",
                self.env._("Billed before the work is done; later bills deduct it."),
            )
        elif self.on_account_deducted:
            deducted = format_amount(
                self.env, self.on_account_deducted, self.currency_id
            )
            add(
                self.env._("less on account"),
                "info",
                self.env._("%s, net, was billed on account and is deducted.", deducted),
            )
        if self.is_changed_since_review:
            difference = format_amount(
                self.env, self.review_difference, self.currency_id
            )
            add(
                self.env._("changed since review"),
                "warning",
                self.env._(
                    "The WIP changed by %s between the review and the bill.", difference
                ),
            )
        if self.is_fee_overridden:
            add(
                self.env._("agreed fee"),
                "info",
                self.env._("The fees are set to an agreed amount."),
            )
        if self.state == "draft" and self.arrangement_text:
            labels = dict(
                self._fields["bill_arrangement"]._description_selection(self.env)
            )
            is_plain = self.bill_arrangement in (False, "hourly", "fixed")
            is_cut = self.bill_arrangement == "capped" and self.quote_effect < 0
            add(
                self.env._("abatement")
                if is_plain
                else begin_small(self.env, labels[self.bill_arrangement]),
                "warning" if is_cut else "secondary",
                self.arrangement_text,
            )
        if self.state == "draft" and self.posted_before:
            add(
                self.env._("reverted"),
                "warning",
                self.env._("It was approved before: its number stays."),
            )
        if self._is_below_nothing():
            add(
                self.env._("negative"),
                "danger",
                self.env._("The net is below zero: it cannot be approved."),
            )
        if self.currency_id.is_zero(self.amount_total):
            add(
                self.env._("zero"),
                "warning",
                self.env._("The bill comes to zero."),
            )
        if self.currency_id != self.company_currency_id:
            add(
                self.currency_id.name,
                "info",
                self.env._("Not in the company's currency."),
            )
        if self.state == "draft" and self.is_unsent:
            problem = self._get_address_problem()
            add(
                self.env._("address") if problem else self.env._("no recipient"),
                "warning",
                problem or self.env._("Nobody would get this bill."),
            )
        if self.delivery_error:
            add(self.env._("not sent"), "danger", self.delivery_error)
        if self.disputed_amount:
            add(
                self.env._("disputed"),
                "danger",
                self.env._("The client disputes a part of it."),
            )
        return flags + self._get_review_flags()

    def _get_address_problem(self):
        """Why the bill cannot be e-mailed to those it should; the room of production
        says.

        :return: a phrase, or ``False``
        :rtype: str | bool
        """
        return False

    def _get_einvoice_problems(self):
        """What the networks of e-invoices would refuse of these bills; an addon that
        knows the formats says. It is asked of many bills at once.

        :return: ``{bill: sentences}``; bills that are fine, or no e-invoices, are missing
        :rtype: dict
        """
        return {}

    @api.depends("amount_total", "amount_residual", "state")
    def _compute_paid_share(self):
        for move in self:
            total = move.amount_total
            move.paid_share = (
                100 * (total - move.amount_residual) / total
                if total and move.state == "posted"
                else 0.0
            )

    # --- roles and windows

    @api.model
    def get_views(self, views, options=None):
        """Menus of billing's own pages do not offer what core does in another way: it
        would be refused, or be done without the matter."""
        result = super().get_views(views, options)
        ids = [view["id"] for view in result["views"].values() if view.get("id")]
        names = self.env["ir.ui.view"].sudo().browse(ids).get_external_id()
        replaced = {
            self.env["ir.model.data"]._xmlid_to_res_id(name, raise_if_not_found=False)
            for name in REPLACED
        }
        for view in result["views"].values():
            if names.get(view.get("id"), "").startswith("legal_billing."):
                toolbar = view.get("toolbar") or {}
                for kind, entries in toolbar.items():
                    toolbar[kind] = [e for e in entries if e["id"] not in replaced]
        return result

    def get_formview_id(self, access_uid=None):
        """Bills open in billing's own form, from wherever they are opened."""
        if self.matter_ids and self.move_type in ("out_invoice", "out_refund"):
            return self.env.ref("legal_billing.bill_view_form").id
        return super().get_formview_id(access_uid)

    def _get_bill_selection(self, *stages):
        """The ticked bills, else all of the filter, in these stages.

        :rtype: account.move
        """
        selection = self.env["legal.bulk.selection"]._select(self)
        return selection.filtered(lambda bill: bill.billing_stage in stages)

    def action_open_approve(self):
        """Ask before approving: count, total, dates, and what blocks.

        :rtype: dict
        """
        return self.env["legal.bill.operation"]._open("approve", self)

    def action_open_delete(self):
        """Ask before drafts go back to WIP.

        :rtype: dict
        """
        return self.env["legal.bill.operation"]._open("delete", self)

    def action_open_revert(self):
        """Ask, and demand the reason, before bills go back to draft.

        :rtype: dict
        """
        return self.env["legal.bill.operation"]._open("revert", self)

    def action_add_new_wip_selected(self):
        """Add to the ticked drafts, else all of the filter, what was recorded since.

        :rtype: dict
        """
        drafts = self._get_bill_selection("draft").filtered("new_wip_count")
        before = {bill: bill.sudo().wip_line_ids for bill in drafts}  # behind walls too
        drafts.action_add_new_wip()
        added = [
            len(bill.sudo().wip_line_ids - entries) for bill, entries in before.items()
        ]
        message = self.env._("There is no new WIP for these drafts.")
        if any(added):
            message = self.env._(
                "%(entries)s entries were added to %(count)s drafts.",
                entries=sum(added),
                count=len(list(filter(None, added))),
            )
        return notify(
            message,
            RELOAD_PAGE,
            kind="success" if any(added) else "info",
        )

    def action_release_fee_override(self):
        """Give up the agreed fee: the entries decide again.

        :return: True
        """
        self._check_can_edit_draft()
        self._internal().write({"fee_override": False, "is_fee_overridden": False})
        return True

    def action_open_matter(self):
        """Open the matter of the bill.

        :rtype: dict
        :raise BillStageError: for an invoice without a matter
        """
        self.ensure_one()
        if not self.matter_ids:
            raise BillStageError(
                self.env._(
                    "%(invoice)s is not a bill of a matter.", invoice=self.display_name
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "project.project",
            "res_id": self.matter_ids[:1].id,
            "views": [(self.env.ref("legal_billing.matter_view_form").id, "form")],
        }

    @api.model
    def _check_reads_bills(self):
        """Fee earners see figures of their matters, and no bills.

        :raise RoleError: in words, where core names the model
        """
        if not self.has_access("read"):
            raise RoleError(
                self.env._(
                    "Bills are not shown to %(user)s: they are for reviewers, billers, "
                    "approvers, cashiers, client-account officers and managers. Ask your "
                    "administrator, or somebody with one of these roles.",
                    user=self.env.user.name,
                )
            )

    # --- the strip above the lists

    @api.model
    def get_bill_strip(self, kind, domain):
        """Totals of a list of bills, of the whole filter.

        :param str kind: ``draft``, ``production`` or ``all``
        :param list domain: of the list
        :return: count, amounts as text, shares and rows per responsible lawyer
        :rtype: dict
        """
        if not self.env.user._is_internal():
            raise AccessError(
                self.env._("The totals of bills are for people of the firm.")
            )
        domain = Domain(domain)
        groups = self._read_group(
            domain,
            ["billing_stage"],
            [
                "__count",
                "amount_total_signed:sum",
                "amount_untaxed_signed:sum",
                "amount_residual_signed:sum",
            ],
        )
        currency = self.env.company.currency_id

        def money(amount):
            return format_amount(self.env, amount, currency)

        totals = defaultdict(float)
        for stage, count, total, net, residual in groups:
            totals["count"] += count
            totals["total"] += total
            totals["net"] += net
            totals[f"{stage}_count"] += count
            if stage in ("production", "finalized"):
                totals["residual"] += residual
        result = {
            "kind": kind,
            "count": int(totals["count"]),
            "total_text": money(totals["total"]),
            "net_text": money(totals["net"]),
            "residual_text": money(totals["residual"]),
            "can_approve": self._has_role("approver", "manager"),
            "can_bill": self._has_role("biller", "manager"),
        }
        extra = getattr(self, f"_get_strip_{kind}", None)
        if extra:
            result |= extra(domain, money)
        return result

    @api.model
    def _get_strip_draft(self, domain, money):
        """Who still has drafts: approved and to do per responsible lawyer, of the
        runs that the drafts came from."""
        standard = self._read_group(
            domain,
            [],
            ["standard_fees:sum", "fees_amount:sum", "billing_run_id:recordset"],
        )
        standard_fees, fees, runs = standard[0] if standard else (0.0, 0.0, False)
        scope = domain
        if runs:
            scope |= Domain("billing_run_id", "in", runs.ids) & self._get_stage_domain(
                "draft", "production", "finalized"
            )
        people = defaultdict(lambda: {"todo": 0, "done": 0})
        for user, stage, count in self._read_group(
            scope, ["responsible_id", "billing_stage"], ["__count"]
        ):
            key = "todo" if stage == "draft" else "done"
            people[user][key] += count
        rows = [
            {
                "id": user.id,
                "name": user.name or self.env._("nobody"),
                **row,
                "share": round(100 * row["done"] / (row["todo"] + row["done"])),
            }
            for user, row in people.items()
            if row["todo"]
        ]
        rows.sort(key=lambda row: -row["todo"])
        production = self._get_stage_domain("production")
        return {
            "waiting": 0 if standard_fees or rows else self.search_count(production),
            "people": rows[:8],
            "people_more": max(0, len(rows) - 8),
            "standard_text": money(standard_fees),
            "fees_text": money(fees),
            "realisation": round(100 * fees / standard_fees) if standard_fees else 100,
            "unsent": self.search_count(domain & Domain("is_unsent", "=", True)),
            "changed": self.search_count(
                domain & Domain("is_changed_since_review", "=", True)
            ),
            **self._get_strip_review(domain),
        }

    @api.model
    def _get_strip_production(self, domain, money):
        nowhere = self.search(domain & Domain("is_unsent", "=", True))
        goes_out = domain & Domain("id", "not in", nowhere.ids)
        mailed = goes_out & Domain("is_emailed", "=", True)
        printed = goes_out & Domain("is_printed", "=", True)
        networks = Domain("code", "not in", OURS)
        handed = goes_out & Domain("bill_channel_ids", "any", networks)
        return {
            "mail": self.search_count(mailed),
            "print": self.search_count(printed),
            "network": self.search_count(handed),
            "nothing": len(nowhere),
            "failed": self.search_count(domain & Domain("delivery_error", "!=", False)),
        }

    # --- what stands out among drafts

    @api.depends(
        "amount_untaxed", "on_account_deducted", "matter_id.minimum_bill_amount"
    )
    def _compute_is_below_minimum(self):
        for move in self:
            minimum = move.sudo().matter_id.minimum_bill_amount
            move.is_below_minimum = bool(
                move.billing_stage == "draft"
                and move.move_type == "out_invoice"
                and minimum
                and not move.is_split  # the smallest bill is that of all payers
                and move.billing_kind != "on_account"
                and move.currency_id.compare_amounts(
                    move.amount_untaxed + move.on_account_deducted, minimum
                )
                < 0
            )

    @api.model
    def _search_is_below_minimum(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = self._search(
            self._get_stage_domain("draft")
            & Domain("move_type", "=", "out_invoice")
            & Domain("is_split", "=", False)
            & Domain("billing_kind", "!=", "on_account")
        )
        matter = query.join(self._table, "matter_id", "project_project", "id", "matter")
        query.add_where(
            SQL(
                "%s + COALESCE(%s, 0) < %s",
                self._field_to_sql(self._table, "amount_untaxed", query),
                self._field_to_sql(self._table, "on_account_deducted", query),
                self.env["project.project"]._field_to_sql(
                    matter, "minimum_bill_amount", query
                ),
            )
        )
        return Domain("id", "in", query)

    @api.depends("invoice_date", "state", "company_id")
    def _compute_is_period_locked(self):
        locked = self._get_period_locked()
        for move in self:
            move.is_period_locked = move in locked

    def _get_period_locked(self):
        """Drafts whose date is in a locked period; each date is looked up once.

        :rtype: account.move
        """
        locked = {}
        today = fields.Date.context_today(self)
        found = []
        for move in self.filtered(lambda move: move.billing_stage == "draft"):
            day = move.invoice_date or today
            key = move.company_id, move.journal_id, day
            if key not in locked:
                locked[key] = bool(move._get_violated_lock_dates(day, True))
            if locked[key]:
                found.append(move.id)
        return self.browse(found)

    @api.model
    def _search_is_period_locked(self, operator, value):
        if operator != "in":
            return NotImplemented
        drafts = self.search_fetch(
            self._get_stage_domain("draft"),
            ["invoice_date", "state", "company_id", "journal_id", "billing_stage"],
        )
        return Domain("id", "in", drafts._get_period_locked().ids)

    def _get_review_flags(self):
        """Remarks on a draft's review and date, and on what was written off.

        :rtype: list
        """
        flags = []

        def add(text, tone, title):
            flags.append({"text": text, "tone": tone, "help": title})

        if self.state == "draft":
            if self.review_state == "review":
                days = self.review_days
                add(
                    self.env._("in review"),
                    "warning" if days > 2 else "info",
                    self.env._("With its reviewer for %s days.", days),
                )
            elif self.review_state == "returned":
                add(self.env._("returned"), "danger", self.review_note)
            elif self.review_state == "ready":
                add(
                    self.env._("ready"),
                    "success",
                    self.env._("Its reviewer is done with it."),
                )
            if self.is_changed_since_ready:
                add(
                    self.env._("changed after review"),
                    "warning",
                    self.env._("Edited after its reviewer called it ready."),
                )
            if self.is_below_minimum:
                add(
                    self.env._("below minimum"),
                    "warning",
                    self.env._("The matter's smallest bill is larger."),
                )
            if self.is_period_locked:
                add(
                    self.env._("period locked"),
                    "danger",
                    self.env._("Its date is in a locked period."),
                )
        if self.state == "posted" and self.written_off_amount:
            add(
                self.env._("written off"),
                "secondary",
                self.currency_id.format_signed(self.written_off_amount),
            )
        return flags

    @api.model
    def _get_strip_review(self, domain):
        """How the review of the drafts stands."""
        groups = dict(self._read_group(domain, ["review_state"], ["__count"]))
        mine = self.search_count(domain & self._get_review_domain())
        return {
            "in_review": groups.get("review", 0),
            "ready": groups.get("ready", 0),
            "returned": groups.get("returned", 0),
            "mine": mine,
        }
