"""Numbers of autonomous systems (RFC 6793), in asplain of RFC 5396: ``AS64496``.

The numbers that RFC 5398 reserves for documentation are valid, as are names and
addresses of examples elsewhere. What can name no network is refused: 0 (RFC 7607),
AS_TRANS (RFC 6793), the last numbers (RFC 7300) and the ranges for private use
(RFC 6996), which mean another network in every other place.
"""

import re

from proxeny.selectors.values import SelectorError

_MAX_NUMBER = (1 << 32) - 1
_MAX_PART = (1 << 16) - 1
_FORM = re.compile(
    r"(?:ASN?[ :#-]{0,2}){0,2}(?:([0-9]{1,10})|([0-9]{1,5})\.([0-9]{1,5}))",
    re.IGNORECASE,
)
_REFUSED = (
    (0, 0),
    (23_456, 23_456),
    (64_512, 65_535),
    (65_552, 131_071),
    (4_200_000_000, _MAX_NUMBER),
)


def normalise(raw: str) -> str:
    """Give ``AS`` and the number in decimal digits; asdot (``AS1.10``) is read too.

    Raises:
        SelectorError: it is no such number, or one that is reserved.
    """
    form = _FORM.fullmatch(raw)
    if form is None:
        raise SelectorError("This has not the form of an AS number.")
    if form[1] is not None:
        number = int(form[1])
    else:
        high, low = int(form[2]), int(form[3])
        if max(high, low) > _MAX_PART:
            raise SelectorError("A part of the AS number is over 65535.")
        number = (high << 16) + low
    if number > _MAX_NUMBER:
        raise SelectorError("The AS number has more than 32 bits.")
    if any(first <= number <= last for first, last in _REFUSED):
        raise SelectorError("The AS number is reserved and names no network.")
    return f"AS{number}"
