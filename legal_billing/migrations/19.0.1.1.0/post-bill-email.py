"""The e-mail of bills in plain English, where the firm has not written its own."""

import hashlib
import re

from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file

#: Of the text that 19.0.1.0 came with, without blanks.
SHIPPED = "fc77e4c009d12e051a310223488a59f6"


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    template = env.ref("legal_billing.mail_template_bill", raise_if_not_found=False)
    if not template:
        return
    text = re.sub(r"\s", "", template.with_context(lang="en_US").body_html or "")
    if hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() != SHIPPED:
        return
    convert_file(
        env,
        "legal_billing",
        "data/mail_template_data.xml",
        {},
        mode="init",
        noupdate=True,
    )
