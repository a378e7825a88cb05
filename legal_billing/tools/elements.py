"""Elements: what a bill is made of. They drive payment and credit, never tax.

One list; selections, the usual order of payment, the scope of a quote, the sections of
the paper and the columns of a slip's rows follow from it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Element:
    """A part of bills that is paid and credited by itself.

    ``section`` is where the paper prints it and what a quote's scope calls it; ``tone``
    colours its part of the bars, as badges are coloured.
    """

    key: str
    label: str
    section: str
    tone: str


#: In the default order of payment (see engine/elements.py).
ELEMENTS = (
    Element(
        "disbursement_exempt", "Disbursements without tax", "disbursements", "warning"
    ),
    Element(
        "disbursement_taxable", "Disbursements with tax", "disbursements", "warning"
    ),
    Element(
        "anticipated_exempt",
        "Anticipated disbursements without tax",
        "disbursements",
        "info",
    ),
    Element(
        "anticipated_taxable",
        "Anticipated disbursements with tax",
        "disbursements",
        "info",
    ),
    Element("fees", "Fees", "fees", "success"),
)

#: Of a line that says nothing: one by hand, or of before.
DEFAULT_ELEMENT = "fees"

#: The selection of fields. Read labels of a person's language by ``get_element_labels``.
BILL_ELEMENTS = [(element.key, element.label) for element in ELEMENTS]

#: Sections that bills are searched by.
SECTIONS = [("fees", "Fees"), ("disbursements", "Disbursements")]

#: Colours of the bars, by key.
ELEMENT_TONES = {element.key: element.tone for element in ELEMENTS}

#: Keys in the default order of payment.
ELEMENT_ORDER = [element.key for element in ELEMENTS]


def get_section_elements(*sections):
    """Keys of the elements of these sections.

    :rtype: tuple
    """
    return tuple(element.key for element in ELEMENTS if element.section in sections)


FEE_ELEMENTS = get_section_elements("fees")
DISBURSEMENT_ELEMENTS = get_section_elements("disbursements")

#: What a quote covers, by its scope.
SCOPE_ELEMENTS = {
    "fees": FEE_ELEMENTS,
    "disbursements": DISBURSEMENT_ELEMENTS,
    "both": FEE_ELEMENTS + DISBURSEMENT_ELEMENTS,
}


def get_element_labels(env):
    """Names of the elements in the user's language.

    :rtype: dict
    """
    field = env["account.move.line"]._fields["bill_element"]
    return dict(field._description_selection(env))
