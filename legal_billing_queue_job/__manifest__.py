{
    "name": "Legal Billing: Queue Job",
    "summary": "Billing runs are worked off by OCA's job queue",
    "version": "19.0.1.0.0",
    "category": "Accounting/Legal Billing",
    "author": "legal_billing developers",
    "website": "https://legal-billing.example",
    "license": "LGPL-3",
    "depends": ["legal_billing", "queue_job"],
    "data": ["data/queue_job_data.xml"],
    "auto_install": True,
}
