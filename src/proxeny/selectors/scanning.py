"""One pass over a text: candidates with their notes, and the mentions that hold."""

from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase, digits

from proxeny.countries import require_country
from proxeny.errors import LimitError
from proxeny.selectors import patterns
from proxeny.selectors.folding import fold
from proxeny.selectors.kinds.cards import MIN_CARD_DIGITS, mask_cards
from proxeny.selectors.numbers import is_date
from proxeny.selectors.pieces import Found, Piece, make
from proxeny.selectors.readers import READERS
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
    "http://evil.example/, 192.0.2.1, 2001:db8::1, 192.0.2.0/24, AS64496, a@b.example"
    " 4111 1111 1111 1111, 1,234.56 EUR <b@c.test>"
    "\nbc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 44d88612fea8a8f36de82e1278abb02f\n"
    "\u041f\u043b\u0430\u0442\u0438\u0442\u0435 \u043d\u0430 "
    "\u0440\u0430\u0447\u0443\u043d 260-0056010016113-79, \u4f8b.example\u3002"
)
_DISGUISED = " hxxp://evil[.]example/ or someone at mail dot example dot com"


_ALPHABET = ascii_lowercase + digits + ascii_uppercase


def prepare() -> None:
    """Load every table now, about 0.2 s, instead of at the first text.

    For processes that run long and promise a time for each text. RE2 builds its
    automaton as it reads, so it is given every letter in every kind of place too.
    """
    for country in (None, "RS", "DE"):
        find(_SAMPLE, country=country)
        find(_SAMPLE + _DISGUISED, country=country)
    turned = [_ALPHABET[at:] + _ALPHABET[:at] for at in range(len(_ALPHABET))]
    find(
        "\n".join(
            f"https://{a[:9]}.{a[20:26]}.example.com/{a}?{a[3:9]}={a[::-1]}%20-{a[::7]}"
            f" {a[:3]} {a[9:16]}, {a[:11]}. {a[::9]} {a[::2]}@{a[4:9]}.example.com"
            for a in turned
        )
    )


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
        make(
            Mention,
            (
                make(Selector, (kind, value)),
                guess_role(kind, searched, at),
                raw,
                start,
                end,
                note,
            ),
        )
        for (kind, value, _, _, note), searched, at, raw, start, end in _pass_over(
            text, country
        )
        if value
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
            end=end,
            valid=bool(item.value),
            note=item.note,
        )
        for item, _, _, raw, start, end in _pass_over(text, country)
    )


_MAY_HOLD_CARD = frozenset({Kind.URL, Kind.CARD_BIN})

# What was found, the text that was searched and the place in it, then what was
# written and from where to where.
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
    # The search goes on at ``at_byte``; ``at_char`` characters end at ``read_byte``.
    at_byte = read_byte = at_char = 0
    search = patterns.choose_search(data)
    while (span := patterns.find_piece(search, data, at_byte)) is not None:
        first, at_byte = span
        piece = data[first:at_byte]
        if is_date(piece):
            continue
        if is_ascii:
            start, raw = first, searched[first:at_byte]
        else:
            start = at_char + len(data[read_byte:first].decode("utf-8", "ignore"))
            raw = piece.decode("utf-8", "ignore")
        read = READERS[patterns.tell_shape(piece)]
        found, resume = read(make(Piece, (raw, searched, start, country)))
        for item in found:
            at = begin = start + item.start
            end = start + item.end
            if folded.gaps:
                begin, end = folded.original(begin), folded.original_end(end)
            written = text[begin:end]
            if not item.value or item.kind in _MAY_HOLD_CARD:
                written = _hide_cards(item, written)
            yield item, searched, at, written, begin, end
        if resume != len(raw):
            seen = searched[start : start + resume]
            at_byte = first + len(seen.encode("utf-8", "replace"))
        read_byte, at_char = at_byte, start + resume


def _hide_cards(item: Found, raw: str) -> str:
    """What was written, with no more of a card's number than the issuer's digits."""
    if item.kind is Kind.CARD_BIN:
        return f"{item.value}\u2026"
    if len(raw) < MIN_CARD_DIGITS:
        return raw
    folded = fold(raw).text
    masked = mask_cards(folded)
    return raw if masked == folded else masked
