"""One pass over a text: candidates with their notes, and the mentions that hold."""

from collections.abc import Iterator

from proxeny.countries import require_country
from proxeny.errors import LimitError
from proxeny.selectors import patterns
from proxeny.selectors.readers import Found, Piece, read
from proxeny.selectors.roles import guess_role
from proxeny.selectors.values import MAX_TEXT_CHARS, Candidate, Mention, Selector


def find(text: str, *, country: str | None = None) -> list[Mention]:
    """Every valid selector in a text, in the order of the text.

    Args:
        text: at most ``MAX_TEXT_CHARS`` characters.
        country: ISO 3166-1 alpha-2; where given, phone numbers in its national
            format are found too.

    Returns:
        Mentions with offsets in characters: ``text[start:end] == raw``. A URL comes
        with its host, whose span lies inside.

    Raises:
        LimitError: the text is longer.
        InputError: the country is none.
    """
    return [
        Mention(
            selector=Selector(kind=item.kind, value=item.value),
            role=guess_role(item.kind, text, item.start),
            raw=text[item.start : item.end],
            start=item.start,
            end=item.end,
            note=item.note,
        )
        for item in _pass_over(text, country)
        if item.value
    ]


def scan(text: str, *, country: str | None = None) -> Iterator[Candidate]:
    """Like ``find``, with the candidates that did not hold and a note why.

    Raises:
        LimitError: the text is longer than ``MAX_TEXT_CHARS``.
        InputError: the country is none.
    """
    return (
        Candidate(
            kind=item.kind,
            value=item.value,
            raw=text[item.start : item.end],
            start=item.start,
            end=item.end,
            valid=bool(item.value),
            note=item.note,
        )
        for item in _pass_over(text, country)
    )


def _pass_over(text: str, country: str | None) -> Iterator[Found]:
    """Check the text now, read it as the caller asks for more."""
    if len(text) > MAX_TEXT_CHARS:
        raise LimitError(
            f"The text has more than {MAX_TEXT_CHARS} characters.",
            limit_chars=MAX_TEXT_CHARS,
        )
    return _read(text, None if country is None else require_country(country))


def _read(text: str, country: str | None) -> Iterator[Found]:
    # A lone surrogate is no UTF-8; it becomes one "?" and so keeps its place.
    data = text.encode("utf-8", "replace")
    pattern = patterns.compiled(national=country is not None)
    at_byte = at_char = 0
    while (match := patterns.search(pattern, data, at_byte)) is not None:
        shape, first, last = match
        start = at_char + len(data[at_byte:first].decode("utf-8", "ignore"))
        raw = data[first:last].decode("utf-8", "ignore")
        reading = read(shape, Piece(raw, text, start, country))
        for kind, value, begin, end, note in reading.found:
            yield Found(kind, value, start + begin, start + end, note)
        at_char = start + reading.resume
        at_byte = first + len(raw[: reading.resume].encode())
