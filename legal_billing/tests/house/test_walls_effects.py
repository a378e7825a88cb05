from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import MatterOptionError, RoleError
from ...models.matter.legal_wall import LEDGERS, PATHS, THREADS, WALLED
from .walls_common import WORD, WallsCommon

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
#: What somebody says in the conversation of a record.
WORDS = "Before"


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestWallsEffects(WallsCommon):
    """What rules on records do not reach: records that are not saved, reports over SQL,
    relations by number, followers and their messages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = new_test_user(cls.env, "legal_plain", "base.group_user")
        cls.everybody = cls.outsiders + cls.fee_earner + cls.plain

    def _see(self, model, user, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[model].with_user(user).with_context(**context)

    # --- records that are not saved

    def _get_onchange_cases(self):
        """Every many2one of every model that people may make, to what a barrier
        hides."""
        for name in sorted(self.env.registry.models):
            model = self.env[name]
            if model._abstract or not hasattr(model, "onchange"):
                continue
            for field in model._fields.values():
                if field.type == "many2one" and field.comodel_name in WALLED:
                    yield name, field

    @mute_logger(*RULES)
    def test_no_record_is_filled_with_hidden_ones(self):
        tried = 0
        for name, field in self._get_onchange_cases():
            secret = self._get_secrets(field.comodel_name)[:1]
            if not secret:
                continue
            spec = {
                other.name: {"fields": {"display_name": {}}}
                for other in self.env[name]._fields.values()
                if other.type == "many2one"
            } | {"display_name": {}}
            for user in self.everybody:
                model = self._see(name, user)
                if field.comodel_name in LEDGERS and user.has_group(
                    "account.group_account_readonly"
                ):
                    continue
                if not model.has_access("create") or not model._has_field_access(
                    field, "read"
                ):
                    continue
                for way in ("value", "default"):
                    with self.subTest(name, field=field.name, user=user.login, way=way):
                        tried += 1
                        values = {field.name: secret.id} if way == "value" else {}
                        context = (
                            {f"default_{field.name}": secret.id}
                            if way == "default"
                            else {}
                        )
                        with (
                            self.assertRaises(UserError) as refused,
                            self.env.cr.savepoint(),
                        ):
                            model.with_context(**context).onchange(
                                values, list(values), spec
                            )
                        self.assertNotIn(WORD, str(refused.exception))
                        self.assertNotIn("Zoo", str(refused.exception))
        self.assertGreater(tried, 60)

    @mute_logger(*RULES, "odoo.sql_db", "odoo.models")
    def test_no_error_names_it(self):
        """Whatever is made of a hidden record, saved or not, is refused without its
        name; nothing of it stays."""
        tried = 0
        for name, field in self._get_onchange_cases():
            secret = self._get_secrets(field.comodel_name)[:1]
            if not secret or self.env[name]._transient:
                continue
            for user in self.everybody:
                model = self._see(name, user)
                ledger = field.comodel_name in LEDGERS and user.has_group(
                    "account.group_account_readonly"
                )
                if ledger or not model.has_access("create"):
                    continue
                values = {field.name: secret.id}
                if "name" in model._fields:
                    values["name"] = "x"
                with (
                    self.subTest(name, field=field.name, user=user.login),
                    self.debug_mode(),
                ):
                    tried += 1
                    savepoint = self.env.cr.savepoint()
                    try:
                        made = model.create([values])
                        self.env.flush_all()
                        self.env.invalidate_all()
                        spec = {field.name: {"fields": {"display_name": {}}}}
                        shown = made.web_read(spec | {"display_name": {}})
                        self.assertNotIn(WORD, repr(shown))
                        self.assertNotEqual(
                            (shown[0][field.name] or {}).get("id"), secret.id
                        )
                    except AssertionError:
                        raise
                    # of core's and the database's, of any class
                    except Exception as error:
                        self.assertNotIn(WORD, str(error))
                    finally:
                        self.env.invalidate_all(flush=False)
                        savepoint.close(rollback=True)
        self.assertGreater(tried, 10)

    @mute_logger(*RULES)
    def test_nested_and_referring_values(self):
        secret = self.secret.id
        spec = {"display_name": {}}
        cases = [
            ("res.partner", {"task_ids": [[0, 0, {"project_id": secret}]]}),
            ("res.partner", {"project_ids": [[4, secret]]}),
            ("res.partner", {"matter_ids": [[6, 0, [secret]]]}),
            ("mail.activity", {"res_model": "project.project", "res_id": secret}),
            ("account.analytic.line", {"project_id": {"id": secret}}),
        ]
        for name, values in cases:
            with self.subTest(name, values=values), self.assertRaises(AccessError):
                self._see(name, self.manager).onchange(values, list(values), spec)
        # the team, and the same with a matter that everybody sees
        line = "account.analytic.line"
        names = {"matter_id": {"fields": {"display_name": {}}}}
        found = self._see(line, self.biller).onchange(
            {"project_id": secret}, ["project_id"], names
        )
        self.assertIn(WORD, found["value"]["matter_id"]["display_name"])
        found = self._see(line, self.fee_earner).onchange(
            {"project_id": self.matter.id}, ["project_id"], names
        )
        self.assertEqual(found["value"]["matter_id"]["id"], self.matter.id)

    # --- reports over SQL, found by a sweep

    @mute_logger(*RULES)
    def test_no_report_has_a_row_of_it(self):
        seen = set()
        for name in sorted(self.env.registry.models):
            model = self.env[name]
            if model._auto or model._abstract:
                continue
            for field in model._fields.values():
                if field.type != "many2one" or field.comodel_name not in WALLED:
                    continue
                secrets = self._get_secrets(field.comodel_name)
                domain = [(field.name, "in", secrets.ids)]
                if not secrets or not model.sudo().search_count(domain):
                    continue
                seen.add(name)
                for user in self.everybody:
                    if name == "account.invoice.report" and user.has_group(
                        "account.group_account_readonly"
                    ):
                        continue
                    with self.subTest(name, field=field.name, user=user.login):
                        report = self._see(name, user)
                        try:
                            found = report.search_count(domain)
                        except AccessError:
                            found = 0
                        self.assertFalse(found)
        self.assertLessEqual(
            {
                "account.invoice.report",
                "report.project.task.user",
                "timesheets.analysis.report",
            },
            seen,
        )

    def test_the_team_sees_the_reports(self):
        rows = self._see("timesheets.analysis.report", self.biller).search_count(
            [("project_id", "=", self.secret.id)]
        )
        self.assertTrue(rows)

    def test_figures_of_the_client(self):
        """Core adds up the invoice report: without what is hidden."""
        outside = self._see("res.partner", self.manager).browse(self.animal.id)
        inside = self._see("res.partner", self.approver).browse(self.animal.id)
        self.assertEqual(inside.total_invoiced, 300.0)
        self.env.invalidate_all()
        if not self.manager.has_group("account.group_account_readonly"):
            self.assertEqual(outside.total_invoiced, 0.0)

    # --- relations by number, found by a sweep

    def test_no_relation_says_yes(self):
        tried = 0
        for name in sorted(self.env.registry.models):
            model = self.env[name]
            if model._abstract or model._transient or name in WALLED:
                continue
            for field in model._fields.values():
                if (
                    field.type not in ("one2many", "many2many")
                    or not field.store
                    or field.comodel_name not in WALLED
                ):
                    continue
                secrets = self._get_secrets(field.comodel_name)
                if not secrets:
                    continue
                ledger = field.comodel_name in LEDGERS
                for user in self.everybody:
                    if ledger and user.has_group("account.group_account_readonly"):
                        continue
                    own = self._see(name, user, active_test=False)
                    if not own.has_access("read"):
                        continue
                    for operator, value in (
                        ("in", secrets.ids),
                        ("=", secrets[0].id),
                        ("child_of", secrets.ids),
                    ):
                        with self.subTest(
                            name, field=field.name, user=user.login, operator=operator
                        ):
                            tried += 1
                            try:
                                found = own.search([(field.name, operator, value)])
                            except (AccessError, ValueError):
                                continue
                            self.assertFalse(found)
        self.assertGreater(tried, 20)

    def test_a_client_is_not_found_by_a_hidden_matter(self):
        partners = self._see("res.partner", self.plain)
        mine = [("id", "=", self.animal.id)]
        secret = self.secret.id
        open_one = self._create_matter(name="Open", partner_id=self.animal.id)
        for field in ("project_ids", "matter_ids"):
            with self.subTest(field):
                self.assertFalse(partners.search([*mine, (field, "in", [secret])]))
                self.assertFalse(
                    partners.search([*mine, "!", (field, "not in", [secret])])
                )
                self.assertTrue(partners.search([*mine, (field, "in", [open_one.id])]))
                self.assertTrue(
                    partners.search([*mine, (field, "in", [secret, open_one.id])])
                )
                self.assertTrue(
                    partners.with_user(self.biller).search(
                        [*mine, (field, "in", [secret])]
                    )
                )
        # an archived matter is hidden all the same
        self.secret._internal().active = False
        self.assertFalse(partners.search([*mine, ("matter_ids", "in", [secret])]))

    # --- followers

    def _follow(self, records, *users):
        for user in users:
            records.sudo()._message_subscribe(user.partner_id.ids)

    def _put_up(self, matter, *users):
        matter.write(
            {
                "is_walled": True,
                "wall_user_ids": [
                    Command.set([self.env.user.id, *(user.id for user in users)])
                ],
            }
        )

    def test_it_counts_once_it_stands_and_until_it_falls(self):
        """Who sees every matter is not asked for barriers on any page; one that hides
        a matter from him counts at once, and so does what is taken back."""
        matter = self.matter_other
        own = self.env["project.project"].with_user(self.biller)
        entries = self.env["account.move"].with_user(self.biller)

        def sees():
            return bool(own.search([("id", "=", matter.id)]))

        def is_asked():
            return "wall" in str(entries._search([]).select())

        self.assertEqual((sees(), is_asked()), (True, False))
        self._put_up(matter, self.approver)
        self.assertEqual((sees(), is_asked()), (False, True))
        with self.assertRaises(RuntimeError), self.env.cr.savepoint():
            matter.is_walled = False
            self.assertEqual((sees(), is_asked()), (True, False))
            raise RuntimeError("taken back")
        self.assertEqual((sees(), is_asked()), (False, True))
        matter.wall_user_ids |= self.biller
        self.assertEqual((sees(), is_asked()), (True, False))

    def test_followers_outside_are_dropped_and_told_nothing(self):
        matter = self.matter_other
        task = self.env["project.task"].create(
            {"name": "Draft", "project_id": matter.id, "company_id": self.company.id}
        )
        bill = self._make_bill(matter)
        users = (self.biller, self.fee_earner, self.reviewer)
        self.fee_earner.sudo().notification_type = "inbox"
        client = self.other_client
        client.email = "other@client.example"
        for record in (matter, task, bill):
            self._follow(record, *users)
            record.sudo()._message_subscribe(client.ids)
            record.message_post(
                body=WORDS, message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        matter.responsible_id = self.approver
        self._put_up(matter, self.biller)
        for record in (matter, task, bill):
            with self.subTest(record._name):
                followers = record.message_partner_ids
                self.assertIn(self.biller.partner_id, followers)
                self.assertIn(client, followers)
                self.assertFalse(
                    followers & (self.fee_earner | self.reviewer).partner_id
                )
                after = f"{WORD} after"
                message = record.message_post(
                    body=after,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=self.fee_earner.partner_id.ids,
                )
                told = message.notification_ids.res_partner_id
                self.assertIn(self.biller.partner_id, told)
                self.assertIn(client, told)
                self.assertFalse(told & (self.fee_earner | self.reviewer).partner_id)
                for user in (self.fee_earner, self.reviewer):
                    own = self._see("mail.message", user)
                    self.assertFalse(
                        own.search(
                            [
                                ("model", "=", record._name),
                                ("res_id", "=", record.id),
                            ]
                        )
                    )
                    with self.assertRaises(AccessError) as refused:
                        message.with_user(user).read(["body", "record_name"])
                    self.assertNotIn(WORD, str(refused.exception))
        self.assertEqual(self.fee_earner.partner_id._get_needaction_count(), 0)

    def test_own_messages_of_the_time_before(self):
        """The record's name is shown with them, and may have changed since."""
        matter = self.matter_other
        message = matter.with_user(self.biller).message_post(body=WORDS)
        self._put_up(matter, self.approver)
        matter.name = WORD
        own = message.with_user(self.biller)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(own.search([("id", "=", message.id)]))
        with self.assertRaises(AccessError):
            own.read(["record_name"])

    def test_activities_and_ratings(self):
        matter = self.matter_other
        activity = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("project.project"),
                "res_id": matter.id,
                "user_id": self.biller.id,
                "summary": WORD,
            }
        )
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("project.project"),
                "res_id": matter.id,
                "feedback": WORD,
            }
        )
        for record in (activity, rating):
            own = record.with_user(self.biller)
            self.assertTrue(own.search([("id", "=", record.id)]))
        self._put_up(matter, self.approver)
        for record in (activity, rating):
            with self.subTest(record._name):
                self.env.flush_all()
                self.env.invalidate_all()
                own = record.with_user(self.biller)
                self.assertFalse(own.search([("id", "=", record.id)]))
                with self.assertRaises(AccessError) as refused:
                    own.read(["res_name"])
                self.assertNotIn(WORD, str(refused.exception))
                inside = record.with_user(self.env.user)
                self.assertTrue(inside.search([("id", "=", record.id)]))

    def test_nobody_outside_is_made_a_follower(self):
        inside = self._see("project.project", self.biller).browse(self.secret.id)
        with self.assertRaisesRegex(MatterOptionError, "outside the information"):
            inside.sudo(False).with_user(self.env.user).message_subscribe(
                self.manager.partner_id.ids
            )
        inside.message_subscribe(self.biller.partner_id.ids)
        self.assertIn(self.biller.partner_id, self.secret.message_partner_ids)
        inside.sudo()._message_subscribe((self.manager.partner_id | self.client).ids)
        self.assertIn(self.client, self.secret.message_partner_ids)
        self.assertNotIn(self.manager.partner_id, self.secret.message_partner_ids)
        rows = self.env["mail.followers"].create(
            [
                {
                    "res_model": "project.project",
                    "res_id": self.secret.id,
                    "partner_id": self.manager.partner_id.id,
                }
            ]
        )
        self.assertFalse(rows)

    # --- the client

    def test_the_client_sees_what_the_portal_gives(self):
        portal = new_test_user(
            self.env, "zoo_portal", "base.group_portal", partner_id=self.animal.id
        )
        bill = self._get_secrets("account.move").filtered(
            lambda m: m.state == "posted" and m.move_type == "out_invoice"
        )[:1]
        bill.sudo().message_subscribe(self.animal.ids)
        domain = [("id", "=", bill.id)]
        for walled in (True, False):
            self.secret.is_walled = walled
            with self.subTest(walled=walled):
                self.assertEqual(self._see("account.move", portal).search(domain), bill)
                self.assertEqual(
                    self._see("account.move", portal).browse(bill.id).amount_total,
                    bill.amount_total,
                )
        for model in ("legal.payment", "legal.trust.transaction", "legal.rate"):
            with self.assertRaises(AccessError), mute_logger(*RULES):
                self._see(model, portal).search([])

    @mute_logger(*RULES)
    def test_no_raw_time_in_the_portal(self):
        portal = new_test_user(
            self.env, "client_portal", "base.group_portal", partner_id=self.client.id
        )
        project = self.env["project.project"].create(
            {
                "name": "Website",
                "partner_id": self.client.id,
                "privacy_visibility": "portal",
                "allow_timesheets": True,
                "company_id": self.company.id,
            }
        )
        self.matter.privacy_visibility = "portal"
        for record in (project, self.matter):
            record.message_subscribe(self.client.ids)
        raw = self._create_time(self.matter, name="RAW", bill_narrative="Polished")
        billed = self._create_time(self.matter, name="RAW billed")
        self._bill(self.matter)
        hours = self._create_time(project, name="Design")
        entries = self._see("account.analytic.line", portal)
        found = entries.sudo().search(entries._timesheet_get_portal_domain())
        self.assertEqual(found, hours)
        # the rule, for addons that let portal users read entries
        self.env["ir.model.access"].sudo().create(
            {
                "name": "entries in the portal",
                "model_id": self.env["ir.model"]._get_id("account.analytic.line"),
                "group_id": self.env.ref("base.group_portal").id,
                "perm_read": True,
            }
        )
        entries = self._see("account.analytic.line", portal)
        own = entries.search([("id", "in", (raw | billed | hours).ids)])
        self.assertFalse(own & (raw | billed))
        with self.assertRaises(AccessError):
            entries.browse(raw.id).read(["name"])

    # --- who puts it up

    def test_who_puts_it_up_keeps_lawyer_and_managers_inside(self):
        matter = self._as(self.matter_other, "biller")
        matter.write(
            {"is_walled": True, "wall_user_ids": [Command.set(self.biller.ids)]}
        )
        team = self.matter_other.wall_user_ids
        self.assertLessEqual(self.biller | self.reviewer | self.manager, team)
        for left_out in (self.reviewer, self.manager):
            with self.assertRefused("stays inside", RoleError):
                matter.write({"wall_user_ids": [Command.unlink(left_out.id)]})
        with self.assertRefused("taken down by the responsible lawyer", RoleError):
            matter.is_walled = False
        self.assertTrue(self.matter_other.is_walled)
        matter.write({"wall_user_ids": [Command.link(self.approver.id)]})
        self.assertIn(self.approver, self.matter_other.wall_user_ids)
        # a new lawyer comes in with the matter
        matter.responsible_id = self.fee_earner
        self.assertIn(self.fee_earner, self.matter_other.wall_user_ids)
        # managers may leave managers out, and take it down
        own = self._as(self.matter_other, "manager")
        own.write({"wall_user_ids": [Command.unlink(self.env.user.id)]})
        own.is_walled = False
        self.assertFalse(self.matter_other.is_walled)

    def test_a_new_matter_with_a_wall(self):
        if not self._as(self.env["project.project"], "biller").has_access("create"):
            user = self.manager
        else:
            user = self.biller
        matter = (
            self.env["project.project"]
            .with_user(user)
            .create(
                {
                    "name": "New",
                    "is_matter": True,
                    "partner_id": self.client.id,
                    "company_id": self.company.id,
                    "responsible_id": self.reviewer.id,
                    "is_walled": True,
                    "wall_user_ids": [Command.set(user.ids)],
                }
            )
        )
        self.assertIn(self.reviewer, matter.sudo().wall_user_ids)

    # --- nothing new is forgotten

    def test_every_rule_of_the_barrier_has_its_path(self):
        rules = self.env["ir.rule"].sudo().search([("global", "=", True)])
        ruled = {
            rule.model_id.model
            for rule in rules
            if (rule.get_external_id()[rule.id] or "").startswith("legal_billing.")
            and "_rule_wall" in rule.get_external_id()[rule.id]
        }
        self.assertLessEqual(set(PATHS), ruled | {"project.project"})
        self.assertLessEqual(set(THREADS), WALLED)

    def test_records_that_show_its_name_are_hidden_too(self):
        """Of any addon: a task's place on somebody's own board."""
        matter = self.matter_other
        task = self.env["project.task"].create(
            {"name": WORD, "project_id": matter.id, "user_ids": self.biller.ids}
        )
        places_sudo = self.env["project.task.stage.personal"].sudo()
        own = [("task_id", "=", task.id), ("user_id", "=", self.biller.id)]
        place = places_sudo.search(own) or places_sudo.create(
            {"task_id": task.id, "user_id": self.biller.id}
        )
        self.assertTrue(place)
        own = self._see("project.task.stage.personal", self.biller)
        self.assertTrue(own.search([("id", "=", place.id)]))
        self._put_up(matter, self.approver)
        own = self._see("project.task.stage.personal", self.biller)
        self.assertFalse(own.search([("id", "=", place.id)]))
        with self.assertRaises(AccessError), mute_logger(*RULES):
            own.browse(place.id).read(["task_id"])
