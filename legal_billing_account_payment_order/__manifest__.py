{
    "name": "Legal Billing: payment orders",
    "summary": "What a direct debit collects lands as payment slips",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "depends": ["legal_billing", "account_payment_order"],
    "auto_install": True,
}
