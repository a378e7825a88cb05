from odoo import api, models
from odoo.fields import Command

from ...tools import DISBURSEMENT_ELEMENTS
from .legal_bill_maker_split import SPREAD_FIGURES

#: What must be the same of two drafts that are to be one. Who gets it is among it: nobody
#: is sent what was done in a matter whose bills he does not get.
SAME = (
    "company_id",
    "journal_id",
    "partner_id",
    "currency_id",
    "fiscal_position_id",
    "invoice_date",
    "invoice_payment_term_id",
    "ref",
    "cutoff_date",
    "bill_report_id",
    "bill_email_template_id",
    "print_copies",
)
SAME_SETS = ("recipient_ids", "bill_channel_ids")
#: Figures of a bill that are the sum of those of its matters.
SUMMED = (
    *SPREAD_FIGURES,
    "fees_amount",
    "disbursements_amount",
    "on_account_deducted",
    "review_difference",
)


class LegalBillMaker(models.AbstractModel):
    """One bill over several matters (rules C-31, C-32): each matter is priced alone, with
    what it deducts on account; then the lines are joined, never merged across matters."""

    _inherit = "legal.bill.maker"

    # --- making

    @api.model
    def _create_together(self, jobs, vals_list):
        """Create drafts, one for all jobs that go together.

        :param list jobs: priced ``BillJob``s
        :param list vals_list: of a draft each; changed
        :return: of each job its draft, which may be that of others, too
        :rtype: account.move
        """
        groups = self._group_jobs(jobs, vals_list)
        if len(groups) == len(jobs):
            return self._create_drafts(vals_list)
        drafts = self._create_drafts(
            [
                self._join_vals(
                    self.env["project.project"].concat(
                        *(jobs[number].matter for number in numbers)
                    ),
                    [vals_list[number] for number in numbers],
                )
                if len(numbers) > 1
                else vals_list[numbers[0]]
                for numbers in groups
            ]
        )
        found = {
            number: draft
            for numbers, draft in zip(groups, drafts, strict=True)
            for number in numbers
        }
        return drafts.browse().concat(*(found[number] for number in range(len(jobs))))

    @api.model
    def _group_jobs(self, jobs, vals_list):
        """Which of these drafts are to be one. Bills that several payers share stay bills
        of one matter.

        :return: numbers of the jobs of each draft, by number of the matter
        :rtype: list
        """
        groups = {}
        for number, (job, vals) in enumerate(zip(jobs, vals_list, strict=True)):
            is_alone = not job.together or vals.get("is_split") or vals.get("is_shared")
            key = number if is_alone else self._get_together_key(vals)
            groups.setdefault(key, []).append(number)
        for numbers in groups.values():
            numbers.sort(
                key=lambda n: (jobs[n].matter.matter_number or "", jobs[n].matter.id)
            )
        return list(groups.values())

    @api.model
    def _get_together_key(self, vals):
        """
        :param dict vals: of a draft
        :rtype: tuple
        """
        return (
            *(vals.get(name) or False for name in SAME),
            *(tuple(sorted(vals[name][0][2])) for name in SAME_SETS),
        )

    @api.model
    def _join_vals(self, matters, vals_list):
        """Values of one draft over several matters.

        :param project.project matters:
        :param list vals_list: of the draft of each
        :rtype: dict
        """
        first = vals_list[0]
        company = matters.company_id
        lines = self._join_lines(
            company,
            first["fiscal_position_id"],
            [
                [line for _command, _id, line in vals["invoice_line_ids"]]
                for vals in vals_list
            ],
        )
        clients = {vals["client_id"] for vals in vals_list}
        users = {vals["invoice_user_id"] for vals in vals_list}
        vals = first | {
            "is_together": True,
            "matter_ids": [Command.set(matters.ids)],
            "client_id": clients.pop() if len(clients) == 1 else False,
            "invoice_user_id": users.pop() if len(users) == 1 else False,
            "invoice_origin": self._join_origin(matters),
            # said on the matters
            "bill_discount_type": "none",
            "bill_discount_value": 0.0,
            "invoice_line_ids": [Command.create(line) for line in lines],
            **self._join_summaries(matters, vals_list),
        }
        left_out = [
            entry_id
            for one in vals_list
            for entry_id in one.get("left_out_ids", [(6, 0, [])])[0][2]
        ]
        if left_out:
            vals["left_out_ids"] = [Command.set(left_out)]
        if any(one.get("is_changed_since_review") for one in vals_list):
            vals["is_changed_since_review"] = True
        return vals

    @api.model
    def _join_lines(self, company, fiscal_position_id, lists):
        """Lines of several matters, those of each together, in their order.

        :param list lists: values of the lines of each matter; changed
        :return: values
        :rtype: list
        """
        lines = [
            line
            for found in lists
            for line in sorted(found, key=lambda line: line["sequence"])
        ]
        for sequence, line in enumerate(lines, start=1):
            line["sequence"] = sequence
        products = self.env["product.product"]
        position = self.env["account.fiscal.position"].browse(fiscal_position_id)
        self._fit_agent_taxes(
            company,
            lines,
            [
                number
                for number, line in enumerate(lines)
                if line["bill_element"] in DISBURSEMENT_ELEMENTS
                and products.browse(line["product_id"]).disbursement_treatment
                == "agent"
            ],
            self._get_tax_country(company, position),
        )
        return lines

    @api.model
    def _join_origin(self, matters):
        """
        :rtype: str
        """
        return ", ".join(filter(None, matters.mapped("matter_number")))

    @api.model
    def _join_summaries(self, matters, summaries):
        """What a bill over several matters keeps of its prices.

        :param project.project matters:
        :param list summaries: as `_prepare_summary_vals` gives them, of each matter
        :rtype: dict
        """
        arrangements = {vals["bill_arrangement"] for vals in summaries}
        texts = [
            f"{matter.matter_number or matter.name}: {vals['arrangement_text']}"
            for matter, vals in zip(matters, summaries, strict=True)
            if vals["arrangement_text"]
        ]
        periods = [
            period
            for vals in summaries
            for period in vals["subscription_periods"] or ()
        ]
        return {
            "bill_arrangement": arrangements.pop() if len(arrangements) == 1 else False,
            "arrangement_text": " ".join(texts) or False,
            "subscription_periods": periods or False,
            **{
                name: sum(vals.get(name) or 0.0 for vals in summaries)
                for name in SUMMED
                if any(name in vals for vals in summaries)
            },
        }
