"""Says in words how long is left until an instant, as a page shows it.

Time left is rounded down, so that no clock promises more than there is.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext, ngettext

SOON = timedelta(hours=24)
HOURS_UNTIL = timedelta(hours=48)

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Urgency(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def find_urgency(due_at: datetime, now: datetime) -> Urgency:
    """How pressing an instant is: past, within `SOON`, or later.

    Args:
        due_at: aware instant by which something must have happened.
        now: aware instant from which the reader looks.
    """
    if due_at < now:
        return Urgency.OVERDUE
    if due_at - now <= SOON:
        return Urgency.SOON
    return Urgency.LATER


def time_left(due_at: datetime, now: datetime) -> str:
    """Words for the time between now and an instant.

    Args:
        due_at: aware instant by which something must have happened.
        now: aware instant from which the reader looks.

    Returns:
        For instance "14 h left", "6 days left", "due now" or "overdue by 2 h", in the
        language of the request.

    Raises:
        ValueError: an instant has no time zone.
    """
    if due_at.tzinfo is None or now.tzinfo is None:
        raise ValueError("a clock needs instants with a time zone")
    span = abs(due_at - now)
    if span < _MINUTE:
        return gettext("due now")
    if due_at < now:
        return gettext("overdue by %(span)s") % {"span": _span(span)}
    return gettext("%(span)s left") % {"span": _span(span)}


def _span(span: timedelta) -> str:
    if span < _HOUR:
        return gettext("%(count)d min") % {"count": span // _MINUTE}
    if span < HOURS_UNTIL:
        return gettext("%(count)d h") % {"count": span // _HOUR}
    days = span // _DAY
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
