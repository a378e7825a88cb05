from odoo import api, models
from odoo.fields import Domain

from ...tools import split_addresses

#: In the order in which a firm does it.
ORDER = (
    "chart",
    "tax",
    "accounts",
    "bank",
    "cash",
    "sender",
    "roles",
    "rates",
    "employee",
    "client_account",
)


class LegalSetUp(models.AbstractModel):
    """What a firm still lacks before it bills: said above *Mass Billing* and in the
    settings, with one link each, until all is there or a manager has seen enough."""

    _name = "legal.set.up"
    _description = "Set-up of the Firm"
    _inherit = ["legal.billing.guard"]

    @api.model
    def get_set_up(self, always=False):
        """What is there and what is missing, for those who can mend it.

        :param bool always: also where all is there, or a manager put it away
        :return: ``items`` (none: nothing is shown), how many are ``done``, and whom to
            ``ask`` for those that somebody else has to do
        :rtype: dict
        """
        company_sudo = self.env.company.sudo()  # whose settings managers do not read
        is_shown = always or not company_sudo.legal_set_up_dismissed
        if not is_shown or not self._has_role("manager"):
            return {"items": [], "done": 0, "ask": ""}
        items = self._get_items(company_sudo)
        items.sort(key=lambda item: ORDER.index(item["key"]))
        done = sum(item["done"] for item in items)
        if done == len(items) and not always:
            items = []
        ask = ""
        for item in items:
            if not self._may_follow(item["action"], item["done"]):
                item["action"] = False
                ask = ask or (not item["done"] and self._get_whom_to_ask(company_sudo))
        return {"items": items, "done": done, "ask": ask or ""}

    @api.model
    def _may_follow(self, action, only_looks):
        """Whether a link leads the user somewhere: billing's managers need not be
        administrators, whose are users, settings, journals and the firm's own record.

        :param dict action:
        :param bool only_looks: nothing is left to do there
        :rtype: bool
        """
        model = action.get("res_model")
        if not model:
            return True  # an action of ours, which asks the role itself
        if only_looks and model != "res.config.settings":
            return self.env[model].has_access("read")
        return self.env[model].has_access("write" if action.get("res_id") else "create")

    @api.model
    def _get_whom_to_ask(self, company_sudo):
        """Who gives what the user may not do.

        :rtype: str
        """
        group = self.env.ref("base.group_system")
        users_sudo = self.env["res.users"].sudo()  # whose roles managers do not read
        users_sudo = users_sudo.search(
            Domain("all_group_ids", "in", group.ids)
            & Domain("company_ids", "in", company_sudo.ids)
            & Domain("share", "=", False),
            order="id",
            limit=2,
        )
        if not users_sudo:
            return self.env._("An administrator does this.")
        return self.env._(
            "An administrator does this: %(names)s.",
            names=", ".join(users_sudo.mapped("name")),
        )

    @api.model
    def action_dismiss(self):
        """Put the panel of this company away; the settings still show it.

        :raise RoleError:
        """
        self._check_role("manager")
        self.env.company.sudo().legal_set_up_dismissed = True

    @api.model
    def _get_items(self, company_sudo):
        """What there is to do; each asks the database once or twice. Rooms extend it
        with what is theirs.

        :param res.company company_sudo:
        :return: dicts of key, title, why it matters, whether it is done, what the link
            says, its action
        :rtype: list
        """
        return [
            self._get_chart_item(company_sudo),
            self._get_tax_item(company_sudo),
            self._get_accounts_item(company_sudo),
            self._get_bank_item(company_sudo),
            self._get_cash_item(company_sudo),
            self._get_sender_item(company_sudo),
            self._get_roles_item(company_sudo),
            self._get_employee_item(company_sudo),
            self._get_client_account_item(company_sudo),
        ]

    @api.model
    def _prepare_item(self, key, title, text, done, label, action):
        return {
            "key": key,
            "title": title,
            "text": text,
            "done": bool(done),
            "label": label,
            "action": action,
        }

    @api.model
    def _open(self, model, record=None, name=None, **vals):
        """A page of a model, or the form of one record.

        :rtype: dict
        """
        is_form = record is not None
        return {
            "type": "ir.actions.act_window",
            "name": name or self.env[model]._description,
            "res_model": model,
            "res_id": record.id if is_form else False,
            "views": [[False, "form"]]
            if is_form
            else [[False, "list"], [False, "form"]],
            **vals,
        }

    @api.model
    def _open_settings(self, module):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settings"),
            "res_model": "res.config.settings",
            "views": [[False, "form"]],
            "target": "current",
            "context": {"module": module, "bin_size": False},
        }

    # --- the books

    @api.model
    def _get_chart_item(self, company_sudo):
        root_sudo = company_sudo.root_id
        fiscal, country = root_sudo.account_fiscal_country_id, root_sudo.country_id
        # core's chart for countries without one is American
        is_foreign = root_sudo.chart_template == "generic_coa" and fiscal != country
        text = self.env._(
            "Taxes, accounts and journals come with it. Choose the country's package."
        )
        if is_foreign and country:
            text = self.env._(
                "Its taxes are those of %(fiscal)s and the firm is in %(country)s, so "
                "its own clients count as abroad. Choose the fiscal country.",
                fiscal=fiscal.name,
                country=country.name,
            )
        return self._prepare_item(
            "chart",
            self.env._("Chart of accounts"),
            text,
            root_sudo.chart_template and not (is_foreign and country),
            self.env._("Choose the chart"),
            self._open_settings("account"),
        )

    @api.model
    def _get_tax_item(self, company_sudo):
        product_sudo = company_sudo.legal_fee_product_id
        taxes_sudo = product_sudo.taxes_id._filter_taxes_by_company(company_sudo)
        forgotten = company_sudo._get_forgotten_tax(product_sudo)
        if taxes_sudo:
            text = self.env._(
                "%(product)s: %(taxes)s. Bills carry it.",
                product=product_sudo.display_name,
                taxes=", ".join(taxes_sudo.mapped("name")),
            )
        elif forgotten:
            text = self.env._(
                "Fees have no tax, though the company's default is %(tax)s: runs would "
                "hold every matter back. Choose it, or say that fees carry none.",
                tax=forgotten.name,
            )
        else:
            text = self.env._("The tax of fees is that of the fee product.")
        return self._prepare_item(
            "tax",
            self.env._("VAT on fees"),
            text,
            company_sudo.root_id.chart_template
            and product_sudo
            and (taxes_sudo or not forgotten)
            and not any(taxes_sudo.mapped("price_include")),
            self.env._("Open the fee product"),
            self._open("product.template", product_sudo.product_tmpl_id),
        )

    @api.model
    def _get_accounts_item(self, company_sudo):
        accounts = company_sudo._get_set_up_accounts()
        named = [account.display_name for account in accounts if account]
        text = self.env._(
            "Credits, client money and what is paid in clients' names are balances, "
            "never income. Check them with your accountant before money is on them."
        )
        return self._prepare_item(
            "accounts",
            self.env._("Accounts"),
            f"{text} {' · '.join(named)}".strip(),
            all(accounts),
            self.env._("See the accounts"),
            self._open_settings("legal_billing"),
        )

    @api.model
    def _get_bank_item(self, company_sudo):
        partner_sudo = company_sudo.partner_id
        banks = partner_sudo.bank_ids
        return self._prepare_item(
            "bank",
            self.env._("Bank account on the bill"),
            ", ".join(banks.mapped("acc_number"))
            or self.env._("Without one, bills do not say which account to pay."),
            banks,
            self.env._("Add the bank account"),
            self._open(
                "res.partner.bank",
                name=self.env._("Bank accounts of the firm"),
                domain=[("partner_id", "=", partner_sudo.id)],
                context={"default_partner_id": partner_sudo.id},
            ),
        )

    @api.model
    def _get_cash_item(self, company_sudo):
        journal_sudo = company_sudo._get_cash_journal()
        return self._prepare_item(
            "cash",
            self.env._("Cash journal"),
            journal_sudo.display_name
            or self.env._("Without one, what clients pay in cash cannot be entered."),
            journal_sudo,
            self.env._("See it") if journal_sudo else self.env._("Make it"),
            self._open("account.journal", journal_sudo)
            if journal_sudo
            else self.env["ir.actions.actions"]._for_xml_id(
                "legal_billing.make_cash_journal_action"
            ),
        )

    @api.model
    def action_make_cash_journal(self):
        """Make the company's cash journal and show it.

        :rtype: dict
        :raise RoleError:
        """
        self._check_role("manager")
        company_sudo = self.env.company.sudo()  # a setting, which managers do not write
        company_sudo._set_up_cash_journal()
        return self._open("account.journal", company_sudo._get_cash_journal())

    @api.model
    def _get_sender_item(self, company_sudo):
        email = company_sudo.email or ""
        is_address = bool(split_addresses(email))
        text = self.env._("Bills go out under the company's address, and it has none.")
        if email and not is_address:
            text = self.env._(
                "Bills go out under the company's address, and %(email)s is none.",
                email=email,
            )
        return self._prepare_item(
            "sender",
            self.env._("E-mail sender"),
            email if is_address else text,
            is_address,
            self.env._("Enter the address"),
            self._open("res.company", company_sudo),
        )

    # --- people

    @api.model
    def _get_roles_item(self, company_sudo):
        users_sudo = self.env["res.users"].sudo()  # whose roles managers do not read
        group = self.env.ref("legal_billing.legal_billing_group_fee_earner")
        count = users_sudo.search_count(
            Domain("all_group_ids", "in", group.ids)
            & Domain("company_ids", "in", company_sudo.ids)
            & Domain("id", "!=", self.env.uid)
        )
        return self._prepare_item(
            "roles",
            self.env._("Roles"),
            self.env._("%(count)s other people have one.", count=count)
            if count
            else self.env._(
                "Only you have one: fee earners see nothing of Legal Billing."
            ),
            count,
            self.env._("Give roles"),
            self._open("res.users", name=self.env._("Users")),
        )

    @api.model
    def _get_employee_item(self, company_sudo):
        employees_sudo = self.env["hr.employee"].sudo()
        employee = employees_sudo.search_count(
            [("user_id", "=", self.env.uid), ("company_id", "=", company_sudo.id)],
            limit=1,
        )
        return self._prepare_item(
            "employee",
            self.env._("Your employee record"),
            self.env._("Odoo records time for employees: without one you cannot."),
            employee,
            self.env._("Make it"),
            self._open(
                "hr.employee",
                employees_sudo.browse(),
                context={
                    "default_name": self.env.user.name,
                    "default_user_id": self.env.uid,
                    "default_company_id": company_sudo.id,
                },
            ),
        )

    @api.model
    def _get_client_account_item(self, company_sudo):
        journal = company_sudo._get_client_account_journal()
        return self._prepare_item(
            "client_account",
            self.env._("Client account"),
            journal.display_name
            or self.env._(
                "Money that belongs to clients stays apart, on a bank journal of its "
                "own. Only if the firm holds such money."
            ),
            journal,
            self.env._("New client account"),
            self._open(
                "account.journal",
                journal.browse(),
                context={
                    "default_type": "bank",
                    "default_is_client_account": True,
                    "default_name": self.env._("Client account"),
                },
            ),
        )
