"""Papers of rows and sums: the same values on the screen, on paper and in a spreadsheet."""

import io
from dataclasses import dataclass, field, replace
from datetime import date

import xlsxwriter

#: What a cell of a spreadsheet takes.
LONGEST_TEXT = 32767
WIDTHS = {"date": 11, "amount": 15, "text": 24}


@dataclass(frozen=True)
class Column:
    """What a column holds: ``text``, ``date`` or ``amount``."""

    label: str
    kind: str = "text"


@dataclass
class Row:
    """Values in the order of the columns; ``style`` is ``sum``, ``soft`` or nothing."""

    values: tuple
    style: str = ""


@dataclass
class Block:
    """A table: of one client account, of one matter, of one currency."""

    title: str
    columns: list
    rows: list
    subtitle: str = ""
    note: str = ""
    #: a record of ``res.currency``: of the amounts
    currency: object = None


@dataclass
class Paper:
    """Blocks under one title; ``signatures`` are printed at the end."""

    title: str
    subtitle: str = ""
    blocks: list = field(default_factory=list)
    signatures: tuple = ()

    def cut(self, most):
        """The same with so many rows at most.

        :param int most:
        :return: the paper, and how many rows were left out
        :rtype: tuple
        """
        blocks, left = [], most
        for block in self.blocks:
            rows = block.rows[: max(left, 0)]
            left -= len(block.rows)
            if rows:
                blocks.append(replace(block, rows=rows))
        return replace(self, blocks=blocks), max(-left, 0)


def write_workbook(paper, company_name):
    """A spreadsheet with the paper: texts are texts, whatever they begin with, dates are
    dates, amounts are numbers.

    :param Paper paper:
    :param str company_name:
    :rtype: bytes
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        big = book.add_format({"bold": True, "font_size": 14})
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "bottom": 1})
        sheet.write_string(0, 0, company_name)
        sheet.write_string(1, 0, paper.title, big)
        sheet.write_string(2, 0, paper.subtitle)
        line = 4
        for block in paper.blocks:
            for text, style in ((block.title, bold), (block.subtitle, None)):
                if text:
                    sheet.write_string(line, 0, text, style)
                    line += 1
            for place, column in enumerate(block.columns):
                sheet.write_string(line, place, column.label, head)
                sheet.set_column(place, place, WIDTHS[column.kind])
            line += 1
            formats = _make_formats(book, block)
            for row in block.rows:
                for place, value in enumerate(row.values):
                    _write_cell(sheet, line, place, value, formats[bool(row.style)])
                line += 1
            if block.note:
                sheet.write_string(line, 0, block.note)
                line += 1
            line += 1
    return buffer.getvalue()


def _make_formats(book, block):
    """Formats of texts, dates and amounts: of plain rows, and of those that stand out."""
    digits = block.currency.decimal_places if block.currency else 2
    amount = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return {
        is_bold: {
            str: book.add_format({"bold": is_bold}),
            date: book.add_format({"bold": is_bold, "num_format": "yyyy-mm-dd"}),
            float: book.add_format({"bold": is_bold, "num_format": amount}),
        }
        for is_bold in (False, True)
    }


def _write_cell(sheet, line, place, value, formats):
    if isinstance(value, str):
        sheet.write_string(line, place, value[:LONGEST_TEXT], formats[str])
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, formats[date])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, place, value, formats[float])
