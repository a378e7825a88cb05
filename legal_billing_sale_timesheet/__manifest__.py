{
    "name": "Legal Billing: sales time sheets",
    "summary": "Time billed by a sales order is not billed by a matter, nor the reverse",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "depends": ["legal_billing", "sale_timesheet"],
    "auto_install": True,
}
