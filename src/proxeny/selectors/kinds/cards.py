"""Payment card numbers (ISO/IEC 7812), of which only the issuer's digits are kept.

A full number is masked before anything else sees it: what leaves this package are the
first eight digits of a number of 16, the first six of any other (PCI DSS 3.4.1), and
never the rest. A number counts as a card's if an issuer has numbers of its beginning
and length, and its check digit by Luhn is right.
"""

import re
from functools import cache
from typing import NamedTuple

from proxeny.selectors.values import SelectorError

_LONG_BIN_DIGITS = 8
_SHORT_BIN_DIGITS = 6
_LONG_BIN_LENGTH = 16
MIN_CARD_DIGITS = 12
_MAX_CARD_DIGITS = 19
# First and last beginning, then the lengths that numbers beginning so have.
_ISSUERS = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("644", "659", (16, 17, 18, 19)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("60", "60", (16,)),  # RuPay
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("9792", "9792", (16,)),  # Troy
    ("9891", "9891", (16,)),  # DinaCard
    *((one, one, tuple(range(12, 20))) for one in ("5018", "5020", "5038", "5893")),
    *((one, one, tuple(range(12, 20))) for one in ("6304", "6390", "67")),  # Maestro
    ("5019", "5019", (16,)),  # Dankort
)
_GAP = r"[ .+\u00a0\u2009\u202f\u2010-\u2015-]"
_SEPARATORS = re.compile(_GAP)
# What may not stand before the first digit is asked behind three of them, because a
# pattern that begins with a class of characters is searched for much faster.
_RUN = re.compile(
    rf"[2-9][0-9][0-9](?<![A-Za-z0-9]...)[0-9]*(?:{_GAP}{{0,3}}[0-9]){{8,24}}"
)
_GROUP = re.compile(r"[0-9]+")
_MIN_GROUP_DIGITS = 2
# A space in a URL.
_ESCAPED = "%20"
# Where a number may end after several groups, the commonest length goes first.
_LENGTHS = (16, 15, 14, 19, 18, 17, 13, 12)


class Card(NamedTuple):
    """Where a card's number stands, and the issuer's digits of it."""

    start: int
    end: int
    issuer: str


def find_card(text: str, start: int = 0) -> Card | None:
    """The first full card number in a piece of text, at or after ``start``."""
    if len(text) - start < MIN_CARD_DIGITS:
        return None
    if _ESCAPED in text:
        text = text.replace(_ESCAPED, " " * len(_ESCAPED))
    at = start
    while (run := _RUN.search(text, at)) is not None:
        card = _read_run(run[0], run.start())
        if card is not None:
            return card
        # The number may begin at a later group of the same run.
        group = _GROUP.match(text, run.start())
        at = run.end() if group is None else group.end()
    return None


def match_card(text: str) -> Card | None:
    """The full card number with which a piece of text begins."""
    run = _RUN.match(text)
    return None if run is None else _read_run(run[0], 0)


def mask_cards(text: str, sign: str = "\u2026") -> str:
    """Replace what follows the issuer's digits of each full card number by a sign."""
    pieces = []
    at = 0
    while (card := find_card(text, at)) is not None:
        pieces += [text[at : card.start], card.issuer, sign]
        at = card.end
    return "".join([*pieces, text[at:]]) if pieces else text


def blank_cards(text: str) -> str:
    """Put a dot for each digit after the issuer's of each full card number.

    The text stays as long as it was, so that places in it stay right.
    """
    pieces = []
    at = 0
    while (card := find_card(text, at)) is not None:
        number = text[card.start : card.end]
        left = len(card.issuer)
        for place, char in enumerate(number):
            if char.isdigit():
                left -= 1
                if left < 0:
                    number = f"{number[:place]}\u2022{number[place + 1 :]}"
        pieces += [text[at : card.start], number]
        at = card.end
    return "".join([*pieces, text[at:]]) if pieces else text


def normalise(raw: str) -> str:
    """Give the issuer's digits: eight of a number of 16, six of any other.

    Raises:
        SelectorError: it is neither a full card number nor six or eight first digits.
    """
    digits = _SEPARATORS.sub("", raw.strip().rstrip("\u2026*xX"))
    if digits.isascii() and digits.isdigit():
        if len(digits) == _LONG_BIN_DIGITS and _has_issuer(digits, _LONG_BIN_LENGTH):
            return digits
        if len(digits) == _SHORT_BIN_DIGITS and any(
            _has_issuer(digits, length) for length in _LENGTHS
        ):
            return digits
        if _is_card(digits):
            return _cut(digits)
    raise SelectorError("This is neither a payment card's number nor its beginning.")


def _read_run(run: str, start: int) -> Card | None:
    """The card in a run of groups of digits: it ends where a group ends."""
    digits = _SEPARATORS.sub("", run)
    if len(digits) < MIN_CARD_DIGITS or digits[:2] not in _issuers_by_head():
        return None
    ends: dict[int, int] = {}
    count = 0
    for group in _GROUP.finditer(run):
        if count and group.end() - group.start() < _MIN_GROUP_DIGITS:
            break
        count += group.end() - group.start()
        ends[count] = group.end()
    for length in _LENGTHS:
        if length in ends and _is_card(digits[:length]):
            return Card(start, start + ends[length], _cut(digits[:length]))
    return None


def _cut(digits: str) -> str:
    long = len(digits) == _LONG_BIN_LENGTH
    return digits[: _LONG_BIN_DIGITS if long else _SHORT_BIN_DIGITS]


def _has_issuer(digits: str, length: int) -> bool:
    for first, last, lengths in _issuers_by_head().get(digits[:2], ()):
        if first <= digits[: len(first)] <= last and length in lengths:
            return True
    return False


@cache
def _issuers_by_head() -> dict[str, list[tuple[str, str, tuple[int, ...]]]]:
    """The rows that fit two first digits, because most numbers fit none."""
    found: dict[str, list[tuple[str, str, tuple[int, ...]]]] = {}
    for row in _ISSUERS:
        for head in map(str, range(10, 100)):
            if row[0][:2] <= head[: len(row[0])] <= row[1][:2]:
                found.setdefault(head, []).append(row)
    return found


def _is_card(digits: str) -> bool:
    return (
        MIN_CARD_DIGITS <= len(digits) <= _MAX_CARD_DIGITS
        and _has_issuer(digits, len(digits))
        and len(set(digits)) > 1
        and _has_right_check_digit(digits)
    )


def _has_right_check_digit(digits: str) -> bool:
    """Luhn (ISO/IEC 7812-1, annex B)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0
