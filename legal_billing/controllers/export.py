from odoo.addons.web.controllers.export import CSVExport, ExcelExport

#: A spreadsheet takes a text that begins so for a formula, and computes it. What a
#: client or a lawyer typed is text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(value):
    """The value as a spreadsheet shows it, never computes it."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    if isinstance(value, tuple):  # a group: id and name
        return tuple(as_text(part) for part in value)
    return value


def _as_text_rows(rows):
    return [[as_text(value) for value in row] for row in rows]


def _as_text_groups(node):
    node.data = _as_text_rows(node.data)
    children = {as_text(name): child for name, child in node.children.items()}
    node.children.clear()
    node.children.update(children)
    for child in children.values():
        _as_text_groups(child)


class LegalCSVExport(CSVExport):
    def from_data(self, fields, columns_headers, rows):
        """Texts go in as texts. None is left that core would put an apostrophe before,
        so none gets two."""
        # a text with the apostrophe is none of those that core adds one to
        return super().from_data(fields, columns_headers, _as_text_rows(rows))


class LegalExcelExport(ExcelExport):
    def from_data(self, fields, columns_headers, rows):
        """Texts go in as texts; core writes each to its cell as it stands, where a
        spreadsheet computes one that begins like a formula."""
        return super().from_data(fields, columns_headers, _as_text_rows(rows))

    def from_group_data(self, fields, columns_headers, groups):
        """Grouped exports take another way than `from_data`: titles of groups are
        texts, too."""
        _as_text_groups(groups)
        return super().from_group_data(fields, columns_headers, groups)
