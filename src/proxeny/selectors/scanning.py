"""One pass over a text: candidates with their notes, and the mentions that hold."""

from collections.abc import Iterator

from proxeny.countries import require_country
from proxeny.errors import LimitError
from proxeny.selectors import patterns
from proxeny.selectors.folding import fold
from proxeny.selectors.kinds.cards import MIN_CARD_DIGITS, mask_cards
from proxeny.selectors.pieces import Found, Piece
from proxeny.selectors.readers import read
from proxeny.selectors.roles import guess_role
from proxeny.selectors.values import (
    MAX_TEXT_CHARS,
    Candidate,
    Kind,
    Mention,
    Selector,
)

# One of each shape in three scripts, so that every table is asked for once.
_SAMPLE = (
    "Dear Sir, my account is DE89 3704 0044 0532 0130 00, please call +44 7700 900123,"
    " 0044 20 7946 0123, +1 202 555 0123 or +49 30 23125 000 on 12.05.2024 at 10:30.\n"
    "Telegram: @some_name, Skype: some.name_1, https://www.b\u00fccher.example/a?b=c,\n"
    "hxxp://evil[.]example/, 192.0.2.1, 2001:db8::1, 192.0.2.0/24, AS64496, a@b.example"
    " someone at mail dot example dot com, 4111 1111 1111 1111, 1,234.56 EUR <b@c.test>"
    "\nbc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 44d88612fea8a8f36de82e1278abb02f\n"
    "\u041f\u043b\u0430\u0442\u0438\u0442\u0435 \u043d\u0430 "
    "\u0440\u0430\u0447\u0443\u043d 260-0056010016113-79, \u4f8b.example\u3002"
)


def prepare() -> None:
    """Load every table now, about 0.2 s, instead of at the first text.

    For processes that run long and promise a time for each text.
    """
    for country in (None, "RS", "DE"):
        find(_SAMPLE, country=country)


def find(text: str, *, country: str | None = None) -> list[Mention]:
    """Every valid selector in a text, in the order of the text.

    Args:
        text: at most ``MAX_TEXT_CHARS`` characters.
        country: ISO 3166-1 alpha-2; where given, phone numbers and accounts in its
            national form are found too.

    Returns:
        Mentions with offsets in characters: ``text[start:end]`` is ``raw``, with card
        numbers masked. A URL comes with its host, whose span lies inside, and with
        the profile that it leads to.

    Raises:
        LimitError: the text is longer.
        InputError: the country is none.
    """
    return [
        Mention(
            selector=Selector(kind=item.kind, value=item.value),
            role=guess_role(item.kind, searched, at),
            raw=raw,
            start=start,
            end=start + length,
            note=item.note,
        )
        for item, searched, at, raw, start, length in _pass_over(text, country)
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
            raw=raw,
            start=start,
            end=start + length,
            valid=bool(item.value),
            note=item.note,
        )
        for item, _, _, raw, start, length in _pass_over(text, country)
    )


# What was found, the text that was searched and the place in it, then what was
# written, where, and over how many characters.
_Placed = tuple[Found, str, int, str, int, int]


def _pass_over(text: str, country: str | None) -> Iterator[_Placed]:
    """Check the text now, read it as the caller asks for more."""
    if len(text) > MAX_TEXT_CHARS:
        raise LimitError(
            f"The text has more than {MAX_TEXT_CHARS} characters.",
            limit_chars=MAX_TEXT_CHARS,
        )
    return _read(text, None if country is None else require_country(country))


def _read(text: str, country: str | None) -> Iterator[_Placed]:
    folded = fold(text)
    searched = folded.text
    # A lone surrogate is no UTF-8; it becomes one "?" and so keeps its place.
    data = searched.encode("utf-8", "replace")
    is_ascii = len(data) == len(searched)
    at_byte = at_char = 0
    while (span := patterns.find_piece(data, at_byte)) is not None:
        first, last = span
        piece = data[first:last]
        if is_ascii:
            start, raw = first, searched[first:last]
        else:
            start = at_char + len(data[at_byte:first].decode("utf-8", "ignore"))
            raw = piece.decode("utf-8", "ignore")
        found, resume = read(
            patterns.tell_shape(piece), Piece(raw, searched, start, country)
        )
        for item in found:
            begin, end = start + item.start, start + item.end
            if folded.gaps:
                begin, end = folded.original(begin), folded.original_end(end)
            written = _hide_cards(item, text[begin:end])
            yield item, searched, start + item.start, written, begin, end - begin
        at_char = start + resume
        at_byte = last
        if resume != len(raw):
            at_byte = first + len(raw[:resume].encode())


def _hide_cards(item: Found, raw: str) -> str:
    """What was written, with no more of a card's number than the issuer's digits."""
    if item.kind is Kind.CARD_BIN:
        return f"{item.value}\u2026"
    if len(raw) < MIN_CARD_DIGITS or (item.value and item.kind is not Kind.URL):
        return raw
    folded = fold(raw).text
    masked = mask_cards(folded)
    return raw if masked == folded else masked
