"""What a change does to money, papers and visibility, whichever field makes it."""

import logging
import os
from collections import defaultdict
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from zlib import crc32

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user
from odoo.tools import SQL, mute_logger

from .access_common import AccessCommon
from .access_table import PERSONS
from .effects_table import EFFECTS

_logger = logging.getLogger(__name__)

SAID = "Seen"  #: what somebody writes in a conversation
LOG_FIELDS = {"id", "create_uid", "create_date", "write_uid", "write_date"}
#: In every text of the matter behind the wall, and nowhere else.
SECRET = "Nightfall"
#: Records of one model that are tried for one field, of models with fields of billing
#: and of others. They differ in a choice or a tick, and each field draws its own.
MOST_RECORDS, OF_OTHERS = 3, 1
#: Who holds all roles is tried first. What he cannot do, or what does nothing when he
#: does it, is tried by all others in one of so many attempts.
ONE_IN = 20
#: Fields of most models do nothing that is looked at: so many are written at once, and
#: one by one only where something came of it. Of these, and of billing's own, each field
#: is written by itself.
TOGETHER = 16
BY_ITSELF = (
    "account.analytic.line",
    "account.move",
    "account.move.line",
    "project.project",
    "project.task",
)
SEVERAL = "(several)"
#: Models whose records are counted for each person.
SEEN = (
    "account.analytic.line",
    "account.move",
    "legal.billing.run",
    "legal.money.request",
    "legal.payment",
    "legal.trust.transaction",
    "project.project",
    "project.task",
    "res.partner",
)
#: Their loggers say what is refused.
LOGGERS = (
    "odoo.tools.translate",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.account.models.account_move",
    "odoo.addons.mail.models.mail_mail",
    "odoo.models",
    "odoo.orm.models",
    "odoo.sql_db",
    "odoo.tests",
)


@dataclass(frozen=True)
class Attempt:
    """One value for one field, on one way.

    :param str model: of the record
    :param ids: of the record; none: the person's own user
    :param str name: of the field; ``(new)``: a copy of the record as it is;
        ``(several)``: of all fields in the value
    :param value: as for ``write``
    :param str way: ``write``, ``web_save``, ``load``, ``nested``, ``create``,
        ``onchange``
    :param int number: of the record among those that are tried
    """

    model: str
    ids: tuple
    name: str
    value: object = None
    way: str = "write"
    number: int = 0

    @property
    def target(self):
        """What the table of allowed effects calls it."""
        return f"{self.model}.{self.name}"

    @property
    def vals(self):
        """As for ``write``."""
        return self.value if self.name == SEVERAL else {self.name: self.value}

    @property
    def is_for_all(self):
        """Whether all people try what does nothing when one with all roles does it."""
        return crc32(f"{self.target} {self.way} {self.number}".encode()) % ONE_IN == 0

    def __str__(self):
        value = str(self.value)
        value = value if len(value) < 120 else f"{value[:117]}..."
        return f"{self.way} {self.model}{list(self.ids)} {self.name} = {value}"


@dataclass
class Tally:
    """What came out of the attempts."""

    refused: int = 0
    without: int = 0
    errors: int = 0
    #: (person, effect, target): the first attempt that had it, and what it did
    found: dict = field(default_factory=dict)
    targets: set = field(default_factory=set)
    models: set = field(default_factory=set)
    effective: int = 0
    one_in: int = ONE_IN

    @property
    def attempts(self):
        """How many there were."""
        return self.refused + self.without + self.errors + self.effective

    def describe(self):
        """The sums, for the log."""
        return (
            f"{self.refused} refused, {self.without} without an effect, "
            f"{self.errors} errors, {self.effective} with an effect"
        )


@freeze_time("2026-11-25 12:00:00")
class EffectsCommon(AccessCommon):
    """The records of the access table, a matter behind a wall, and records of core
    without a matter; attempts on them, and what these do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = (
            "base.group_user,account.group_account_manager,hr.group_hr_user,"
            "product.group_product_manager,project.group_project_manager"
        )
        for person in PERSONS:
            if cls.users[person] and hasattr(cls, person):
                groups += f",legal_billing.legal_billing_group_{person}"
        cls.users["everybody"] = new_test_user(
            cls.env,
            "legal_everybody",
            groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls._make_office()
        cls.records |= cls._make_more(cls())
        cls.records = {
            name: record
            for name, record in cls.records.items()
            if isinstance(record, BaseModel)
        }
        cls.env.flush_all()
        cls._known = {}
        cls._kinds = {}
        cls._seen_before = {}
        cls._plain = {}
        cls._copies = {}
        cls._rights = {}
        cls._last_id = cls._get_last_ids()
        cls._prepare("legal_effects_money", cls._make_statement())
        cls._prepare("legal_effects_sight", cls._make_sight())
        cls._before = cls._take_snapshot()
        cls._visible = cls._look()

    @classmethod
    def _prepare(cls, name, statement):
        """Have the database plan a statement once."""
        cr = cls.env.cr
        text = cr._obj.mogrify(statement.code, statement.params).decode()
        cr._obj.execute(f"PREPARE {name} AS {text}")
        cls.addClassCleanup(cr._obj.execute, f"DEALLOCATE {name}")

    @classmethod
    def _execute(cls, name):
        cls.env.cr.execute(f"EXECUTE {name}")
        return cls.env.cr.fetchall()

    @classmethod
    def _make_office(cls):
        """Everybody may write contacts, as most users do; one person without a role
        keeps the firm's lists."""
        everyone = cls.env["res.users"].union(
            *(user for name, user in cls.users.items() if name != "portal")
        )
        everyone.write(
            {"group_ids": [Command.link(cls.env.ref("base.group_partner_manager").id)]}
        )
        lists = (
            "base.group_user,base.group_partner_manager,hr.group_hr_user,"
            "product.group_product_manager,project.group_project_manager"
        )
        cls.users["office"] = new_test_user(
            cls.env,
            "legal_office",
            lists,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _get_last_ids(cls):
        return {
            name: cls.env[name]
            .sudo()
            .with_context(active_test=False)
            .search([], order="id desc", limit=1)
            .id
            for name in (*SEEN, "ir.attachment")
        }

    def _make_more(self):
        """A walled matter with one of everything, and what core has without matters."""
        env, company = self.env, self.company
        inside = self.reviewer | self.users["everybody"] | env.user
        walled = self._create_matter(
            name=f"Operation {SECRET}",
            partner_id=self.other_client.id,
            is_walled=True,
            wall_user_ids=[Command.set(inside.ids)],
        )
        self._create_time(walled, name=f"{SECRET} advice")
        secret_bill = self.env["account.move"]
        run = self.env["legal.billing.run"].with_user(self.users["everybody"])
        run = run.with_company(company).create(
            {
                "invoice_date": date(2026, 10, 31),
                "filter_domain": str([("id", "=", walled.id)]),
            }
        )
        run.action_load()
        run.action_bill_all()
        secret_bill = run.bill_ids.with_env(env)
        secret_entry = self._create_time(walled, 2.0, name=f"{SECRET} again")
        task = env["project.task"].create(
            {"name": "Lease", "project_id": self.matter.id, "company_id": company.id}
        )
        secret_task = env["project.task"].create(
            {"name": SECRET, "project_id": walled.id, "company_id": company.id}
        )
        task_entry = self._create_time(self.matter, 1.0, task_id=task.id)
        own_entry = self._create_time(
            self.matter, 1.0, employee_id=self.associate.id, name="Own"
        )
        project = env["project.project"].create(
            {"name": "Office move", "company_id": company.id}
        )
        milestone = env["project.milestone"].create(
            {"name": "Exchange", "project_id": self.matter.id}
        )
        invoices = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": "2026-11-02",
                    "invoice_line_ids": [
                        Command.create({"name": "Room hire", "price_unit": 75.0})
                    ],
                }
                for _number in range(2)
            ]
        )
        invoices[1].action_post()
        expense = self.company_data["default_account_expense"]
        cash = self.company_data["default_account_assets"]
        entries = env["account.move"].create(
            [
                {
                    "move_type": "entry",
                    "date": "2026-11-03",
                    "line_ids": [
                        Command.create(
                            {"account_id": expense.id, "debit": 40.0, "name": "Paper"}
                        ),
                        Command.create(
                            {"account_id": cash.id, "credit": 40.0, "name": "Paper"}
                        ),
                    ],
                }
                for _number in range(2)
            ]
        )
        entries[1].action_post()
        bank_line = env["account.bank.statement.line"].create(
            {
                "journal_id": self.office_bank.id,
                "date": "2026-11-04",
                "payment_ref": "From client",
                "amount": 33.0,
            }
        )
        core_payment = env["account.payment"].create(
            {"partner_id": self.client.id, "amount": 12.0, "date": "2026-11-04"}
        )
        delivered = self.records["delivered"]
        paper, upload = (
            env["ir.attachment"]
            .sudo()
            .create(
                [
                    {
                        "name": "bill.pdf",
                        "raw": b"%PDF-1.4 bill",
                        "res_model": "account.move",
                        "res_id": delivered.id,
                        **({"res_field": name} if name else {}),
                    }
                    for name in ("invoice_pdf_report_file", None)
                ]
            )
        )
        sent_request, secret_request = (
            env["legal.money.request"].create(
                {"kind": "client_money", "matter_id": matter.id, "amount": 120.0}
            )
            for matter in (self.matter_b, walled)
        )
        sent_request._internal()._note_sent("print")
        shared = self._create_matter(
            name="Collision",
            payer_ids=[
                Command.create(
                    {
                        "partner_id": self.other_client.id,
                        "share_type": "percent",
                        "value": 60,
                    }
                ),
                Command.create(
                    {"partner_id": self.client.id, "share_type": "remainder"}
                ),
            ],
        )
        self._create_time(shared, 2.0)
        split_draft = self._bill(shared)
        joint = self._create_matter(
            name="Burst pipe",
            split_mode="shares",
            payer_ids=[
                Command.create(
                    {
                        "partner_id": self.client.id,
                        "share_type": "amount",
                        "value": 50.0,
                        "bears_tax": True,
                    }
                ),
                Command.create(
                    {"partner_id": self.other_client.id, "share_type": "remainder"}
                ),
            ],
        )
        self._create_time(joint, 2.0)
        joint_bill = self._approve(self._bill(joint))
        self._create_time(joint, 1.0)
        joint_draft = self._bill(joint)
        message = self.matter.message_post(body=SAID)
        follower = self.matter.message_follower_ids[:1]
        return {
            "walled": walled,
            "secret_bill": secret_bill,
            "secret_entry": secret_entry,
            "secret_request": secret_request,
            "secret_task": secret_task,
            "sent_request": sent_request,
            "payer": shared.payer_ids[:1],
            "joint_bill": joint_bill,
            "joint_draft": joint_draft,
            "owed_share": joint_bill.payer_share_ids[:1],
            "split_draft": split_draft[:1],
            "split_share": split_draft.split_share_ids[:1],
            "task": task,
            "task_entry": task_entry,
            "own_entry": own_entry,
            "project": project,
            "milestone": milestone,
            "draft_invoice": invoices[0],
            "invoice": invoices[1],
            "draft_journal_entry": entries[0],
            "journal_entry": entries[1],
            "invoice_line": invoices[0].invoice_line_ids,
            "draft_line": self.records["draft"].invoice_line_ids[:1],
            "draft_receivable": self.records["draft"].line_ids.filtered(
                lambda line: line.display_type == "payment_term"
            ),
            "bill_receivable": delivered.line_ids.filtered(
                lambda line: line.display_type == "payment_term"
            ),
            "entry_line": entries[0].line_ids[:1],
            "bank_line": bank_line,
            "core_payment": core_payment,
            "paper": paper,
            "upload": upload,
            "message": message,
            "follower": follower,
            "fee": self.fee_product,
            "taxed_type": self.taxed_type,
            "associate": self.associate,
            "account": self.company._get_legal_unallocated_account(),
            "trust_account": self.company._get_legal_trust_account(),
            "expense": expense,
            "analytic_account": self.matter.account_id,
            "other_analytic_account": self.matter_b.account_id,
        }

    # --- what is compared

    @classmethod
    def _make_statement(cls):
        """One statement that returns (effect, key, amount) of everything."""
        company, last = cls.company.id, cls._last_id
        bills = SQL(
            """SELECT m.* FROM account_move m
                WHERE m.company_id = %s
                  AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                  AND EXISTS (SELECT 1 FROM account_move_line l
                               WHERE l.move_id = m.id AND l.matter_id IS NOT NULL)""",
            company,
        )
        move_key = SQL(
            "CASE WHEN id > %s THEN 'new' ELSE id::text END", last["account.move"]
        )
        persons = tuple(user.id for user in cls.users.values())
        return SQL(
            """
            WITH bills AS (%(bills)s)
            SELECT 'wip' AS effect,
                   concat_ws('/', 'matter', matter_id, 'employee', employee_id,
                             bill_behavior) AS key,
                   sum(wip_amount)::text AS amount
              FROM account_analytic_line
             WHERE company_id = %(company)s AND wip_type IS NOT NULL
               AND bill_id IS NULL AND written_off_on IS NULL
          GROUP BY 2
         UNION ALL
            SELECT 'draft', %(move_key)s,
                   string_agg(concat_ws('/', amount_total, 'tax', amount_tax, 'payer',
                                        partner_id), ' ' ORDER BY id)
              FROM bills WHERE state = 'draft' GROUP BY 2
         UNION ALL
            SELECT 'approved', %(move_key)s,
                   string_agg(concat_ws('/', amount_total, 'tax', amount_tax, 'payer',
                       partner_id, state, name, invoice_date, date, narration,
                       partner_bank_id, payment_reference, invoice_date_due, (
                       SELECT md5(string_agg(concat_ws('/', l.name, l.account_id,
                              l.price_subtotal, l.matter_id), ' ' ORDER BY l.id))
                         FROM account_move_line l
                        WHERE l.move_id = bills.id)), ' ' ORDER BY id)
              FROM bills WHERE state <> 'draft' GROUP BY 2
         UNION ALL
            SELECT 'settled', %(move_key)s,
                   string_agg(concat_ws('/', amount_residual, payment_state), ' '
                       ORDER BY id)
              FROM bills WHERE state = 'posted' GROUP BY 2
         UNION ALL
            SELECT 'credits', concat_ws('/', 'matter', matter_id),
                   concat_ws('/', sum(balance), sum(amount_residual))
              FROM account_move_line
             WHERE account_id = %(credits)s AND parent_state = 'posted' GROUP BY 2
         UNION ALL
            SELECT 'client_money', concat_ws('/', 'matter', matter_id, journal_id),
                   sum(balance)::text
              FROM legal_trust_balance WHERE company_id = %(company)s GROUP BY 2
         UNION ALL
            SELECT 'client_money', concat_ws('/', 'books', matter_id),
                   sum(balance)::text
              FROM account_move_line
             WHERE account_id = %(trust)s AND parent_state = 'posted' GROUP BY 2
         UNION ALL
            SELECT 'requests', id::text,
                   concat_ws('/', name, kind, matter_id, partner_id, amount, date,
                             date_due, narrative, state, paid_amount, open_amount)
              FROM legal_money_request
             WHERE company_id = %(company)s
               AND (sent_on IS NOT NULL OR paid_amount <> 0
                    OR cancelled_on IS NOT NULL)
         UNION ALL
            SELECT 'papers', CASE WHEN a.id > %(attachment)s THEN 'new'
                             ELSE a.id::text END,
                   string_agg(concat_ws('/', a.checksum, a.res_model, a.res_id,
                                        a.res_field, a.mimetype), ' ' ORDER BY a.id)
              FROM ir_attachment a
         LEFT JOIN account_move m ON a.res_model = 'account.move' AND m.id = a.res_id
             WHERE (a.res_field IN %(papers)s AND m.id IN (
                    SELECT id FROM bills WHERE state IN ('posted', 'cancel')))
                OR (a.res_field IS NOT NULL AND a.res_model LIKE 'legal.%%')
                OR a.id IN (SELECT print_file_id FROM legal_billing_run_line)
                OR a.id = %(paper)s
          GROUP BY 2
         UNION ALL
            SELECT 'rights', uid::text, string_agg(gid::text, ',' ORDER BY gid)
              FROM res_groups_users_rel WHERE uid IN %(persons)s GROUP BY 2
            """,
            bills=bills,
            move_key=move_key,
            company=company,
            credits=cls.company._get_legal_unallocated_account().id,
            trust=cls.company._get_legal_trust_account().id,
            attachment=last["ir.attachment"],
            papers=tuple(
                field_.name
                for field_ in cls.env["account.move"]._fields.values()
                if field_.type == "binary" and field_.attachment
            ),
            paper=cls.records["paper"].id,
            persons=persons,
        )

    @classmethod
    def _take_snapshot(cls):
        """Money, papers and rights as the database has them.

        :return: ``{effect: {key: amount}}``
        :rtype: dict
        """
        found = {effect: {} for effect in EFFECTS}
        for effect, key, amount in cls._execute("legal_effects_money"):
            found[effect][key] = amount
        return found

    @classmethod
    def _make_sight(cls):
        """One statement that returns the records that each person may read."""
        parts = []
        for person, user in cls.users.items():
            company = (user if person != "portal" else cls.biller).company_ids.ids
            for name in SEEN:
                model = cls.env[name].with_user(user)
                model = model.with_context(
                    active_test=False, allowed_company_ids=company
                )
                try:
                    query = model._search(
                        [("id", "<=", cls._last_id[name])], order="id"
                    )
                except AccessError:
                    continue
                parts.append(
                    SQL("SELECT %s, %s, array(%s)", person, name, query.select())
                )
        return SQL(" UNION ALL ").join(parts)

    @classmethod
    def _look(cls):
        """Records by person and model, of those that there were at first.

        :rtype: dict
        """
        rows = cls._execute("legal_effects_sight")
        return {(person, name): set(ids) for person, name, ids in rows}

    def _compare(self, attempt):
        """What is not as it was.

        :return: ``{effect: text}``
        :rtype: dict
        """
        after, changes = self._take_snapshot(), {}
        for effect, before in self._before.items():
            if before == after[effect]:
                continue
            rows = [
                f"{key}: {before.get(key)} → {after[effect].get(key)}"
                for key in sorted({*before, *after[effect]})
                if before.get(key) != after[effect].get(key)
            ]
            changes[effect] = "; ".join(rows)
        way = "create" if attempt.way == "create" else "write"
        key = (attempt.model, attempt.ids, attempt.name, repr(attempt.value), way)
        if key not in self._seen_before:
            self._seen_before[key] = self._compare_visibility()
        if self._seen_before[key]:
            changes["visible"] = self._seen_before[key]
        return changes

    def _compare_visibility(self):
        after = self._look()
        if after == self._visible:
            return ""
        rows = []
        for (person, name), before in self._visible.items():
            now = after[person, name]
            gone = before - now
            if gone:  # what is deleted is no matter of who sees it
                gone = set(self.env[name].sudo().browse(gone).exists().ids)
            if more := now - before:
                rows.append(f"{PERSONS.get(person, person)} +{len(more)} {name}")
            if gone:
                rows.append(f"{PERSONS.get(person, person)} −{len(gone)} {name}")
        return "; ".join(rows)

    # --- what is tried

    @classmethod
    def _get_reachable_models(cls):
        """Models with fields of billing, those that these point to, and those that
        point to them: stored, and not windows.

        :return: names
        :rtype: list
        """

        def is_table(name):
            model = registry[name]
            return model._auto and not model._abstract and not model._transient

        registry = cls.env.registry
        ours = {name for name in registry if is_table(name) and cls._is_ours(name)}
        reached = set(ours)
        for name, model in registry.items():
            if not is_table(name):
                continue
            for field_ in model._fields.values():
                if not field_.relational or field_.comodel_name not in registry:
                    continue
                if name in ours and is_table(field_.comodel_name):
                    reached.add(field_.comodel_name)
                if field_.comodel_name in ours and field_.store:
                    reached.add(name)
        return sorted(reached)

    def _get_records(self, model, random):
        """Records of a model that differ from each other: some of all that there are.

        :rtype: models.Model
        """
        if model not in self._kinds:
            self._kinds[model] = self._get_kinds(model)
        records = list(self._kinds[model])
        random.shuffle(records)
        most = MOST_RECORDS if self._is_ours(model) else OF_OTHERS
        return self.env[model].sudo().union(*records[:most])

    def _get_kinds(self, model):
        """One record of each kind, of those that the test made or else that exist."""
        own = self.env[model].sudo()
        for record in self.records.values():
            if record._name == model:
                own |= record.sudo()
        if len(own) < 2:
            domain = []
            company = own._fields.get("company_id")
            if company is not None and company.store:
                domain = [("company_id", "=", self.company.id)]
            found = self._find(model, domain, 4)
            own |= found or self._find(model, [], 2)
        kinds = {}
        for record in own:
            kinds.setdefault(self._get_kind(record), record)
        return list(kinds.values())

    def _find(self, model, domain, limit):
        """The newest records of a model; none of one that core shows in one place only.

        :rtype: models.Model
        """
        records = self.env[model].sudo().with_context(active_test=False)
        try:
            return records.search(domain, order="id desc", limit=limit)
        except UserError:
            return records

    @classmethod
    def _is_ours(cls, model):
        """Whether billing has fields on the model."""
        return any(
            "legal_billing" in (field_._modules or ())
            for field_ in cls.env.registry[model]._fields.values()
        )

    def _get_kind(self, record):
        """What makes a record of another kind than the next."""
        return tuple(
            record[name]
            for name, field_ in sorted(record._fields.items())
            if field_.store and field_.type in ("selection", "boolean")
        ) + tuple(
            bool(record[name])
            for name in ("matter_id", "matter_ids", "project_id", "legal_payment_id")
            if name in record._fields
        )

    def _get_writable(self, model):
        """Names of the fields that a client can send with an effect."""
        return [
            name
            for name, field_ in sorted(self.env[model]._fields.items())
            if name not in LOG_FIELDS
            and (field_.store or field_.inverse or field_.type == "one2many")
            and field_.type not in ("properties_definition", "properties")
            and not (field_.type == "binary" and field_.related)
        ]

    def _get_others(self, model, random):
        """Ids of other records, those of the test first."""
        if model not in self._known:
            ids = [
                id_
                for record in self.records.values()
                if record._name == model
                for id_ in record.ids[:2]
            ]
            if model == "res.users":
                ids += [user.id for user in self.users.values()]
            if model == "res.groups":
                ids += [
                    self.env.ref(f"legal_billing.legal_billing_group_{name}").id
                    for name in ("manager", "cashier")
                ]
            if len(ids) < 3:
                ids += self._find(model, [], 3).ids
            self._known[model] = list(dict.fromkeys(ids))
        ids = list(self._known[model])
        random.shuffle(ids)
        return ids

    def _make_values(self, record, name, random):
        """Values that the field has not got, by its type.

        :return: one or two, as for ``write``
        :rtype: list
        """
        field_, value = record._fields[name], record[name]
        kind = field_.type
        if kind in ("char", "text"):
            values = {record_[name] for record_ in self._kinds[record._name]}
            return ["Forged", *sorted(values - {value, False})[:1]]
        if kind == "html":
            return ["<p>Forged</p>"]
        if kind == "boolean":
            return [not value]
        if kind in ("integer", "float", "monetary", "many2one_reference"):
            values = [-5, 0, 1, 2.5, 40, 7777]
            if kind in ("integer", "many2one_reference"):
                values = [-5, 0, 1, 40, 7777]
            values = [other for other in values if other != value]
            return random.sample(values, 2)
        if kind == "date":
            return [random.choice((date(2001, 1, 1), date(2026, 11, 3))).isoformat()]
        if kind == "datetime":
            return [random.choice((datetime(2001, 1, 1), datetime(2026, 11, 3, 9)))]
        if kind == "json":
            account = random.choice((self.matter_b, self.records["walled"])).account_id
            return [{str(account.id): 100}]
        if kind == "binary":
            return ["JVBERi0xLjQgZm9yZ2Vk"]
        if kind in ("selection", "reference"):
            if kind == "reference":
                return [f"res.partner,{self.client.id}"]
            keys = [key for key in field_.get_values(self.env) if key != value]
            random.shuffle(keys)
            return keys[:2] or [False]
        if field_.comodel_name not in self.env.registry:
            return []
        # a record that is its own parent has core's address_get walk for ever
        used = value.ids + (record.ids if field_.comodel_name == record._name else [])
        others = [
            id_
            for id_ in self._get_others(field_.comodel_name, random)
            if id_ not in used
        ]
        if kind == "many2one":
            return [*others[:2], *([False] if value and len(others) < 2 else [])]
        if kind == "many2many":
            return [
                [Command.set(others[:1])],
                *([[Command.clear()]] if value else []),
            ]
        values = []
        if value:
            values.append(
                [random.choice((Command.clear(), Command.delete(value.ids[0])))]
            )
            with_data = self._copy(value[0])
            if with_data:
                with_data.pop(field_.inverse_name, None)
                values.append([Command.create(with_data)])
        elif others:
            values.append([Command.link(others[0])])
        return values

    def _copy(self, record):
        """Values for another such record, or nothing where core cannot copy it."""
        key = record._name, record.id
        if key not in self._copies:
            record = record.sudo().with_context(active_test=False)
            try:
                self._copies[key] = record.copy_data()[0]
            except Exception:  # a copy that core refuses is no attempt
                self._copies[key] = {}
        return deepcopy(self._copies[key])

    def _get_parents(self):
        """One2many fields by the model of their rows: (model, name, inverse name)."""
        if "parents" not in self._plain:
            parents = defaultdict(list)
            for name, model in sorted(self.env.registry.items()):
                if not model._auto or model._abstract or model._transient:
                    continue
                for field_ in model._fields.values():
                    if field_.type == "one2many" and field_.inverse_name:
                        inverse = self.env[field_.comodel_name]._fields.get(
                            field_.inverse_name
                        )
                        if inverse is not None and inverse.type == "many2one":
                            parents[field_.comodel_name].append(
                                (name, field_.name, field_.inverse_name)
                            )
            self._plain["parents"] = parents
        return self._plain["parents"]

    def _make_attempts(self, model, name, seed):
        """Attempts on one field, drawn by the seed.

        :param str name: of the field; ``(new)``: whole records
        :rtype: generator
        """
        records = self._get_records(model, Random(f"{seed}:{model}:{name}"))
        own = model == "res.users"
        for number, record in enumerate(records):
            random = Random(f"{seed}:{model}:{name}:{number}")
            if name == "(new)":
                yield Attempt(model, record._ids, name, None, "create", number)
                continue
            values = self._make_values(record, name, random)
            for place, value in enumerate(values):
                ways = ["write"]
                if place:
                    ways = [random.choice(("write", "web_save", "load", "nested"))]
                elif number == 0 and self._is_tried_new(model, name):
                    ways = ["write", "create"]
                for way in ways:
                    yield Attempt(model, record._ids, name, value, way, number)
            if own and number == 0:
                yield from (Attempt(model, (), name, value) for value in values)
        field_ = self.env[model]._fields.get(name)
        if field_ is not None and field_.type == "many2one":
            for record in self.records.values():
                if record._name == field_.comodel_name and self._is_secret(record):
                    yield Attempt(model, (), name, record.id, "onchange")

    def _is_tried_new(self, model, name):
        """Whether new records are made with values of this field; of most models only
        with those that name records which are looked at."""
        field_ = self.env[model]._fields[name]
        return self._is_alone(model) or field_.comodel_name in SEEN

    def _is_alone(self, model):
        """Whether each field is written by itself."""
        return model in BY_ITSELF or model.startswith("legal.")

    def _is_secret(self, record):
        return record in (
            self.records["walled"],
            self.records["secret_bill"],
            self.records["secret_entry"],
            self.records["secret_task"],
            self.records["secret_request"],
        )

    def _prepare_call(self, attempt, user):
        """Method, arguments and model of the attempt as the web client sends it.

        :rtype: tuple or None
        """
        model, name, value = attempt.model, attempt.name, attempt.value
        ids = list(attempt.ids) or user.ids
        if attempt.way == "write":
            return model, "write", [ids, attempt.vals]
        if attempt.way == "web_save":
            return model, "web_save", [ids, attempt.vals, {"id": {}}]
        if attempt.way == "load":
            kind = self.env[model]._fields[name].type
            if kind in ("one2many", "many2many", "json", "binary"):
                return model, "write", [ids, {name: value}]
            column = f"{name}/.id" if kind == "many2one" else name
            value = "" if value is False else str(value)
            return model, "load", [[".id", column], [[str(ids[0]), value]]]
        record = self.env[model].sudo().browse(ids)
        if attempt.way == "nested":
            for parent, rows, inverse in self._get_parents().get(model, ()):
                if record[inverse]:
                    command = Command.update(record.id, {name: value})
                    return parent, "write", [record[inverse].ids, {rows: [command]}]
            return model, "web_save", [ids, {name: value}, {"id": {}}]
        if attempt.way == "onchange":
            spec = {
                field_.name: {"fields": {"display_name": {}}}
                for field_ in self.env[model]._fields.values()
                if field_.type == "many2one" and not field_.groups
            } | {"display_name": {}}
            return model, "onchange", [[], {name: value}, [name], spec]
        data = self._copy(record)
        if not data:
            return None
        return model, "create", [data if name == "(new)" else {**data, **attempt.vals}]

    def _play(self, person, attempt):
        """The attempt as that person, undone again.

        :return: ``refused``, ``error`` or ``done``, and the effects by name
        :rtype: tuple
        """
        user = self.users[person]
        operation = {"create": "create", "onchange": "read"}.get(attempt.way, "write")
        if attempt.way != "nested" and not self._may(user, attempt.model, operation):
            return "refused", {}
        call = self._prepare_call(attempt, user)
        if call is None:
            return "refused", {}
        name, method, args = call
        model = self.env(user=user, context={})[name]
        if not self._may(user, name, operation):
            return "refused", {}
        context = {"allowed_company_ids": self.company.ids}
        if person == "other_company":
            context = {"allowed_company_ids": self.elsewhere.ids}
        with self._undone():
            try:
                result = call_kw(model, method, args, {"context": context})
                self.env.cr.flush()
            except UserError:
                return "refused", {}
            except Exception as error:  # core answers many a wrong value so
                _logger.debug("%s %s: %r", person, attempt, error)
                return "error", {}
            if method == "load" and not result.get("ids"):
                return "refused", {}
            if method == "onchange":
                return "done", self._find_secret(person, result)
            return "done", self._compare(attempt)

    def _may(self, user, model, operation):
        """Whether the user has the right at all; of users everybody writes some of what
        is his own."""
        key = user, model, operation
        if key not in self._rights:
            self._rights[key] = model == "res.users" or self.env(user=user)[
                model
            ].has_access(operation)
        return self._rights[key]

    def _find_secret(self, person, result):
        if SECRET in str(result) and person != "everybody" and person != "reviewer":
            return {"visible": f"reads {SECRET}"}
        return {}

    @contextmanager
    def _undone(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            # what was kept of the changed rights and settings goes, too
            self.env.registry.reset_changes()

    def _play_all(self, parts, seed, deadline=None):
        """Every attempt on the fields, as every person for whom it might do something.

        :param list parts: (model, names of fields that are tried together)
        :param deadline: callable that says whether the time is over
        :rtype: Tally
        """
        tally = Tally()
        start = os.times().elapsed
        with mute_logger(*LOGGERS):
            for number, (model, names) in enumerate(parts, 1):
                if deadline and deadline():
                    _logger.info("the time is over after %s of %s", number, len(parts))
                    break
                tally.models.add(model)
                tally.targets.update((model, name) for name in names)
                attempts = [
                    attempt
                    for name in names
                    for attempt in self._make_attempts(model, name, seed)
                ]
                self._play_part(attempts, tally)
                _logger.info(
                    "%s of %s, %.1f s, %s %s: %s",
                    number,
                    len(parts),
                    os.times().elapsed - start,
                    model,
                    " ".join(names),
                    tally.describe(),
                )
        return tally

    def _play_part(self, attempts, tally):
        """Those that can be made together are, the others one by one."""
        groups = defaultdict(list)
        for attempt in attempts:
            if len(attempts) == 1 or not attempt.ids or attempt.way == "onchange":
                self._play_one(attempt, tally)
                continue
            # one value of each field
            way, turn = attempt.way, 0
            while any(
                other.name == attempt.name
                for other in groups[attempt.ids, attempt.way == "create", turn]
            ):
                turn += 1
            groups[attempt.ids, way == "create", turn].append(attempt)
        for group in groups.values():
            self._play_several(group, tally)

    def _play_several(self, attempts, tally):
        """Attempts on one record, together and, where something comes of it, in halves."""
        first = attempts[0]
        if len(attempts) == 1 or first.name == "(new)":
            for attempt in attempts:
                self._play_one(attempt, tally)
            return
        values = {attempt.name: attempt.value for attempt in attempts}
        way = first.way if first.way in ("create", "write") else "web_save"
        together = Attempt(first.model, first.ids, SEVERAL, values, way)
        outcome, effects = self._play("everybody", together)
        if effects or outcome != "done":
            half = len(attempts) // 2
            self._play_several(attempts[:half], tally)
            self._play_several(attempts[half:], tally)
            return
        for attempt in attempts:
            self._play_others(attempt, outcome, {}, tally)

    def _play_one(self, attempt, tally):
        if attempt.way == "onchange" or not attempt.ids:
            persons = [person for person in self.users if person != "everybody"]
            self._play_persons(attempt, persons, tally)
            return
        outcome, effects = self._play("everybody", attempt)
        self._play_others(attempt, outcome, effects, tally)

    def _play_others(self, attempt, outcome, effects, tally):
        """After a person with all roles made the attempt, those who might get further.

        :param str outcome: of that person
        :param dict effects: that he had
        """
        persons = [person for person in self.users if person != "everybody"]
        if not effects and not attempt.is_for_all:
            self._count(tally, outcome, len(persons))
            return
        persons = [
            person
            for person in persons
            if not effects
            or any(
                (person, effect, attempt.target) not in tally.found
                for effect in effects
            )
        ]
        self._play_persons(attempt, persons, tally)

    def _play_persons(self, attempt, persons, tally):
        for person in persons:
            outcome, effects = self._play(person, attempt)
            if attempt.way == "create" and effects:
                effects = self._beyond_a_copy(person, attempt, effects)
            if effects:
                tally.effective += 1
            else:
                self._count(tally, outcome, 1)
            for effect, text in effects.items():
                key = person, effect, attempt.target
                if key not in tally.found:
                    tally.found[key] = attempt, text
                    _logger.info("%s %s: %s | %s", person, effect, attempt, text)

    def _beyond_a_copy(self, person, attempt, effects):
        """Of the effects of a new record those that its copied values alone have not."""
        if attempt.name == "(new)":
            return effects
        key = person, attempt.model, attempt.ids
        if key not in self._plain:
            plain = Attempt(attempt.model, attempt.ids, "(new)", None, "create")
            self._plain[key] = self._play(person, plain)[1]
        plain = self._plain[key]
        return {
            effect: text
            for effect, text in effects.items()
            if plain.get(effect) != text
        }

    @staticmethod
    def _count(tally, outcome, times):
        if outcome == "refused":
            tally.refused += times
        elif outcome == "error":
            tally.errors += times
        else:
            tally.without += times

    def _get_parts(self):
        """(model, names of fields that are tried together) of everything, those of
        billing's models first; ``(new)`` among the names."""
        parts = []
        models = self._get_reachable_models()
        models.sort(
            key=lambda name: (not self._is_alone(name), not self._is_ours(name))
        )
        for model in models:
            if not self._is_written_by_somebody(model):
                continue
            size = 1 if self._is_alone(model) else TOGETHER
            names = self._get_writable(model)
            parts.append((model, ("(new)",)))
            parts += [
                (model, tuple(names[place : place + size]))
                for place in range(0, len(names), size)
            ]
        return parts

    def _is_written_by_somebody(self, model):
        # everybody writes some of what is his own user's
        return model == "res.users" or any(
            self.env[model].with_user(user).has_access(operation)
            for user in self.users.values()
            for operation in ("write", "create")
        )
