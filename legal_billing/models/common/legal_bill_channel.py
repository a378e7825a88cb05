from odoo import api, fields, models, tools

from ...exceptions import ProtectedFieldError

#: Channels of our own; every other is a sending method of Odoo's own framework.
EMAIL, PRINT, NONE = "email", "print", "none"
OURS = (EMAIL, PRINT, NONE)

#: Sending method of a client in Odoo → channel. "Manual" is a client who wants no
#: e-mail: the bill is printed.
OF_METHODS = {"manual": PRINT}


class LegalBillChannel(models.Model):
    """A way by which bills reach the client: e-mail, a network like Peppol, a letter by a
    postal service, print, or none. A code that is neither e-mail, print nor none is a
    sending method of Odoo's (`res.partner.invoice_sending_method`), whichever addon
    brings it."""

    _name = "legal.bill.channel"
    _description = "Channel of Bills"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=50)
    is_available = fields.Boolean(
        compute="_compute_is_available",
        search="_search_is_available",
        help="Whether an addon that sends in this way is installed.",
    )

    _code_unique = models.UniqueIndex("(code)", "Each channel is there once.")

    def _compute_is_available(self):
        codes = self._get_available_codes()
        for channel in self:
            channel.is_available = channel.code in codes

    @api.model
    def _search_is_available(self, operator, value):
        if operator != "in":
            return NotImplemented
        codes = list(self._get_available_codes())
        return [("code", "in" if True in value else "not in", codes)]

    @api.model
    def _get_available_codes(self):
        """Codes of the channels that can be used here.

        :rtype: set
        """
        return {*OURS, *self._get_methods()} - {"manual"}

    @api.model
    def _get_methods(self):
        """Sending methods of Odoo's, by key.

        :return: ``{key: label}``
        :rtype: dict
        """
        field = self.env["res.partner"]._fields["invoice_sending_method"]
        return dict(field._description_selection(self.env))

    # --- finding

    @api.model
    def _get(self, *codes):
        """Channels of these codes; one of a method that an addon brought since is made.

        :rtype: legal.bill.channel
        """
        known = self._get_ids()
        for code in codes:
            if code not in known:
                # sudo: whoever makes a matter finds the channels of its client
                self.sudo().create(
                    {"code": code, "name": self._get_methods().get(code, code)}
                )
                known = self._get_ids()
        return self.browse(known[code] for code in codes)

    @api.model
    @tools.ormcache(cache="stable")
    def _get_ids(self):
        """:rtype: dict"""
        rows = self.sudo().search_read([("code", "!=", False)], ["code"])
        return {row["code"]: row["id"] for row in rows}

    @api.model_create_multi
    def create(self, vals_list):
        channels = super().create(vals_list)
        self.env.registry.clear_cache("stable")
        return channels

    def write(self, vals):
        """A channel keeps its code, which says what sends by it.

        :raise ProtectedFieldError:
        """
        if "code" in vals and not self.env.su:
            raise ProtectedFieldError(
                self.env._(
                    "%(channels)s keeps its code: it says which addon sends by it.",
                    channels=", ".join(self.mapped("name")),
                )
            )
        result = super().write(vals)
        if "code" in vals:
            self.env.registry.clear_cache("stable")
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache("stable")
        return result

    def _has(self, code):
        """Whether the channel of this code is among these.

        :rtype: bool
        """
        return self._get_ids().get(code) in self._origin._ids

    @api.model
    def _get_of_client(self, partner, company):
        """What Odoo's own settings of a client say, for a company: its sending method,
        and Peppol for whoever is known to be on that network.

        :param res.partner partner: who is billed
        :return: empty if they say nothing
        :rtype: legal.bill.channel
        """
        partner = partner.commercial_partner_id.with_company(company)
        method = partner.invoice_sending_method
        if method:
            return self._get(OF_METHODS.get(method, method))
        if (
            partner._fields.get("peppol_verification_state")
            and partner.peppol_verification_state == "valid"
            and company.peppol_can_send
        ):
            return self._get(EMAIL, "peppol")
        return self.browse()


class LegalBillChannels(models.AbstractModel):
    """What has channels, recipients of e-mails and printed copies: they say the same.
    There is e-mail where there are recipients, print where there are copies; a change of
    one brings the other along."""

    _name = "legal.bill.channels"
    _description = "Channels, Recipients and Copies"

    @api.model
    def _channel_fields(self):
        """Fields of channels, recipients and copies.

        :rtype: tuple
        """
        return ("bill_channel_ids", "recipient_ids", "print_copies")

    def _get_email_default(self):
        """Who gets the e-mail where that channel is chosen and nobody is named.

        :rtype: res.partner
        """
        return self.env["res.partner"]

    def _get_channel_vals(self, names):
        """What follows from these fields, for the others of them.

        :param set names: that were changed
        :rtype: dict
        """
        self.ensure_one()
        channel_name, recipient_name, copy_name = self._channel_fields()
        channels = self[channel_name]._origin
        recipients = self.with_context(active_test=False)[recipient_name]._origin
        copies = self[copy_name] not in ("0", False)
        vals = {}
        if channel_name in names:
            if channels._has(NONE) and len(channels) > 1:
                vals[channel_name] = [
                    fields.Command.set((channels - channels._get(NONE)).ids)
                ]
            if not channels._has(EMAIL) and recipients:
                vals[recipient_name] = [fields.Command.clear()]
            elif channels._has(EMAIL) and not (recipients or recipient_name in names):
                default = self._get_email_default()
                vals[recipient_name] = [fields.Command.set(default.ids)]
            if channels._has(PRINT) != copies:
                vals[copy_name] = "1" if channels._has(PRINT) else "0"
            return vals
        ways = {EMAIL: bool(recipients), PRINT: copies}
        given = {EMAIL: recipient_name in names, PRINT: copy_name in names}
        wanted = channels
        for code, is_wanted in ways.items():
            if given[code]:
                channel = channels._get(code)
                wanted = wanted | channel if is_wanted else wanted - channel
        if wanted - channels._get(NONE):
            wanted -= channels._get(NONE)
        if wanted != channels:
            vals[channel_name] = [fields.Command.set(wanted.ids)]
        return vals

    def _align_channels(self, names):
        """Bring channels, recipients and copies into line after some of them changed.

        :param names: fields that were written
        """
        names = set(self._channel_fields()) & set(names)
        if not names or names == set(self._channel_fields()):
            return
        groups = {}
        for record in self:
            vals = record._get_channel_vals(names)
            if vals:
                key = str(sorted(vals.items()))
                groups.setdefault(key, (vals, self.browse()))
                groups[key] = (vals, groups[key][1] | record)
        for vals, records in groups.values():
            records.write(vals)
