"""Undoes *defanging*: the ways in which people make addresses unclickable.

``hxxps://evil[.]example``, ``someone [at] evil (dot) example``, ``NAME AT EVIL DOT
EXAMPLE``, ``185[.]220[.]1[.]1``, ``2001[:]db8::1``.
"""

import re

_DOT = re.compile(r" ?[\[({](?:\.|dot)[\])}] ?|\[\.|\.\]| dot ", re.IGNORECASE)
_AT = re.compile(r" ?[\[({](?:@|at)[\])}] ?| at ", re.IGNORECASE)
_MARKS = frozenset("[({] ")


def refang(text: str) -> str:
    """Turn the spelled dots, at signs and colons back into characters."""
    if _MARKS.isdisjoint(text):
        return text
    return _AT.sub("@", _DOT.sub(".", text)).replace("[:]", ":")
