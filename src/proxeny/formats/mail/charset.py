"""Bytes of a mail as text, by the character set that the mail names (RFC 2045, 2047).

Only true character sets are used: Python also knows codecs such as `punycode` and
`idna`, whose time grows with the square of the input, and `utf-7`, which hides
markup. A mail that names none of these, or wrongly, is read as UTF-8 if it is that,
else as Latin-1, and the caller is told.
"""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

# `decode_header` looks ahead to the end of its input for each encoded word.
MAX_HEADER_VALUE_CHARS = 8_000

_CHARSET = re.compile(
    r"ascii|utf-8(-sig)?|utf-16(-[bl]e)?|utf-32(-[bl]e)?|iso8859-\d+|iso2022_(jp|kr)|"
    r"cp\d+|koi8-[rut]|gb2312|gbk|gb18030|hz|big5(hkscs)?|euc_(jp|kr)|shift_jis|"
    r"mac-(roman|cyrillic|latin2|greek|turkish)|tis-620|ptcp154|johab"
)


def decode_text(raw: bytes, charset: str | None) -> tuple[str, str]:
    """Decode a text part.

    Args:
        raw: the part's bytes, transfer encoding undone.
        charset: as the mail names it.

    Returns:
        The text, and what had to be assumed ("" if nothing).
    """
    codec = _find_codec(charset or "us-ascii")
    if codec is not None:
        try:
            return raw.decode(codec), ""
        except UnicodeError:
            if codec not in {"ascii", "utf-8"}:
                return raw.decode(codec, "replace"), "some bytes aren't in the charset"
    try:
        return raw.decode("utf-8"), _assumed(charset, "UTF-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1"), _assumed(charset, "Latin-1")


def decode_header_value(value: str) -> str:
    """Decode a header with its encoded words (RFC 2047), as far as they decode.

    Args:
        value: as the parser gives it, bytes beyond ASCII as surrogate escapes.
    """
    value = value[:MAX_HEADER_VALUE_CHARS]
    try:
        written = value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        # The parser has decoded it already (RFC 2231).
        return value
    if not written.isascii():
        return decode_text(written, None)[0]
    try:
        words = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    decoded = "".join(
        word if isinstance(word, str) else decode_text(word, charset)[0]
        for word, charset in words
    )
    return decoded or value


def _find_codec(charset: str) -> str | None:
    try:
        name = codecs.lookup(charset.strip()).name
    except (LookupError, ValueError):
        return None
    return name if _CHARSET.fullmatch(name) else None


def _assumed(charset: str | None, read_as: str) -> str:
    if charset is None and read_as == "UTF-8":
        return ""
    return f"the charset is missing, unknown or wrong; read as {read_as}"
