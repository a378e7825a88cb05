from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import DISBURSEMENT_ELEMENTS, INTERNAL

#: Parts of a bill's figures that are told by bill of a set, too.
SPREAD_FIGURES = (
    "standard_fees",
    "edit_effect",
    "quote_effect",
    "discount_effect",
    "agreed_effect",
)


@dataclass
class BillSplit:
    """A priced bill that several payers bear."""

    matter: models.Model
    priced: engine.PricedBill
    #: ``legal.matter.payer`` or ``legal.bill.share``, in their order
    payers: models.Model
    #: entries, for the text of the lines
    rows: list
    currency: models.Model
    day: date
    #: ``{partner id: what is left below the cap}``
    cap_left: dict = field(default_factory=dict)


@dataclass
class BillPart:
    """What one payer bears of it: one bill of the set."""

    payer: models.Model
    fiscal_position: models.Model
    #: share of each line of the price
    amounts: list
    #: values of the lines that are on this payer's bill, by number of the line
    lines: dict = field(default_factory=dict)

    @property
    def partner(self):
        return self.payer.partner_id


class LegalBillMaker(models.AbstractModel):
    """One bill for each of several payers (rules C-28, C-29): the price is that of one
    bill, its lines are split, and the taxes of the set are held to those of the whole."""

    _inherit = "legal.bill.maker"

    # --- making sets

    @api.model
    def _get_splits(self, jobs):
        """Which of these jobs several payers bear.

        :param list jobs: priced ``BillJob``s
        :return: ``{number of the job: BillSplit}``
        :rtype: dict
        """
        matters = self.env["project.project"].union(*(job.matter for job in jobs))
        if not matters.payer_ids:
            return {}
        splits = {}
        for number, job in enumerate(jobs):
            payers = job.matter.with_env(self.env).payer_ids
            if payers and job.matter.split_mode != "shares":
                splits[number] = BillSplit(
                    matter=job.matter,
                    priced=job.priced,
                    payers=payers.sorted(lambda row: (row.sequence, row.id)),
                    rows=job.rows,
                    currency=job.matter.billing_currency_id
                    or job.matter.company_id.currency_id,
                    day=job.invoice_date,
                )
        # read together
        matters.payer_ids.with_context(active_test=False).mapped("recipient_ids")
        self._note_cap_left(splits.values())
        return splits

    @api.model
    def _make_sets(self, jobs, splits, vals_list):
        """Create drafts, and for split jobs one for each payer who bears something. What
        was billed on account is deducted.

        :param list jobs: priced ``BillJob``s
        :param dict splits: of `_get_splits`
        :param list vals_list: of the unsplit bills, in the order of the jobs; changed
        :return: of each job, the draft that holds its entries
        :rtype: account.move
        """
        matters = self.env["project.project"].union(*(job.matter for job in jobs))
        advances = self._load_advances(matters)
        for number, job in enumerate(jobs):
            if number not in splits and job.matter.id in advances:
                self._take_advances(
                    job.matter, vals_list[number], advances[job.matter.id]
                )
        shared = self._note_shared(jobs, vals_list)
        if not splits:
            heads = self._create_together(jobs, vals_list)
            self._keep_shares_of(shared, heads)
            return heads
        parts = {number: self._make_parts(split) for number, split in splits.items()}
        self._distribute(
            [
                (splits[number].matter, line)
                for number, found in parts.items()
                for part in found
                for line in part.lines.values()
            ]
        )
        part_vals = {
            number: self._prepare_part_vals_list(
                splits[number],
                parts[number],
                vals_list[number],
                advances.get(splits[number].matter.id, ()),
            )
            for number in splits
        }
        deductions = {}
        for number, found in part_vals.items():
            vals_list[number] = found[-1]
            deductions[number] = [
                line
                for vals in found
                for _command, _id, line in vals["invoice_line_ids"]
                if line["legal_line_kind"] == "deduction"
            ]
        heads = self._create_together(jobs, vals_list)
        siblings_vals = [
            vals | {"split_of_id": heads[number].id}
            for number, found in part_vals.items()
            for vals in found[:-1]
        ]
        siblings = iter(self._create_drafts(siblings_vals) if siblings_vals else ())
        sets = {
            number: [next(siblings) for _vals in found[:-1]] + [heads[number]]
            for number, found in part_vals.items()
        }
        self._keep_shares(splits, parts, sets)
        self._keep_shares_of(shared, heads)
        if not self._has_core_steps():  # the items were core's to make
            for number, bills in sets.items():
                self._hold_taxes_on(
                    heads.browse().concat(*bills), parts[number], deductions[number]
                )
        return heads

    @api.model
    def _keep_shares(self, splits, parts, sets):
        """Let each set know the shares that it was made with, and whose each bill is.

        :param dict splits: ``{number: BillSplit}``
        :param dict parts: ``{number: BillParts}``
        :param dict sets: ``{number: bills}``, as the parts
        """
        vals_list = []
        for number, split in splits.items():
            bills = {
                part.payer.id: bill
                for part, bill in zip(parts[number], sets[number], strict=True)
            }
            vals_list += [
                {
                    "bill_id": sets[number][-1].id,
                    "share_bill_id": bills[row.id].id if row.id in bills else False,
                    "sequence": row.sequence,
                    "partner_id": row.partner_id.id,
                    "share_type": row.share_type,
                    "value": row.value,
                    "cap_amount": row.cap_amount,
                    "scope": row.scope,
                }
                for row in split.payers
            ]
        shares = self.env["legal.bill.share"].sudo()
        shares.with_context(legal_billing_internal=INTERNAL).create(vals_list)

    # --- caps

    @api.model
    def _note_cap_left(self, splits, exclude=None):
        """Look up what each capped payer may still bear, for all splits together.

        :param splits: ``BillSplit``s; changed
        :param account.move exclude: the set that is priced again
        """
        capped = [
            (split, row) for split in splits for row in split.payers if row.cap_amount
        ]
        if not capped:
            return
        borne = self._get_borne(
            self.env["project.project"].union(
                *(split.matter for split, _row in capped)
            ),
            self.env["res.partner"].union(*(row.partner_id for _split, row in capped)),
            exclude,
        )
        for split, row in capped:
            total = 0.0
            for currency, day, amount in borne[split.matter.id, row.partner_id.id]:
                total += currency._convert(
                    amount, split.currency, split.matter.company_id, day
                )
            split.cap_left[row.partner_id.id] = split.currency.round(
                row.cap_amount - total
            )

    @api.model
    def _get_borne(self, matters, partners, exclude=None):
        """Net amounts that payers bear of matters: on drafts and approved bills, credits
        given back; a bad debt gives nothing back.

        :param account.move exclude: bills that do not count
        :return: ``{(matter id, partner id): [(currency, day, amount), …]}``
        :rtype: dict
        """
        result = self._get_borne_of_shares(matters, partners, exclude)
        moves = self.env["account.move"]
        moves.flush_model()
        self.env["account.move.line"].flush_model()
        currencies = self.env["res.currency"]
        for matter_id, partner_id, currency_id, day, amount in self.env.execute_query(
            SQL(
                """
                SELECT line.matter_id, bill.partner_id, bill.currency_id,
                       COALESCE(origin.invoice_date, bill.invoice_date, bill.date),
                       SUM(line.price_subtotal
                           * CASE bill.move_type WHEN 'out_refund' THEN -1 ELSE 1 END)
                  FROM account_move_line line
                  JOIN account_move bill ON bill.id = line.move_id
             LEFT JOIN account_move origin ON origin.id = bill.reversed_entry_id
                 WHERE line.matter_id IN %(matters)s
                   AND bill.partner_id IN %(partners)s
                   AND line.display_type = 'product'
                   AND line.on_account_line_id IS NULL
                   AND bill.is_shared IS NOT TRUE
                   AND origin.is_shared IS NOT TRUE
                   AND bill.id NOT IN %(exclude)s
                   AND bill.legal_write_off_id IS NULL
                   AND (bill.move_type = 'out_invoice'
                        AND bill.state IN ('draft', 'posted')
                        OR bill.move_type = 'out_refund' AND bill.state = 'posted')
              GROUP BY 1, 2, 3, 4
                """,
                matters=tuple(matters.ids),
                partners=tuple(partners.ids),
                exclude=tuple(exclude.ids) if exclude else (0,),
            )
        ):
            result[matter_id, partner_id].append(
                (currencies.browse(currency_id), day, float(amount or 0.0))
            )
        return result

    # --- parts

    @api.model
    def _make_parts(self, split):
        """What each payer bears, those left out who bear nothing; where nobody bears
        anything, the last one.

        :param BillSplit split:
        :return: ``BillPart``s in the payers' order
        :rtype: list
        """
        positions = self.env["account.fiscal.position"]
        whole = {}  # lines of the unsplit bill, as each position and language has them
        found = []
        for payer in split.payers:
            position = positions._get_fiscal_position(payer.partner_id)
            key = position, payer.partner_id.lang
            if key not in whole:
                whole[key] = self._prepare_line_vals_list(
                    split.matter,
                    split.priced,
                    split.currency,
                    position,
                    split.day,
                    split.rows,
                    payer.partner_id,
                )
            found.append((payer, position, whole[key]))
        shares = engine.split_among_payers(
            [
                (to_decimal(line.amount), self._get_section(vals))
                for line, vals in zip(split.priced.lines, found[0][2], strict=True)
            ],
            self.env["legal.bill.share"]._make_payers(split.payers, split.cap_left),
            rounding=to_decimal(split.currency.rounding),
        )
        parts = [
            BillPart(payer, position, amounts)
            for (payer, position, _lines), amounts in zip(found, shares, strict=True)
            if any(amounts)
        ] or [BillPart(found[-1][0], found[-1][1], shares[-1])]
        lines = {payer.id: vals for payer, _position, vals in found}
        for part in parts:
            part.lines = {
                number: self._prepare_part_line(split, part, vals, amount, line.amount)
                for number, (vals, amount, line) in enumerate(
                    zip(
                        lines[part.payer.id],
                        part.amounts,
                        split.priced.lines,
                        strict=True,
                    )
                )
                if amount or (not line.amount and part is parts[-1])
            }
        self._leave_fixed_taxes(parts)
        return parts

    @api.model
    def _get_section(self, vals):
        """What a payer's scope calls this line.

        :param dict vals: of a generated line
        :rtype: str
        """
        is_cost = vals["bill_element"] in DISBURSEMENT_ELEMENTS
        return "disbursements" if is_cost else "fees"

    @api.model
    def _prepare_part_line(self, split, part, vals, amount, whole):
        """A line of one payer's bill.

        :param dict vals: of the line of the unsplit bill
        :param Decimal amount: that this payer bears of it
        :param Decimal whole: all of it
        :rtype: dict
        """
        amount = float(amount)
        company = split.matter.company_id
        balance = amount
        if split.currency != company.currency_id:
            balance = split.currency._convert(
                amount, company.currency_id, company, split.day
            )
        name = vals["name"]
        if split.currency.compare_amounts(amount, float(whole)):
            maker = self.with_context(lang=part.partner.lang or self.env.lang)
            name = maker.env._(
                "%(text)s\nYour share of %(amount)s",
                text=name,
                amount=split.currency.with_env(maker.env).format_signed(float(whole)),
            )
        return vals | {
            "name": name,
            "price_unit": amount,
            "amount_currency": -amount,
            "balance": -balance,
            "partner_id": part.partner.commercial_partner_id.id,
        }

    @api.model
    def _leave_fixed_taxes(self, parts):
        """What is owed per line is owed once (rule C-36), by the last who bears it.

        :param list parts: ``BillPart``s, changed
        """
        bearers = {number: part for part in parts for number in part.lines}
        for part in parts:
            for number, vals in part.lines.items():
                if bearers[number] is part:
                    continue
                given = self.env["account.tax"].browse(vals["tax_ids"][0][2])
                taxes = given._without_fixed()
                if taxes != given:
                    tags = taxes.get_tax_tags(False, "base")
                    vals["tax_ids"] = [Command.set(taxes.ids)]
                    vals["tax_tag_ids"] = [Command.set(tags.ids)]

    @api.model
    def _prepare_part_vals_list(self, split, parts, base, advances):
        """Values of the drafts of a set, that which holds the entries last. Each payer
        has deducted what he was billed on account.

        :param list parts: ``BillPart``s; their lines are distributed
        :param dict base: values of the unsplit bill
        :param list advances: ``AdvanceLine``s of the matter, changed
        :rtype: list
        """
        summaries = self._spread_summary(split, parts)
        vals_list = [
            base
            | self._prepare_payer_vals(split.matter, part)
            | summary
            | {
                "is_split": True,
                "fiscal_position_id": part.fiscal_position.id,
                "invoice_line_ids": [
                    Command.create(vals) for vals in part.lines.values()
                ],
            }
            for part, summary in zip(parts, summaries, strict=True)
        ]
        for vals in vals_list[:-1]:
            # how it is priced is said on the bill that holds the entries
            vals |= {
                "bill_discount_type": "none",
                "bill_discount_value": 0.0,
                "subscription_periods": False,
            }
            vals.pop("left_out_ids", None)
            vals.pop("entries_snapshot", None)
        deductions = []
        for vals in vals_list:
            deductions += self._take_advances(split.matter, vals, advances)
        if self._has_core_steps() and not self._is_mixed(base):
            items = [
                self._prepare_tax_vals_list(
                    vals, [line for _command, _id, line in vals["invoice_line_ids"]]
                )
                for vals in vals_list
            ]
            self._hold_tax_items(self._get_whole_taxes(base, parts, deductions), items)
            for vals, taxes in zip(vals_list, items, strict=True):
                vals["tax_items"] = taxes
        return vals_list

    @api.model
    def _prepare_payer_vals(self, matter, part):
        """Who is billed, and how the bill goes there: as the matter says of this payer.

        :rtype: dict
        """
        return self._prepare_payer_options(matter, part.partner)

    @api.model
    def _prepare_payer_options(self, matter, partner):
        """
        :param res.partner partner: who is billed
        :return: values of the bill
        :rtype: dict
        """
        payers = self.env["legal.matter.payer"]
        known = matter.payer_ids.filtered(lambda payer: payer.partner_id == partner)
        recipients = known.with_context(active_test=False).recipient_ids
        copies = known.print_copies
        if not known:
            recipients = partner.filtered("email")
            copies = "0" if recipients else "1"
        channels = payers._get_channels_of(
            partner, matter.company_id, recipients, copies
        )
        vals = {
            "partner_id": partner.id,
            "ref": known.reference,
            "recipient_ids": [Command.set(recipients.ids)],
            "print_copies": copies or "0",
            "bill_channel_ids": [Command.set(channels.ids)],
        }
        if known.bill_report_id:
            vals["bill_report_id"] = known.bill_report_id.id
        return vals

    @api.model
    def _spread_summary(self, split, parts):
        """Figures of each bill of a set, which add up to those of the whole.

        :return: values of `_prepare_summary_vals` for each part
        :rtype: list
        """
        whole = self._prepare_summary_vals(split.matter, split.priced)
        sections = [
            {
                section: sum(
                    (
                        amount
                        for number, amount in enumerate(part.amounts)
                        if number in part.lines
                        and self._get_section(part.lines[number]) == section
                    ),
                    to_decimal(0),
                )
                for section in ("fees", "disbursements")
            }
            for part in parts
        ]
        result = [
            whole
            | {
                "fees_amount": float(found["fees"]),
                "disbursements_amount": float(found["disbursements"]),
            }
            for found in sections
        ]
        weights = [found["fees"] for found in sections]
        if not sum(weights):
            weights = [to_decimal(0)] * (len(parts) - 1) + [to_decimal(1)]
        for name in SPREAD_FIGURES:
            shares = engine.largest_remainder(
                to_decimal(whole[name]),
                weights,
                to_decimal(split.currency.rounding),
            )
            for vals, share in zip(result, shares, strict=True):
                vals[name] = float(share)
        return result

    # --- taxes of the set

    @api.model
    def _get_whole_taxes(self, vals, parts, by_hand=()):
        """Taxes of the bills of a set as if they were one: lines that were split and
        have the same taxes are one line again.

        :param dict vals: of the unsplit bill
        :param list parts: ``BillPart``s
        :param list by_hand: values of further lines
        :return: ``{key: (amount in currency, balance)}``
        :rtype: dict
        """
        merged = {}
        for part in parts:
            for number, line in part.lines.items():
                # taxes per piece are left with one payer; the base is all of them
                key = number, line["account_id"], self._get_rates(line)
                known = merged.get(key)
                merged[key] = line | {
                    "price_unit": line["price_unit"]
                    + (known["price_unit"] if known else 0.0)
                }
        lines = [*merged.values(), *by_hand]
        result = defaultdict(lambda: [0.0, 0.0])
        if lines:
            for item in self._prepare_tax_vals_list(
                vals, [dict(line) for line in lines]
            ):
                amounts = result[self._get_tax_key(item)]
                amounts[0] += item["amount_currency"]
                amounts[1] += item["balance"]
        return result

    @api.model
    def _get_rates(self, vals):
        taxes = self.env["account.tax"].browse(vals["tax_ids"][0][2])
        return tuple(sorted(taxes._without_fixed().ids))

    @api.model
    def _get_tax_key(self, item):
        """Which tax an item is of.

        :param item: values of a tax item, or the item itself
        :rtype: tuple
        """
        if isinstance(item, dict):
            taxes = {
                tax_id
                for command in item.get("tax_ids") or ()
                for tax_id in (
                    command[2] if command[0] == Command.SET else [command[1]]
                )
            }
            return (
                item["tax_repartition_line_id"],
                item["account_id"],
                tuple(sorted(taxes - {0})),
            )
        return (
            item.tax_repartition_line_id.id,
            item.account_id.id,
            tuple(sorted(item.tax_ids.ids)),
        )

    @api.model
    def _hold_tax_items(self, whole, items):
        """Let tax items of the bills of a set add up to the whole.

        :param dict whole: of `_get_whole_taxes`
        :param list items: values of the tax items of each bill; changed
        """
        for column, name in enumerate(("amount_currency", "balance")):
            held = engine.hold_taxes(
                {key: to_decimal(amounts[column]) for key, amounts in whole.items()},
                [
                    {self._get_tax_key(item): to_decimal(item[name]) for item in found}
                    for found in items
                ],
            )
            for found, amounts in zip(items, held, strict=True):
                for item in found:
                    item[name] = float(amounts[self._get_tax_key(item)])

    @api.model
    def _hold_taxes_on(self, bills, parts, by_hand=()):
        """Let the taxes of drafts add up to those of the unsplit bill, where they do not
        yet. A cent is moved as a person would: on the tax item.

        :param account.move bills: of a set, that which holds the entries last
        :param list parts: ``BillPart``s, in the order of the bills
        :param list by_hand: values of lines that are on one of the bills alone
        """
        head = bills[-1]
        vals = {
            "company_id": head.company_id.id,
            "currency_id": head.currency_id.id,
            "invoice_date": head.invoice_date,
            "invoice_payment_term_id": head.invoice_payment_term_id.id,
        }
        if self._is_mixed(vals):
            return
        whole = self._get_whole_taxes(vals, parts, by_hand)
        items = [
            {
                self._get_tax_key(line): line
                for line in bill.line_ids
                if line.display_type == "tax"
            }
            for bill in bills
        ]
        changes = defaultdict(dict)
        for column, name in enumerate(("amount_currency", "balance")):
            held = engine.hold_taxes(
                {key: to_decimal(amounts[column]) for key, amounts in whole.items()},
                [
                    {key: to_decimal(line[name]) for key, line in found.items()}
                    for found in items
                ],
            )
            for found, amounts in zip(items, held, strict=True):
                for key, line in found.items():
                    if line.currency_id.compare_amounts(
                        line[name], float(amounts[key])
                    ):
                        changes[line][name] = float(amounts[key])
        for bill, found in self._group_by_bill(changes).items():
            bill.with_context(legal_billing_internal=INTERNAL).write(
                {"line_ids": [Command.update(line.id, found[line]) for line in found]}
            )

    @api.model
    def _group_by_bill(self, changes):
        """
        :param dict changes: ``{item: values}``
        :return: ``{bill: {item: values}}``
        :rtype: dict
        """
        result = defaultdict(dict)
        for line, vals in changes.items():
            # both amounts: core would work the one out from the other
            result[line.move_id][line] = {
                "amount_currency": line.amount_currency,
                "balance": line.balance,
            } | vals
        return result
