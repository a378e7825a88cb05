import json

from werkzeug.datastructures import FileStorage

from odoo import http

from odoo.addons.web.controllers.pivot import TableExporter

from .export import as_text

#: Parts of a pivot table's data that stand in cells.
CELLS = ("col_group_headers", "measure_headers", "rows")


def as_text_deep(value):
    """Nested data with every text in it as a spreadsheet shows it; see `as_text`."""
    if isinstance(value, dict):
        return {key: as_text_deep(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_text_deep(part) for part in value]
    return as_text(value)


class LegalTableExporter(TableExporter):
    @http.route()
    def export_xlsx(self, data, **kw):
        """Titles of groups are names of matters and clients: text, never formulas."""
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        for part in CELLS:
            if table and part in table:
                table[part] = as_text_deep(table[part])
        return super().export_xlsx(json.dumps(table), **kw)
