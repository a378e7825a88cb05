{
    "name": "Legal Billing: online payments",
    "summary": "What a client pays online lands as a payment slip, or as a deposit",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "depends": ["legal_billing", "account_payment"],
    "data": [
        "views/legal_payment_views.xml",
        "views/legal_trust_transaction_views.xml",
        "views/legal_money_request_templates.xml",
    ],
    "auto_install": True,
}
