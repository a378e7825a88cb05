{
    "name": "Legal Billing: electronic invoices",
    "summary": "What e-invoices of bills say: the client's reference, the matter, hours",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "depends": ["legal_billing", "account_edi_ubl_cii"],
    "data": ["views/cii_templates.xml"],
    "auto_install": True,
}
