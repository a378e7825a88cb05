from odoo import api, models

from .legal_wall import THREADS


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    @api.model_create_multi
    def create(self, vals_list):
        """Following is access to what is written: nobody outside an information
        barrier becomes a follower, whichever way he would."""
        wall = self.env["legal.wall"]
        outside = {}
        for model in {vals.get("res_model") for vals in vals_list} & set(THREADS):
            own = [vals for vals in vals_list if vals.get("res_model") == model]
            # sudo: who of the firm is behind a contact
            partners_sudo = self.env["res.partner"].sudo()
            partners_sudo = partners_sudo.browse({v.get("partner_id") for v in own})
            outside[model] = wall._get_outsiders(
                model, [v.get("res_id") for v in own], partners_sudo.user_ids
            )
        if not any(outside.values()):
            return super().create(vals_list)
        partners_sudo = self.env["res.partner"].sudo()
        return super().create(
            [
                vals
                for vals in vals_list
                if not wall._is_outside(
                    partners_sudo.browse(vals.get("partner_id")),
                    outside.get(vals.get("res_model"), {}).get(vals.get("res_id")),
                )
            ]
        )
