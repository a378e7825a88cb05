from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..client_account.trust_common import TrustCommon

#: People of a firm who have no role of billing, and what Odoo lets each of them do.
PEOPLE = {
    "employee": "base.group_user",
    "contacts": "base.group_user,base.group_partner_manager",
    "projects": "base.group_user,project.group_project_user",
    "project manager": "base.group_user,project.group_project_manager",
    "time": "base.group_user,hr_timesheet.group_hr_timesheet_user",
    "staff": "base.group_user,hr.group_hr_user",
    "products": "base.group_user,product.group_product_manager",
    "invoices": "base.group_user,account.group_account_invoice",
    "auditor": "base.group_user,account.group_account_readonly",
}


@tagged("post_install", "-at_install")
class TestCoreForms(TrustCommon):
    """Fields that billing adds to the pages of others are read by whoever opens these
    pages, with a role of billing or without."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_time(cls.matter)
        cls.people = {
            name: new_test_user(
                cls.env,
                f"page_{name.replace(' ', '_')}",
                groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, groups in PEOPLE.items()
        }

    def _get_pages(self):
        """Views of others that billing changes: model and kind of view."""
        views = self.env["ir.ui.view"].search(
            [("inherit_id", "!=", False), ("type", "in", ("form", "list", "kanban"))]
        )
        own = views.filtered(lambda v: (v.xml_id or "").startswith("legal_billing"))
        return sorted(
            {
                (view.model, view.type)
                for view in own
                if not view.model.startswith("legal.")
                and view.model in self.env
                and not self.env[view.model]._transient
            }
        )

    def _open(self, model, kind, user):
        """Read a page's fields as the web client does.

        :return: the sentence of a refusal, or None
        """
        records = self.env[model].with_user(user)
        if not records.has_access("read"):
            return None
        records = records.search([], limit=3, order="id desc")
        self.env.invalidate_all()
        try:
            view = records.get_views([(False, kind)])
            arch = etree.fromstring(view["views"][kind]["arch"])
            names = [
                node.get("name")
                for node in arch.iter("field")
                if not any(up.tag == "field" for up in node.iterancestors())
            ]
            records.web_read(dict.fromkeys(names, {}))
        except AccessError as error:
            return str(error).split("\n")[0]
        return None

    def test_everybody_opens_the_pages_of_others(self):
        pages = self._get_pages()
        self.assertIn(("res.partner", "form"), pages)
        refused = [
            f"{name}: {kind} of {model}: {text}"
            for model, kind in pages
            for name, user in self.people.items()
            if (text := self._open(model, kind, user))
        ]
        self.assertFalse(refused, "\n".join(refused))

    def _get_form_models(self):
        return [model for model, kind in self._get_pages() if kind == "form"]

    def test_everybody_begins_a_new_one(self):
        """What a new record is given, and what its form asks then."""
        refused = []
        for model in self._get_form_models():
            for name, user in self.people.items():
                records = self.env[model].with_user(user)
                if records.has_access("create"):
                    try:
                        with self.env.cr.savepoint():
                            Form(records)
                    except AccessError as error:
                        refused.append(f"{name}: new {model}: {error}")
        self.assertFalse(refused, "\n".join(refused))

    def test_everybody_saves_what_he_may(self):
        """A record of the firm, opened and saved with a word changed."""
        refused = []
        mine = {
            "res.partner": (self.client, "function"),
            "project.project": (self.env["project.project"], "name"),
            "product.template": (self.env["product.template"], "name"),
            "hr.employee": (self.lawyer, "job_title"),
        }
        for model, (record, field) in mine.items():
            record = record or self.env[model].create({"name": "Plain"})
            for name, user in self.people.items():
                own = record.with_user(user)
                if not own.has_access("write") or not own.has_access("read"):
                    continue
                try:
                    with self.env.cr.savepoint(), Form(own) as form:
                        setattr(form, field, f"By {name}")
                except AccessError as error:
                    refused.append(f"{name}: {model}: {error}")
                self.assertEqual(record[field], f"By {name}")
        self.assertFalse(refused, "\n".join(refused))

    def test_everybody_copies_what_he_may(self):
        """A copy reads every field that is copied, of the form or not."""
        refused, tried = [], set()
        records = {
            "res.partner": self.client,
            "product.template": self.env["product.template"].create({"name": "Plain"}),
        }
        for model, record in records.items():
            for name, user in self.people.items():
                own = record.with_user(user)
                if own.has_access("create") and own.has_access("read"):
                    tried.add(model)
                    try:
                        with self.env.cr.savepoint():
                            own.copy()
                    except AccessError as error:
                        refused.append(f"{name}: {model}: {error}")
        self.assertEqual(tried, set(records))
        self.assertFalse(refused, "\n".join(refused))
