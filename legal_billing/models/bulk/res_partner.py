from collections import defaultdict

from odoo import models

#: Where the ranks of the customers of a chunk are summed up.
CUSTOMER_RANKS = "legal_billing.customer_ranks"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _increase_rank(self, field, n=1):
        """While bills are posted together the rise is only noted; `account.move._post`
        writes the sum. Whoever relies on the rank at once, in between, sees the one
        before."""
        ranks = self.env.cr.precommit.data.get(CUSTOMER_RANKS)
        if ranks is None or field != "customer_rank":
            return super()._increase_rank(field, n)
        for partner in self:
            ranks[partner.id] += n
        return None

    def _increase_ranks_together(self, field, ranks):
        """Raise ranks, in one go those that rise by the same.

        :param str field: ``customer_rank`` or ``supplier_rank``
        :param dict ranks: what is added, by partner id
        """
        steps = defaultdict(list)
        for partner_id, step in ranks.items():
            steps[step].append(partner_id)
        for step, partner_ids in steps.items():
            partners_sudo = self.sudo().browse(partner_ids)  # as core does
            first = partners_sudo.filtered(
                lambda partner: partner.id and not partner[field]
            )
            first.write({field: step})
            (partners_sudo - first)._increase_rank(field, step)
