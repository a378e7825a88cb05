"""Names of people and organisations, all invented."""

FIRST_NAMES = (
    "Amelia Oliver Priya Thomas Grace Daniel Zara Edward Isla Mateo Harriet Kwame Sofia "
    "Jack Leila Samuel Freya Arjun Niamh Lucas Eleanor Hugo Maya Patrick Ingrid Felix "
    "Rosa Callum Yasmin Theo Beatrice Idris Clara Rowan Anika Marcus Elise Dominic "
    "Tamsin Rafael"
).split()

LAST_NAMES = (
    "Ashcombe Okafor Lindqvist Harcourt Patel Brennan Whitlock Moreau Ferreira Stanwick "
    "Ibrahim Thornbury Nakamura Caldwell Rees Delacroix Pemberton Adeyemi Kowalski "
    "Langford Sato Venn Murchison Halloran Vasquez Tremlett Oduya Kessler Marlowe "
    "Bhatt Fairweather Novak Eastwood Lisle Corrigan Haddad Winslow Petrov Gale "
    "Strand Aldous Mbeki Rourke Sinclair Devane"
).split()

FIRM_WORDS = (
    "Northgate Alder Blackwater Copperfield Driftwood Elmhurst Foxglove Greystone "
    "Highmoor Ironbridge Juniper Kestrel Larkspur Millbrook Nightingale Oakhaven "
    "Pinecrest Quarry Ravenswood Saltmarsh Tidewater Underhill Vantage Westerly "
    "Yarrow Beacon Cobalt Harbourside Lanternfield Meridian"
).split()

FIRM_TRADES = (
    "Logistics Foods Developments Engineering Biotech Holdings Marine Textiles Capital "
    "Energy Pharma Retail Software Hotels Aggregates Publishing Estates Robotics"
).split()

FIRM_FORMS = ("Ltd", "Ltd", "Ltd", "plc", "LLP", "Group Ltd")

STREETS = (
    "Chancery Row, Mill Lane, Station Road, Harbour Street, Queen's Parade, Tithe Barn "
    "Lane, Orchard Way, Castle Hill, Foundry Street, Cathedral Close, Wharf Road"
).split(", ")

#: City and the outward part of a postcode
CITIES = (
    ("London", "EC4A"),
    ("Bristol", "BS1"),
    ("Leeds", "LS1"),
    ("Manchester", "M3"),
    ("Norwich", "NR2"),
    ("Exeter", "EX1"),
    ("York", "YO1"),
    ("Cambridge", "CB2"),
)

INSURERS = (
    "Albion Mutual Insurance plc",
    "Castlegate Indemnity Ltd",
    "Seven Rivers Legal Expenses Ltd",
)


def slug(name):
    """The name as it stands in an e-mail address or a domain.

    :rtype: str
    """
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum())


def make_unique(rng, make, taken):
    """A name that was not given yet; a numeral is added when the words run out.

    :param random.Random rng:
    :param callable make: gives a candidate
    :param set taken: names given so far; changed
    :rtype: str
    """
    for _attempt in range(20):
        name = make()
        if name not in taken:
            break
    else:
        base, number = name, 2
        while name in taken:
            name = f"{base} ({number})"
            number += 1
    taken.add(name)
    return name
