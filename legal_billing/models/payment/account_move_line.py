from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...exceptions import CreditError, PaymentGuardError
from ...tools import INTERNAL, format_amount, is_internal
from ...tools.credit_triggers import CREDIT_FUNCTIONS, CREDIT_TABLE, CREDIT_TRIGGERS

#: What says whose a credit is, of how much, since when.
CREDIT_FIELDS = {
    "account_id",
    "matter_id",
    "balance",
    "debit",
    "credit",
    "amount_currency",
    "currency_id",
    "date",
}
#: Items of bank lines that wait for what they are matched with, until the commit.
WAITING = "legal_billing_bank_credits"


class AccountMoveLine(models.Model):
    """Items on the account of unallocated credits exist with matter, role and source
    only, and never make a matter's credits negative on any day."""

    _inherit = "account.move.line"

    is_matter_credit = fields.Boolean(compute="_compute_is_matter_credit")
    is_open_credit = fields.Boolean(
        compute="_compute_is_open_credit",
        search="_search_is_open_credit",
        string="Open unallocated credit",
    )
    credit_open_amount = fields.Monetary(
        string="Open credit",
        compute="_compute_credit_open_amount",
        currency_field="currency_id",
    )
    credit_age = fields.Integer(string="Days", compute="_compute_credit_age")
    legal_payment_id = fields.Many2one(
        related="move_id.legal_payment_id", string="Payment of bills"
    )
    credit_client_id = fields.Many2one(
        related="matter_id.partner_id", string="Client of the matter"
    )
    # ledgers of a matter
    cumulated_credit = fields.Monetary(
        string="Credit left",
        currency_field="company_currency_id",
        compute="_compute_cumulated_credit",
        exportable=False,
        help="Credits left after this item; credits count as positive here.",
    )

    def init(self):
        """The database holds credits as it holds client money."""
        result = super().init()
        for statement in (CREDIT_TABLE, CREDIT_FUNCTIONS, CREDIT_TRIGGERS):
            self.env.cr.execute(statement)
        return result

    # --- computes

    @api.depends("account_id", "company_id")
    def _compute_is_matter_credit(self):
        accounts = self._get_credit_accounts()
        for line in self:
            line.is_matter_credit = line.account_id in accounts

    def _get_credit_accounts(self):
        """Accounts of unallocated credits of these items' companies.

        :rtype: account.account
        """
        companies_sudo = self.company_id.sudo()  # configuration
        companies_sudo |= companies_sudo.parent_ids
        return companies_sudo.legal_unallocated_account_id

    def _get_credit_items(self):
        """Those of these items that are on an account of unallocated credits.

        :rtype: account.move.line
        """
        accounts = self._get_credit_accounts()
        if not accounts:
            return self.browse()
        return self.filtered(lambda line: line.account_id in accounts)

    @api.depends("account_id", "parent_state", "reconciled")
    def _compute_is_open_credit(self):
        credits = self.filtered_domain(self._get_listed_credit_domain())
        for line in self:
            line.is_open_credit = line in credits

    def _search_is_open_credit(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_listed_credit_domain()
        return domain if True in value else ~domain

    @api.depends("amount_residual_currency")
    def _compute_credit_open_amount(self):
        for line in self:
            line.credit_open_amount = -line.amount_residual_currency

    @api.depends("date")
    def _compute_credit_age(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.credit_age = (today - line.date).days if line.date else 0

    def _get_reconcile_matters(self):
        """The matters whose money each item is: its own, else those of its bill.

        :return: ``{line id: project.project}``, empty where it is no matter's
        :rtype: dict
        """
        return {
            line_sudo.id: line_sudo.matter_id or line_sudo.move_id.matter_ids
            for line_sudo in self.sudo()  # also those behind a wall
        }

    @api.model
    def _get_credit_domain(self):
        """All posted items of unallocated credits of the companies at hand.

        :rtype: odoo.fields.Domain
        """
        return self._get_credit_account_domain() & Domain("matter_id", "!=", False)

    @api.model
    def _get_credit_account_domain(self):
        """All posted items on the accounts of credits of the companies at hand.

        :rtype: odoo.fields.Domain
        """
        accounts_sudo = self.env.companies.sudo().legal_unallocated_account_id
        return (
            Domain("account_id", "in", accounts_sudo.ids)
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("parent_state", "=", "posted")
        )

    @api.model
    def _get_listed_credit_domain(self):
        """Everything that is open on the account, so that the list adds up to it: also
        items of no matter, from before every credit had one.

        :rtype: odoo.fields.Domain
        """
        return self._get_credit_account_domain() & Domain("reconciled", "=", False)

    @api.model
    def _get_open_credit_domain(self):
        """Credits that can still be used.

        :rtype: odoo.fields.Domain
        """
        return (
            self._get_credit_domain()
            & Domain("reconciled", "=", False)
            & Domain("balance", "<", 0)
        )

    @api.model
    def _get_credit_client_domain(self, partners):
        """Credits of matters of these clients.

        :param res.partner partners:
        :rtype: odoo.fields.Domain
        """
        return Domain(
            "matter_id.partner_id.commercial_partner_id",
            "in",
            partners.commercial_partner_id.ids,
        )

    @api.model
    def _get_credit_action(self, domain):
        """The list of open credits, narrowed.

        :param odoo.fields.Domain domain:
        :rtype: dict
        :raise RoleError: for those who see the figure, but no credits
        """
        self.env["account.move"]._check_reads_bills()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.unallocated_credit_action"
        )
        return action | {"domain": list(Domain("is_open_credit", "=", True) & domain)}

    def action_use_matter_credits(self):
        """Open a payment that uses the credits of this item's matter.

        :rtype: dict
        :raise CreditError: for an item of no matter
        """
        self.ensure_one()
        if not self.matter_id:
            raise CreditError(
                self.env._(
                    "%(move)s does not say whose credit this is. Choose the matter on its "
                    "item first.",
                    move=self.move_id.display_name,
                )
            )
        return self.matter_id.action_use_credits()

    # --- ledgers of a matter

    @api.depends_context("order_cumulated_balance", "domain_cumulated_balance")
    def _compute_cumulated_credit(self):
        for line in self:
            line.cumulated_credit = -line.cumulated_balance

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """:raise CreditError: for items of posted entries that no credit can have"""
        lines = super().create(vals_list)
        credits = lines._get_credit_items()
        credits.filtered(lambda line: line.move_id.state == "posted")._check_credits()
        return lines

    def write(self, vals):
        """:raise CreditError: where a credit would become another matter's, or one that
        no credit can be
        """
        touched = CREDIT_FIELDS & vals.keys()
        if not touched:
            return super().write(vals)
        if not is_internal(self.env):
            self._get_credit_items()._refuse_credit_changes(vals, touched)
        result = super().write(vals)
        credits = self._get_credit_items()
        credits.filtered(lambda line: line.parent_state == "posted")._check_credits()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_credit(self):
        """A posted credit that is used stays."""
        if not is_internal(self.env):
            credits = self.filtered(lambda line: line.parent_state == "posted")
            credits = credits._get_credit_items()
            if credits:
                self.env["legal.payment"]._check_settles(credits.move_id)
                credits._refuse_used()

    def _internal_write_matter(self, matter):
        """Give an item the matter that follows from what it is matched with.

        :param project.project matter:
        """
        self.with_context(
            legal_billing_internal=INTERNAL, skip_invoice_sync=True
        ).sudo().write({"matter_id": matter.id})

    def _refuse_credit_changes(self, vals, touched):
        """Posted credits are of their matter and stay so; one from before this rule,
        that has none, may be given its own.

        :param dict vals: that are written
        :param set touched: fields of a credit among them
        :raise CreditError: naming the entries
        """
        changed = self.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.matter_id
                and any(
                    line._fields[name].convert_to_write(line[name], line) != vals[name]
                    for name in touched
                )
            )
        )
        if not changed:
            return
        self.env["legal.payment"]._refuse_changes_of(changed.move_id)
        self.env["legal.payment"]._check_settles(changed.move_id)
        changed._refuse_used()
        moved = changed.filtered(
            lambda line: (
                "matter_id" in vals and line.matter_id.id != (vals["matter_id"] or 0)
            )
        )
        if moved:
            raise CreditError(
                self.env._(
                    "%(moves)s holds a credit of %(matters)s and stays its own. Move it "
                    "with Refund or move under Unallocated Credits, which says why.",
                    moves=", ".join(moved.move_id.mapped("display_name")),
                    matters=", ".join(moved.sudo().matter_id.mapped("display_name")),
                )
            )

    def _refuse_used(self):
        """
        :raise PaymentGuardError: if one of these credits is used, naming the users
        """
        users = self.sudo().matched_debit_ids.debit_move_id.move_id
        if users:
            raise PaymentGuardError(
                self.env._(
                    "The credit of %(moves)s was used by %(users)s. Take that back "
                    "first.",
                    moves=", ".join(self.move_id.mapped("display_name")),
                    users=", ".join(users.mapped("display_name")),
                )
            )

    # --- what every posted credit is

    def _check_credits(self):
        """These posted items on the account of credits have a matter, a person with the
        role and a source; what they take is there on every day.

        :raise CreditError: naming the entries, the reason and the way out
        :raise RoleError:
        """
        if not self:
            return
        waiting = self.filtered(
            lambda line: not line.matter_id and line.move_id.statement_line_id
        )
        if waiting:
            waiting._wait_for_matter()
        found = (self - waiting).move_id._get_credit_obstacles(self - waiting)
        if is_internal(self.env):
            pass  # the role was asked, the source is ours
        else:
            self.env["legal.payment"]._check_settles(self.move_id)
        found.raise_if_any()
        self._check_credit_balances()

    def _wait_for_matter(self):
        """Bank lines take the matter of what they are matched with, which comes after
        their items: looked at before the commit."""
        precommit = self.env.cr.precommit
        ids = precommit.data.setdefault(WAITING, set())
        if not ids:
            lines = self.sudo().browse()
            precommit.add(lines._check_waiting)
        ids.update(self.ids)

    @api.model
    def _check_waiting(self):
        """Before the commit: items of bank lines on the account of credits have taken a
        matter from what they are matched with, or take it from the one matter whose
        bills the same entry settles.

        :raise CreditError: naming the others
        """
        ids = self.env.cr.precommit.data.pop(WAITING, set())
        lines = self.browse(ids).exists()
        lines = lines.filtered(
            lambda line: line.parent_state == "posted" and not line.matter_id
        )._get_credit_items()
        for line in lines:
            matter = line.move_id.line_ids._get_matched_matters()
            if len(matter) == 1:
                line._internal_write_matter(matter)
        lines.move_id._get_credit_obstacles(lines).raise_if_any()

    def _get_matched_matters(self):
        """Matters of what these items are, or are matched with.

        :rtype: project.project
        """
        lines = self.sudo()
        lines |= lines.matched_debit_ids.debit_move_id
        lines |= lines.matched_credit_ids.credit_move_id
        return lines.matter_id | lines.move_id._get_bills().matter_ids

    def _check_credit_balances(self):
        """What these items take of the credits of their matters is there, on their day
        and on every later one. The database looks again at the commit.

        :raise CreditError: naming the matters, the amounts and the days
        """
        since = {}
        for line in self:
            if line.amount_currency > 0 and line.matter_id:
                key = (line.matter_id.id, line.currency_id.id)
                since[key] = min(since.get(key, line.date), line.date)
        if not since:
            return
        self.flush_model([*CREDIT_FIELDS, "parent_state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (matter_id, currency_id)
                       matter_id, currency_id, date, running
                  FROM (
                    SELECT line.matter_id, line.currency_id, line.date, key.since,
                           SUM(SUM(-line.amount_currency)) OVER (
                               PARTITION BY line.matter_id, line.currency_id
                               ORDER BY line.date) AS running
                      FROM account_move_line line
                      JOIN (VALUES %s) AS key(matter_id, currency_id, since)
                           ON key.matter_id = line.matter_id
                          AND key.currency_id = line.currency_id
                     WHERE line.parent_state = 'posted'
                       AND line.account_id IN %s
                  GROUP BY line.matter_id, line.currency_id, line.date, key.since
                  ) days
                 WHERE date >= since AND running < 0
              ORDER BY matter_id, currency_id, running
                """,
                SQL(", ").join(
                    SQL("(%s, %s, %s::date)", *key, day) for key, day in since.items()
                ),
                tuple(self._get_credit_accounts().ids),
            )
        )
        problems = []
        matters_sudo = self.env["project.project"].sudo()  # names, also behind walls
        for matter_id, currency_id, day, running in rows:
            currency = self.env["res.currency"].browse(currency_id)
            if currency.is_zero(running):
                continue
            problems.append(
                self.env._(
                    "%(matter)s would have %(amount)s of unallocated credits on %(day)s",
                    matter=matters_sudo.browse(matter_id).display_name,
                    amount=format_amount(self.env, running, currency),
                    day=format_date(self.env, day),
                )
            )
        if problems:
            raise CreditError(
                self.env._(
                    "%(moves)s takes more than there is: %(problems)s. A credit is used "
                    "from its own date on, up to what is left of it.",
                    moves=", ".join(self.move_id.mapped("display_name")),
                    problems="; ".join(problems),
                )
            )

    # --- kinds of items

    def _is_money_of_matter(self):
        """Whether this item is money that a matter has to its credit, besides bills and
        credit notes.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.matter_id
            and not self.move_id.is_invoice()
            and (
                self.account_id.account_type == "asset_receivable"
                or self.is_matter_credit
            )
        )

    def _has_exchange_difference(self):
        """Whether one of these items is of core's entry of an exchange difference.

        :rtype: bool
        """
        return any(
            line.move_id.journal_id == line.company_id.currency_exchange_journal_id
            for line in self
        )

    def _get_confirmed_transactions(self):
        """What payment providers have confirmed of these items' payments.

        :return: ``payment.transaction``; none where payment providers are not installed
        """
        payments_sudo = self.sudo().move_id.origin_payment_id
        if "payment_transaction_id" not in payments_sudo._fields:
            return payments_sudo.browse()
        return payments_sudo.payment_transaction_id.filtered(
            lambda transaction: transaction.state == "done"
        )

    # --- exchange differences

    def _prepare_exchange_difference_move_vals(
        self, amounts_list, company=None, exchange_date=None, **kwargs
    ):
        """What the rate changed of a matter's credit or bill is of the matter, too."""
        result = super()._prepare_exchange_difference_move_vals(
            amounts_list, company=company, exchange_date=exchange_date, **kwargs
        )
        for line, position in (result or {}).get("to_reconcile", ()):
            line_sudo = line.sudo()  # matters behind a wall, too
            if line_sudo.matter_id and not line_sudo.move_id.is_invoice():
                _command, _id, vals = result["move_values"]["line_ids"][position]
                vals["matter_id"] = line_sudo.matter_id.id
        return result
