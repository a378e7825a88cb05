from odoo import fields, models
from odoo.fields import Command

from ...exceptions import ApprovalError, BillStageError
from ...tools import DROPPING, INTERNAL, WHOLE_SET, Obstacles
from ..drafting.legal_bill_maker import BillJob
from ..drafting.legal_bill_maker_split import SPREAD_FIGURES, BillSplit


class AccountMove(models.Model):
    """The bills of several payers: one holds the entries, the others are split of it.
    They are made, priced, approved and taken back together; each is produced, delivered,
    paid and disputed for itself."""

    _inherit = "account.move"

    is_split = fields.Boolean(
        string="Split among payers",
        copy=False,
        readonly=True,
        help="One of several bills of the same work, one for each payer.",
    )
    split_of_id = fields.Many2one(
        "account.move",
        string="Split of",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The bill of the other payer, which holds the entries.",
    )
    split_ids = fields.One2many(
        "account.move",
        "split_of_id",
        string="Bills of the other payers",
        readonly=True,
    )
    payer_share_ids = fields.One2many(
        "legal.bill.share", "bill_id", string="Who pays", copy=False, readonly=True
    )
    split_share_ids = fields.One2many(
        "legal.bill.share", "bill_id", string="Shares", copy=False
    )
    is_split_due = fields.Boolean(
        string="Shares changed",
        copy=False,
        readonly=True,
        help="The shares were changed since the bills were split.",
    )
    split_count = fields.Integer(
        string="Bills of the set", compute="_compute_split_figures"
    )
    split_total = fields.Monetary(
        string="Total of the set",
        compute="_compute_split_figures",
        help="Of all payers together, net of tax.",
    )

    # --- computes

    def _compute_split_figures(self):
        for move in self:
            bills = move._get_split_set()
            move.split_count = len(bills) if move.is_split else 0
            move.split_total = sum(bills.mapped("amount_untaxed"))

    # --- actions

    def action_resplit(self):
        """Make the bills of the set anew from the shares of this draft: payers that are
        new get a draft, those that left lose theirs, the others keep their bill.

        :return: True
        :raise BillStageError: if it is no draft, or the shares do not bear the whole
        """
        heads = self._get_split_heads()
        heads._check_can_edit_draft()
        heads._check_charges_work()
        heads._check_one_matter()
        unsplit = heads.filtered(lambda bill: not bill.split_share_ids)
        if unsplit:
            raise BillStageError(
                self.env._(
                    "%(bills)s has no payers to be split among. Enter who bears what "
                    "first, at least the payer who bears the rest.",
                    bills=", ".join(bill._get_short_name() for bill in unsplit),
                )
            )
        heads._check_shares()
        heads._reprice()
        return True

    def action_open_split(self):
        """Show all bills of the set.

        :rtype: dict
        """
        self.ensure_one()
        bills = self._get_split_set()
        page = "draft_bill_action" if self.state == "draft" else "bill_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"legal_billing.{page}")
        return action | {
            "display_name": self.env._("Bills of all payers"),
            "domain": [("id", "in", bills.ids)],
            "context": {},
        }

    # --- the set

    def _get_split_heads(self):
        """The bills that hold the entries of these: themselves, or what they are split
        of.

        :rtype: account.move
        """
        siblings = self.filtered("split_of_id")
        if not siblings:
            return self
        # sudo: the same matter, the same barrier
        return (self - siblings) | siblings.sudo().split_of_id.with_env(self.env)

    def _get_split_set(self, *states):
        """All bills of the sets that these are of, in the order of the payers; plain
        bills are of none, and stay.

        :param str states: of the others; default: any
        :rtype: account.move
        """
        split = self.filtered("is_split")
        if not split or self.env.context.get("legal_billing_set") is WHOLE_SET:
            return self
        heads_sudo = split._get_split_heads().sudo()  # the same matter
        others = (heads_sudo | heads_sudo.split_ids).with_env(self.env)
        if states:
            others = others.filtered(lambda bill: bill.state in states)
        return self | others

    def _as_whole_set(self):
        """These bills, which are all that is to be worked on: nothing looks for the
        others of a set any more."""
        return self.with_context(legal_billing_set=WHOLE_SET)

    def _get_live_set(self):
        """Of the sets of these bills those that stand for work: neither cancelled nor
        credited in full.

        :rtype: account.move
        """
        return self._get_split_set().filtered(
            lambda bill: bill.state != "cancel" and not bill._is_fully_credited()
        )

    def _is_released(self):
        """Whether the entries of this bill went back to WIP: it was cancelled or
        credited in full, and so was every other bill of its set.

        :rtype: bool
        """
        self.ensure_one()
        return not self._get_live_set()

    def _check_holds_entries(self):
        """Refuse what is said on the bill that holds the entries.

        :raise BillStageError: naming the other bills, and where it is said
        """
        siblings = self.filtered("split_of_id")
        if siblings:
            raise BillStageError(
                self.env._(
                    "%(bills)s: entries, fees, discount and shares of bills that are "
                    "split are changed on the bill of %(payers)s, which holds the "
                    "entries; all bills of the set follow.",
                    bills=", ".join(bill._get_short_name() for bill in siblings),
                    payers=", ".join(
                        siblings.split_of_id.partner_id.mapped("display_name")
                    ),
                )
            )

    def _check_shares(self):
        """
        :raise BillStageError: for shares that do not bear the whole, naming the drafts
        """
        problems = {bill: bill.split_share_ids._get_problem() for bill in self}
        wrong = {bill: text for bill, text in problems.items() if text}
        if wrong:
            raise BillStageError(
                "\n".join(
                    self.env._(
                        "%(bill)s: %(problem)s",
                        bill=bill._get_short_name(),
                        problem=text,
                    )
                    for bill, text in wrong.items()
                )
            )

    def _spread_over_sets(self, found):
        """What stands against one bill of a set stands against all of it.

        :param dict found: ``{bill: sentences}``; changed
        :return: the same
        :rtype: dict
        """
        split = self.filtered("is_split")
        split._get_split_set()  # read together
        for bill in split:
            for other in bill._get_split_set() - bill:
                for text in found.get(other, ()):
                    if text not in found.setdefault(bill, []):
                        found[bill] = [*found[bill], text]
        return {bill: texts for bill, texts in found.items() if texts}

    def _get_split_obstacles(self):
        """Shares that were changed and not yet split again.

        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        due = self.filtered("is_split_due")
        return Obstacles().add(
            due,
            self.env._(
                "%(bills)s: the shares of the payers were changed. Press Split again "
                "on the draft, and look at the bills.",
                bills=", ".join(bill._get_short_name() for bill in due),
            ),
            ApprovalError,
        )

    def _tell_share_of_payer(self):
        """The payer of a bill of a set was changed on the bill: his share says so."""
        for bill in self.filtered("is_split")._internal():
            shares = bill._get_split_heads().split_share_ids.filtered(
                lambda share, bill=bill: (
                    share.share_bill_id == bill and share.partner_id != bill.partner_id
                )
            )
            if shares:
                shares.partner_id = bill.partner_id

    # --- pricing the set

    def _reprice_split(self, matter, priced, rows):
        """Split the price of this draft among its payers, as it says now.

        :param project.project matter: that is priced
        :param engine.PricedBill priced: of the whole
        :param list rows: entries
        """
        self.ensure_one()
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        shares = self.split_share_ids.sorted(lambda row: (row.sequence, row.id))
        split = BillSplit(
            matter, priced, shares, rows, self.currency_id, self.invoice_date
        )
        others = self.split_ids
        maker._note_cap_left([split], exclude=self | others)
        parts = maker._make_parts(split)
        bills = self._match_parts(parts, others)
        for part in parts:
            if not bills[part.payer.id]:
                bills[part.payer.id] = self._make_part_bill(matter, split, part)
        maker._distribute(
            [(matter, line) for part in parts for line in part.lines.values()]
        )
        summaries = maker._spread_summary(split, parts)
        (self | others)._drop_deductions()
        kept = self.browse().concat(*bills.values())
        for bill in (self | others) - kept:
            bill._drop_part(matter, maker, split)
        for part, summary in zip(parts, summaries, strict=True):
            bill = bills[part.payer.id]
            bill._follow_payer(part, maker)
            if bill != self:  # what was billed of them is said once
                summary["subscription_periods"] = False
            bill._write_generated_lines(list(part.lines.values()), summary)
        for share in shares:
            share.share_bill_id = bills.get(share.id, self.browse())
        self.write({"is_split_due": False, "is_split": True})
        by_hand = [
            line._as_base_values()
            for line in kept.invoice_line_ids
            if line.legal_line_kind in (False, "deduction")
            and line.display_type == "product"
        ]
        ordered = self.browse().concat(*(bills[part.payer.id] for part in parts))
        maker._hold_taxes_on(ordered, parts, by_hand)

    def _match_parts(self, parts, others):
        """Which bill is whose: as it was, else by payer; the one that holds the entries
        is that of the last, if it is nobody's.

        :param list parts: ``BillPart``s
        :param account.move others: the other drafts of the set
        :return: ``{share id: bill}``, an empty one where a draft is to be made
        :rtype: dict
        """
        free = self | others
        result = {}
        for wanted in ("share_bill_id", "partner_id"):
            for part in parts:
                if result.get(part.payer.id):
                    continue
                bill = (
                    part.payer.share_bill_id & free
                    if wanted == "share_bill_id"
                    else free.filtered(lambda x, p=part: x.partner_id == p.partner)[:1]
                )
                result[part.payer.id] = bill
                free -= bill
        last = parts[-1].payer.id
        numbered = self.posted_before or result[last].posted_before
        if self in free and not numbered:
            # whoever it was of bears nothing: the last one's own draft is not needed
            result[last] = self
        return result

    def _make_part_bill(self, matter, split, part):
        """A draft for a payer who had none in this set.

        :param BillSplit split:
        :param BillPart part:
        :rtype: account.move
        """
        maker = self.env["legal.bill.maker"].with_company(self.company_id)
        job = BillJob(
            matter=matter,
            rows=split.rows,
            instalments=self.env["legal.fee.instalment"],
            invoice_date=self.invoice_date,
            cutoff_date=self.cutoff_date,
            report=self.bill_report_id,
            run=self.billing_run_id,
            priced=split.priced,
            journal=self.journal_id,
        )
        vals = maker._prepare_bill_vals(job, part.fiscal_position)
        term = self.invoice_payment_term_id
        vals |= maker._prepare_payer_vals(matter, part) | {
            "invoice_payment_term_id": term.id,
            "date": self.date,
            "is_split": True,
            "split_of_id": self.id,
            "bill_discount_type": "none",
            "bill_discount_value": 0.0,
        }
        if not term:
            vals["invoice_date_due"] = self.invoice_date
        maker._distribute(
            [(matter, line) for _command, _id, line in vals["invoice_line_ids"]]
        )
        return maker._create_drafts([vals]).with_env(self.env)

    def _follow_payer(self, part, maker):
        """The payer of a share was changed: the bill is his now.

        :param BillPart part:
        """
        self.ensure_one()
        if self.partner_id == part.partner:
            return
        self.write(
            {
                # or core takes the new payer's own
                "invoice_payment_term_id": self.invoice_payment_term_id.id,
                **maker._prepare_payer_vals(self._get_priced_matter(), part),
            }
        )
        self.fiscal_position_id = part.fiscal_position

    def _drop_part(self, matter, maker, split):
        """The payer of this draft bears nothing any more: it goes, unless it holds the
        entries or says something of its own.

        :param project.project matter: that is priced
        :param BillSplit split:
        """
        self.ensure_one()
        by_hand = self.invoice_line_ids.filtered(lambda line: not line.legal_line_kind)
        if self.split_of_id and not by_hand:
            bill = self._as_whole_set().with_context(legal_billing_dropping=DROPPING)
            if bill.posted_before:  # its number stays accounted for
                bill.button_cancel()
            else:
                bill.unlink()
            return
        lines = []
        if not by_hand or by_hand.matter_id != matter:
            # it stays a bill of its matter
            lines = maker._prepare_nil_line_vals_list(
                matter,
                split.priced,
                split.currency,
                self.fiscal_position_id,
                split.rows,
            )
            for line in lines:
                line["partner_id"] = self.commercial_partner_id.id
            maker._distribute([(matter, line) for line in lines])
        nothing = dict.fromkeys(SPREAD_FIGURES, 0.0)
        self._write_generated_lines(
            lines, nothing | {"fees_amount": 0.0, "disbursements_amount": 0.0}
        )

    def _write_generated_lines(self, lines, summary):
        """Make the generated lines of a draft anew; lines made by hand stay.

        :param list lines: values, distributed
        :param dict summary: figures of the draft
        """
        self.ensure_one()
        lines = self._renew_deductions(lines, summary)
        self._keep_distributions(lines)
        self.with_context(legal_billing_internal=INTERNAL).write(
            {
                "invoice_line_ids": [
                    *(
                        Command.delete(line.id)
                        for line in self.invoice_line_ids
                        if line.legal_line_kind
                    ),
                    *(Command.create(vals) for vals in lines),
                ],
                **summary,
            }
        )
