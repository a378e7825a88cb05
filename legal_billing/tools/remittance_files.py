"""Files of remittance advices as rows of cells: CSV, XLSX, ODS, camt.054, PDF.

Each reader takes the bytes and returns text for ``split_text`` or rows of cells. What
cannot be read raises ``ValueError`` with a reason for people.
"""

import datetime
import io
import re
import zipfile
from decimal import Decimal, InvalidOperation

from lxml import etree

#: Larger ones are no advice.
LARGEST_FILE = 20_000_000
LARGEST_CONTENT = 100_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 60


class UnreadableFile(ValueError):
    """A file that is no advice we can read; ``args[0]`` says which: ``large``,
    ``broken``, ``empty`` or ``kind``."""


def read_file(content: bytes) -> str | list[list]:
    """Return the text, or the rows, of an advice. The file's name is not asked: what it
    is shows in its first bytes.

    :raises UnreadableFile:

    >>> read_file(b"INV/1;12,50")
    'INV/1;12,50'
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableFile("large")
    if not content.strip():
        raise UnreadableFile("empty")
    try:
        if content[:5] == b"%PDF-":
            return _read_pdf(content)
        if content[:4] == b"PK\x03\x04":
            return _read_archive(content)
        if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
            return _read_camt(content)
        if content[:4] == b"\xd0\xcf\x11\xe0":
            raise UnreadableFile("kind")  # spreadsheets before 2007
        return decode(content)
    except UnreadableFile:
        raise
    except Exception as error:  # whatever a broken file makes a library raise
        raise UnreadableFile("broken") from error


def decode(content: bytes) -> str:
    """Return a text file's text, in whichever coding offices write it.

    >>> decode("1.000,00 €".encode("cp1252")) == decode("1.000,00 €".encode("utf-16"))
    True
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    for coding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


# --- spreadsheets


def _read_archive(content: bytes) -> list[list]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_CONTENT:
            raise UnreadableFile("large")
        names = set(archive.namelist())
        if "content.xml" in names:
            return _read_ods(archive.read("content.xml"))
    if "xl/workbook.xml" in names:
        return _read_xlsx(content)
    raise UnreadableFile("kind")


def _read_xlsx(content: bytes) -> list[list]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    rows = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            rows.append(_trim(row))
            if len(rows) >= MOST_ROWS:
                raise UnreadableFile("large")
    return rows


def _read_ods(content: bytes) -> list[list]:
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    rows = []
    for row in _parse_xml(content).iter(f"{table}table-row"):
        cells = []
        for cell in row:
            if cell.tag not in (f"{table}table-cell", f"{table}covered-table-cell"):
                continue
            kind = cell.get(f"{office}value-type")
            if kind in ("float", "currency"):
                value = Decimal(cell.get(f"{office}value"))
            elif kind == "date":
                day = cell.get(f"{office}date-value")[:10]
                value = datetime.date.fromisoformat(day)
            else:
                value = "\n".join("".join(p.itertext()) for p in cell)
            count = int(cell.get(f"{table}number-columns-repeated", 1))
            cells += [value] * min(count, MOST_COLUMNS - len(cells))
        cells = _trim(cells)
        count = int(row.get(f"{table}number-rows-repeated", 1)) if cells else 0
        if len(rows) + count > MOST_ROWS:
            raise UnreadableFile("large")
        rows += [cells] * count
    return rows


def _trim(cells) -> list:
    cells = list(cells)
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


# --- the bank's notification


def _parse_xml(content: bytes):
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(content, parser)


def _read_camt(content: bytes) -> list[list]:
    """What a camt.054 (or .053) says of each payment: its structured documents, else
    its text. One row a bill; the namespace's version does not matter."""
    root = _parse_xml(content)
    if not re.search(r"camt\.05[234]", etree.QName(root).namespace or ""):
        raise UnreadableFile("kind")
    rows = [["Invoice", "Date", "Amount paid", "Discount", "Deduction", "Text"]]
    for entry in _find_all(root, "Ntry"):
        day = _find_text(entry, "BookgDt", "Dt") or _find_text(entry, "ValDt", "Dt")
        details = _find_all(entry, "TxDtls") or [entry]
        for detail in details:
            rows += _read_details(entry, detail, day[:10])
    if len(rows) == 1:
        raise UnreadableFile("empty")
    return rows


def _read_details(entry, detail, day) -> list[list]:
    amount = _find_figure(detail, "Amt") or _find_figure(entry, "Amt")
    side = _find_text(detail, "CdtDbtInd") or _find_text(entry, "CdtDbtInd")
    if side == "DBIT" and amount is not None:
        amount = f"-{amount}"
    debtor = _find_text(detail, "Dbtr", "Nm") or _find_text(detail, "Dbtr", "Pty", "Nm")
    day = datetime.date.fromisoformat(day) if day else None
    rows = []
    for document in _find_all(detail, "Strd"):
        number = _find_text(document, "RfrdDocInf", "Nb") or _find_text(
            document, "CdtrRefInf", "Ref"
        )
        rows.append(
            [
                number,
                day,
                _find_figure(document, "RmtdAmt"),
                _find_figure(document, "DscntApldAmt"),
                _find_figure(document, "AdjstmntAmtAndRsn"),
                debtor,
            ]
        )
    if not rows:
        text = " ".join(node.text or "" for node in _find_all(detail, "Ustrd"))
        rows = [
            [text or _find_text(detail, "EndToEndId"), day, None, None, None, debtor]
        ]
    if len(rows) == 1 and rows[0][2] is None:
        rows[0][2] = amount
    return rows


def _find_all(node, name) -> list:
    return [
        found
        for found in node.iter()
        if isinstance(found.tag, str) and etree.QName(found).localname == name
    ]


def _find_text(node, *path) -> str:
    for name in path:
        node = next(iter(_find_all(node, name)), None)
        if node is None:
            return ""
    return (node.text or "").strip()


def _find_figure(node, name) -> Decimal | str | None:
    """An amount, with its currency where that can be told beside it."""
    found = next(iter(_find_all(node, name)), None)
    if found is None:
        return None
    inner = found.get("Ccy") is None and next(iter(_find_all(found, "Amt")), None)
    found = found if inner is None or inner is False else inner
    try:
        value = Decimal((found.text or "").strip())
    except InvalidOperation:
        return None
    code = found.get("Ccy")
    return f"{value:.2f} {code}" if code and value == round(value, 2) else value


# --- paper


def _read_pdf(content: bytes) -> str:
    """The text of a PDF, with its columns kept apart where the library can."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        reader.decrypt("")
    pages = []
    for page in reader.pages[:200]:
        try:
            pages.append(page.extract_text(extraction_mode="layout"))
        except TypeError:  # an older library
            pages.append(page.extract_text())
    text = "\n".join(pages)
    if not text.strip():
        raise UnreadableFile("empty")  # a picture of a paper
    return text
