"""The demo firm: made on demand, never loaded by the addon itself.

``from odoo.addons.legal_billing.demo import generate`` makes the firm in a database,
``from odoo.addons.legal_billing.demo.cycle import main`` bills it once.
"""

from .firm import Firm, generate

__all__ = ["Firm", "generate"]
