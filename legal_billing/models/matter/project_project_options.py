import json

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...exceptions import MatterOptionError
from ...tools import LARGEST_AMOUNT, Sign, is_amount
from ..common.legal_bill_channel import EMAIL, NONE, PRINT
from ..common.legal_billing_defaults import FALLBACKS, OPTIONS

#: Changes of many matters that are logged as one note each, at constant cost.
LOGGED_IN_BULK = {
    *OPTIONS,
    "is_billable",
    "billing_status",
    "responsible_id",
    "practice_area_id",
}

#: Options that mean something together only.
DISCOUNT = {"discount_type", "discount_value"}

#: Amounts and shares of fee arrangements.
AMOUNTS = (
    "cap_amount",
    "blended_rate",
    "subscription_amount",
    "subscription_hours",
    "contingency_basis_amount",
    "abatement_from",
)
SHARES = ("contingency_percent", "abatement_percent")
#: Arrangements that a quote does not go together with.
WITHOUT_QUOTE = ("capped", "subscription", "contingency")

#: Changes that may be refused for what the matter still has open.
GUARDED = {"is_billable", "is_matter", "billing_currency_id", "billing_arrangement"}


class ProjectProject(models.Model):
    """Billing options of a matter: where they come from and what guards them."""

    _inherit = "project.project"

    option_origins = fields.Json(
        copy=False,
        readonly=True,
        help="Where each option came from: client, company, standard, here.",
    )

    option_info = fields.Json(
        compute="_compute_option_info",
        help="For the page: where each option comes from, and what the client or "
        "company would give now.",
    )

    @api.depends("partner_id", "company_id", "option_origins", *OPTIONS)
    def _compute_option_info(self):
        for matter in self:
            defaults = (
                matter._get_option_defaults(
                    matter.partner_id, matter.company_id or self.env.company
                )
                if matter.is_matter
                else {}
            )
            matter.option_info = {
                field: matter._describe_option(field, defaults.get(field))
                for field in OPTIONS
            }

    @api.onchange("bill_channel_ids")
    def _onchange_bill_channels(self):
        self.update(self._get_channel_vals({"bill_channel_ids"}))

    @api.onchange("bill_recipient_ids")
    def _onchange_bill_recipients(self):
        self.update(self._get_channel_vals({"bill_recipient_ids"}))

    @api.onchange("bill_print_copies")
    def _onchange_bill_copies(self):
        self.update(self._get_channel_vals({"bill_print_copies"}))

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Remember where the options of new matters come from; of templates, which ones
        a person chose."""
        given = [set(vals) & set(self._channel_fields()) for vals in vals_list]
        chosen = [
            {field: "here" for field in OPTIONS if field in vals} for vals in vals_list
        ]
        matters = super().create(vals_list)
        for names, rows in zip(given, matters, strict=True):
            if names and rows.is_matter:
                rows._align_channels(names)
        self._write_origins(
            {
                project.id: origins
                for project, origins in zip(matters, chosen, strict=True)
                if project.makes_matters
            }
        )
        matters.filtered("is_matter")._store_origins(
            lambda matter, field, value, default: (
                default[1] if matter._is_same_option(field, value, default[0]) else None
            )
        )
        return matters

    def write(self, vals):
        """Guard option changes, remember and log them.

        :raise MatterOptionError: naming all matters concerned
        """
        matters = self.filtered("is_matter")
        if GUARDED & vals.keys():
            # a refusal tells of bills and instalments: only to who may change them
            matters.check_access("write")
            matters._check_option_changes(vals)
        typed = {field: "here" for field in OPTIONS if field in vals}
        if typed and (templates := self.filtered("makes_matters")):
            self._write_origins({template.id: typed for template in templates})
        touched = matters and LOGGED_IN_BULK & vals.keys()
        if not touched:
            return super().write(vals)
        before = matters._snapshot_options(touched)
        in_bulk = len(self) > 1 and vals.keys() <= LOGGED_IN_BULK
        records = self.with_context(tracking_disable=True) if in_bulk else self
        result = super(ProjectProject, records).write(vals)
        matters._align_channels(vals)
        changes = matters._get_option_changes(before)
        matters._mark_changed_origins(changes)
        if in_bulk:
            matters._log_option_changes(changes)
        matters._follow_option_changes(changes)
        return result

    def copy_data(self, default=None):
        """A copy takes over what a person chose here. What came from client, company or
        standard is looked up anew for whoever is the client of the copy; a template
        has no client, so it holds nothing of the kind."""
        vals_list = super().copy_data(default=default)
        for project, vals in zip(self, vals_list, strict=True):
            if project.is_matter or project.makes_matters:
                kept = project._get_chosen_options() | (default or {}).keys()
                for field in set(OPTIONS) - kept:
                    vals.pop(field, None)
        return vals_list

    def _get_chosen_options(self):
        """Options that were set here, or are each matter's own.

        :rtype: set
        """
        self.ensure_one()
        defaults = self._get_option_defaults(
            self.partner_id, self.company_id or self.env.company
        )
        if self.makes_matters:
            origins = self.option_origins or {}
        else:
            origins = {
                field: self._get_origin(field, default)
                for field, default in defaults.items()
            }
        chosen = {
            field
            for field in OPTIONS
            if field not in defaults or origins.get(field) == "here"
        }
        if chosen & DISCOUNT:  # both from the same
            chosen |= DISCOUNT
        return chosen

    # --- defaults

    @api.model
    def _get_option_defaults(self, client, company):
        """Billing options that a matter of this client starts with.

        :param res.partner client: may be empty
        :param res.company company: the matter's company
        :return: ``{field: (value, origin)}`` with origin ``client``, ``company`` or
            ``standard``; values as for assignment (records, not ids)
        :rtype: dict
        """
        client = client.with_company(company)
        result = {}
        options = self.env["legal.billing.defaults"]._get_defaulted_options()
        for field, source in options.items():
            if value := self._get_client_default(client, company, source):
                result[field] = value, "client"
            elif field == "bill_payment_term_id" and client.property_payment_term_id:
                result[field] = client.property_payment_term_id, "client"
            elif company[source]:
                result[field] = company[source], "company"
            else:
                result[field] = (
                    FALLBACKS.get(field, self._fields[field].falsy_value or False),
                    "standard",
                )
        kind, origin = result["discount_type"]
        if origin == "client":
            value = self._get_client_default(client, company, "legal_discount_value")
        else:
            value = company.legal_discount_value
        result["discount_value"] = (value or 0.0) if kind != "none" else 0.0, origin
        if not result["billing_currency_id"][0]:
            result["billing_currency_id"] = company.currency_id, "company"
        product = self._get_client_default(
            client, company, "legal_client_fee_product_id"
        )
        result["fee_product_id"] = (
            product or self.env["product.product"],
            "client" if product else "standard",
        )
        payer = self._get_client_default(client, company, "legal_billing_partner_id")
        # a payer who was named is meant; else the address that invoices go to
        address = self._get_invoice_address(client)
        result["billing_partner_id"] = payer or address, "client"
        recipients = self._get_client_default(
            client, company, "legal_bill_recipient_ids"
        )
        if not address.email and client.email:
            address = client  # the other one is for letters
        result["bill_recipient_ids"] = recipients or payer or address, "client"
        return result | self._get_channel_defaults(client, company, result)

    @api.model
    def _get_channel_defaults(self, client, company, options):
        """Channels of a new matter, and recipients and copies that go with them: what the
        firm chose for the client, else what Odoo says of who is billed, else what the
        company chose, else e-mail; e-mail besides where its recipients were chosen. Copies that client or company ask for are printed
        besides, unless channels without print were chosen as specifically.

        :param dict options: of `_get_option_defaults`
        :return: the same, of three options
        :rtype: dict
        """
        channel = self.env["legal.bill.channel"]
        recipients, _origin = options["bill_recipient_ids"]
        copies, copies_origin = options["bill_print_copies"]
        payer, _origin = options["billing_partner_id"]
        channels, origin = channel, "standard"
        chosen = True
        if found := self._get_client_default(client, company, "legal_bill_channel_ids"):
            channels, origin = found, "client"
        elif found := channel._get_of_client(payer, company):
            channels, origin, chosen = found, "client", False
        elif company.legal_bill_channel_ids:
            channels, origin = company.legal_bill_channel_ids, "company"
        else:
            channels, chosen = channel._get(EMAIL), False
        if not chosen and self._get_client_default(
            client, company, "legal_bill_recipient_ids"
        ):
            # who gets the e-mail was chosen for the client: it is sent
            channels, origin = channels | channel._get(EMAIL), "client"
        ranks = ("standard", "company", "client")
        if channels._has(PRINT):
            copies, copies_origin = (
                (copies, copies_origin) if copies not in ("0", False) else ("1", origin)
            )
        elif copies not in ("0", False):
            if channels._has(NONE) or (
                chosen and ranks.index(copies_origin) < ranks.index(origin)
            ):
                copies, copies_origin = "0", origin
            else:
                channels |= channel._get(PRINT)
        return {
            "bill_channel_ids": (channels, origin),
            "bill_recipient_ids": (
                recipients if channels._has(EMAIL) else recipients.browse(),
                "client" if channels._has(EMAIL) else origin,
            ),
            "bill_print_copies": (copies, copies_origin),
        }

    @api.model
    def _get_invoice_address(self, client):
        """Where core addresses the client's invoices: a contact of type *invoice*, else
        the client.

        :rtype: res.partner
        """
        if not client:
            return client
        return client.browse(client.address_get(["invoice"])["invoice"])

    @api.model
    def _get_client_default(self, client, company, source):
        """What the client, else the firm that the client is a contact of, asks for.

        :param str source: field of the client
        :return: empty where it has no opinion, or one of another company
        """
        for partner in client | client.commercial_partner_id:
            value = partner[source]
            if isinstance(value, models.Model) and "company_id" in value._fields:
                value = value.filtered(
                    lambda record: (
                        not record.company_id
                        or record.company_id in company | company.root_id
                    )
                )
            if value:
                return value
        return False

    # --- origins

    def _store_origins(self, get_origin):
        """Write where options came from, all matters in one statement.

        :param get_origin: ``(matter, field, value, (default, origin))`` → origin, or
            nothing for "set here"
        """
        origins = {}
        for matter in self:
            defaults = matter._get_option_defaults(matter.partner_id, matter.company_id)
            origins[matter.id] = {
                field: get_origin(matter, field, matter[field], default) or "here"
                for field, default in defaults.items()
            }
        self._write_origins(origins)

    @api.model
    def _write_origins(self, origins):
        """
        :param dict origins: ``{matter id: {field: origin}}``, added to what is known
        """
        if not origins:
            return
        self.flush_model(["option_origins"])
        self.env.execute_query(
            SQL(
                """
                UPDATE project_project matter
                   SET option_origins =
                       COALESCE(matter.option_origins, '{}'::jsonb) || new.origins
                  FROM unnest(%s::int[], %s::jsonb[]) AS new(id, origins)
                 WHERE matter.id = new.id
             RETURNING matter.id
                """,
                list(origins),
                [json.dumps(row) for row in origins.values()],
            )
        )
        self.browse(origins).invalidate_recordset(["option_origins"])

    def _mark_changed_origins(self, changes):
        """Options that were changed by hand are set here from now on.

        :param dict changes: as from ``_get_option_changes``
        """
        sign = self.env.context.get("legal_billing_origin_of_options")
        origin = sign.content if isinstance(sign, Sign) else {}
        self._write_origins(
            {
                matter.id: {
                    field: origin.get(field, "here")
                    for field in fields_
                    if field in OPTIONS
                }
                for matter, fields_ in changes.items()
                if fields_.keys() & set(OPTIONS)
            }
        )

    def _describe_option(self, field, default):
        """What the page says beside an option.

        :param tuple default: ``(value, origin)``, or nothing for an option that is
            each matter's own
        :return: ``origin``, whether the default ``differs``, and ``default`` in words
        :rtype: dict
        """
        self.ensure_one()
        if not default:
            inherited = self._get_inherited_option(field) if not self[field] else ""
            return {
                "origin": "here" if self[field] else "",
                "differs": False,
                "default": inherited,
            }
        value, origin = default
        differs = not self._is_same_option(field, self[field], value)
        info = {
            "origin": self._get_origin(field, default),
            "differs": differs,
            "default": self._format_option(field, value),
            "default_origin": origin,
        }
        if not self[field] and (inherited := self._get_inherited_option(field)):
            info["inherited"] = inherited
        return info

    def _get_inherited_option(self, field):
        """What an empty option stands for, looked up with each bill or payment.

        :return: in words, empty if it stands for nothing
        :rtype: str
        """
        self.ensure_one()
        if field == "fee_product_id":
            product = self.practice_area_id.fee_product_id
            source = self.env._("practice area")
            if not product:
                product = self.company_id.legal_fee_product_id
                source = self.env._("company")
            return product and f"{source}: {product.display_name}" or ""
        if field == "payment_rule_id":
            payer = self.billing_partner_id.with_company(self.company_id)
            rule = (
                payer.legal_payment_rule_id
                or payer.commercial_partner_id.legal_payment_rule_id
            )
            source = self.env._("payer")
            if not rule:
                rule = self.company_id.legal_payment_rule_id
                source = self.env._("company")
            return rule and f"{source}: {rule.display_name}" or ""
        return ""

    def _get_origin(self, field, default):
        """Where the option's present value comes from.

        :param str field: an option
        :param tuple default: ``(value, origin)`` that the client, company or standard
            gives now
        :return: ``client``, ``company``, ``standard`` or ``here``
        :rtype: str
        """
        self.ensure_one()
        stored = (self._origin.option_origins or {}).get(field)
        if stored and self._is_same_option(field, self._origin[field], self[field]):
            return stored
        if not self._origin and self._is_same_option(field, self[field], default[0]):
            return default[1]
        if not stored and self._is_same_option(field, self[field], default[0]):
            return default[1]
        return "here"

    @api.model
    def _is_same_option(self, field, one, other):
        """Whether two values of an option mean the same.

        :rtype: bool
        """
        kind = self._fields[field].type
        if kind in ("many2one", "many2many"):
            return set((one or self)._origin.ids if one else []) == set(
                (other or self)._origin.ids if other else []
            )
        if kind in ("float", "monetary"):
            return abs((one or 0.0) - (other or 0.0)) < 0.000001
        return (one or False) == (other or False)

    # --- changes

    def _snapshot_options(self, names):
        """Values before a change.

        :return: ``{matter id: {field: value}}``, records kept as records
        :rtype: dict
        """
        return {matter.id: {name: matter[name] for name in names} for matter in self}

    def _get_option_changes(self, before):
        """What a write has changed.

        :param dict before: from ``_snapshot_options``
        :return: ``{matter: {field: (before, after)}}``, only what differs
        :rtype: dict
        """
        result = {}
        for matter in self:
            changed = {
                field: (old, matter[field])
                for field, old in before[matter.id].items()
                if not matter._is_same_option(field, old, matter[field])
            }
            if changed:
                result[matter] = changed
        return result

    def _log_option_changes(self, changes):
        """One note per matter on what was changed, at constant cost.

        :param dict changes: as from ``_get_option_changes``
        """
        matters = self.filtered(lambda matter: matter in changes)
        if matters:
            matters._message_log_batch(
                {
                    matter.id: self.env._(
                        "Billing options changed: %(changes)s.",
                        changes="; ".join(
                            f"{matter._get_option_label(field)}: "
                            f"{matter._format_option(field, old)} → "
                            f"{matter._format_option(field, new)}"
                            for field, (old, new) in changes[matter].items()
                        ),
                    )
                    for matter in matters
                }
            )

    @api.model
    def _get_option_label(self, field):
        return self._fields[field]._description_string(self.env)

    def _format_option(self, field, value):
        """An option's value in words.

        :rtype: str
        """
        kind = self._fields[field].type
        if kind in ("many2one", "many2many"):
            return ", ".join(value.mapped("display_name")) if value else "–"
        if kind == "selection":
            labels = dict(self._fields[field]._description_selection(self.env))
            return labels.get(value, "–")
        if kind == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if kind == "date":
            return format_date(self.env, value) if value else "–"
        if kind == "monetary":
            currency = self[:1].billing_currency_id or self.env.company.currency_id
            return currency.format_signed(value or 0.0)
        return f"{value or 0:g}"

    def _follow_option_changes(self, changes):
        """Hook: what follows from changed options.

        :param dict changes: as from ``_get_option_changes``
        """

    # --- guards

    def _check_option_changes(self, vals):
        """Refuse option changes that would lose WIP or bills.

        :param dict vals: the values to be written
        :raise MatterOptionError: naming all matters concerned
        """
        if vals.get("is_billable") is False or vals.get("is_matter") is False:
            self._check_nothing_open()
        if "billing_currency_id" in vals:
            changed = self.filtered(
                lambda m: m.billing_currency_id.id != vals["billing_currency_id"]
            )
            changed._check_currency_change(vals)

    def _check_nothing_open(self):
        blocked = self.filtered("is_billable").filtered(
            lambda m: m.unbilled_amount or m.unbilled_count or m.open_bill_count
        )
        if blocked:
            raise MatterOptionError(
                self.env._(
                    "Billing cannot be switched off while there is unbilled WIP or an "
                    "open bill: %(names)s. Bill it or write it off first.",
                    names=", ".join(blocked.mapped("display_name")),
                )
            )

    def _check_currency_change(self, vals):
        """A draft is priced in the matter's currency. Rooms extend it.

        :param dict vals: for ``write``
        :raise MatterOptionError: naming the matters
        """
        blocked = self.filtered("draft_bill_count")
        if blocked:
            raise MatterOptionError(
                self.env._(
                    "The billing currency cannot change while there is a draft bill: "
                    "%(names)s. Approve or delete the draft first.",
                    names=", ".join(blocked.mapped("display_name")),
                )
            )

    @api.model
    def _get_open_drafts_domain(self, matters):
        """Draft bills of these matters.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("matter_ids", "in", matters.ids)
            & Domain("move_type", "=", "out_invoice")
            & Domain("state", "=", "draft")
        )

    @api.constrains("billing_arrangement", "quoted_amount")
    def _check_quote_fits(self):
        """
        :raise MatterOptionError: for a quote beside a cap, a subscription or a contingent
            fee, naming the matters
        """
        both = self.filtered(
            lambda matter: (
                matter.quoted_amount and matter.billing_arrangement in WITHOUT_QUOTE
            )
        )
        if both:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s: a quote cannot be combined with a cap, a "
                    "subscription or a contingent fee. Set the quote to 0.00, or "
                    "choose another arrangement.",
                    matters=", ".join(both.mapped("display_name")),
                )
            )

    @api.constrains(*AMOUNTS, *SHARES)
    def _check_arrangement_amounts(self):
        """
        :raise MatterOptionError: for amounts that are none, naming the matters
        """
        wrong = self.filtered(
            lambda matter: (
                not (
                    all(is_amount(matter[name]) for name in AMOUNTS)
                    and all(is_amount(matter[name], most=100) for name in SHARES)
                )
            )
        )
        if wrong:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s: amounts and hours of a fee arrangement cannot be "
                    "negative, and a percentage cannot exceed 100.",
                    matters=", ".join(wrong.mapped("display_name")),
                )
            )

    @api.constrains("quoted_amount", "minimum_bill_amount", "discount_value")
    def _check_amounts(self):
        """
        :raise MatterOptionError: for amounts that are none, naming the matters
        """
        wrong = self.filtered(
            lambda matter: (
                not (
                    is_amount(matter.quoted_amount)
                    and is_amount(matter.minimum_bill_amount)
                    and is_amount(
                        matter.discount_value,
                        most=100
                        if matter.discount_type == "percent"
                        else LARGEST_AMOUNT,
                    )
                )
            )
        )
        if wrong:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s: a quote, a minimum or a discount cannot be "
                    "negative, and a discount cannot exceed the fee.",
                    matters=", ".join(wrong.mapped("display_name")),
                )
            )
