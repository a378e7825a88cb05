"""The firm of the walk: one matter of every arrangement, and everybody who works there."""

import hashlib
from base64 import b64decode

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user

from ..client_account.trust_common import TrustCommon
from ..common import ROLES
from .walk_common import Walk
from .walk_core_acts import PDF, TASKS
from .walk_request_acts import EVERGREEN


@freeze_time("2026-11-02 09:00:00")
class WalkCommon(TrustCommon):
    """Matters by hour, by instalments, with a third-party payer, a quote, a discount with
    early payment terms, a fixed fee with repeats, in euro, with a minimum, with a
    retainer that is filled up; three of a group that are billed together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company_data = cls.company_data
        cls.receivable = company_data["default_account_receivable"]
        cls.expense = company_data["default_account_expense"]
        cls.misc = company_data["default_journal_misc"]
        cls.credits = cls.company._get_legal_unallocated_account()
        cls.trust = cls.liability
        cls.outstanding = (
            cls.office_bank.inbound_payment_method_line_ids.payment_account_id
        )
        cls.nominal = cls.env["account.account"].create(
            {"name": "Sundry", "code": "698800", "account_type": "expense"}
        )
        cls.company.currency_exchange_journal_id = (
            cls.company.currency_exchange_journal_id or cls.misc
        )
        cls.dollar = cls.company.currency_id
        cls.euro = cls.setup_other_currency(
            "EUR", rates=[("2026-01-01", 0.8), ("2026-10-20", 0.85)]
        )
        cls.other_client.email = "other@client.example"
        cls.vendor = cls.env["res.partner"].create({"name": "Counsel"})
        cls.insurer = cls.env["res.partner"].create(
            {"name": "Insurer plc", "email": "claims@insurer.example"}
        )
        cls.group_client = cls.env["res.partner"].create(
            {"name": "Group plc", "email": "accounts@group.example"}
        )
        cls.project = cls.env["project.project"].create(
            {"name": "Office move", "company_id": cls.company.id}
        )
        cls.payment_rules = list(
            cls.env["legal.payment.rule"].search([], order="id", limit=4)
        )
        cls.early = cls._create_term()
        cls.forged = hashlib.sha1(b64decode(PDF)).hexdigest()
        cls.matters = cls._make_matters()
        cls.walkers = cls._make_walkers()
        cls.walk = Walk(cls.env, cls, cls.walkers)
        cls.addClassCleanup(cls.walk.invariants.forget)

    @classmethod
    def _create_term(cls):
        return cls.env["account.payment.term"].create(
            {
                "name": "3 % within 20 days",
                "early_discount": True,
                "discount_percentage": 3,
                "discount_days": 20,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )

    @classmethod
    def _make_matters(cls):
        other = {"partner_id": cls.other_client.id}
        matters = {
            "plain": cls.matter,
            "same client": cls.matter_b,
            "other client": cls.matter_other,
            "instalments": cls._create_matter(name="Merger", **other),
            "payer": cls._create_matter(
                name="Accident", billing_partner_id=cls.insurer.id
            ),
            "quote": cls._create_matter(
                name="Trademark", quoted_amount=900.0, quote_rule="lower"
            ),
            "discount": cls._create_matter(
                name="Lease",
                discount_type="percent",
                discount_value=10.0,
                bill_payment_term_id=cls.early.id,
                **other,
            ),
            "fixed": cls._create_matter(name="Retainer", billing_arrangement="fixed"),
            "euro": cls._create_matter(name="Filing", billing_currency_id=cls.euro.id),
            "minimum": cls._create_matter(name="Advice", minimum_bill_amount=400.0),
            "payers": cls._create_matter(
                name="Collision",
                payer_ids=[
                    Command.create(
                        {
                            "partner_id": cls.insurer.id,
                            "share_type": "percent",
                            "value": 60,
                            "cap_amount": 1500.0,
                        }
                    ),
                    Command.create(
                        {"partner_id": cls.client.id, "share_type": "remainder"}
                    ),
                ],
            ),
            "shares": cls._create_matter(
                name="Burst pipe",
                split_mode="shares",
                payer_ids=[
                    Command.create(
                        {
                            "partner_id": cls.client.id,
                            "share_type": "amount",
                            "value": 100.0,
                            "bears_tax": True,
                        }
                    ),
                    Command.create(
                        {"partner_id": cls.insurer.id, "share_type": "remainder"}
                    ),
                ],
            ),
            "capped": cls._create_matter(
                name="Tender", billing_arrangement="capped", cap_amount=1200.0, **other
            ),
            "subscription": cls._create_matter(
                name="General counsel",
                billing_arrangement="subscription",
                subscription_amount=300.0,
                subscription_hours=2.0,
                subscription_period="month",
            ),
            "evergreen": cls._create_matter(name="Outside counsel", **EVERGREEN),
        }
        group = {"partner_id": cls.group_client.id, "bill_together": True}
        matters |= {
            "group": cls._create_matter(name="Group: leases", **group),
            "group, discount": cls._create_matter(
                name="Group: claims",
                discount_type="percent",
                discount_value=5.0,
                **group,
            ),
            "group, quote": cls._create_matter(
                name="Group: marks", quoted_amount=450.0, quote_rule="lower", **group
            ),
        }
        cls.env["legal.fee.instalment"].create(
            [
                {
                    "matter_id": matters["instalments"].id,
                    "amount": 500.0,
                    "due_date": "2026-11-01",
                },
                {
                    "matter_id": matters["instalments"].id,
                    "amount": 700.0,
                    "due_date": "2026-12-01",
                },
                {
                    "matter_id": matters["fixed"].id,
                    "amount": 250.0,
                    "due_date": "2026-10-31",
                    "repeat": "month",
                },
            ]
        )
        cls.env["project.milestone"].create(
            {"name": "Exchange", "project_id": matters["instalments"].id}
        )
        # people act on what they may not read, too
        return {name: matter.sudo() for name, matter in matters.items()}

    @classmethod
    def _make_walkers(cls):
        users = {role: getattr(cls, role) for role in ROLES}
        rights = {
            "legal_books": "base.group_user,account.group_account_user,"
            "account.group_account_manager",
            "legal_office": "base.group_user,base.group_partner_manager,"
            "hr.group_hr_user,product.group_product_manager,"
            "project.group_project_manager",
        }
        users["accountant"], users["office"] = (
            new_test_user(
                cls.env,
                login,
                groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for login, groups in rights.items()
        )
        lists = cls.env.ref("base.group_partner_manager")
        cls.env["res.users"].union(*users.values()).write(
            {"group_ids": [Command.link(lists.id)]}
        )
        tasks = cls.env.ref("project.group_project_user")
        for person in TASKS:
            users[person].group_ids += tasks
        users["system"] = cls.env.ref("base.user_root")
        return users
