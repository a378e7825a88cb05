{
    "name": "Legal Billing",
    "summary": "Mass billing and consolidated payments for law firms",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "application": True,
    "depends": ["account", "project", "hr_timesheet", "project_account"],
    "data": [
        "security/legal_billing_groups.xml",
        "security/ir.model.access.csv",
        "security/legal_billing_security.xml",
        "data/ir_sequence_data.xml",
        "data/ir_cron_data.xml",
        "data/product_data.xml",
    ],
}
