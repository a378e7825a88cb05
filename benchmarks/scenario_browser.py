"""The firm of `make browser`: lists of many rows, and the records that it opens.

The browser itself is driven by ``dev/lb/browser``; here is what it looks at, and how
large our part of the web client's files is.
"""

import gzip

import firm
import list_firm

from odoo.fields import Command

LINES = 200
BILLS = 300


def measure(env, size, rounds):
    """Make the firm, and keep it.

    :return: the records that are opened, by name, and the sizes of our files
    """
    base = firm.prepare(env)
    env.ref("base.user_admin").group_ids += env.ref(
        "legal_billing.legal_billing_group_manager"
    ) + env.ref("account.group_account_manager")
    list_firm.fill(env, base, size)
    list_firm.copy_balances(env, size)
    list_firm.copy_produced(env)
    # at the end: what is copied are the lists alone
    records = make_records(env, base)
    env.cr.commit()
    bundle = weigh(env)
    env.cr.commit()
    return {"size": size, "records": records, "bundle": bundle}


def make_records(env, base):
    """A draft of many entries, a slip over many bills, and Odoo's own beside them.

    :return: ids by name
    :rtype: dict
    """
    matter = firm.make_matters(env, base, 1, entries=LINES)
    run = firm.make_run(env, matter)
    run.action_bill_all()
    draft = env["account.move"].browse(run.bill_ids.ids)
    assert len(draft.wip_line_ids) == LINES, len(draft.wip_line_ids)
    invoice, posted = firm.make_invoices(env, base, matter + matter, LINES)
    posted.action_post()
    payer = firm.make_clients(env, 1)
    matters = env["project.project"].create(
        [
            {
                "name": f"Matter {index} of a payer",
                "is_matter": True,
                "partner_id": payer.id,
            }
            for index in range(BILLS // 10)
        ]
    )
    bills = firm.make_bills(env, BILLS, [payer] * len(matters), matters)
    invoices = firm.make_bills(env, BILLS, firm.make_clients(env, 1))
    slip = env["legal.payment"].create(
        {
            "source": "bank",
            "received_from_id": payer.id,
            "amount": sum(bills.mapped("amount_residual")) * 0.6,
            "date": firm.DAY,
            "allocation_ids": [Command.create({"bill_id": bill.id}) for bill in bills],
        }
    )
    return {
        "draft": draft.id,
        "invoice": invoice.id,
        "posted": posted.id,
        "invoices": invoices.ids,
        "slip": slip.id,
    }


def weigh(env):
    """Bytes of our files as they are served.

    :return: ``{"backend": {part: bytes}, "lazy": {…}, "compressed": …, "all": …}``
    :rtype: dict
    """
    files = env["ir.qweb"]
    backend = files._get_asset_bundle("web.assets_backend")
    parts = get_parts(backend)
    whole = [backend.js().raw, *(attachment.raw for attachment in backend.css())]
    lazy = get_parts(files._get_asset_bundle("web.assets_backend_lazy"))
    return {
        "backend": {name: len(text) for name, text in parts.items()},
        "lazy": {name: len(text) for name, text in lazy.items()},
        "compressed": len(gzip.compress(b"".join(parts.values()))),
        "all": sum(len(raw) for raw in whole),
    }


def get_parts(bundle):
    """Our scripts, templates and styles in a bundle, minified.

    :return: ``{"scripts": bytes, …}``
    :rtype: dict
    """

    def ours(assets):
        return [
            asset for asset in assets if (asset.url or "").startswith("/legal_billing/")
        ]

    scripts = ";\n".join(asset.minify() for asset in ours(bundle.javascripts))
    bundle.preprocess_css()
    styles = "\n".join(asset.minify() for asset in ours(bundle.stylesheets))
    every, bundle.templates = bundle.templates, ours(bundle.templates)
    templates = bundle.generate_xml_bundle()
    bundle.templates = every
    return {
        "scripts": scripts.encode(),
        "templates": templates.encode(),
        "styles": styles.encode(),
    }
