"""Everything that runs Odoo for the development of legal_billing.

Standard library only: it runs before any package is installed.
"""
