from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL, format_date

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import DEFAULT_ELEMENT
from .legal_bill_maker import BillJob

#: Deductions stand behind all other lines.
LAST_SEQUENCE = 10000


@dataclass
class AdvanceLine:
    """What was billed on account by one line, and what is left of it."""

    line: models.Model
    payer: models.Model
    currency: models.Model
    bill_name: str
    day: date
    #: set of taxes, as `_get_tax_set` says it
    taxes: tuple
    #: net, not yet deducted
    left: Decimal


class LegalBillMaker(models.AbstractModel):
    """Bills on account, which charge no entries, and what later bills deduct of them
    (rule C-33)."""

    _inherit = "legal.bill.maker"

    # --- bills on account

    @api.model
    def _make_on_account(self, matter, amount, day, text="", partner=None):
        """Make the draft of a bill on account: net to the account of such bills, taxed
        as the matter's fees are.

        :param project.project matter:
        :param float amount: net, in the matter's billing currency
        :param date day: of the bill
        :param str text: of its line
        :param res.partner partner: who is billed; default: as the matter says
        :rtype: account.move
        """
        company = matter.company_id
        partner = partner or matter.billing_partner_id
        maker = self.sudo().with_company(company)
        currency = matter.billing_currency_id or company.currency_id
        position = self.env["account.fiscal.position"]
        position = position.with_company(company)._get_fiscal_position(partner)
        group = (maker._get_fee_product(matter).id, False)
        line = engine.Line("on_account", group, to_decimal(currency.round(amount)))
        job = BillJob(
            matter=matter,
            rows=[],
            instalments=self.env["legal.fee.instalment"],
            invoice_date=day,
            cutoff_date=False,
            priced=engine.PricedBill(lines=(line,)),
            journal=maker._get_journal(matter),
        )
        vals = maker._prepare_bill_vals(job, position)
        vals |= {
            "partner_id": partner.id,
            "billing_kind": "on_account",
            "bill_arrangement": False,
            "arrangement_text": False,
            "bill_discount_type": "none",
            "bill_discount_value": 0.0,
            "invoice_line_ids": [
                Command.create(
                    {
                        **item,
                        "partner_id": partner.commercial_partner_id.id,
                        **({"name": text} if text else {}),
                    }
                )
                for item in maker._prepare_line_vals_list(
                    matter, job.priced, currency, position, day, [], partner
                )
            ],
        }
        payer = matter.payer_ids.filtered(lambda row: row.partner_id == partner)
        if payer:
            vals |= maker._prepare_payer_options(matter, partner)
        maker._distribute(
            [(matter, item) for _command, _id, item in vals["invoice_line_ids"]]
        )
        bill = maker._create_drafts([vals])
        for item in bill.invoice_line_ids:
            item.with_context(skip_invoice_sync=True).on_account_line_id = item
        maker._touch_matters(matter)
        return bill.with_env(self.env)

    @api.model
    def _get_on_account_taxes(self, matter, partner):
        """Taxes of what this payer is billed on account.

        :rtype: account.tax
        """
        company = matter.company_id
        position = self.env["account.fiscal.position"].with_company(company)
        product = self._get_fee_product(matter)
        return (
            position._get_fiscal_position(partner)
            .map_tax(product.taxes_id._filter_taxes_by_company(company))
            ._without_fixed()
        )

    @api.model
    def _prepare_on_account_text(self, matter):
        """What the line of a bill on account says that was given no text.

        :rtype: str
        """
        product = matter.with_env(self.env).company_id.legal_on_account_product_id
        return product.display_name or self.env._("Payment on account")

    # --- what is left of them

    @api.model
    def _get_advance_balances(self, domain, exclude=None, include=None):
        """What is left of bills on account, line by line: drafts that deduct of them and
        approved bills count, credits are given back.

        :param SQL domain: of ``advance``, the lines, and ``bill``, their bills
        :param account.move exclude: bills that do not count
        :param account.move include: drafts that count as if they were approved
        :return: ``{line id: (net that was billed, net that was deducted)}``, the oldest
            first
        :rtype: dict
        """
        self.env["account.move"].flush_model()
        self.env["account.move.line"].flush_model()
        return {
            line_id: (to_decimal(own or 0), to_decimal(used or 0))
            for line_id, own, used in self.env.execute_query(
                SQL(
                    """
                    SELECT advance.id,
                           SUM(part.price_subtotal * sign.factor)
                               FILTER (WHERE sign.is_own),
                           -SUM(part.price_subtotal * sign.factor)
                               FILTER (WHERE NOT sign.is_own)
                      FROM account_move_line advance
                      JOIN account_move bill ON bill.id = advance.move_id
                      JOIN account_move_line part
                        ON part.on_account_line_id = advance.id
                      JOIN account_move move ON move.id = part.move_id
                CROSS JOIN LATERAL (
                               SELECT bill.id IN (move.id, move.reversed_entry_id)
                                      IS TRUE AS is_own,
                                      CASE move.move_type WHEN 'out_refund'
                                           THEN -1 ELSE 1 END AS factor
                           ) sign
                     WHERE advance.on_account_line_id = advance.id AND %(domain)s
                       AND NOT move.id = ANY(%(exclude)s)
                       AND (move.state = 'posted'
                            OR move.move_type = 'out_invoice' AND move.state = 'draft'
                            OR move.id = ANY(%(include)s))
                  GROUP BY advance.id, bill.id
                  ORDER BY bill.invoice_date, bill.id, advance.id
                    """,
                    domain=domain,
                    exclude=exclude.ids if exclude else [],
                    include=include.ids if include else [],
                )
            )
        }

    @api.model
    def _load_advances(self, matters, exclude=None):
        """What the next bills of these matters are to deduct, as their company says.

        :param project.project matters:
        :param account.move exclude: the draft that is priced again
        :return: ``{matter id: AdvanceLines}``, the oldest first
        :rtype: dict
        """
        result = defaultdict(list)
        kinds = {
            company.id: company.sudo().legal_deduct_on_account
            for company in matters.company_id
        }
        if not matters.ids or set(kinds.values()) <= {"no"}:
            return result
        balances = self._get_advance_balances(
            SQL(
                "advance.matter_id = ANY(%s) AND bill.state = 'posted' "
                "AND bill.move_type = 'out_invoice'",
                matters.ids,
            ),
            exclude,
        )
        lines_sudo = self.env["account.move.line"].sudo().browse(balances)
        for line in lines_sudo:
            bill, (own, used) = line.move_id, balances[line.id]
            kind = kinds.get(bill.company_id.id)
            is_due = kind == "approved" or (
                kind == "paid" and bill.currency_id.is_zero(bill.amount_residual)
            )
            if is_due and own > used:
                result[line.matter_id.id].append(
                    AdvanceLine(
                        line,
                        bill.commercial_partner_id,
                        bill.currency_id,
                        bill.name,
                        bill.invoice_date,
                        self._get_tax_set(line.tax_ids),
                        own - used,
                    )
                )
        return result

    # --- what a bill deducts

    @api.model
    def _get_tax_set(self, taxes):
        """What must be the same of a bill on account and of what it is deducted from.

        :param account.tax taxes:
        :rtype: tuple
        """
        return tuple(sorted(taxes._without_fixed().ids))

    @api.model
    def _take_advances(self, matter, vals, advances, by_hand=()):
        """Lines that deduct from a bill what its payer was billed on account. What is
        taken is no longer left of the advances.

        :param project.project matter: that the bill prices
        :param dict vals: ``partner_id``, ``currency_id``, ``invoice_date`` and
            ``invoice_line_ids`` of the bill; the lines and ``on_account_deducted`` are
            added
        :param list advances: ``AdvanceLine``s of the matter, changed
        :param account.move.line by_hand: further lines of the bill
        :return: values of the lines that were added
        :rtype: list
        """
        partner = self.env["res.partner"].browse(vals["partner_id"])
        currency = self.env["res.currency"].browse(vals["currency_id"])
        payer = partner.commercial_partner_id
        mine = [
            advance
            for advance in advances
            if advance.left > 0
            and advance.payer == payer
            and advance.currency == currency
        ]
        vals["on_account_deducted"] = 0.0
        if not mine:
            return []
        taxes = self.env["account.tax"]
        nets = [
            (
                to_decimal(line["price_unit"]),
                self._get_tax_set(taxes.browse(line["tax_ids"][0][2])),
                line["bill_element"],
            )
            for _command, _id, line in vals["invoice_line_ids"]
        ] + [
            (
                to_decimal(line.price_subtotal),
                self._get_tax_set(line.tax_ids),
                line.bill_element or DEFAULT_ELEMENT,
            )
            for line in by_hand
            if line.matter_id == matter
        ]
        found = engine.deduct_on_account(
            nets,
            [engine.Advance(advance.left, advance.taxes) for advance in mine],
            fees=DEFAULT_ELEMENT,
        )
        result = []
        for number, part in enumerate(found):
            mine[part.advance].left -= part.amount
            line = self._prepare_deduction(matter, vals, mine[part.advance], part)
            line["sequence"] = LAST_SEQUENCE + number
            result.append(line)
        self._distribute([(matter, line) for line in result])
        vals["invoice_line_ids"] = [
            *vals["invoice_line_ids"],
            *(Command.create(line) for line in result),
        ]
        vals["on_account_deducted"] = float(sum(part.amount for part in found))
        return result

    @api.model
    def _prepare_deduction(self, matter, vals, advance, part):
        """The line that deducts a part of what was billed on account.

        :param dict vals: of the bill
        :param AdvanceLine advance:
        :param engine.Deduction part:
        :rtype: dict
        """
        partner = self.env["res.partner"].browse(vals["partner_id"])
        maker = self.with_context(lang=partner.lang or self.env.lang)
        company, amount = matter.company_id, float(part.amount)
        balance = amount
        if advance.currency != company.currency_id:
            balance = advance.currency._convert(
                amount, company.currency_id, company, vals["invoice_date"]
            )
        taxes = self.env["account.tax"].browse(advance.taxes)
        return {
            "product_id": advance.line.product_id.id,
            "name": maker.env._(
                "Less billed on account, %(bill)s of %(date)s",
                bill=advance.bill_name,
                date=format_date(maker.env, advance.day),
            ),
            "account_id": advance.line.account_id.id,
            "quantity": 1.0,
            "price_unit": -amount,
            "tax_ids": [Command.set(taxes.ids)],
            "tax_tag_ids": [Command.set(taxes.get_tax_tags(False, "base").ids)],
            "product_uom_id": advance.line.product_uom_id.id,
            "balance": balance,
            "amount_currency": amount,
            "matter_id": matter.id,
            "bill_element": part.element,
            "legal_line_kind": "deduction",
            "on_account_line_id": advance.line.id,
            "partner_id": partner.commercial_partner_id.id,
        }
