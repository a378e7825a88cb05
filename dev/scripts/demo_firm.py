"""Make the demo firm, once; runs in Odoo's shell (`env` is given)."""

import os
import sys

DONE = "legal_billing.demo_firm"

params = env["ir.config_parameter"].sudo()
if params.get_param(DONE):
    print(f"   the firm is there: {params.get_param(DONE)}")
else:
    try:
        from odoo.addons.legal_billing_demo import generator
    except ImportError as error:
        sys.exit(f"The demo firm cannot be made: {error}")
    seed, matters, entries = (
        int(os.environ[f"LB_DEMO_{name}"]) for name in ("SEED", "MATTERS", "ENTRIES")
    )
    generator.generate(env, seed, matters, entries)
    text = f"seed {seed}, {matters} matters, {entries} entries"
    params.set_param(DONE, text)
    # One transaction: a firm that was interrupted is no firm at all.
    env.cr.commit()
    print(f"   {text}")
