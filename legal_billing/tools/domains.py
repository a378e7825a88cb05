"""Filters that callers and people give."""

from psycopg2 import DataError

from odoo.fields import Domain


def read_domain(records, value):
    """A filter that a caller gives, fit to search with: read by the ORM, and by the
    database, which is the first to see a word where a number belongs.

    :param models.Model records: of the model to search
    :param value: a list of conditions
    :rtype: odoo.fields.Domain
    :raise ValueError: saying what is wrong with it
    """
    if not isinstance(value, (list, tuple, Domain)):
        raise ValueError(f"{value!r} is no list of conditions")
    try:
        domain = Domain(value)
        query = records._search(domain, limit=1)
        with records.env.cr.savepoint(flush=False):
            records.env.cr.execute(query.select(), log_exceptions=False)
    except (DataError, ValueError, TypeError, KeyError, AttributeError) as error:
        text = str(error).splitlines()[0] if str(error) else repr(error)
        raise ValueError(text) from error
    return domain
