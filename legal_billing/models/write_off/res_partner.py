from collections import Counter

from odoo import models
from odoo.fields import Domain

from ...tools import describe_held


class ResPartner(models.Model):
    """Unpaid bills of a client: written off, told to the client, said when the client is
    archived."""

    _name = "res.partner"
    _inherit = ["res.partner", "legal.archive.remark"]

    # --- archiving

    def _get_held(self):
        """Besides: what the matters of a client or payer have open, and bills. What an
        information barrier hides from the user is not counted."""
        if not self.ids:
            return super()._get_held()
        seen = ~self.env["legal.wall"]._get_matter_domain()
        own = Domain("partner_id", "in", self.ids) | Domain(
            "billing_partner_id", "in", self.ids
        )
        # sudo: how many, no records
        matters_sudo = self.env["project.project"].sudo()
        matters_sudo = matters_sudo.with_context(active_test=False).search(
            Domain("is_matter", "=", True) & own & seen
        )
        counts = Counter()
        names = {}
        for matter, code, name, _text in matters_sudo._list_open_items():
            names[code] = name
            for partner in (matter.partner_id | matter.billing_partner_id) & self:
                counts[partner.id, code] += 1
        held = {}
        for (partner_id, code), count in counts.items():
            text = self.env._("%(what)s (%(count)s)", what=names[code], count=count)
            partner = self.browse(partner_id)
            held[partner] = f"{held[partner]}, {text}" if partner in held else text
        return describe_held(super()._get_held(), held, self._get_held_bills(seen))

    def _get_held_bills(self, seen):
        """Open bills that these partners pay, of whosever matters.

        :param odoo.fields.Domain seen: matters that the user may see
        :return: as `_get_held`
        :rtype: dict
        """
        bills_sudo = self.env["account.move"].sudo()  # how many, no records
        is_open = Domain("matter_ids", "any", seen) & (
            Domain("state", "=", "draft")
            | Domain("state", "=", "posted") & Domain("amount_residual", "!=", 0)
        )
        counts = bills_sudo._read_group(
            Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("partner_id", "in", self.ids)
            & is_open,
            ["partner_id"],
            ["__count"],
        )
        named = (
            self.env["legal.bill.share"]
            .sudo()
            ._read_group(  # how many
                Domain("partner_id", "in", self.ids)
                & Domain("bill_id.is_shared", "=", True)
                & Domain("bill_id", "any", is_open),
                ["partner_id"],
                ["bill_id:array_agg"],
            )
        )
        found = Counter(dict(counts))
        for partner, bill_ids in named:
            others = bills_sudo.browse(bill_ids).filtered(
                lambda bill, partner=partner: bill.partner_id != partner
            )
            if others:
                found[partner] += len(others)
        return {
            partner.sudo(False): self.env._("Bills to pay (%s)", count)
            for partner, count in found.items()
        }

    def _get_balance_bills(self):
        """Open bills of these clients' matters, and those that they pay.

        :rtype: account.move
        """
        bills = self.env["account.move"]
        return bills.search(
            bills._get_balance_domain() & self._get_client_bill_domain()
        )

    def _get_client_bill_domain(self):
        """Bills of these clients' matters, and those that they pay for others.

        :rtype: odoo.fields.Domain
        """
        families = self.commercial_partner_id.ids
        return Domain("client_id.commercial_partner_id", "in", families) | Domain(
            "commercial_partner_id", "in", families
        )

    def action_open_write_off(self):
        """Ask how much of the client's unpaid bills is written off.

        :return: the window
        :rtype: dict
        """
        self.env["legal.billing.guard"]._check_role("approver", "manager")
        return self._get_balance_bills()._open_write_off()

    def action_open_statement(self):
        """The statements of what these clients owe: of the bills that they pay.

        :return: the window
        :rtype: dict
        """
        bills = self.env["account.move"]
        bills._check_role("biller", "approver", "cashier", "manager")
        families = self.commercial_partner_id
        waiting, settled = bills._get_share_bills(families)
        return self.env["legal.statement"]._open(
            bills.search(
                bills._get_statement_domain()
                & Domain("id", "not in", settled.ids)
                & (
                    Domain("commercial_partner_id", "in", families.ids)
                    | Domain("id", "in", waiting.ids)
                )
            ),
            families,
        )
