from odoo import fields, models
from odoo.fields import Command

from ...exceptions import ConfigurationError, LegalBillingError
from ...tools import read_reason


class AccountAnalyticLine(models.Model):
    """Giving up WIP. Time leaves the ledger alone; a disbursement that is carried on a
    balance-sheet account becomes a loss there."""

    _inherit = "account.analytic.line"

    write_off_move_id = fields.Many2one(
        "account.move",
        string="Write-off entry",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    carried_account_id = fields.Many2one(
        "account.account",
        string="Carried on",
        copy=False,
        readonly=True,
        help="Balance-sheet account that the write-off took the cost from.",
    )
    carried_amount = fields.Monetary(
        copy=False,
        readonly=True,
        help="What the write-off took from it.",
        string="Carried amount",
    )

    def action_write_off(self, reason=None):
        """Give up unbilled entries: they are WIP no more.

        :param str reason: mandatory
        :return: True
        :raise LegalBillingError: without a reason
        :raise EntryLockedError: if an entry is on a bill
        """
        entries = self._get_wip_selection("write off", roles=("manager", "biller"))
        entries = entries.filtered(lambda entry: not entry.written_off_on)
        reason = read_reason(reason)
        if not reason:
            raise LegalBillingError(
                self.env._("Say why these entries are written off.")
            )
        entries._internal().write(
            {
                "written_off_on": fields.Date.context_today(self),
                "written_off_by_id": self.env.uid,
                "write_off_reason": reason,
            }
        )
        entries._internal()._book_write_off(reason)
        entries._log_on_matters(self.env._("Written off: %(reason)s", reason=reason))
        return True

    def action_undo_write_off(self):
        """Make written-off entries WIP again.

        :return: True
        """
        self._check_role("manager", "biller")
        entries = self.env["legal.bulk.selection"]._select(self)
        entries.check_access("read")
        entries = entries.filtered("written_off_on")
        if not entries:
            raise LegalBillingError(
                self.env._("None of these entries is written off: nothing to do.")
            )
        entries._internal()._unbook_write_off()
        entries._internal().write(
            {
                "written_off_on": False,
                "written_off_by_id": False,
                "write_off_reason": False,
            }
        )
        entries._log_on_matters(self.env._("Write-off taken back"))
        return True

    # --- ledger

    def _get_carried(self):
        """Those of these disbursements whose cost stands on the balance sheet.

        :rtype: account.analytic.line
        """
        return self.filtered(
            lambda entry: (
                entry.wip_type == "disbursement"
                and entry.move_line_id.account_id.internal_group
                in ("asset", "liability")
                and not entry.currency_id.is_zero(entry.amount)
            )
        )

    def _get_carried_cost(self):
        """What the balance sheet carries of this disbursement: its cost, and the
        vendor's tax where that has no account of its own.

        :rtype: float
        """
        self.ensure_one()
        line = self.move_line_id
        beside = line.move_id.line_ids.filtered(
            lambda other: (
                other.account_id == line.account_id
                and other.analytic_distribution == line.analytic_distribution
            )
        )
        tax = sum(beside.filtered("tax_line_id").mapped("balance"))
        net = sum(
            beside.filtered(
                lambda other: other.tax_ids and not other.tax_line_id
            ).mapped("balance")
        )
        ratio = 1 + tax / net if net and line.tax_ids else 1
        cost = self.currency_id.round(-self.amount * ratio)
        # all of the tax is carried: the shares add up to what was paid (rule C-27)
        step = self.currency_id.rounding
        if self.agent_amount and abs(-self.agent_amount - cost) < 2.5 * step:
            return -self.agent_amount
        return cost

    def _book_write_off(self, reason):
        """Post the loss of what was carried on the balance sheet.

        :param str reason: text of the entry
        """
        for company, entries in self._get_carried().grouped("company_id").items():
            for entry in entries:
                entry.carried_account_id = entry.move_line_id.account_id
                entry.carried_amount = entry._get_carried_cost()
            label = self.env._("Disbursements written off: %(reason)s", reason=reason)
            entries.write_off_move_id = entries._post_carried(company, label, 1)

    def _unbook_write_off(self):
        """Post the mirror of what ``_book_write_off`` posted of these entries."""
        booked = self.filtered("write_off_move_id")
        for company, entries in booked.grouped("company_id").items():
            names = ", ".join(entries.write_off_move_id.mapped("name"))
            label = self.env._("Write-off taken back: %(names)s", names=names)
            entries._post_carried(company, label, -1)
            entries.write(
                {
                    "write_off_move_id": False,
                    "carried_account_id": False,
                    "carried_amount": False,
                }
            )

    def _post_carried(self, company, label, sign):
        """Post one entry over these disbursements: the cost leaves its account for the
        account of write-offs, per matter.

        :param int sign: -1 to take it back
        :return: the posted entry
        :rtype: account.move
        """
        loss = company._get_legal_write_off_account()
        lines = []
        groups = self.grouped(lambda entry: (entry.matter_id, entry.carried_account_id))
        for (matter, account), entries in groups.items():
            cost = sign * sum(entries.mapped("carried_amount"))
            for target, balance in ((loss, cost), (account, -cost)):
                lines.append(
                    {
                        "account_id": target.id,
                        "balance": balance,
                        "matter_id": matter.id,
                        "partner_id": matter.partner_id.commercial_partner_id.id,
                        "name": f"{matter.display_name}: {label}",
                        "analytic_distribution": False,
                    }
                )
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": self._get_write_off_journal(company).id,
                    "date": fields.Date.context_today(self),
                    "ref": label,
                    "line_ids": [
                        Command.create(vals)
                        for vals in self.env[
                            "account.analytic.distribution.model"
                        ]._complete_entry_items(company, lines)
                    ],
                }
            )
        )
        move._post(soft=False)
        return move

    def _get_write_off_journal(self, company):
        journals = self.env["account.journal"]
        journal = journals.search(
            [*journals._check_company_domain(company), ("type", "=", "general")],
            limit=1,
        )
        if not journal:
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no journal for miscellaneous entries, which the "
                    "write-off of disbursements needs. Create one.",
                    company=company.name,
                )
            )
        return journal
