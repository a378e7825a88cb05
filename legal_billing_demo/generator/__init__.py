"""Makes the demo firm in a database: ``generate``."""

from .firm import Firm, generate

__all__ = ["Firm", "generate"]
