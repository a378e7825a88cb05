"""Practice areas: what their matters are called and what is written on the bills."""

from dataclasses import dataclass

PEOPLE = ("the client", "opposing solicitors", "counsel", "the other side")


@dataclass(frozen=True)
class Area:
    """A practice area: titles of matters, and sentences of time entries in which
    ``{party}`` and the like are filled in."""

    code: str
    name: str
    titles: tuple
    narratives: tuple
    disbursements: tuple
    words: dict


LITIGATION = Area(
    code="LIT",
    name="Dispute Resolution",
    titles=(
        "Claim against {other}",
        "{other} v the client",
        "Breach of supply agreement with {other}",
        "Professional negligence claim: {other}",
        "Injunction against former employee",
    ),
    narratives=(
        "Reviewing the particulars of claim and preparing a note of the issues",
        "Drafting {document} and settling it with counsel",
        "Telephone conference with {party} regarding {topic}",
        "Considering disclosure from {party}; tagging documents for {topic}",
        "Preparing for and attending case management conference before Master {judge}",
        "Taking witness statement of {witness}; revising after the client's comments",
        "Corresponding with opposing solicitors on {topic}",
        "Researching authorities on {topic}; note to the partner",
        "Preparing bundle for the hearing, index and pagination",
        "Attending conference with counsel in chambers",
        "Reviewing Part 36 offer and advising the client in writing on its effect",
        "Preparing costs budget and schedule of work done to date",
    ),
    disbursements=("court", "counsel", "expert", "courier", "copies", "travel"),
    words={
        "document": (
            "the defence and counterclaim",
            "the reply",
            "an application notice for specific disclosure",
            "the list of issues",
            "a consent order",
        ),
        "topic": (
            "limitation",
            "quantum of the loss",
            "the expert's terms of reference",
            "security for costs",
            "mediation dates",
            "privilege over the board papers",
        ),
        "judge": ("Thornett", "Okonedo", "Vail"),
        "witness": ("the finance director", "Mr Haskell", "Ms Devane", "the surveyor"),
    },
)

CORPORATE = Area(
    code="COR",
    name="Corporate",
    titles=(
        "Acquisition of {other}",
        "Shareholders' agreement",
        "Sale of the {other} business",
        "Series B investment round",
        "Group reorganisation",
    ),
    narratives=(
        "Drafting {document}, first version to the client",
        "Reviewing data room section {number}: {topic}",
        "Call with {party} to negotiate {topic}",
        "Marking up the other side's draft of {document}",
        "Preparing disclosure letter and cross-checking it against the warranties",
        "Preparing board minutes and shareholder resolutions for completion",
        "Advising on {topic} and the effect on the timetable",
        "Completion meeting; exchanging signature pages and releasing funds",
        "Post-completion filings at the companies registry",
        "Updating the due diligence report for {topic}",
    ),
    disbursements=("search", "courier", "translation", "copies"),
    words={
        "document": (
            "the share purchase agreement",
            "the subscription agreement",
            "the articles of association",
            "the escrow letter",
            "the tax deed",
        ),
        "topic": (
            "change of control clauses",
            "the earn-out",
            "pension liabilities",
            "employee share options",
            "intellectual property ownership",
            "the warranty cap",
        ),
        "number": ("3.2", "4", "7.1", "9"),
    },
)

PROPERTY = Area(
    code="PRO",
    name="Real Estate",
    titles=(
        "Purchase of {street}",
        "Lease of unit {number}, {street}",
        "Sale of {street}",
        "Refinancing of {street}",
    ),
    narratives=(
        "Reviewing title and preparing the report on title",
        "Raising enquiries before contract; considering the replies",
        "Negotiating {topic} with the landlord's solicitors",
        "Drafting {document}",
        "Reviewing search results and advising on {topic}",
        "Call with lender's solicitors on the conditions precedent",
        "Preparing completion statement and requesting funds",
        "Attending to exchange of contracts",
        "Registering the transfer and replying to the registry's requisitions",
    ),
    disbursements=("registry", "search", "courier", "search"),
    words={
        "document": (
            "the licence to alter",
            "the rent deposit deed",
            "the transfer",
            "the deed of variation",
        ),
        "topic": (
            "the service charge cap",
            "the break clause",
            "rights of light",
            "a restrictive covenant of 1937",
            "the environmental indemnity",
        ),
        "number": ("4", "7", "12b", "21"),
    },
)

EMPLOYMENT = Area(
    code="EMP",
    name="Employment",
    titles=(
        "Tribunal claim of {other}",
        "Redundancy programme",
        "Settlement agreement: {other}",
        "Review of staff handbook",
    ),
    narratives=(
        "Advising on {topic} by telephone and confirming by e-mail",
        "Drafting {document}",
        "Reviewing personnel file and chronology",
        "Preparing grounds of resistance",
        "Negotiating terms with the employee's adviser",
        "Attending preliminary hearing by video",
        "Interviewing {witness} and preparing a statement",
        "Updating the client on {topic}",
    ),
    disbursements=("counsel", "copies", "travel"),
    words={
        "document": (
            "the settlement agreement",
            "the invitation to a disciplinary hearing",
            "a consultation script",
            "the response to the tribunal",
        ),
        "topic": (
            "selection criteria",
            "notice and accrued holiday",
            "reasonable adjustments",
            "restrictive covenants",
            "without-prejudice discussions",
        ),
        "witness": ("the HR manager", "the line manager", "the head of operations"),
    },
)

PRIVATE = Area(
    code="PCL",
    name="Private Client",
    titles=(
        "Estate of {person} deceased",
        "Will and lasting powers of attorney",
        "{person} family trust",
        "Deputyship for {person}",
    ),
    narratives=(
        "Meeting the client at home to take instructions on {topic}",
        "Drafting {document} and explanatory letter",
        "Valuing the estate: corresponding with banks and registrars",
        "Preparing the inheritance tax account and supporting schedules",
        "Preparing estate accounts for approval by the executors",
        "Attending the client to sign {document}",
        "Considering {topic} and advising the trustees",
        "Telephone call with a beneficiary about the timing of distributions",
    ),
    disbursements=("court", "registry", "courier", "copies"),
    words={
        "document": (
            "the will",
            "the deed of appointment",
            "the lasting power of attorney",
            "the deed of variation",
        ),
        "topic": (
            "the residuary gift",
            "guardianship of the children",
            "the nil-rate band",
            "the trustees' investment policy",
        ),
    },
)

FAMILY = Area(
    code="FAM",
    name="Family",
    titles=(
        "Financial remedy: {person}",
        "Child arrangements",
        "Pre-nuptial agreement",
    ),
    narratives=(
        "Attending the client in conference to discuss {topic}",
        "Reviewing financial disclosure and preparing a questionnaire",
        "Drafting {document}",
        "Without-prejudice call with the other party's solicitor on {topic}",
        "Preparing for first directions appointment; instructing counsel",
        "Attending the family court, including waiting time",
        "E-mails with the client on {topic}",
    ),
    disbursements=("court", "counsel", "expert"),
    words={
        "document": (
            "the statement of means",
            "the consent order",
            "a position statement",
            "heads of terms",
        ),
        "topic": (
            "the pension share",
            "holiday contact",
            "interim maintenance",
            "the valuation of the business",
        ),
    },
)

AREAS = (LITIGATION, CORPORATE, PROPERTY, EMPLOYMENT, PRIVATE, FAMILY)

#: An entry that tests the paper: markup, right-to-left text, emoji. It stays text.
HOSTILE_NARRATIVES = (
    "Reviewing clause <b>14.2</b> & annex \"B\" <script>alert('x')</script>",
    "مراجعة عقد التوريد وإعداد مذكرة قانونية للعميل",
    "Call with the client on the product launch 🚀 and the 50 % threshold",
)


def narrate(rng, area):
    """One believable narrative of the area.

    :param random.Random rng:
    :param Area area:
    :rtype: str
    """
    words = {name: rng.choice(options) for name, options in area.words.items()}
    return rng.choice(area.narratives).format(party=rng.choice(PEOPLE), **words)


def narrate_long(rng, area, length):
    """A narrative of about so many characters, as written at the end of a long day.

    :rtype: str
    """
    parts = []
    while sum(map(len, parts)) < length:
        parts.append(narrate(rng, area))
    return "; ".join(parts)[:length]
