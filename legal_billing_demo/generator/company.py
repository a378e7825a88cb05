"""The law firm itself: company, accounts, taxes, products, currencies."""

import base64
import io

from PIL import Image, ImageDraw

from odoo.fields import Command

NAME = "Merrow & Vale LLP"
COLOR = "#1F3A4D"
ACCENT = "#B08D57"
#: Of the people: dates and times as London writes them.
LANGUAGE = "en_GB"


def make_logo():
    """The firm's mark: two strokes of a monogram and a rule, drawn not loaded.

    :return: PNG
    :rtype: bytes
    """
    scale = 4
    image = Image.new("RGBA", (220 * scale, 80 * scale), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)

    def line(points, color, width):
        draw.line([(x * scale, y * scale) for x, y in points], color, width * scale)

    line([(12, 68), (12, 14), (36, 50), (60, 14), (60, 68)], COLOR, 7)
    line([(78, 12), (103, 66), (128, 12)], ACCENT, 7)
    line([(146, 14), (146, 68)], COLOR, 2)
    line([(160, 32), (214, 32)], COLOR, 3)
    line([(160, 50), (200, 50)], ACCENT, 3)
    image = image.resize((220, 80), Image.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def set_up(env, company):
    """Make a company a law firm that can bill: name and letterhead where it has only
    the standard ones, chart of accounts where it has none, VAT at 20 %.

    :param odoo.api.Environment env: as superuser
    :param res.company company:
    :return: what the rest of the firm needs, by name
    :rtype: dict
    """
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    if _is_untouched(env, company):
        _set_letterhead(env, company)
        _set_currency(env, company)
        _set_dates(env)
    company.write(
        {
            "legal_time_unit": 6,
            "legal_time_rounding": "up",
            "legal_time_minimum_units": 1,
        }
    )
    taxes = _get_taxes(env, company)
    accounts = _get_accounts(env, company)
    products = _make_products(env, company, taxes, accounts)
    company.write(
        {
            "legal_fee_product_id": products["fees"].id,
            "legal_disbursement_product_id": products["copies"].id,
            "legal_write_off_account_id": accounts["write_off"].id,
        }
    )
    terms = {
        days: env["account.payment.term"].create(
            {
                "name": f"{days} days net",
                "company_id": company.id,
                "note": f"Payable within {days} days of the date of the bill.",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": days}
                    )
                ],
            }
        )
        for days in (14, 30, 60)
    }
    company.legal_bill_payment_term_id = terms[30]
    return {"taxes": taxes, "products": products, "terms": terms}


def _is_untouched(env, company):
    """Whether nobody has worked with this company yet."""
    return not company.street and not env["account.move"].search_count(
        [("company_id", "=", company.id)], limit=1
    )


def _set_letterhead(env, company):
    if not env["res.company"].search_count([("name", "=", NAME)], limit=1):
        company.name = NAME
    company.write(
        {
            "street": "14 Chancery Row",
            "street2": "Third Floor",
            "city": "London",
            "zip": "EC4A 9ZZ",
            "country_id": env.ref("base.uk").id,
            "phone": "+44 20 7946 0142",
            "email": "accounts@merrowvale.example",
            "website": "https://merrowvale.example",
            "vat": "GB123456782",
            "company_registry": "OC 000142",
            "primary_color": COLOR,
            "secondary_color": ACCENT,
            "logo": base64.b64encode(make_logo()),
        }
    )


def set_bank(env, company, journal):
    """The account that bills ask clients to pay into.

    :param account.journal journal: of the office's bank
    """
    bank = env["res.bank"].create({"name": "Chancery Bank plc", "bic": "CHCYGB2LXXX"})
    journal.bank_account_id = env["res.partner.bank"].create(
        {
            "acc_number": "GB33 BUKB 2020 1555 5555 55",
            "partner_id": company.partner_id.id,
            "company_id": company.id,
            "bank_id": bank.id,
            "acc_holder_name": company.name,
        }
    )


def _set_dates(env):
    """Bills of a firm in London: the day is before the month."""
    env["res.lang"]._activate_lang(LANGUAGE)
    env["res.lang"].search(
        [("code", "=", env.lang or "en_US")]
    ).date_format = "%d/%m/%Y"


def _set_currency(env, company):
    """The firm keeps its books in pounds."""
    pound = env.ref("base.GBP")
    pound.active = True
    company.write(
        {
            "currency_id": pound.id,
            "account_fiscal_country_id": company.country_id.id,
        }
    )


def _get_taxes(env, company):
    """20 % on sales and purchases, found or made.

    :return: ``{"sale": account.tax, "purchase": account.tax}``
    :rtype: dict
    """
    taxes = {}
    for use in ("sale", "purchase"):
        tax = env["account.tax"].search(
            [
                *env["account.tax"]._check_company_domain(company),
                ("type_tax_use", "=", use),
                ("amount_type", "=", "percent"),
                ("amount", "=", 20),
                ("price_include", "=", False),
            ],
            limit=1,
        )
        taxes[use] = tax or _make_tax(env, company, use)
    return taxes


def _make_tax(env, company, use):
    standard = (
        company.account_sale_tax_id
        if use == "sale"
        else company.account_purchase_tax_id
    )
    account = standard.invoice_repartition_line_ids.account_id[:1]
    repartition = [
        Command.create({"repartition_type": "base"}),
        Command.create({"repartition_type": "tax", "account_id": account.id}),
    ]
    tax = env["account.tax"].create(
        {
            "name": "VAT 20%",
            "invoice_label": "VAT 20%",
            "amount": 20,
            "amount_type": "percent",
            "type_tax_use": use,
            "price_include_override": "tax_excluded",
            "company_id": company.id,
            "country_id": company.account_fiscal_country_id.id,
            "tax_group_id": env["account.tax.group"]
            .create(
                {
                    "name": "VAT 20%",
                    "company_id": company.id,
                    "country_id": company.account_fiscal_country_id.id,
                }
            )
            .id,
            "invoice_repartition_line_ids": repartition,
            "refund_repartition_line_ids": repartition,
        }
    )
    company[f"account_{use}_tax_id"] = tax
    return tax


def _get_accounts(env, company):
    wanted = {
        "fees": ("400100", "Professional fees", "income"),
        "recovered": ("400200", "Disbursements recharged", "income"),
        "agent": ("125000", "Disbursements paid for clients", "asset_current"),
        "cost": ("600500", "Disbursements bought", "expense"),
        "write_off": ("610100", "Bad debts", "expense"),
    }
    accounts = {}
    for key, (code, name, kind) in wanted.items():
        found = (
            env["account.account"]
            .with_company(company)
            .search(
                [
                    *env["account.account"]._check_company_domain(company),
                    ("code", "=", code),
                ],
                limit=1,
            )
        )
        accounts[key] = found or env["account.account"].with_company(company).create(
            {
                "name": name,
                "code": code,
                "account_type": kind,
                "company_ids": [Command.link(company.id)],
            }
        )
    return accounts


#: key: name, treatment, markup, taxed, how it is written on an entry
DISBURSEMENT_TYPES = {
    "court": ("Court fees", "agent", 0, False, "Court issue fee"),
    "registry": ("Registry fees", "agent", 0, False, "Registry fee"),
    "search": ("Searches", "agent", 0, False, "Official search"),
    "counsel": (
        "Counsel's fees",
        "principal",
        0,
        True,
        "Counsel: advice and conference",
    ),
    "expert": ("Experts", "principal", 0, True, "Expert's report, first instalment"),
    "translation": ("Translations", "principal", 5, True, "Certified translation"),
    "courier": ("Couriers", "principal", 10, True, "Courier to the other side"),
    "travel": ("Travel", "principal", 0, True, "Rail travel to the hearing"),
    "copies": ("Copying and binding", "principal", 0, True, "Copying and binding"),
}


def _make_products(env, company, taxes, accounts):
    """The fee product, one without VAT for work abroad, and the disbursement types.

    :return: products by key
    :rtype: dict
    """
    vals_list = [
        {
            "name": "Professional fees",
            "legal_use": "fee",
            "taxes_id": [Command.set(taxes["sale"].ids)],
        },
        {
            "name": "Professional fees, outside the scope of VAT",
            "legal_use": "fee",
            "taxes_id": [Command.clear()],
        },
        *(
            {
                "name": name,
                "legal_use": "disbursement",
                "disbursement_treatment": treatment,
                "disbursement_markup": markup,
                "taxes_id": [Command.set(taxes["sale"].ids if taxed else [])],
            }
            for name, treatment, markup, taxed, _text in DISBURSEMENT_TYPES.values()
        ),
    ]
    for vals in vals_list:
        agent = vals.get("disbursement_treatment") == "agent"
        fee = vals["legal_use"] == "fee"
        income = "fees" if fee else "agent" if agent else "recovered"
        vals.update(
            {
                "type": "service",
                "list_price": 0,
                "company_id": company.id,
                "purchase_ok": not fee,
                "supplier_taxes_id": [
                    Command.set([] if agent or fee else taxes["purchase"].ids)
                ],
                "property_account_income_id": accounts[income].id,
                "property_account_expense_id": accounts[
                    "agent" if agent else "cost"
                ].id,
            }
        )
    products = env["product.product"].with_company(company).create(vals_list)
    keys = ("fees", "fees_abroad", *DISBURSEMENT_TYPES)
    return dict(zip(keys, products, strict=True))


def set_up_currencies(env, company, days):
    """Two foreign currencies with a rate on each of the days, where they have none.

    :param list days: oldest first
    :return: the currencies
    :rtype: res.currency
    """
    codes = {"GBP": 1.0, "EUR": 1.16, "USD": 1.27}
    own = codes.get(company.currency_id.name, 1.0)
    foreign = [code for code in codes if code != company.currency_id.name][:2]
    currencies = env["res.currency"]
    for code in foreign:
        currency = env.ref(f"base.{code}")
        currency.active = True
        currencies |= currency
        if env["res.currency.rate"].search_count(
            [
                ("currency_id", "=", currency.id),
                ("company_id", "in", [company.id, False]),
            ],
            limit=1,
        ):
            continue
        env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "company_id": company.id,
                    "name": day,
                    "rate": round(codes[code] / own * (1 + index / 200), 6),
                }
                for index, day in enumerate(days)
            ]
        )
    return currencies
