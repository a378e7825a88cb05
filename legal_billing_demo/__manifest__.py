{
    "name": "Legal Billing: demo firm",
    "summary": "A law firm with six months of work, to look at Legal Billing with",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "depends": ["legal_billing"],
    "data": [
        "security/ir.model.access.csv",
        "security/demo_firm_security.xml",
        "wizards/demo_firm_views.xml",
    ],
}
