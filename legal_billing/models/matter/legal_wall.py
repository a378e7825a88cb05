from odoo import api, models, tools
from odoo.fields import Domain

#: Where the matters of a record are: what an information barrier is about. A model
#: with a rule of the barrier is named here too.
PATHS = {
    "account.analytic.account": ("project_ids",),
    "account.analytic.line": ("matter_id",),
    "account.move.line": ("matter_id",),
    "account.payment": (
        "legal_payment_id.matter_id",
        "legal_payment_id.allocation_ids.matter_id",
        "legal_payment_id.allocation_ids.bill_id.matter_ids",
        "invoice_ids.matter_ids",
    ),
    "legal.bill.adjustment": ("bill_id.matter_ids",),
    "legal.bill.write.off": ("bill_id.matter_ids",),
    "legal.billing.run.line": ("matter_id", "bill_id.matter_ids"),
    "legal.fee.instalment": ("matter_id",),
    "legal.payment": (
        "matter_id",
        "allocation_ids.matter_id",
        "allocation_ids.bill_id.matter_ids",
    ),
    "legal.payment.allocation": ("matter_id", "bill_id.matter_ids"),
    "legal.rate": ("matter_id",),
    "legal.trust.balance": ("matter_id",),
    "legal.trust.line": ("matter_id",),
    "legal.trust.transaction": ("matter_id", "to_matter_id"),
    "project.collaborator": ("project_id",),
    "project.milestone": ("project_id",),
    "project.task": ("project_id",),
    "project.update": ("project_id",),
}

#: Besides, these are told from their own columns.
WALLED = {"project.project", "account.move", *PATHS}

#: Of addons that may be there: told from more than the records they point to.
GUESTS = {"payment.transaction": ("invoice_ids.matter_ids",)}

#: These point to everything, and are of everybody.
COMMON = ("ir.", "res.")

#: Those with followers, messages and activities.
THREADS = (
    "project.project",
    "project.task",
    "project.milestone",
    "project.update",
    "account.analytic.account",
    "account.move",
    "account.payment",
    "legal.payment",
    "legal.trust.transaction",
)

#: People with the whole of accounting see complete ledgers.
LEDGERS = {
    "account.analytic.account",
    "account.move",
    "account.move.line",
    "account.payment",
}


class LegalWall(models.AbstractModel):
    """What information barriers hide from the user, where no rule on records reaches:
    records that are not saved, relations of a model without a rule, followers.

    The client is never behind the wall of his own matter: what portal users see is the
    portal's to say.
    """

    _name = "legal.wall"
    _description = "Information Barriers"

    @api.model
    def _get_matter_domain(self):
        """Matters that are hidden from the user.

        :rtype: odoo.fields.Domain
        """
        if self.env.user.share:
            return Domain.FALSE
        return Domain("is_walled", "=", True) & Domain(
            "wall_user_ids", "not in", self.env.uid
        )

    @api.model
    def _get_domain(self, model, matters):
        """Records of a model that are of these matters; entries and payments over
        several matters only if all of them are.

        :param str model: one of ``WALLED``
        :param odoo.fields.Domain matters: of ``project.project``
        :rtype: odoo.fields.Domain
        """
        if model == "project.project":
            return matters
        if model == "account.move":
            others = Domain("matter_id", "!=", False) & ~Domain(
                "matter_id", "any", matters
            )
            return Domain("matter_ids", "any", matters) | (
                Domain("line_ids", "any", Domain("matter_id", "any", matters))
                & ~Domain("line_ids", "any", others)
            )
        return Domain.OR(Domain(path, "any", matters) for path in PATHS[model])

    @api.model
    def _sees_ledgers(self):
        """Whether the user sees complete ledgers, whatever they are of.

        :rtype: bool
        """
        return self.env.user.has_group("account.group_account_readonly")

    @api.model
    def _is_open(self, model):
        """Whether no barrier hides records of the model from the user.

        :param str model:
        :rtype: bool
        """
        return (
            model not in WALLED
            or self.env.user.share
            or (model in LEDGERS and self._sees_ledgers())
        )

    @api.model
    @tools.ormcache("model_name")
    def _get_link_fields(self, model_name):
        """Many2one fields to what a barrier may hide, but for those by which the rule
        of the model itself knows its matter.

        :param str model_name:
        :return: ``(field, model)`` pairs
        :rtype: tuple
        """
        ruled = {path.partition(".")[0] for path in PATHS.get(model_name, ())}
        if model_name == "account.move.line":
            ruled.add("move_id")
        return tuple(
            (name, field.comodel_name)
            for name, field in self.env[model_name]._fields.items()
            if field.type == "many2one"
            and field.comodel_name in WALLED
            and name not in ruled
        )

    @api.model
    @tools.ormcache("model_name")
    def _get_pointing_fields(self, model_name):
        """Many2one fields by which a record shows the name of what a barrier may hide.

        :param str model_name:
        :return: ``(field, model)`` pairs
        :rtype: tuple
        """
        model = self.env[model_name]
        if (
            model_name in WALLED
            or model_name.startswith(COMMON)
            or model._abstract
            or model._transient
        ):
            return ()
        return tuple(
            (name, field.comodel_name)
            for name, field in model._fields.items()
            if field.type == "many2one"
            and field.comodel_name in WALLED
            and (field.store or not model._auto)
            and not field.company_dependent
        )

    @api.model
    def _get_pointing_domain(self, model_name):
        """Records that do not name what a barrier hides from the user.

        :param str model_name:
        :rtype: odoo.fields.Domain
        """
        domain = Domain.TRUE
        if not self._has_hidden_matters():
            return domain
        matters = self._get_matter_domain()
        for name, comodel in self._get_pointing_fields(model_name):
            if not self._is_open(comodel):
                domain &= ~Domain(name, "any", self._get_domain(comodel, matters))
        for path in GUESTS.get(model_name, ()):
            if not self._is_open("account.move"):
                domain &= ~Domain(path, "any", matters)
        return domain

    @api.model
    def _get_hidden(self, records):
        """Those of the records that a barrier hides from the user.

        :param records: of any model
        :return: records of the same model
        """
        ids = [record_id for record_id in records._ids if isinstance(record_id, int)]
        if not ids or self.env.su or self._is_open(records._name):
            return records.browse()
        domain = self._get_domain(records._name, self._get_matter_domain())
        # sudo: to know what the user does not see
        hidden_sudo = (
            records.sudo()
            .with_context(active_test=False)
            .search(Domain("id", "in", ids) & domain)
        )
        return records.browse(hidden_sudo.ids)

    @api.model
    def _has_hidden_matters(self):
        """Whether any barrier stands between the user and a matter.

        :rtype: bool
        """
        return not self.env.su and self.env.user.has_hidden_matters

    @api.model
    def _get_documents_domain(self, model_field, id_field):
        """Records that tell of a document behind a barrier, by its model and number.

        :param str model_field: names the document's model
        :param str id_field: holds its number
        :rtype: odoo.fields.Domain
        """
        if not self._has_hidden_matters():
            return Domain.FALSE
        matters = self._get_matter_domain()
        return Domain.OR(
            Domain(model_field, "=", model)
            & Domain(
                id_field,
                "in",
                # sudo: to know what the user does not see
                self.env[model]
                .sudo()
                .with_context(active_test=False)
                ._search(self._get_domain(model, matters))
                .subselect(),
            )
            for model in THREADS
            if not self._is_open(model)
        )

    # --- people

    @api.model
    def _get_outsiders(self, model, ids, users):
        """Who of the users is outside the barriers of each document.

        :param str model:
        :param list ids: of the documents
        :param res.users users:
        :return: ``{document id: res.users}``, those with outsiders
        :rtype: dict
        """
        users = users.sudo().filtered(lambda user: not user.share)
        if model not in THREADS or not users or not ids:
            return {}
        walled = Domain("is_walled", "=", True)
        documents_sudo = self.env[model].sudo().with_context(active_test=False)
        documents_sudo = documents_sudo.search(
            Domain("id", "in", ids) & self._get_domain(model, walled)
        )
        result = {}
        for user in users if documents_sudo else ():
            for document in self.with_user(user)._get_hidden(
                documents_sudo.with_user(user)
            ):
                result.setdefault(document.id, users.browse())
                result[document.id] |= user
        return result

    @api.model
    def _drop_outsiders(self, matters):
        """Nobody outside follows these matters and what belongs to them, or has their
        messages in his inbox.

        :param project.project matters: with a barrier
        """
        inside = matters.sudo().with_context(active_test=False)
        for matter_sudo in inside.filtered("is_walled"):
            own = Domain("id", "=", matter_sudo.id)
            for model in THREADS:
                documents_sudo = self.env[model].sudo()
                documents_sudo = documents_sudo.with_context(active_test=False).search(
                    self._get_domain(model, own)
                )
                if documents_sudo:
                    self._drop_outside_followers(model, documents_sudo.ids)

    @api.model
    def _drop_outside_followers(self, model, ids):
        """
        :param str model: of documents of one matter
        :param list ids: of the documents
        """
        followers_sudo = self.env["mail.followers"].sudo()
        followers_sudo = followers_sudo.search(
            [("res_model", "=", model), ("res_id", "in", ids)]
        )
        inbox_sudo = self.env["mail.notification"].sudo()
        inbox_sudo = inbox_sudo.search(
            [
                ("notification_type", "=", "inbox"),
                ("mail_message_id.model", "=", model),
                ("mail_message_id.res_id", "in", ids),
            ]
        )
        partners_sudo = followers_sudo.partner_id | inbox_sudo.res_partner_id
        outside = self._get_outsiders(model, ids, partners_sudo.user_ids)
        followers_sudo.filtered(
            lambda row: self._is_outside(row.partner_id, outside.get(row.res_id))
        ).unlink()
        inbox_sudo.filtered(
            lambda row: self._is_outside(
                row.res_partner_id, outside.get(row.mail_message_id.res_id)
            )
        ).unlink()

    @api.model
    def _is_outside(self, partner_sudo, outsiders):
        """Whether all people of the firm behind a contact are outside: a contact of
        somebody else is the client's.

        :param res.partner partner_sudo:
        :param outsiders: users, of `_get_outsiders`
        :rtype: bool
        """
        users_sudo = partner_sudo.user_ids.filtered(lambda user: not user.share)
        return bool(outsiders and users_sudo and users_sudo <= outsiders)
