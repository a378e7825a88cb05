"""Values that callers write, beside those that records hold."""


def is_changed(record, name, value):
    """Whether a value says something else than the field holds, in whatever form it comes.

    :param odoo.models.BaseModel record: one record
    :param str name: of a field
    :param value: for ``write``
    :return: for lists of lines and for files: whether anything is given at all
    :rtype: bool
    """
    field = record._fields.get(name)
    if field is None or field.type in ("one2many", "binary"):
        return bool(value)
    try:
        new = field.convert_to_cache(value, record, validate=False)
    except (TypeError, ValueError):
        return True  # what it is, the field itself says
    old = field.convert_to_cache(record[name], record, validate=False)
    if field.type == "many2many":
        return set(new or ()) != set(old or ())
    return new != old
