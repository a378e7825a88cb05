"""A remittance advice as rows of cells, and what its columns are."""

import csv
import re

#: What a heading says of its column; the first that fits counts.
_HEADINGS = [
    (role, re.compile(words, re.IGNORECASE))
    for role, words in (
        (
            "discount",
            r"discount|skonto|rabatt|escompte|remise|descuento|sconto|korting",
        ),
        (
            "deduction",
            r"deduct|withh|retention|\bwht\b|\btds\b|abzug|abzüge|einbehalt|retenue"
            r"|d[ée]duction|retenci|deducci|ritenut|trattenut|inhouding|aftrek",
        ),
        ("date", r"\bdate|datum|fecha|\bdata\b|\bdue\b|fällig|scadenza|vencimiento"),
        ("tax", r"\bvat\b|\btax\b|mwst|\bust\b|umsatzsteuer|\btva\b|\biva\b|\bbtw\b"),
        (
            "balance",
            r"balance|outstanding|\bopen\b|\boffen|saldo|\bsolde|reste|restant|pendiente",
        ),
        (
            "gross",
            r"gross|brutto|\bbrut|bruto|lordo|original|(?:invoice|bill|document|doc\.?)"
            r" (?:amount|amt|total|value)|rechnungsbetrag|factuurbedrag"
            r"|montant (?:de la )?facture|importe (?:de )?factura|importo fattura",
        ),
        (
            "number",
            r"invoice|\bbill\b|\binv\b|document|\bdoc\b|rechnung|beleg|facture|factura"
            r"|fattura|factuur|\bpi[èe]ce|\bnumber|\bnr\b|\bno\b|\bn[°º]|nummer",
        ),
        ("reference", r"\bref|referen|r[ée]f[ée]rence|kenmerk|verwendung|riferim"),
        (
            "paid",
            r"\bpaid|payment|remitted|zahlbetrag|zahlung|überw|gezahlt|pay[ée]|paiement"
            r"|r[èe]gl|r[ée]gl|pagad|\bpago|pagat|pagament|betaald|betaling|allocated",
        ),
        ("net", r"\bnet\b|netto|\bneto?\b"),
        ("amount", r"amount|\bamt|betrag|montant|importe|importo|bedrag|value|total"),
    )
]
#: Words that name the total of an advice.
TOTAL = re.compile(
    r"\b(?:sub)?totals?\b|\btotal[ei]?s?\b|\btotaal\b|\bsumm?[ea]\b|\bsum\b|\bsomme\b"
    r"|gesamt\w*|endbetrag|zahlbetrag|zahlungsbetrag|überweisungsbetrag"
    r"|\bamount (?:paid|remitted|of payment)|\b(?:payment|paiement|betaling|pagamento"
    r"|pago|zahlung|règlement|remittance|transfer|virement|transferencia|bonifico)\b"
    r"|\bwe (?:have )?(?:paid|remit)|\bmontant (?:payé|viré|réglé)|\bpaid\b",
    re.IGNORECASE,
)
#: Words that stand before a bill's number and say nothing else.
LABEL = re.compile(
    r"\W*(?:(?:your|our|unsere?|ihre?|votre|n[°ºo.]*|nr\.?|no\.?|ref\.?|and|und|et|y|e|en"
    r"|&|invoices?|inv\.?|bills?|rechnung(?:en)?|re\.?|factures?|facturas?|fatture?|"
    r"factuur|beleg|number|numbers|nummer|from|vom|du|de|del|dated)\W*)?",
    re.IGNORECASE,
)
#: A line that is a total although a number stands on it.
STARTS_TOTAL = re.compile(
    r"\W*(?:grand |net )?(?:total|sum\b|summe|gesamt|endbetrag|somme|totaal)",
    re.IGNORECASE,
)
_TOKENS = re.compile("[ \t]+")
#: A line longer than this is no line of a remittance.
LONGEST_LINE = 2000


def split_text(text: str) -> list[list[str]]:
    """Return the rows of a pasted text, each as its cells.

    Tabs part cells, else semicolons, bars, the commas of a CSV file, or two spaces; a
    line without any of them is one cell. Quotes are those of CSV.

    >>> split_text('INV/1\\t£1,000.00')
    [['INV/1', '£1,000.00']]
    >>> split_text('"INV/1","4,943.42"')
    [['INV/1', '4,943.42']]
    >>> split_text("INV/1,4943.42")
    [['INV/1', '4943.42']]
    """
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line.replace("\ufeff", "").replace("\x00", "") for line in lines]
    is_csv = _is_csv(lines)
    return [_split_line(line[:LONGEST_LINE], is_csv) for line in lines]


def _is_csv(lines: list[str]) -> bool:
    """Whether commas part the cells of all lines: a heading says how many there are."""
    lines = [line for line in lines if line.strip()]
    if len(lines) < 2 or any(sign in line for line in lines for sign in "\t;|"):
        return False
    if re.search("[0-9]", lines[0]) or "," not in lines[0]:
        return False
    heading = _read_csv(lines[0], ",")
    return len(heading) > 1 and all(
        len(_read_csv(line, ",")) == len(heading) for line in lines
    )


def _split_line(line: str, is_csv: bool) -> list[str]:
    for sign in "\t;|":
        if sign in line:
            return _read_csv(line, sign)
    if is_csv or re.search(r'"\s*,|,\s*"', line):
        return _read_csv(line, ",")
    if line.strip().startswith('"') and line.strip().endswith('"'):
        line = line.strip()[1:-1]
    cells = [cell for cell in re.split(r" {2,}", line.strip()) if cell]
    if len(cells) == 1 and " " not in cells[0]:
        return split_commas(cells[0])
    return cells


def split_commas(token: str) -> list[str]:
    """Return the cells of one word that commas may part: a number and what is behind
    it. What is behind a second comma stays together: it may be cents.

    >>> split_commas("INV/1,4943.42"), split_commas("INV/1,4943,42")
    (['INV/1', '4943.42'], ['INV/1', '4943,42?'])
    >>> split_commas("4,943.42")
    ['4,943.42']
    """
    head, comma, rest = token.partition(",")
    if not comma or not re.search("[0-9]", head) or not rest:
        return [token]
    if not re.search(r"[^0-9.'’ -]", head) and not re.fullmatch(
        r"\d{2,},\d+\.\d{2}", token
    ):
        return [token]  # an amount, or one that cannot be told
    if head.isdigit() and re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", token):
        return [token]
    if "," in rest and re.fullmatch(r"[0-9.,]+", rest):
        return [head, rest + "?"]
    return [head, *[cell for cell in rest.split(",") if cell]]


def _read_csv(line: str, sign: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=sign, skipinitialspace=True), [])
    except csv.Error:
        cells = line.split(sign)
    return [cell.strip(" ") for cell in cells]


def tokens(cell: str) -> list[str]:
    """Return the words of a cell. Spaces that do not break stay in their amount."""
    return [word for word in _TOKENS.split(cell) if word]


# --- columns


def read_heading(cells: list) -> dict[str, int]:
    """Return which role is in which column, if these cells are headings.

    The column of what is paid is called ``paid`` whatever its heading: the one that
    says so, else the net amount, the amount, or the gross one where tax has its own.

    >>> read_heading(["Invoice", "Date", "Gross", "Discount", "Net"])
    {'number': 0, 'date': 1, 'gross': 2, 'discount': 3, 'paid': 4}
    >>> read_heading(["Rechnung", "Netto", "MwSt", "Brutto"])
    {'number': 0, 'paid': 3}
    """
    if len(cells) < 2 or any(
        not isinstance(cell, str) or re.search("[0-9]{2}", cell) for cell in cells
    ):
        return {}
    found: dict[str, list[int]] = {}
    for column, cell in enumerate(cells):
        role = next((role for role, words in _HEADINGS if words.search(cell)), "")
        if role:
            found.setdefault(role, []).append(column)
    money = {"paid", "net", "amount", "gross", "discount", "deduction", "balance"}
    if "number" not in found and "reference" not in found:
        return {}
    if not money & found.keys():
        return {}
    order = ("paid", "gross", "amount") if "tax" in found else ("paid", "net", "amount")
    paid = next((found[role] for role in (*order, "gross") if role in found), [])
    roles = {}
    for role in ("number", "date", "reference", "gross", "discount", "deduction"):
        if len(found.get(role, [])) == 1:
            roles[role] = found[role][0]
    if len(paid) == 1:
        roles = {role: column for role, column in roles.items() if column != paid[0]}
        if "gross" not in roles and paid != found.get("amount"):
            others = found.get("amount", [])
            if len(others) == 1:
                roles["gross"] = others[0]
        roles["paid"] = paid[0]
    return roles
