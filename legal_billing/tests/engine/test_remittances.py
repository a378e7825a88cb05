"""Twenty-one remittance advices as offices send them, and what is read of each.

Printed as docs/remittances.md by
``PYTHONPATH=legal_billing python legal_billing/tests/engine/test_remittances.py``.
"""

import importlib.util
import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from engine import BillIndex, OpenBill, Style, read_remittance

HERE = Path(__file__).resolve().parent
ADDON = HERE.parents[1]

FOLDER = HERE / "remittances"
PAGE = ADDON.parent / "docs" / "remittances.md"
STYLES = {
    "en": Style(".", ",", 2, "GBP"),
    "us": Style(".", ",", 2, "USD", day_first=False),
    "de": Style(",", ".", 2, "EUR"),
    "fr": Style(",", "\u202f", 2, "EUR"),
    "ch": Style(".", "\u2019", 2, "CHF"),
    "es": Style(",", ".", 2, "EUR"),
    "it": Style(",", ".", 2, "EUR"),
    "be": Style(",", ".", 2, "EUR"),
    "nl": Style(",", ".", 2, "EUR"),
    "camt054": Style(",", ".", 2, "EUR"),
}
REFERENCES = {
    101: "+++090/9337/55493+++",
    102: "RF05 INV0 0066 8",
    103: "210000000003139471430009017",
}
BILLS = [
    OpenBill(
        number,
        f"INV/2026/{number:05}",
        (REFERENCES[number],) if number in REFERENCES else (),
        ("PO-7788",) if number == 105 else (),
        frozenset({1}),
    )
    for number in range(101, 106)
] + [OpenBill(4, "RINV/2026/00004", parties=frozenset({1}))]
NAMES = sorted(
    path.name for path in FOLDER.iterdir() if path.suffix not in (".json", ".py")
)


def _load_reader():
    """The reader of files, without the package around it, which needs Odoo."""
    spec = importlib.util.spec_from_file_location(
        "remittance_files", ADDON / "tools" / "remittance_files.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


files = _load_reader()


def _read(name):
    style = STYLES.get(name.rsplit(".", 1)[0].rsplit("_", 1)[-1], STYLES["en"])
    index = BillIndex(BILLS)
    rows = files.read_file((FOLDER / name).read_bytes())
    advice = read_remittance(rows, style, index.known)
    found = []
    for line in advice.lines:
        if line.kind not in ("bill", "loose"):
            continue
        match = index.match(line, frozenset({1}))
        if not (match.bill or line.used or line.unread):
            continue
        row = {
            "printed": line.text,
            "bill": match.bill and match.bill.number,
            "by": match.why,
            "amount": line.amount and f"{line.amount:.2f}",
            "discount": line.discount and f"{line.discount:.2f}",
            "deduction": line.deduction and f"{line.deduction:.2f}",
            "asked": line.problem,
            "unread": list(line.unread),
        }
        found.append({key: value for key, value in row.items() if value})
    total = advice.total
    return {
        "lines": found,
        "read": f"{advice.total_read:.2f}",
        "total": f"{total:.2f}" if total is not None else None,
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_of_an_advice(name):
    expected = json.loads((FOLDER / "read.json").read_text())
    assert _read(name) == expected[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_advice_names_is_what_is_read(name):
    """Unless something is asked, the total is met to the penny."""
    found = _read(name)
    if found["total"] and not any(line.get("asked") for line in found["lines"]):
        assert Decimal(found["read"]) == Decimal(found["total"])


def test_a_pdf_is_read_with_its_columns():
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    from io import BytesIO

    stream = BytesIO()
    page = canvas.Canvas(stream)
    page.setFont("Courier", 9)
    for number, line in enumerate(
        (FOLDER / "14_insurer_pdf.txt").read_text().splitlines()
    ):
        page.drawString(30, 780 - 12 * number, line)
    page.save()
    index = BillIndex(BILLS)
    advice = read_remittance(
        files.read_file(stream.getvalue()), STYLES["en"], index.known
    )
    lines = [line for line in advice.lines if line.kind == "bill" and line.amount]
    assert [line.amount for line in lines] == [
        Decimal("1000.00"),
        Decimal("4844.55"),
        Decimal("750.00"),
    ]
    assert advice.total == Decimal("6594.55")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04broken", "broken"),
        (b"<html><body>no bank</body></html>", "kind"),
        (b"<broken", "broken"),
        (b"%PDF-1.4 broken", "broken"),
        (b"\xd0\xcf\x11\xe0old sheet", "kind"),
        (b"x" * 20_000_001, "large"),
    ],
)
def test_a_file_that_is_no_advice_is_refused(content, reason):
    with pytest.raises(files.UnreadableFile) as caught:
        files.read_file(content)
    assert caught.value.args[0] == reason


def test_entities_of_a_bank_file_are_not_followed():
    secret = HERE / "conftest.py"
    content = (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><Ntry>'
        "<Amt>1.00</Amt><NtryDtls><TxDtls><RmtInf><Ustrd>&x;</Ustrd></RmtInf></TxDtls>"
        "</NtryDtls></Ntry></Document>"
    )
    rows = files.read_file(content.encode())
    assert not any("sys.path" in str(cell) for row in rows for cell in row)


def test_the_page_shows_what_is_read():
    if PAGE.exists():
        assert PAGE.read_text() == make_page()


def make_page():
    """docs/remittances.md"""
    parts = [HEAD]
    for name in NAMES:
        found = _read(name)
        parts.append(f"### {name}\n\n")
        path = FOLDER / name
        if path.suffix in (".txt", ".csv"):
            parts.append(f"```text\n{path.read_text().strip(chr(10))}\n```\n\n")
        parts.append(
            "| bill | by | amount | discount | deduction | asked | not used |\n"
        )
        parts.append("|---|---|---:|---:|---:|---|---|\n")
        for line in found["lines"]:
            cells = [
                line.get(key, "")
                for key in ("bill", "by", "amount", "discount", "deduction", "asked")
            ]
            unread = ", ".join(line.get("unread", []))
            parts.append(f"| {' | '.join(cells)} | {unread} |\n")
        total = found["total"] or "none"
        parts.append(
            f"\nRead {found['read']}; total that the advice names: {total}.\n\n"
        )
    return "".join(parts).rstrip("\n") + "\n"


HEAD = """# Remittance advices: what is read

Written by `PYTHONPATH=legal_billing python legal_billing/tests/engine/test_remittances.py
> docs/remittances.md`; `tests/engine/test_remittances.py` holds each advice against `remittances/read.json`, and
this page against both. The open bills are INV/2026/00101 to 00105 and the credit note
RINV/2026/00004; 00101 to 00103 have references of Belgium, ISO 11649 and Switzerland,
00105 the client's own PO-7788.

What is asked: `amount` can mean two things, `amounts` are several and nothing says which
is paid, `currency` is another than the slip's, `numbers` are several bills that share an
amount, `no_number` is an amount beside no bill. What is not used is named, never dropped:
the property test is `test_what_is_read_and_what_is_named_unread_is_all_that_was_printed`.

"""

if __name__ == "__main__":
    if "--json" in sys.argv:
        found = {name: _read(name) for name in NAMES}
        print(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True))
    else:
        sys.stdout.write(make_page())
