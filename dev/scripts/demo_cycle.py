"""Run one billing cycle on the demo firm; runs in Odoo's shell (`env` is given)."""

import os
import sys

try:
    from odoo.addons.legal_billing_demo import cycle
except ImportError as error:
    sys.exit(f"There is no billing cycle to run: {error}")

failed = cycle.main(env, os.environ["LB_DEMO_OUTPUT"])
env.cr.commit()
sys.exit(failed if isinstance(failed, int) else 0)
