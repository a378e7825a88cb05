"""Project templates are no matters: those made from a matter were, with a number and the
payer of the matter's client."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Templates on which nobody recorded anything give their number up, and keep the
    options that somebody chose. Others stay, and are said to a person."""
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    templates = env["project.project"].search(
        [("is_template", "=", True), ("is_matter", "=", True)]
    )
    if not templates:
        return
    used = env["account.analytic.line"]._read_group(
        [("matter_id", "in", templates.ids)], ["matter_id"]
    )
    used = env["project.project"].union(*(matter for (matter,) in used))
    for template in templates - used:
        chosen = template._get_chosen_options()
        dropped = {
            field: False
            for field in ("billing_partner_id", "bill_recipient_ids")
            if field not in chosen
        }
        template.write(dropped)
        template._become_templates()
        template._write_origins({template.id: dict.fromkeys(chosen, "here")})
    for template in used:
        template._message_log(
            body=env._(
                "This template is a matter as well, and has time or disbursements. Move "
                "them to a matter and archive it; make the template again."
            )
        )
