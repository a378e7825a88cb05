from datetime import date

from lxml import etree

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..client_account.trust_common import TrustCommon

#: What is not on the page: at first, and then.
FEW, MANY = 10, 100


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestPageGrowth(TrustCommon):
    """A page asks and reads no more when what is not on it grows: the last run, other
    matters, their bills, payments and client money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["legal.rate"].create({"price": 300.0, "company_id": cls.company.id})

    # --- what grows

    def _grow(self, count):
        """As many other matters, each with a bill that went out in the last production,
        a draft payment of it, client money, and new work."""
        clients = self.env["res.partner"].create(
            [
                # two addresses in one field, as some people type them
                {"name": f"Other {index}", "email": "a@other.example; b@other.example"}
                for index in range(count)
            ]
        )
        matters = self.env["project.project"].create(
            [
                {
                    "name": f"Other matter of {client.name}",
                    "is_matter": True,
                    "partner_id": client.id,
                    "company_id": self.company.id,
                    "responsible_id": self.reviewer.id,
                }
                for client in clients
            ]
        )
        self._add_time(matters)
        bills = self._bill(matters)
        self.assertEqual(len(bills), count)
        self._approve(bills)
        self._deliver(bills)
        self._produce_last(bills)
        self._add_time(matters)
        self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": clients[0].id,
                "amount": 100.0,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create({"bill_id": bill.id}) for bill in bills
                ],
            }
        )
        deposits = self._as(
            self.env["legal.trust.transaction"], "client_account_officer"
        ).create(
            [
                {
                    "kind": "deposit",
                    "matter_id": matter.id,
                    "amount": 50.0,
                    "date": date(2026, 11, 1),
                    "journal_id": self.client_bank.id,
                }
                for matter in matters
            ]
        )
        deposits.action_post()
        self.env.flush_all()

    def _add_time(self, matters):
        self.env["account.analytic.line"].create(
            [
                {
                    "project_id": matter.id,
                    "employee_id": self.lawyer.id,
                    "name": "Advice",
                    "date": date(2026, 10, 5),
                    "unit_amount": 1.0,
                }
                for matter in matters
            ]
        )

    def _produce_last(self, bills):
        """The last production had these bills."""
        run = self.env["legal.billing.run"].sudo().create({"operation": "produce"})
        run.write(
            {
                "started_on": "2026-11-20 10:00:00",
                "finished_on": "2026-11-20 11:00:00",
                "line_ids": [
                    Command.create({"bill_id": bill.id, "matter_id": bill.matter_id.id})
                    for bill in bills
                ],
            }
        )
        run.line_ids._set_result("done")

    # --- looking

    def _look(self, work):
        """Queries and rows of a page that is looked at a second time.

        :rtype: tuple
        """
        work()
        self.env.flush_all()
        self.env.invalidate_all()
        with self._watch_database() as found:
            work()
        return tuple(found)

    def _get_pages(self):
        """Lists and forms of every window of the addon, and what they show: rows that
        are there before anything grows.

        :return: ``{name: work}``
        :rtype: dict
        """
        names = self.env["ir.model.data"].search(
            [("module", "=", "legal_billing"), ("model", "=", "ir.actions.act_window")]
        )
        pages = {}
        for action in self.env["ir.actions.act_window"].browse(names.mapped("res_id")):
            model = self.env.get(action.res_model)
            if model is None or model._transient or action.target == "new":
                continue
            model = self._as(model, "manager")
            shown = model.search([], limit=3)
            for view, kind in action.views:
                if shown and kind in ("list", "form"):
                    names = self._get_shown(model, view, kind)
                    rows = shown if kind == "list" else shown[:1]
                    pages[f"{action.name}, {action.res_model}, {kind}"] = (
                        lambda rows=rows, names=names: rows.web_read(names)
                    )
        return pages

    def _get_shown(self, model, view, kind):
        """The page's own fields; what a form has lists of is on the page.

        :return: a specification
        :rtype: dict
        """
        arch = model.get_views([(view, kind)])["views"][kind]["arch"]
        tree = etree.fromstring(arch)
        return {
            node.get("name"): (
                {"fields": {"display_name": {}}}
                if model._fields[node.get("name")].type == "many2one"
                else {}
            )
            for node in tree.iter("field")
            if next(node.iterancestors("field"), None) is None
            and node.get("name") in model._fields
            and model._fields[node.get("name")].type not in ("one2many", "many2many")
        }

    def _get_strips(self, run, shown):
        """What stands above the lists of these bills, this run and this matter.

        :return: ``{name: work}``
        :rtype: dict
        """
        moves = self._as(self.env["account.move"], "manager")
        balances = self._as(self.env["legal.trust.balance"], "manager")
        run = self._as(run, "manager")
        set_up = self._as(self.env["legal.set.up"], "manager")
        domain = [("id", "in", shown.ids)]
        return {
            **{
                f"strip of {kind}": lambda kind=kind: moves.get_bill_strip(kind, domain)
                for kind in ("draft", "production", "all")
            },
            "strip of Mass Billing": lambda: run.get_strip([]),
            "strip of client money": lambda: balances.get_trust_strip(
                [("matter_id", "=", self.matter.id)]
            ),
            "what is to be set up": set_up.get_set_up,
        }

    def test_a_page_reads_no_more_when_what_it_does_not_show_grows(self):
        sent = self._make_bill()
        approved = self._make_bill(matter=self.matter_b, delivered=None)
        self._create_time(self.matter_other)
        draft = self._bill(self.matter_other)
        self._create_time(self.matter)
        self._book("deposit", 500.0)
        self._grow(FEW)
        # the run of the page: its own matter, whatever else there is
        run = self._create_run(filter_domain=str([("id", "=", self.matter.id)]))
        works = self._get_pages() | self._get_strips(run, sent | approved | draft)
        self.assertGreater(len(works), 30)
        before = {name: self._look(work) for name, work in works.items()}
        self._grow(MANY)
        after = {name: self._look(work) for name, work in works.items()}
        grown = {
            name: (before[name], after[name])
            for name in works
            if after[name][0] > before[name][0] or after[name][1] > before[name][1] + 1
        }
        self.assertFalse(grown, "(queries, rows) before and after")
