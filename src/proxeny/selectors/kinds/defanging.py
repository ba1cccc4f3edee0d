"""Undoes *defanging*: the ways in which people make addresses unclickable.

``hxxps://evil[.]example``, ``someone [at] evil (dot) example``, ``NAME AT EVIL DOT
EXAMPLE``, ``185[.]220[.]1[.]1``, ``2001[:]db8::1``, ``someone&#64;evil.example``.
"""

import re

DOT_WORDS = "dot|punkt|punto|ta(?:c|č)ka|тачка|точка"
AT_WORDS = "at|ät|et|arroba"
_DOT = re.compile(
    rf" ?[\[({{] ?(?:\.|{DOT_WORDS}) ?[\])}}] ?|\[\.|\.\]| dot |&(?:#46|#x2e|period);",
    re.IGNORECASE,
)
_AT = re.compile(
    rf" ?[\[({{] ?(?:@|{AT_WORDS}) ?[\])}}] ?| at |&(?:#64|#x40|commat);",
    re.IGNORECASE,
)
# Every form above has one of these; a query's own ampersands are none. A pattern that
# begins with a class of characters is searched for much faster.
_MARKS = re.compile(r"[\[({\] &](?:(?<!&)|#|(?i:period|commat))")


def refang(text: str) -> str:
    """Turn the spelled dots, at signs and colons back into characters."""
    if _MARKS.search(text) is None:
        return text
    return _AT.sub("@", _DOT.sub(".", text)).replace("[:]", ":")
