"""Reads a piece of text that has the shape of a selector: which one is it, and where.

The pattern finds shapes, the kinds know what is valid; between the two stands what
people write around selectors: full stops, brackets, dates, prices, file names.
"""

import re
from collections.abc import Callable
from functools import cache

from proxeny.selectors import cues
from proxeny.selectors.kinds import (
    asns,
    cards,
    domains,
    emails,
    handles,
    hashes,
    ibans,
    ips,
    phones,
    urls,
    wallets,
)
from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.names import read_at_name, read_called
from proxeny.selectors.numbers import read_account, read_number, read_phone
from proxeny.selectors.patterns import Shape
from proxeny.selectors.pieces import Found, Piece, Reading, read_as, refuse, skip
from proxeny.selectors.values import Kind, SelectorError

_MAX_WORD_CHARS = 128
_MIN_WORD_CHARS = 7
_IBAN_HEAD_CHARS = 4
_CUE_CHARS = 32
_MAX_SPELLED_SUFFIX_CHARS = 4
_MAX_UNSURE_DIGITS = 3

_CLOSING = {")": "(", "]": "[", "}": "{"}
_TRAILING = ".,;:!?'*_~\u2026\uff0c\u2019"
_LABEL_BREAK = re.compile(r"[.\[\](){}\s]+")
_FIRST_WORD = re.compile(r"[A-Za-z0-9]+")
_FIRST_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9])")
_DOTTED_NUMBER = re.compile(r"0[0-9](?:\.[0-9]{2}){4}(?![.0-9])")
# The pattern goes only so far that it must be one: it would count each letter after it.
_IBAN = re.compile(
    r"[A-Za-z]{2} ?[0-9]{2}"
    r"(?:[ ().\/\u00a0\u2009\u2010-\u2015\u202f-]?[A-Za-z0-9]){11,30}"
)
_WORD_GOES_ON = re.compile(r"[A-Za-z0-9_]")
_DOTTED_IBAN = re.compile(r"[A-Za-z]{2}[0-9]{2}(?:\.?[A-Za-z0-9]){11,30}")
_NO_ASN = re.compile(r"AS400|AS (?:19|20)[0-9]{2}")
# "1.Download the browser": a number in a list, with no space behind its full stop.
_LIST_NUMBER = re.compile(r"[0-9]{1,2}\.[A-Za-z]+")
_FILE_SUFFIXES = frozenset({"mov", "py", "sh", "zip"})
# Moldova's ending is also Markdown's: only names that documents bear are left out.
_DOCUMENTS = frozenset(
    {"readme", "changelog", "license", "contributing", "security", "index", "notes"}
    | {"faq", "install", "authors", "history", "summary", "architecture"}
)
_VERSION_BEFORE = re.compile(
    r"(?:[A-Za-z]/|\b(?:version|verzij\w|верзиј\w|ver|v|release|build|firmware)[\s.:]*)\Z",
    re.IGNORECASE,
)
# Chinese, Japanese, Korean and Thai are written without spaces around a Latin name.
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff][A-Za-z0-9]"
    "|[A-Za-z0-9][\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff]"
)
_LATIN_RUN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.%+@-]*[A-Za-z0-9]")
_SOLANA_BESIDE = re.compile(r"\b(?:sol|solana|phantom)\b", re.IGNORECASE)


def _read_url(piece: Piece) -> Reading:
    raw = _strip_trailing(piece.raw)
    parts = urls.split(raw)
    written = raw[parts.host_start : parts.host_end]
    card = cards.find_card(written)
    if card is not None:
        start, end = (parts.host_start + at for at in (card.start, card.end))
        return Reading((Found(Kind.CARD_BIN, card.issuer, start, end, ""),), end)
    try:
        host = urls.normalise_host(written)
    except SelectorError as error:
        return refuse(Kind.URL, raw, error.message)
    found = [Found(host.kind, host.value, parts.host_start, parts.host_end, "")]
    try:
        value = urls.join(parts, host)
    except SelectorError as error:
        found.insert(0, Found(Kind.URL, "", 0, len(raw), error.message))
    else:
        found.insert(0, Found(Kind.URL, value, 0, len(raw), ""))
        if host.kind is Kind.DOMAIN:
            found += _find_profile(host.value, parts.tail, parts.host_start, len(raw))
    return Reading(tuple(found), len(raw))


def _find_profile(host: str, tail: str, start: int, end: int) -> list[Found]:
    """Whose page a URL of a platform is."""
    if host == "wa.me":
        digits = tail[1:].partition("?")[0]
        try:
            return [Found(Kind.PHONE, phones.normalise(f"+{digits}"), start, end, "")]
        except SelectorError:
            return []
    name = handles.find_in_url(host, tail)
    return [] if name is None else [Found(Kind.HANDLE, name, start, end, "")]


def _read_link(piece: Piece) -> Reading:
    """A URL whose scheme the writer left out: ``evil.example/login``."""
    host_end = urls.split(piece.raw).host_end
    host = piece.shortened(host_end)
    if refang(host.raw).replace(".", "").isdigit():
        return _read_numeric_link(piece, host)
    name = _read_name(host)
    if name.resume == host_end and name.found and name.found[0].value:
        return _read_url(piece)
    return name


def _read_numeric_link(piece: Piece, host: Piece) -> Reading:
    """``192.0.2.1/login`` is a page, ``192.0.2.0/24`` a network."""
    tail = _strip_trailing(piece.raw)[len(host.raw) :]
    if not tail[1:].isdigit() and tail[:1] in "/:" and len(tail) > 1:
        return _read_url(piece)
    if tail[1:].isdigit() and tail[0] == "/":
        return read_as(Kind.IP, ips.normalise, host.raw + tail)
    return _read_ipv4(host)


def _read_email(piece: Piece) -> Reading:
    raw = _cut_next_sentence(piece.raw)
    inner = _find_latin_run(raw)
    if inner is not None:
        return inner
    card = _read_card(raw)
    if card is not None:
        return card
    return read_as(Kind.EMAIL, emails.normalise, raw)


_NORMALISE_NAME: dict[Kind, Callable[[str], str]] = {
    Kind.EMAIL: emails.normalise,
    Kind.DOMAIN: domains.normalise,
}


def _find_latin_run(raw: str) -> Reading | None:
    """The Latin names inside words of a script that puts no spaces around them."""
    if raw.isascii() or _UNSPACED.search(raw) is None:
        return None
    found = []
    for run in _LATIN_RUN.finditer(raw):
        kind = Kind.EMAIL if "@" in run[0] else Kind.DOMAIN
        try:
            value = _NORMALISE_NAME[kind](run[0])
        except SelectorError:
            continue
        found.append(Found(kind, value, run.start(), run.end(), ""))
    return Reading(tuple(found), len(raw)) if found else None


def _read_name(piece: Piece) -> Reading:
    raw = _cut_next_sentence(piece.raw)
    inner = _find_latin_run(raw)
    if inner is not None:
        return inner
    last = _LABEL_BREAK.split(raw)[-1]
    if " DOT " in raw and len(last) > _MAX_SPELLED_SUFFIX_CHARS:
        # "the flower does DOT compare": only short endings are spelled like this.
        return skip(len(raw))
    if not domains.is_top_level(last.lower()):
        return _read_run_on(piece, raw)
    card = _read_card(raw)
    if card is not None:
        return card
    if _LIST_NUMBER.fullmatch(raw) is not None:
        return skip(len(raw))
    reading = read_as(Kind.DOMAIN, domains.normalise, raw)
    if reading.found[0].value and _is_file_name(reading.found[0].value, raw):
        return refuse(Kind.DOMAIN, raw, "This looks like the name of a file.")
    return reading


def _read_card(raw: str) -> Reading | None:
    """A card's number where a name or mailbox should stand is not let through."""
    card = cards.find_card(raw) if len(raw) >= cards.MIN_CARD_DIGITS else None
    if card is None:
        return None
    found = Found(Kind.CARD_BIN, card.issuer, card.start, card.end, "")
    return Reading((found,), card.end)


def _read_run_on(piece: Piece, raw: str) -> Reading:
    """Words that run together at a full stop; the first may be a selector by itself."""
    dotted = _DOTTED_IBAN.match(piece.text, piece.start)
    if dotted is not None:
        iban = _read_spaced_iban(piece._replace(raw=dotted[0]))
        if iban.found:
            return iban
    address = _FIRST_IPV4.match(raw)
    if address is not None:
        return _read_ipv4(piece.shortened(address.end()))
    word = _FIRST_WORD.match(raw)
    if word is not None and len(word[0]) >= _MIN_WORD_CHARS:
        first = piece.shortened(word.end())
        return read_number(first) if word[0].isdigit() else _read_word(first)
    return skip(len(raw))


def _is_file_name(value: str, raw: str) -> bool:
    name, _, suffix = value.rpartition(".")
    if "." in name:
        return False
    return suffix in _FILE_SUFFIXES or (
        suffix == "md" and (name in _DOCUMENTS or "_" in name or raw[0].isupper())
    )


def _cut_next_sentence(raw: str) -> str:
    """Drop a capitalised word that a missing space joins on: ``x.example.Please``."""
    rest, stop, last = raw.rpartition(".")
    if stop and last.istitle() and _LABEL_BREAK.split(rest)[-1].islower():
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
    after = piece.after(2)
    goes_on = after[:1] == "." and after[1:].isdigit()
    if goes_on and piece.country is not None:
        dotted = _DOTTED_NUMBER.match(piece.text, piece.start)
        if dotted is not None:
            return read_phone(piece._replace(raw=dotted[0]))
    if goes_on or _VERSION_BEFORE.search(piece.before(_CUE_CHARS)) is not None:
        return skip(len(piece.raw))
    return read_as(Kind.IP, ips.normalise, piece.raw)


def _read_ipv6(piece: Piece) -> Reading:
    raw = piece.raw
    if not raw.endswith("::"):
        raw = raw.removesuffix(":")
    try:
        value = ips.normalise(raw)
    except SelectorError:
        # Times, ratios and hardware addresses have colons too: nothing to complain of.
        return skip(len(piece.raw))
    # "::" stands in programs and in play; a real mention has some digits.
    if sum(char.isalnum() for char in raw) < len("::1"):
        return skip(len(piece.raw))
    return Reading((Found(Kind.IP, value, 0, len(raw), ""),), len(raw))


def _read_word(piece: Piece) -> Reading:
    """One long word: a hash, a wallet, an IBAN without spaces, or just a word."""
    word = piece.raw
    if len(word) > _MAX_WORD_CHARS or word.isalpha():
        return skip(len(word))
    if hashes.is_hash_like(word):
        return read_as(Kind.HASH, hashes.normalise, word)
    if handles.is_key_like(word):
        return read_as(Kind.HANDLE, handles.normalise, word)
    if wallets.is_wallet_like(word):
        return read_as(Kind.WALLET, wallets.normalise, word)
    if word[:2].isalpha():
        if _WORD_GOES_ON.match(piece.text, piece.start + len(word)) is not None:
            return _read_iban_from(piece)
        return _read_iban(word)
    if piece.country == "FR" and word[0].isdigit():
        account = read_account(piece)
        if account is not None:
            return account
    beside = piece.before(_CUE_CHARS) + piece.after(_CUE_CHARS)
    if _SOLANA_BESIDE.search(beside) and wallets.is_solana_like(word):
        return read_as(Kind.WALLET, wallets.normalise_solana, word)
    return skip(len(word))


def _read_iban(raw: str) -> Reading:
    number = ibans.compact(raw)
    if not ibans.has_structure(number):
        return skip(len(raw))
    return read_as(Kind.IBAN, lambda _: ibans.require_check_digits(number), raw)


def _read_iban_from(piece: Piece) -> Reading:
    """An IBAN of which the pattern found the beginning."""
    whole = _IBAN.match(piece.text, piece.start)
    return _read_spaced_iban(piece if whole is None else piece._replace(raw=whole[0]))


def _read_spaced_iban(piece: Piece) -> Reading:
    """An IBAN in groups: its country says how far it goes."""
    wanted = ibans.length(piece.raw[:2].upper())
    whole = None if wanted is None else _characters(wanted).match(piece.raw)
    if whole is not None:
        number = piece.shortened(whole.end())
        reading = _read_iban(number.raw)
        if reading.found and not number.after(1).isalnum():
            return reading
    return skip(_IBAN_HEAD_CHARS)


@cache
def _characters(wanted: int) -> re.Pattern[str]:
    """So many letters and digits, with any signs between them."""
    return re.compile(rf"(?:[^A-Za-z0-9]*[A-Za-z0-9]){{{wanted}}}")


def _read_asn(piece: Piece) -> Reading:
    """``AS64496``; one of few digits needs a word of networks before it (``AS400``)."""
    raw = piece.raw
    is_sure = (
        raw[:3].upper() == "ASN"
        or "." in raw
        or (raw[:2] == "AS" and len(raw) > len("AS99") and " " not in raw)
        or sum(map(str.isdigit, raw)) > _MAX_UNSURE_DIGITS
    )
    # "AS 2024 BEGAN", and IBM's computers.
    if (not is_sure or _NO_ASN.fullmatch(raw) is not None) and not cues.is_called(
        "network", piece.before(_CUE_CHARS)
    ):
        return skip(len(raw))
    return read_as(Kind.ASN, asns.normalise, raw)


READERS: dict[Shape, Callable[[Piece], Reading]] = {
    Shape.URL: _read_url,
    Shape.EMAIL: _read_email,
    Shape.LINK: _read_link,
    Shape.NAME: _read_name,
    Shape.IPV4: _read_ipv4,
    Shape.IPV6: _read_ipv6,
    Shape.WORD: _read_word,
    Shape.IBAN: _read_iban_from,
    Shape.AT_NAME: read_at_name,
    Shape.CALLED: read_called,
    Shape.ASN: _read_asn,
    Shape.NUMBER: read_number,
}
"""What reads a piece, by its shape."""
