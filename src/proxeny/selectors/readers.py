"""Reads a piece of text that has the shape of a selector: which one is it, and where.

The pattern finds shapes, the kinds know what is valid; between the two stands what
people write around selectors: full stops, brackets, dates, prices, file names.
"""

import re
from typing import NamedTuple, assert_never

from proxeny.selectors.kinds import (
    domains,
    emails,
    hashes,
    ibans,
    ips,
    phones,
    urls,
    wallets,
)
from proxeny.selectors.patterns import Shape
from proxeny.selectors.values import Kind, SelectorError

_MAX_WORD_CHARS = 128
_MAX_PHONE_TRIES = 3
_MIN_PHONE_DIGITS = 7
_MAX_PHONE_DIGITS = 15
_MIN_TRUNK_GROUP_DIGITS = 2
_IBAN_HEAD_CHARS = 4
_CUE_CHARS = 24
_MAX_SPELLED_SUFFIX_CHARS = 4

_CLOSING = {")": "(", "]": "[", "}": "{"}
_TRAILING = ".,;:!?'*_~\u2026\uff0c\u2019"
_LABEL_BREAK = re.compile(r"[.\[\](){}\s]+")
_FIRST_WORD = re.compile(r"[A-Za-z0-9]+")
_FIRST_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9])")
_FILE_SUFFIXES = frozenset({"mov", "py", "sh", "zip"})
_VERSION_BEFORE = re.compile(
    r"(?:[A-Za-z]/|\b(?:version|verzij\w|верзиј\w|ver|v|release|build|firmware)[\s.:]*)$",
    re.IGNORECASE,
)
_PHONE_BEFORE = re.compile(
    r"(?:tel|phone|call|dial|mob|cell|fax|sms|whatsapp|viber|telegram|signal|ruf|handy"
    r"|telefonnummer|broj|zov|тел|моб|број|зов|вајбер)[\w.]{0,8}\W{0,4}"
    r"(?:\w{1,4}\W{1,3})?$",
    re.IGNORECASE,
)
_CODE_BEFORE = frozenset("#_=&-/")
_DATE = re.compile(
    r"(?:0?[1-9]|[12][0-9]|3[01])([./-]) ?(?:0?[1-9]|1[0-2])\1 ?(?:19|20)?[0-9]{2}\b"
    r"|(?:19|20)[0-9]{2}([./-])(?:0[1-9]|1[0-2])\2[0-3][0-9]\b"
)
# Where no number begins, none begins at the one or two digits after it: this keeps
# long rows of small numbers cheap.
_FIRST_GROUPS = re.compile(r"[^0-9]*[0-9]+(?:[^0-9]+[0-9]{1,2}(?![0-9]))*")


class Found(NamedTuple):
    """A candidate inside a piece, with offsets from the start of the piece.

    ``value`` is empty where the candidate did not hold; ``note`` says why.
    """

    kind: Kind
    value: str
    start: int
    end: int
    note: str


class Reading(NamedTuple):
    """What a piece holds, and after how many of its characters to go on."""

    found: tuple[Found, ...]
    resume: int


class Piece(NamedTuple):
    """A piece of a text, and where it stands there."""

    raw: str
    text: str
    start: int
    country: str | None

    def before(self, chars: int) -> str:
        """The characters right before the piece."""
        return self.text[max(0, self.start - chars) : self.start]

    def shortened(self, chars: int) -> "Piece":
        """The first characters of the piece."""
        return self._replace(raw=self.raw[:chars])


def read(shape: Shape, piece: Piece) -> Reading:
    """Read a piece by its shape."""
    match shape:
        case Shape.URL:
            return _read_url(piece)
        case Shape.EMAIL:
            return _read_email(piece)
        case Shape.LINK:
            return _read_link(piece)
        case Shape.NAME:
            return _read_name(piece)
        case Shape.IPV4:
            return _read_ipv4(piece)
        case Shape.IPV6:
            return _read_ipv6(piece)
        case Shape.WORD:
            return _read_word(piece)
        case Shape.IBAN:
            return _read_spaced_iban(piece)
        case Shape.PHONE:
            return _read_phone(piece)
        case _:
            assert_never(shape)


def _one(kind: Kind, value: str, chars: int, note: str = "") -> Reading:
    return Reading((Found(kind, value, 0, chars, note),), chars)


def _read_url(piece: Piece) -> Reading:
    raw = _strip_trailing(piece.raw)
    parts = urls.split(raw)
    try:
        host = urls.normalise_host(raw[parts.host_start : parts.host_end])
    except SelectorError as error:
        return _one(Kind.URL, "", len(raw), error.message)
    try:
        url = Found(Kind.URL, urls.join(parts, host), 0, len(raw), "")
    except SelectorError as error:
        url = Found(Kind.URL, "", 0, len(raw), error.message)
    its_host = Found(host.kind, host.value, parts.host_start, parts.host_end, "")
    return Reading((url, its_host), len(raw))


def _read_link(piece: Piece) -> Reading:
    """A URL whose scheme the writer left out: ``evil.example/login``."""
    host_end = urls.split(piece.raw).host_end
    name = _read_name(piece.shortened(host_end))
    if name.resume == host_end and name.found and name.found[0].value:
        return _read_url(piece)
    return name


def _read_email(piece: Piece) -> Reading:
    raw = _cut_next_sentence(piece.raw)
    try:
        return _one(Kind.EMAIL, emails.normalise(raw), len(raw))
    except SelectorError as error:
        return _one(Kind.EMAIL, "", len(raw), error.message)


def _read_name(piece: Piece) -> Reading:
    raw = _cut_next_sentence(piece.raw)
    labels = _LABEL_BREAK.split(raw)
    if " DOT " in raw and len(labels[-1]) > _MAX_SPELLED_SUFFIX_CHARS:
        # "the flower does DOT compare": only short endings are spelled like this.
        return Reading((), len(raw))
    if len(labels) > 1 and domains.is_top_level(labels[-1].lower()):
        try:
            value = domains.normalise(raw)
        except SelectorError as error:
            return _one(Kind.DOMAIN, "", len(raw), error.message)
        if value.count(".") == 1 and value.rpartition(".")[2] in _FILE_SUFFIXES:
            note = "This looks like the name of a file."
            return _one(Kind.DOMAIN, "", len(raw), note)
        return _one(Kind.DOMAIN, value, len(raw))
    # The words run together at a full stop; the first may be a selector by itself.
    address = _FIRST_IPV4.match(raw)
    if address is not None:
        return _read_ipv4(piece.shortened(address.end()))
    word = _FIRST_WORD.match(raw)
    if word is not None and len(word[0]) >= _MIN_PHONE_DIGITS:
        first = piece.shortened(word.end())
        return _read_phone(first) if word[0].isdigit() else _read_word(first)
    return Reading((), len(raw))


def _cut_next_sentence(raw: str) -> str:
    """Drop a capitalised word that a missing space joins on: ``x.example.Please``."""
    rest, stop, last = raw.rpartition(".")
    label = _LABEL_BREAK.split(rest)[-1]
    if stop and last.istitle() and label.islower():
        return rest
    return raw


def _strip_trailing(raw: str) -> str:
    """Drop the sentence's punctuation, and brackets that were opened before the URL."""
    while raw:
        last = raw[-1]
        opening = _CLOSING.get(last)
        if last not in _TRAILING and (
            opening is None or raw.count(opening) >= raw.count(last)
        ):
            break
        raw = raw[:-1]
    return raw


def _read_ipv4(piece: Piece) -> Reading:
    end = piece.start + len(piece.raw)
    goes_on = (
        piece.text[end : end + 1] == "." and piece.text[end + 1 : end + 2].isdigit()
    )
    if goes_on or _VERSION_BEFORE.search(piece.before(_CUE_CHARS)) is not None:
        return Reading((), len(piece.raw))
    try:
        return _one(Kind.IP, ips.normalise(piece.raw), len(piece.raw))
    except SelectorError as error:
        return _one(Kind.IP, "", len(piece.raw), error.message)


def _read_ipv6(piece: Piece) -> Reading:
    raw = piece.raw
    if not raw.endswith("::"):
        raw = raw.removesuffix(":")
    try:
        value = ips.normalise(raw)
    except SelectorError:
        # Times, ratios and hardware addresses have colons too: nothing to complain of.
        return Reading((), len(piece.raw))
    # "::" stands in programs and in play; a real mention has some digits.
    if sum(char.isalnum() for char in raw) < len("::1"):
        return Reading((), len(piece.raw))
    return _one(Kind.IP, value, len(raw))


def _read_word(piece: Piece) -> Reading:
    """One long word: a hash, a wallet, an IBAN without spaces, or just a word."""
    word = piece.raw
    if len(word) > _MAX_WORD_CHARS or word.isalpha():
        return Reading((), len(word))
    if word.isdigit():
        return _read_phone(piece)
    if hashes.is_hash_like(word):
        return _one(Kind.HASH, hashes.normalise(word), len(word))
    if wallets.is_wallet_like(word):
        try:
            return _one(Kind.WALLET, wallets.normalise(word), len(word))
        except SelectorError as error:
            return _one(Kind.WALLET, "", len(word), error.message)
    return _read_iban(word)


def _read_iban(raw: str) -> Reading:
    if not ibans.has_structure(ibans.compact(raw)):
        return Reading((), len(raw))
    try:
        return _one(Kind.IBAN, ibans.normalise(raw), len(raw))
    except SelectorError as error:
        return _one(Kind.IBAN, "", len(raw), error.message)


def _read_spaced_iban(piece: Piece) -> Reading:
    """An IBAN in groups: its country says how far it goes."""
    wanted = ibans.length(piece.raw[:2].upper())
    if wanted is not None:
        count = 0
        for end, char in enumerate(piece.raw, start=1):
            count += char.isalnum()
            if count == wanted:
                after = piece.text[piece.start + end : piece.start + end + 1]
                reading = _read_iban(piece.raw[:end])
                if reading.found and not after.isalnum():
                    return reading
                break
    return Reading((), _IBAN_HEAD_CHARS)


def _read_phone(piece: Piece) -> Reading:
    raw = piece.raw
    groups = _FIRST_GROUPS.match(raw)
    resume = len(raw) if groups is None else groups.end()
    international = phones.is_international(raw)
    if not international:
        date = _DATE.match(raw)
        if date is not None:
            return Reading((), date.end())
        if not _may_be_national(piece):
            return Reading((), resume)
    for end in _ends(raw):
        try:
            value = phones.normalise(raw[:end], piece.country)
        except SelectorError:
            continue
        return _one(Kind.PHONE, value, end)
    if raw.lstrip("(").startswith("+"):
        note = "No numbering plan has such a phone number."
        return _one(Kind.PHONE, "", len(raw), note)
    return Reading((), resume)


def _may_be_national(piece: Piece) -> bool:
    """Cheap signs that digits are dialled: trunk prefix, groups, or a word before."""
    if piece.country is None:
        return False
    before = piece.before(_CUE_CHARS)
    if before and before[-1] in _CODE_BEFORE:
        return False
    if _PHONE_BEFORE.search(before) is not None:
        return True
    trunk = phones.trunk_prefix(piece.country)
    if not trunk.startswith("0"):
        return not piece.raw.isdigit()
    digits = piece.raw.lstrip("( ")
    return digits.startswith(trunk) and digits[:_MIN_TRUNK_GROUP_DIGITS].isdigit()


def _ends(raw: str) -> list[int]:
    """Where the number may end: after the last group, or after one before it."""
    ends = []
    digits = 0
    most = _MAX_PHONE_DIGITS + (2 if raw.lstrip("( ").startswith("00") else 0)
    for index, char in enumerate(f"{raw} "):
        digits += char.isdigit()
        if char in " \u00a0" and _MIN_PHONE_DIGITS <= digits <= most:
            ends.append(index)
    return ends[::-1][:_MAX_PHONE_TRIES]
