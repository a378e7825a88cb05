from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ...exceptions import BillStageError
from ...tools import read_reason
from ..drafting.legal_bill_adjustment import COMPUTED_STEPS
from ..drafting.legal_bill_maker_split import BillSplit
from ..wip.account_analytic_line_effect import REASON

#: Columns of entries that are added up below them.
TOTALS = ("standard_amount", "wip_amount", "billed_amount")


class AccountMove(models.Model):
    """The entries of drafts: added, removed, edited, and priced again."""

    _inherit = "account.move"

    # entries left out
    left_out_ids = fields.Many2many(
        "account.analytic.line",
        "legal_bill_left_out_rel",
        "bill_id",
        "entry_id",
        string="Entries left out",
        copy=False,
        help="Left out of this draft by a person; they stay work in progress.",
    )
    left_out_count = fields.Integer(string="Left out", compute="_compute_left_out")
    left_out_amount = fields.Monetary(
        string="Value left out", compute="_compute_left_out"
    )
    entry_totals = fields.Json(
        compute="_compute_entry_totals",
        help="What the columns of all entries add up to; the page shows some of them.",
    )

    # --- actions

    @api.private
    def action_add_entries(self, entries):
        """Put unbilled entries of the bill's matter on this draft.

        :param account.analytic.line entries:
        :return: True
        :raise BillStageError: if the bill is no draft
        """
        self.ensure_one()
        self = self._get_split_heads()
        self._check_can_edit_draft()
        self._check_charges_work()
        matters = (
            self._get_priced_matters()
            if self.is_together
            else self._get_priced_matter()
        )
        if entries.filtered(
            lambda e: (
                e.matter_id not in matters
                or e.bill_id
                or e.written_off_on
                or not e.wip_type
            )
        ):
            raise BillStageError(
                self.env._(
                    "Only unbilled entries of the same matter can be added to %(bill)s.",
                    bill=self.display_name,
                )
            )
        maker = self._internal().env["legal.bill.maker"]
        maker._link_entries([(entry.id, self.id, 0.0) for entry in entries])
        self._log_entries(entries, "added")
        self._note_left_out(entries, False)
        self._reprice()
        return True

    @api.private
    def action_remove_entries(self, entries):
        """Take entries off this draft; they are unbilled again, and not offered to it
        as new.

        :param account.analytic.line entries:
        :return: True
        """
        self.ensure_one()
        self._check_can_edit_draft()
        taken = entries & self.wip_line_ids
        self._log_entries(taken, "removed")
        self._free_entries(taken)
        self._note_left_out(taken, True)
        self._reprice()
        return True

    def action_add_new_wip(self):
        """Put on each of these drafts what was recorded since, up to its cut-off; what
        a person left out stays out.

        :return: True
        """
        maker = self.env["legal.bill.maker"]
        entries = self.env["account.analytic.line"].sudo()  # right checked per bill
        drafts = self._get_split_heads().filtered(
            lambda b: b.billing_stage == "draft" and b.billing_kind != "on_account"
        )
        for bill in drafts:
            matters = (
                bill._get_priced_matters()
                if bill.is_together
                else bill._get_priced_matter()
            )
            new = entries.union(
                *(
                    entries.search(
                        maker._get_billable_domain(
                            matter, bill.cutoff_date or bill.invoice_date
                        )
                        & maker._get_not_waiting_domain(
                            matter,
                            bill.instalment_ids.filtered(
                                lambda row, matter=matter: row.matter_id == matter
                            ),
                        )
                        & Domain("id", "not in", bill.sudo().left_out_ids.ids)
                    )
                    for matter in matters
                )
            )
            if new:
                bill.action_add_entries(new)
        return True

    def action_add_later_wip(self):
        """Move the cut-off of these drafts to today, and put on each what was recorded
        since; what a person left out stays out.

        :return: True
        """
        today = fields.Date.context_today(self)
        heads = self._get_split_heads()
        for bill in heads.filtered(lambda b: b.billing_stage == "draft"):
            bill._check_can_edit_draft()
            cutoff = bill.cutoff_date or bill.invoice_date
            if cutoff and cutoff < today:
                bill._internal().write({"cutoff_date": today})
        return self.action_add_new_wip()

    # --- helpers

    def _check_can_edit_draft(self):
        """Right and stage for a change of a draft's entries.

        :raise RoleError: for users who neither bill nor review this matter
        :raise BillStageError: if the bill is no draft
        """
        self.check_access("read")  # what follows is done with billing's own rights
        reviewer = self.env.user.has_group("legal_billing.legal_billing_group_reviewer")
        if not (reviewer and self._is_reviewed_by_user()):
            self._check_role("biller", "manager")
        closed = self.filtered(lambda bill: bill.state != "draft")
        if closed:
            self._raise_wrong_stage(closed, self.env._("Edit"))

    def _is_reviewed_by_user(self):
        """Whether the user is the responsible lawyer, or was asked to review.

        :rtype: bool
        """
        user = self.env.user
        return all(
            bill.matter_ids.responsible_id == user or bill.reviewer_id == user
            for bill in self.sudo()  # who is responsible, behind walls too
        )

    def _on_entries_edited(self, entries, before):
        """Entries of drafts were edited: log it, price the drafts again.

        :param account.analytic.line entries: those that changed
        :param dict before: ``{entry id: values}``, as ``_get_charged_values`` gave them
        """
        result = super()._on_entries_edited(entries, before)
        self._check_can_edit_draft()
        held = entries.sudo().filtered("is_on_hold")
        for bill_sudo in self.sudo():
            mine = entries.sudo() & bill_sudo.wip_line_ids
            bill_sudo._log_entries(mine - held, "entry", before)
            bill_sudo._log_entries(mine & held, "removed")
            bill_sudo._free_entries(mine & held)
            bill_sudo._reprice()
        return result

    def _log_entries(self, entries, step, before=None):
        """Note what became of entries of this draft: what was charged of each before
        and after, by whom, and why, as far as somebody said so.

        :param account.analytic.line entries:
        :param str step: ``entry``, ``added`` or ``removed``
        :param dict before: of edited entries, ``{entry id: values}``, as
            ``_get_charged_values`` gave them
        """
        given = read_reason(self.env.context.get(REASON))
        rows = []
        for entry in entries:
            old, new, texts = 0.0, entry._get_charged_values()["amount"], []
            if step == "removed":
                old, new = entry.billed_amount, 0.0
            elif step == "entry":
                old = before[entry.id]["amount"]
                if old == new:
                    continue
                texts.append(entry._describe_edit(before[entry.id]))
            texts.append(entry.name)
            rows.append(
                {
                    "bill_id": self.id,
                    "matter_id": entry.matter_id.id,
                    "entry_id": entry.id,
                    "step": step,
                    "before_amount": old,
                    "after_amount": new,
                    "reason": ": ".join(filter(None, texts)),
                    "typed_reason": given,
                    "user_id": self.env.uid,
                }
            )
        self.env["legal.bill.adjustment"].sudo().create(rows)  # nobody writes the log

    def _get_priced_matter(self):
        """The matter whose entries the bill charges; lines made by hand may be of
        others.

        :raise BillStageError: if the entries are of several matters
        :rtype: project.project
        """
        self.ensure_one()
        generated = self.invoice_line_ids.filtered("legal_line_kind")
        matters = (
            self.wip_line_ids.matter_id
            | self.instalment_ids.matter_id
            | generated.matter_id
        )
        if len(matters) > 1:
            raise BillStageError(
                self.env._(
                    "%(bill)s has entries of several matters: %(matters)s. Bill them one "
                    "by one.",
                    bill=self._get_short_name(),
                    matters=", ".join(matters.mapped("display_name")),
                )
            )
        return matters or self.matter_id

    def _reprice(self):
        """Price drafts again by the order of operations and make their generated lines
        anew. Lines made by hand stay."""
        for bill in self._get_split_heads()._internal():
            if bill.is_together and bill.state == "draft":
                bill._reprice_together()
                continue
            matter = bill._get_priced_matter()
            if bill.state != "draft" or not matter or bill.move_type != "out_invoice":
                continue
            if bill.billing_kind == "on_account":
                continue
            maker = bill.env["legal.bill.maker"].with_company(bill.company_id)
            rows = maker._load_rows(Domain("bill_id", "=", bill.id)).get(matter.id, [])
            before = maker._get_billed_before(matter, exclude=bill._get_split_set())
            priced = maker._price(
                matter,
                rows,
                bill.instalment_ids,
                before[matter.id],
                bill.invoice_date,
                bill=bill,
            )
            if bill._is_to_be_shared(matter):
                bill._reprice_shared(matter, priced, rows)
            elif bill.split_share_ids and priced.lines:
                bill._reprice_split(matter, priced, rows)
            else:
                bill._reprice_alone(matter, priced, rows)
            maker._link_entries(
                [(entry.id, bill.id, entry.billed) for entry in priced.entries]
            )
            bill.adjustment_ids.filtered(
                lambda row: row.step in COMPUTED_STEPS
            ).unlink()
            maker._log_adjustments([(bill, matter, priced)])

    def _reprice_alone(self, matter, priced, rows):
        """Give a draft that one payer bears the lines of its price; where nothing is
        charged, the drafts that were split of it go.

        :param project.project matter: that is priced
        :param engine.PricedBill priced:
        :param list rows: entries
        """
        self.ensure_one()
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        for other in self.split_ids if self.is_split else ():
            split = BillSplit(
                matter,
                priced,
                self.split_share_ids,
                rows,
                self.currency_id,
                self.invoice_date,
            )
            other._drop_part(matter, maker, split)
        lines = maker._prepare_line_vals_list(
            matter,
            priced,
            self.currency_id,
            self.fiscal_position_id,
            self.invoice_date,
            rows,
        )
        by_hand = self.invoice_line_ids.filtered(lambda x: not x.legal_line_kind)
        if not lines and (not by_hand or by_hand.matter_id != matter):
            # nothing is charged any more: it stays a bill of its matter
            lines = maker._prepare_nil_line_vals_list(
                matter, priced, self.currency_id, self.fiscal_position_id, rows
            )
        for line in lines:
            line["partner_id"] = self.commercial_partner_id.id
        maker._distribute([(matter, line) for line in lines])
        self._write_generated_lines(lines, maker._prepare_summary_vals(matter, priced))

    def _keep_distributions(self, lines):
        """Let lines that are made anew have the analytic distribution that a person set
        on the one before.

        :param list lines: values of generated lines; changed
        """
        self.ensure_one()
        kept = defaultdict(list)
        for line in self.invoice_line_ids.filtered("legal_line_kind"):
            key = (
                line.legal_line_kind,
                line.product_id.id,
                line.bill_element,
                line.matter_id.id,
            )
            kept[key].append(
                {
                    "analytic_distribution": line.analytic_distribution,
                    "is_distribution_set": True,
                }
                if line.is_distribution_set
                else {}
            )
        for vals in lines:
            key = (
                vals["legal_line_kind"],
                vals["product_id"],
                vals["bill_element"],
                vals["matter_id"],
            )
            if kept[key]:
                vals.update(kept[key].pop(0))

    # --- computes

    @api.depends(
        "wip_line_ids.wip_currency_id", *(f"wip_line_ids.{name}" for name in TOTALS)
    )
    def _compute_entry_totals(self):
        """None of entries in several currencies: they do not add up."""
        for move in self:
            entries = move.wip_line_ids
            currencies = entries.wip_currency_id
            move.entry_totals = len(currencies) == 1 and {
                name: currencies.round(sum(entries.mapped(name))) for name in TOTALS
            }

    def _compute_left_out(self):
        """Count and value of what is still unbilled of the entries left out, by one
        statement."""
        figures = {}
        drafts = self.filtered(lambda move: move.billing_stage == "draft")
        if drafts.ids:
            drafts.flush_recordset(["left_out_ids"])
            self.env["account.analytic.line"].flush_model()
            figures = {
                bill: (count, float(amount or 0.0))
                for bill, count, amount in self.env.execute_query(
                    SQL(
                        """
                        SELECT rel.bill_id, COUNT(*), SUM(entry.wip_amount)
                          FROM legal_bill_left_out_rel rel
                          JOIN account_analytic_line entry ON entry.id = rel.entry_id
                         WHERE rel.bill_id IN %s AND entry.bill_id IS NULL
                           AND entry.written_off_on IS NULL
                      GROUP BY rel.bill_id
                        """,
                        tuple(drafts.ids),
                    )
                )
            }
        for move in self:
            move.left_out_count, move.left_out_amount = figures.get(move.id, (0, 0.0))

    # --- actions

    def action_open_left_out(self):
        """Show what was left out of this draft.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.wip_action"
        )
        return action | {
            "display_name": self.env._("Left out of %s", self.bill_label),
            "domain": list(self._get_left_out_domain()),
            "context": {},
        }

    def action_add_left_out(self):
        """Put on the draft what was left out of it, as far as it is unbilled and not on
        hold.

        :return: True
        """
        self.ensure_one()
        entries = self.env["account.analytic.line"].sudo()  # right checked by the call
        entries = entries.search(
            self._get_left_out_domain() & Domain("is_on_hold", "=", False)
        )
        return self.action_add_entries(entries)

    # --- helpers

    def _get_left_out_domain(self):
        """What is still unbilled of the entries left out.

        :rtype: odoo.fields.Domain
        """
        return self.env["account.analytic.line"]._get_unbilled_domain() & Domain(
            "id", "in", self.sudo().left_out_ids.ids
        )

    def _note_left_out(self, entries, is_left_out):
        """Remember that these entries were left out of the draft, or no longer.

        :param account.analytic.line entries:
        :param bool is_left_out:
        """
        self.ensure_one()
        code = Command.LINK if is_left_out else Command.UNLINK
        if not is_left_out:
            entries &= self.sudo().left_out_ids
        if entries:
            self._internal().write(
                {"left_out_ids": [(code, entry.id, 0) for entry in entries]}
            )

    # --- another date or journal

    def _reprice_at_date(self):
        """Entries in another currency than their draft's have the value of its date."""
        entries_sudo = self.env["account.analytic.line"].sudo()  # he may write the date
        foreign = {
            bill
            for bill, currency in entries_sudo._read_group(
                Domain("bill_id", "in", self.ids), ["bill_id", "wip_currency_id"]
            )
            if currency and currency != bill.currency_id
        }
        for bill_sudo in foreign:
            bill_sudo._reprice()
