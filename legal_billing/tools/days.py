"""Days and moments. A moment is one day in New York and another in Auckland: what is
compared, grouped and printed as a day is kept as a day, beside the moment."""

from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import fields


def day_of(moment, *zones):
    """The day on which a moment was, where it was noted.

    :param moment: datetime in UTC, its text, or nothing
    :param zones: names of time zones, the first that is one counts; none: UTC
    :return: False for nothing
    :rtype: date
    """
    moment = fields.Datetime.to_datetime(moment)
    if not moment:
        return False
    zone = next(filter(None, zones), "UTC")
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
