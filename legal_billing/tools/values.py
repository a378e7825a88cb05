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


def find_figures(model, vals):
    """Names of the values that are amounts which the model works out and stores itself:
    a caller may send them, and the field would keep what was sent.

    :param odoo.models.BaseModel model:
    :param dict vals: for ``write``
    :rtype: set
    """
    return {
        name
        for name in vals
        if (field := model._fields.get(name)) is not None
        and field.type in ("monetary", "float")
        and field.store
        and field.compute
        and field.readonly
    }
