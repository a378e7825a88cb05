"""What callers and people give: values, dates, reasons, names of files."""

import math
import re

from odoo import fields
from odoo.tools import email_normalize_all
from odoo.tools import format_amount as format_without_sign

FILE_NAME_LENGTH = 120
#: Before the currency: an amount below nothing is −£12.00, not £-12.00.
MINUS = "\N{MINUS SIGN}"
NUL = "\0"
#: What an entry's reference may take: a third of PostgreSQL's page holds 2,704 bytes.
REFERENCE_BYTES = 2600
#: What no file system takes in a name, or what means something there.
NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|]+')

#: Between the addresses of one field, unless in the quotes of a name.
BETWEEN_ADDRESSES = re.compile(r'[,;\r\n](?=(?:[^"]*"[^"]*")*[^"]*$)')
#: A surname before its comma and the rest up to the address, as programs copy names out.
SURNAME_FIRST = re.compile(
    r"(?:^|(?<=[;,\r\n]))[^@<>,;\r\n]*,(?=[^@<>,;\r\n]+<[^<>]+@[^<>]+>)"
)


def format_amount(env, amount, currency, **options):
    """An amount with its currency as people write it: the sign comes first.

    :param odoo.api.Environment env: whose language it is
    :param float amount:
    :param res.currency currency:
    :param options: of Odoo's own function
    :rtype: str
    """
    text = format_without_sign(env, abs(amount), currency, **options)
    is_below = currency.compare_amounts(amount, 0.0) < 0
    return f"{MINUS}{text}" if is_below else text


def begin_small(env, label):
    """A label among remarks, which begin small: *blended rate*, but *VAT*. German has
    capitals of its own.

    :param odoo.api.Environment env: whose language it is
    :param str label:
    :rtype: str
    """
    is_german = (env.lang or "").startswith("de")
    if is_german or not label or not label[1:2].islower():
        return label
    return label[0].lower() + label[1:]


def split_addresses(text):
    """The e-mail addresses of a field, as core sends to each of them.

    :param str text: one address or several, with comma or semicolon between
    :return: normalized; none where one of them is no address
    :rtype: list[str]
    """
    result = []
    text = SURNAME_FIRST.sub(_join_name, text or "")
    for part in BETWEEN_ADDRESSES.split(text):
        addresses = email_normalize_all(part)
        if part.strip() and not addresses:
            return []
        result += addresses
    return result


def _join_name(found):
    """A surname without its comma; what looks like an address that lacks its sign stays
    apart, and is told."""
    name = found[0]
    return name if re.search(r"\w\.\w", name) else name[:-1]


def given_values(env, vals):
    """What a caller gives a new record: its values, and the defaults that came with
    the context. A guard that looked at the values alone could be gone around.

    :param odoo.api.Environment env:
    :param dict vals: values for ``create``
    :rtype: dict
    """
    defaults = {
        key.removeprefix("default_"): value
        for key, value in env.context.items()
        if key.startswith("default_")
    }
    return defaults | vals


def read_date(value, error):
    """The date that a caller gives; over the network it is a text.

    :param value: date, text or nothing
    :param Exception error: raised where it is no date
    :return: None for nothing
    :rtype: date
    """
    try:
        return fields.Date.to_date(value)
    except (TypeError, ValueError):
        raise error from None


def read_amount(value, error):
    """The number that a caller gives; over the network it may be a text, or none that
    can be counted with.

    :param value: number, or a text that says one
    :param Exception error: raised where it is no finite number
    :rtype: float
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise error from None
    if not math.isfinite(number):
        raise error
    return number


def is_number(value):
    """Whether a value that a caller gives is a number that can be counted with.

    :rtype: bool
    """
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def read_reason(value):
    """The reason that a caller gives, without spaces around it; empty where it is none.

    :rtype: str
    """
    return value.replace(NUL, "").strip() if isinstance(value, str) else ""


def find_nul(vals):
    """Names of the values that no text of a database can be.

    :param dict vals: for ``create`` or ``write``
    :rtype: list
    """
    return [name for name, value in vals.items() if type(value) is str and NUL in value]


def drop_nul(vals):
    """Values as they can be stored: what is pasted may have a character that shows
    nowhere, and that no text of a database holds.

    :param dict vals: for ``create`` or ``write``
    :rtype: dict
    """
    return vals | {name: vals[name].replace(NUL, "") for name in find_nul(vals)}


def make_file_name(text):
    """A name for a file out of what people typed: no path, no control characters, not
    longer than file systems take.

    :param str text:
    :rtype: str
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    name = NOT_IN_FILE_NAMES.sub("_", printable).lstrip(".- ")
    return name[:FILE_NAME_LENGTH].strip() or "_"


def fit_reference(text):
    """A text that fits into the reference of an entry: core indexes the references of
    all items, and PostgreSQL indexes no value above a third of a page.

    :param str text:
    :return: the text, or as many of its words as fit and a sign that some are missing
    :rtype: str
    """
    data = text.encode()
    if len(data) <= REFERENCE_BYTES:
        return text
    kept = data[: REFERENCE_BYTES - 4].decode(errors="ignore")
    return f"{kept.rpartition(' ')[0] or kept} …"


#: Above it no amount is one: sums stay exact to the cent below.
LARGEST_AMOUNT = 10.0**12


def is_amount(value, least=0.0, most=LARGEST_AMOUNT):
    """Whether a value that a caller gives is an amount in these bounds; what is no number
    at all, and what is too large to be one, is none.

    :param value: number, text or nothing
    :param float least: in the same currency or unit
    :param float most:
    :rtype: bool
    """
    try:
        return least <= float(value or 0.0) <= most
    except (TypeError, ValueError):
        return False
