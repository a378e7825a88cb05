from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...exceptions import BillStageError
from ...tools import format_amount
from ..drafting.legal_bill_adjustment import COMPUTED_STEPS


class AccountMove(models.Model):
    """Bills over several matters: each matter is priced alone, with the options that it
    has; lines, entries and the log say whose they are. One matter is taken out of a
    draft alone."""

    _inherit = "account.move"

    is_together = fields.Boolean(
        string="Several matters",
        copy=False,
        readonly=True,
        help="Bills the work of several matters, a section for each.",
    )
    matter_label = fields.Char(
        compute="_compute_matter_label",
        help="The matter; of several the first, and how many more.",
    )

    # --- computes

    @api.depends("matter_ids")
    def _compute_matter_label(self):
        for move in self:
            matters = move.matter_ids.sorted(lambda m: (m.matter_number or "", m.id))
            label = matters[:1].display_name
            if len(matters) > 1:
                label = self.env._(
                    "%(matter)s and %(count)s more",
                    matter=label,
                    count=len(matters) - 1,
                )
            move.matter_label = label

    # --- actions

    @api.private
    def action_remove_matters(self, matters):
        """Take matters out of this draft: their entries and instalments are free again,
        the others are priced anew. With one matter left it is a plain bill.

        :param project.project matters:
        :return: True
        :raise RoleError: without the biller's role
        :raise BillStageError: if it is no draft, holds none of them, or no other
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        self.check_access("write")
        if self.state != "draft":
            self._raise_wrong_stage(self, self.env._("Take out"))
        held = self._get_priced_matters() if self.is_together else self.matter_ids
        gone = held & matters
        if not gone:
            raise BillStageError(
                self.env._(
                    "%(bill)s bills no work of %(matters)s.",
                    bill=self._get_short_name(),
                    matters=", ".join(matters.mapped("display_name")),
                )
            )
        if not self.is_together or gone == held:
            raise BillStageError(
                self.env._(
                    "%(bill)s bills no other matter. Delete the draft: its entries are "
                    "work in progress again.",
                    bill=self._get_short_name(),
                )
            )
        self._internal()._remove_matters(gone)
        return True

    def _is_of_matters(self, matters):
        """Whether this bill charges the work of none but these matters.

        :param project.project matters:
        :rtype: bool
        """
        self.ensure_one()
        return self._get_priced_matters() <= matters

    def _remove_matters(self, gone):
        """Take matters out of this draft; the role was checked.

        :param project.project gone: not all that it bills
        """
        entries = self.wip_line_ids.filtered(lambda entry: entry.matter_id in gone)
        self._log_entries(entries, "removed")
        self._free_entries(entries)
        self.instalment_ids.filtered(lambda row: row.matter_id in gone)._release()
        lines = self.invoice_line_ids.filtered(lambda line: line.matter_id in gone)
        by_hand = lines._get_hand_lines()
        by_hand._log_hand_lines(
            {line.id: line.price_subtotal for line in by_hand}, is_deleted=True
        )
        left = self._get_priced_matters() - gone
        left = left.sorted(lambda matter: (matter.matter_number or "", matter.id))
        vals = {
            "invoice_line_ids": [Command.delete(line.id) for line in lines],
            "left_out_ids": [
                Command.unlink(entry.id)
                for entry in self.left_out_ids
                if entry.matter_id in gone
            ],
            "subscription_periods": [
                period
                for period in self.subscription_periods or ()
                if period["matter_id"] not in gone.ids
            ]
            or False,
            "invoice_origin": self.env["legal.bill.maker"]._join_origin(left),
        }
        if len(left) == 1:  # a plain bill, which has a copy of its matter's discount
            vals |= {
                "is_together": False,
                "client_id": left.partner_id.id,
                "invoice_user_id": left.responsible_id.id,
                "bill_discount_type": left.discount_type or "none",
                "bill_discount_value": left.discount_value,
            }
        names = ", ".join(gone.mapped("display_name"))
        # what one field says decides how the others are priced: all of it at once
        self.with_context(legal_billing_removing=True).write(vals)
        self._reprice()
        self.env["legal.bill.maker"]._touch_matters(gone | left)
        self._after_matters_removed(gone)
        self.message_post(
            body=self.env._(
                "Taken out of the bill: %(matters)s. Their work is in progress again.",
                matters=names,
            )
        )

    def _is_removing_matters(self):
        """Whether matters are just taken out, after which all is priced again.

        :rtype: bool
        """
        return self._is_internal() and bool(
            self.env.context.get("legal_billing_removing")
        )

    def _after_matters_removed(self, gone):
        """After matters were taken out of this draft; extend to do more.

        :param project.project gone:
        """

    def _get_open_of_matters(self):
        """Hook: what each matter has open of those of these bills that are over several;
        the room of payments knows what was paid for whom.

        :return: ``{bill id: {project.project: Decimal}}``, negative for credit notes
        :rtype: dict
        """
        return {}

    # --- pricing

    def _get_priced_matters(self):
        """Matters whose work this bill charges; lines made by hand may be of others.

        :rtype: project.project
        """
        self.ensure_one()
        generated = self.invoice_line_ids.filtered("legal_line_kind")
        matters = (
            self.wip_line_ids.matter_id
            | self.instalment_ids.matter_id
            | generated.matter_id
        )
        return matters.sorted(lambda matter: (matter.matter_number or "", matter.id))

    def _price_matters(self, maker, matters, rows):
        """Price these matters of this draft, each alone.

        :param project.project matters: as they are, or with other options
        :param dict rows: entries by id of the matter
        :return: ``[(matter, engine.PricedBill)]``
        :rtype: list
        """
        before = maker._get_billed_before(matters, exclude=self)
        return [
            (
                matter,
                maker._price(
                    matter,
                    rows.get(matter._origin.id, []),
                    self.instalment_ids.filtered(
                        lambda row, matter=matter: row.matter_id == matter._origin
                    ),
                    before[matter._origin.id],
                    self.invoice_date,
                    bill=self,
                ),
            )
            for matter in matters
        ]

    def _reprice_together(self):
        """Price each matter of this draft again, and make its generated lines anew."""
        self.ensure_one()
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        rows = maker._load_rows(Domain("bill_id", "=", self.id))
        priced_matters = self._price_matters(maker, self._get_priced_matters(), rows)
        lines, summaries = [], []
        for matter, priced in priced_matters:
            mine = self._prepare_matter_lines(
                maker, matter, priced, rows.get(matter.id, [])
            )
            for line in mine:
                line["partner_id"] = self.commercial_partner_id.id
            maker._distribute([(matter, line) for line in mine])
            lines.append(mine)
            summaries.append(maker._prepare_summary_vals(matter, priced))
        matters = self.env["project.project"].concat(*(m for m, _p in priced_matters))
        self._write_generated_lines(
            maker._join_lines(self.company_id, self.fiscal_position_id.id, lines),
            maker._join_summaries(matters, summaries),
        )
        maker._link_entries(
            [
                (entry.id, self.id, entry.billed)
                for _matter, priced in priced_matters
                for entry in priced.entries
            ]
        )
        self.adjustment_ids.filtered(lambda row: row.step in COMPUTED_STEPS).unlink()
        maker._log_adjustments(
            [(self, matter, priced) for matter, priced in priced_matters]
        )

    def _prepare_matter_lines(self, maker, matter, priced, rows):
        """Values of the generated lines of one matter; where nothing is charged it stays
        a bill of it.

        :rtype: list
        """
        of_matter = matter, priced, self.currency_id, self.fiscal_position_id
        lines = maker._prepare_line_vals_list(
            *of_matter, self.invoice_date, rows, self.partner_id
        )
        return lines or maker._prepare_nil_line_vals_list(*of_matter, rows)

    def _foresee_together(self, vals, matters):
        """What other options of some of its matters would do to this draft.

        :param dict vals: options, as for ``write``
        :param project.project matters: that get them
        :return: effects in words
        :rtype: list
        """
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        rows = maker._load_rows(Domain("bill_id", "=", self.id))
        mine = self._get_priced_matters() & matters
        changed = [matter.new(vals, origin=matter) for matter in mine]
        difference = sum(
            sign * float(priced.net)
            for sign, group in ((1, changed), (-1, mine))
            for matter in group
            for _matter, priced in self._price_matters(maker, matter, rows)
        )
        before, after = self.amount_untaxed, self.amount_untaxed + difference
        if not self.currency_id.compare_amounts(before, after):
            return []
        return [
            self.env._(
                "is priced again: %(before)s → %(after)s",
                before=format_amount(self.env, before, self.currency_id),
                after=format_amount(self.env, after, self.currency_id),
            )
        ]

    # --- what is said on the matters

    def _check_one_matter(self):
        """Refuse what is said on each matter.

        :raise BillStageError: naming bills over several matters, and where it is said
        """
        several = self.filtered("is_together")
        if several:
            raise BillStageError(
                self.env._(
                    "%(bills)s: fees, discount, quote and payers of a bill over several "
                    "matters are those of each matter. Change them on the matter, and the "
                    "draft follows; or take the matter out of the draft and bill it alone.",
                    bills=", ".join(bill._get_short_name() for bill in several),
                )
            )
