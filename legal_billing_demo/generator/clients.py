"""Clients, those who pay for them, and those who bill us."""

from .names import (
    CITIES,
    FIRM_FORMS,
    FIRM_TRADES,
    FIRM_WORDS,
    FIRST_NAMES,
    INSURERS,
    LAST_NAMES,
    STREETS,
    make_unique,
    slug,
)

VENDORS = {
    "court": "Civil Courts Centre",
    "registry": "Land and Probate Registry",
    "search": "Clearview Searches Ltd",
    "counsel": "Fountain Yard Chambers",
    "expert": "Bryce & Tallow Expert Witnesses",
    "translation": "Polyglot Legal Translations",
    "courier": "Swift Satchel Couriers",
}


def _address(rng, country):
    city, zone = rng.choice(CITIES)
    return {
        "street": f"{rng.randint(1, 180)} {rng.choice(STREETS)}",
        "city": city,
        "zip": f"{zone} {rng.randint(1, 9)}{rng.choice('ABDE')}{rng.choice('FGHJ')}",
        "country_id": country.id,
    }


def _company_name(rng):
    return (
        f"{rng.choice(FIRM_WORDS)} {rng.choice(FIRM_TRADES)} {rng.choice(FIRM_FORMS)}"
    )


def _person_name(rng):
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def make_clients(env, rng, count):
    """Companies with a contact who gets the bills, and persons; some abroad, a few
    without an e-mail address.

    :rtype: res.partner
    """
    country = env.ref("base.uk")
    abroad = env.ref("base.ch")
    taken = set()
    vals_list, contacts = [], {}
    for index in range(count):
        is_company = index % 5 != 2
        name = make_unique(
            rng,
            lambda company=is_company: (
                _company_name(rng) if company else _person_name(rng)
            ),
            taken,
        )
        vals = {
            "name": name,
            "is_company": is_company,
            "customer_rank": 1,
            "ref": f"C{1000 + index}",
            **_address(rng, abroad if index % 17 == 11 else country),
        }
        if is_company:
            domain = f"{slug(name)}.example"
            vals["email"] = f"office@{domain}"
            if index % 3 == 0:
                contacts[index] = domain
        elif index % 20 != 7:
            vals["email"] = f"{slug(name)}@mail.example"
        vals_list.append(vals)
    partners = env["res.partner"].create(vals_list)
    people = env["res.partner"].create(
        [
            {
                "name": _person_name(rng),
                "parent_id": partners[index].id,
                "type": "contact",
                "function": "Head of Legal",
                "email": f"legal@{domain}",
            }
            for index, domain in contacts.items()
        ]
    )
    for contact in people:
        contact.parent_id.legal_bill_recipient_ids = contact
    return partners


def make_group(env, rng):
    """The head of a group, which gets one bill for all of its matters.

    :rtype: res.partner
    """
    return env["res.partner"].create(
        {
            "name": "Penrose Maritime Group",
            "is_company": True,
            "customer_rank": 1,
            "ref": "GROUP1",
            "email": "legal@penrose-maritime.example",
            "legal_bill_together": True,
            **_address(rng, env.ref("base.uk")),
        }
    )


def make_insurers(env, rng):
    """Insurers who pay for clients; the first asks for their own terms.

    :rtype: res.partner
    """
    country = env.ref("base.uk")
    return env["res.partner"].create(
        [
            {
                "name": name,
                "is_company": True,
                "email": f"claims@{slug(name)}.example",
                "ref": f"INS{index}",
                **_address(rng, country),
            }
            for index, name in enumerate(INSURERS, 1)
        ]
    )


def make_vendors(env, rng):
    """Who bills us for disbursements, by type.

    :return: partners by disbursement type
    :rtype: dict
    """
    country = env.ref("base.uk")
    vendors = env["res.partner"].create(
        [
            {
                "name": name,
                "is_company": True,
                "supplier_rank": 1,
                "email": f"billing@{slug(name)}.example",
                **_address(rng, country),
            }
            for name in VENDORS.values()
        ]
    )
    return dict(zip(VENDORS, vendors, strict=True))
