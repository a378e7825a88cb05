from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import DISBURSEMENT_ELEMENTS, INTERNAL
from .legal_bill_maker_split import BillSplit


class LegalBillMaker(models.AbstractModel):
    """One bill that names those who owe it (rule C-30): it is made as any other, and
    says what of it each of them owes, in gross money."""

    _inherit = "legal.bill.maker"

    # --- making

    @api.model
    def _note_shared(self, jobs, vals_list):
        """Say on drafts that they are to name their payers. Who is billed gets the bill
        as the matter's row says.

        :param list jobs: priced ``BillJob``s
        :param list vals_list: of their drafts; changed
        :return: numbers of these jobs
        :rtype: list
        """
        numbers = [
            number
            for number, job in enumerate(jobs)
            if job.matter.split_mode == "shares"
            and job.matter.with_env(self.env).payer_ids
        ]
        for number in numbers:
            matter = jobs[number].matter.with_env(self.env)
            vals_list[number]["is_shared"] = True
            if matter.billing_partner_id in matter.payer_ids.partner_id:
                vals_list[number] |= self._prepare_payer_options(
                    matter, matter.billing_partner_id
                )
        return numbers

    @api.model
    def _keep_shares_of(self, numbers, heads):
        """Let each of these drafts have a copy of its matter's payers, and what they owe.

        :param list numbers: of `_note_shared`
        :param account.move heads: drafts of all jobs, in their order
        """
        drafts = heads.browse().concat(*(heads[number] for number in numbers))
        if not drafts:
            return
        shares = self.env["legal.bill.share"].sudo()
        shares.with_context(legal_billing_internal=INTERNAL).create(
            [
                {
                    "bill_id": draft.id,
                    **payer._prepare_share_vals(payer.partner_id != draft.partner_id),
                }
                for draft in drafts
                for payer in draft.matter_id.payer_ids.sorted(
                    lambda row: (row.sequence, row.id)
                )
            ]
        )
        drafts.invalidate_recordset(["payer_share_ids", "split_share_ids"])
        self._store_shares(drafts)

    # --- what each owes

    @api.model
    def _store_shares(self, bills):
        """Work out what each payer owes of these drafts. Of several drafts of one matter
        each counts for the limits of the next.

        :param account.move bills: drafts that name their payers
        """
        while bills:
            first = {}
            for bill in bills:
                first.setdefault(bill.matter_id.id or ("bill", bill.id), bill)
            now = bills.browse().concat(*first.values())
            bills -= now
            found = self._share_bills(now)
            shares = self.env["legal.bill.share"].sudo().browse(found)
            for share in shares.with_context(legal_billing_internal=INTERNAL):
                owed = found[share.id]
                share.write(
                    {"shared_net": float(owed.net), "shared_amount": float(owed.amount)}
                )

    @api.model
    def _share_bills(self, bills):
        """
        :param account.move bills: that name their payers, of different matters
        :return: ``{share id: engine.Share}``, without bills whose shares do not bear
            the whole
        :rtype: dict
        """
        splits = {}
        for bill in bills:
            shares = bill.payer_share_ids.sorted(lambda row: (row.sequence, row.id))
            if shares and not shares._get_problem():
                splits[bill] = BillSplit(
                    matter=bill.matter_id,
                    priced=None,
                    payers=shares,
                    rows=[],
                    currency=bill.currency_id,
                    day=bill.invoice_date or bill.date,
                )
        self._note_cap_left(splits.values(), exclude=bills)
        result = {}
        for bill, split in splits.items():
            owed = self._share_bill(bill, split)
            result.update(zip(split.payers.ids, owed, strict=True))
        return result

    @api.model
    def _share_bill(self, bill, split):
        """
        :param BillSplit split: of the bill
        :return: ``engine.Share`` of each payer
        :rtype: list
        """
        lines = bill.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        deducted = lines.filtered(lambda line: line.legal_line_kind == "deduction")
        payers = split.payers
        family = bill.commercial_partner_id
        addressee = payers.filtered(lambda row: row.partner_id == bill.partner_id)
        addressee = addressee or payers.filtered(
            lambda row: row.partner_id.commercial_partner_id == family
        )
        bearer = payers.filtered("bears_tax")
        order = payers.ids
        return engine.share_bill(
            [
                (
                    to_decimal(line.price_subtotal),
                    "disbursements"
                    if line.bill_element in DISBURSEMENT_ELEMENTS
                    else "fees",
                    to_decimal(line.price_total) - to_decimal(line.price_subtotal),
                )
                for line in lines - deducted
            ],
            self.env["legal.bill.share"]._make_payers(payers, split.cap_left),
            total=to_decimal(bill.amount_total),
            tax_bearer=order.index(bearer.id) if bearer else None,
            ahead=-sum(map(to_decimal, deducted.mapped("price_total")), to_decimal(0)),
            addressee=order.index(addressee[0].id) if addressee else None,
            rounding=to_decimal(bill.currency_id.rounding),
        )

    # --- caps

    @api.model
    def _get_borne_of_shares(self, matters, partners, exclude=None):
        """Net amounts that payers bear of bills that name them: a credit of the bill
        gives back to each in proportion.

        :param account.move exclude: bills that do not count
        :return: as `_get_borne`
        :rtype: defaultdict
        """
        self.env["account.move"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["legal.bill.share"].flush_model()
        result = defaultdict(list)
        currencies = self.env["res.currency"]
        for matter_id, partner_id, currency_id, day, amount in self.env.execute_query(
            SQL(
                """
                SELECT bill.matter_id, share.partner_id, bill.currency_id,
                       COALESCE(bill.invoice_date, bill.date),
                       share.shared_net
                       * (1 - COALESCE(credit.net / NULLIF(whole.net, 0), 0))
                  FROM legal_bill_share share
                  JOIN account_move bill ON bill.id = share.bill_id
            CROSS JOIN LATERAL (
                       SELECT SUM(line.price_subtotal) AS net
                         FROM account_move_line line
                        WHERE line.move_id = bill.id
                          AND line.display_type = 'product'
                          AND line.on_account_line_id IS NULL) whole
            CROSS JOIN LATERAL (
                       SELECT SUM(line.price_subtotal) AS net
                         FROM account_move note
                         JOIN account_move_line line ON line.move_id = note.id
                        WHERE note.reversed_entry_id = bill.id
                          AND note.move_type = 'out_refund'
                          AND note.state = 'posted'
                          AND note.legal_write_off_id IS NULL
                          AND line.display_type = 'product'
                          AND line.on_account_line_id IS NULL) credit
                 WHERE bill.is_shared
                   AND bill.matter_id IN %(matters)s
                   AND share.partner_id IN %(partners)s
                   AND bill.state IN ('draft', 'posted')
                   AND bill.id NOT IN %(exclude)s
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
