"""Where in a long list a page begins, read from its address."""

MAX_PAGE = 10_000
MAX_KEY_DIGITS = 18


def read_page(text: str) -> int:
    """The number of a page, from 1; whatever is none is the first."""
    return min(max(_number(text), 1), MAX_PAGE)


def read_before(text: str) -> int | None:
    """The key below which a list goes on, if one is given."""
    return _number(text) or None


def _number(text: str) -> int:
    fits = text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS
    return int(text) if fits else 0
