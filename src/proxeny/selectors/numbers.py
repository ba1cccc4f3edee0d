"""Reads a piece made of digits: a telephone number, a card, an account, or a date.

Most numbers in a text are none of these, so the cheap signs are asked for first: a
leading plus, a card's length, a word before it that calls it an account or a phone.
"""

import re
from collections.abc import Iterator

from proxeny.selectors import cues
from proxeny.selectors.kinds import accounts, cards, phones
from proxeny.selectors.pieces import Found, Piece, Reading, read_as, refuse, skip
from proxeny.selectors.values import Kind, SelectorError

_MAX_PHONE_TRIES = 3
_MIN_PHONE_DIGITS = 7
_MAX_PHONE_DIGITS = 15
_MIN_TRUNK_GROUP_DIGITS = 2
_CUE_CHARS = 32
_ACCOUNT_CUE_CHARS = 72
_CODE_BEFORE = frozenset("#_=&-/")
_DATE = re.compile(
    r"(?:0?[1-9]|[12][0-9]|3[01])([./-]) ?(?:0?[1-9]|1[0-2])\1 ?(?:19|20)?[0-9]{2}\b"
    r"|(?:19|20)[0-9]{2}([./-])(?:0[1-9]|1[0-2])\2[0-3][0-9]\b"
)
_DATE_BYTES = re.compile(_DATE.pattern.encode())
_MAX_DATE_BYTES = 12
# Where no number begins, none begins at the one or two digits after it: this keeps
# long rows of small numbers cheap.
_FIRST_GROUPS = re.compile(r"[^0-9]*[0-9]+(?:[^0-9]+[0-9]{1,2}(?![0-9]))*")
# Letters may stand in the account of a French RIB.
_RIB = re.compile(r"[0-9]{5}[ -]?[0-9]{5}[ -]?[0-9A-Z]{11}[ -]?[0-9]{2}\b")
_SERBIAN_CUE = re.compile(r"ra[čc]un|žiro|tekući|рачун|жиро|текући", re.IGNORECASE)
_CODE_WORDS = ("sort", "blz", "bankleit", "routing", "aba", "rtn")
# Words for the part that names the bank, and that part itself.
_CODE_PARTS = {
    "GB": re.compile(
        r"sort ?code\W{0,4}(?:is\W)?([0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2})?\b"
    ),
    "DE": re.compile(
        r"(?:blz|bankleitzahl)\W{0,4}([1-8][0-9]{2} ?[0-9]{3} ?[0-9]{2})?\b"
    ),
    "US": re.compile(
        r"(?:routing|aba|rtn)(?:\W(?:number|no|num))?\W{0,4}([0-9]{9})?\b"
    ),
}


def is_date(piece: bytes) -> bool:
    """A date and nothing else: the commonest number, so it is asked for first."""
    return len(piece) <= _MAX_DATE_BYTES and _DATE_BYTES.fullmatch(piece) is not None


def read_number(piece: Piece) -> Reading:
    """Read a piece that begins with a digit, a plus or a bracket."""
    raw = piece.raw
    head = raw.lstrip("( ")[:2]
    if head[0] != "+":
        date = _DATE.match(raw)
        if date is not None:
            return skip(date.end())
        account = read_account(piece)
        if account is not None:
            return account
    if head[0] == "+" or head == "00":
        phone = read_phone(piece)
        if phone.found and phone.found[0].value:
            return phone
        return _read_card(piece) or phone
    return _read_card(piece) or (
        read_phone(piece) if _may_be_national(piece) else skip(_resume(raw))
    )


def _resume(raw: str) -> int:
    groups = _FIRST_GROUPS.match(raw)
    return len(raw) if groups is None else groups.end()


def _read_card(piece: Piece) -> Reading | None:
    if len(piece.raw) < cards.MIN_CARD_DIGITS:
        return None
    # A number at a later group is found when the pass comes to that group.
    find = cards.match_card if piece.raw[0].isdigit() else cards.find_card
    card = find(piece.raw)
    if card is None:
        return None
    before = piece.before(_CUE_CHARS) + piece.raw[: card.start]
    if before[-1:] in _CODE_BEFORE or cues.is_called("coded", before):
        return skip(card.end)
    found = Found(Kind.CARD_BIN, card.issuer, card.start, card.end, "")
    return Reading((found,), card.end)


def read_account(piece: Piece) -> Reading | None:
    """An account needs a word that calls it one: check digits alone are too few."""
    before = piece.before(_ACCOUNT_CUE_CHARS).lower()
    is_account = cues.is_called("account", piece.before(_CUE_CHARS))
    bank = _find_bank(piece, before)
    if not is_account and bank is None:
        return None
    rib = _RIB.match(piece.text, piece.start) if piece.country == "FR" else None
    if rib is not None:
        return read_as(Kind.ACCOUNT, lambda raw: accounts.normalise(raw, "FR"), rib[0])
    for end in _list_ends(piece.raw, 2):
        for country, number in _list_spellings(
            piece, piece.raw[:end], bank, is_account=is_account
        ):
            try:
                value = accounts.normalise(number, country)
            except SelectorError:
                continue
            return Reading((Found(Kind.ACCOUNT, value, 0, end, ""),), end)
    return None


def _find_bank(piece: Piece, before: str) -> tuple[str, str] | None:
    """The country whose word for a bank's code stands near, and the code if any."""
    after = piece.after(_CUE_CHARS).lower()
    around = f"{before}\n{after}"
    for word in _CODE_WORDS:
        if word in around:
            break
    else:
        return None
    for country, pattern in _CODE_PARTS.items():
        codes = list(pattern.finditer(before))
        if not codes:
            codes = list(pattern.finditer(after))
        if codes:
            return country, codes[-1][1] or ""
    return None


def _list_spellings(
    piece: Piece, number: str, bank: tuple[str, str] | None, *, is_account: bool
) -> Iterator[tuple[str, str]]:
    """The countries whose account it may be, each with the number as written there."""
    if bank is not None:
        country, code = bank
        if not code:
            yield country, number
        elif is_account and number.isdigit():
            yield country, f"{code} {number}"
    if is_account:
        if piece.country is not None:
            yield piece.country, number
        if _SERBIAN_CUE.search(piece.before(_CUE_CHARS)) is not None:
            yield accounts.guess_country(number), number


def read_phone(piece: Piece) -> Reading:
    raw = piece.raw
    for end in _list_ends(raw, _MIN_PHONE_DIGITS):
        try:
            value = phones.normalise(raw[:end], piece.country)
        except SelectorError:
            continue
        return Reading((Found(Kind.PHONE, value, 0, end, ""),), end)
    if raw.lstrip("(").startswith("+"):
        return refuse(Kind.PHONE, raw, "No numbering plan has such a phone number.")
    return skip(_resume(raw))


def _may_be_national(piece: Piece) -> bool:
    """Cheap signs that digits are dialled: trunk prefix, groups, or a word before."""
    if piece.country is None:
        return False
    before = piece.before(_CUE_CHARS)
    if before and before[-1] in _CODE_BEFORE:
        return False
    trunk = phones.trunk_prefix(piece.country)
    if trunk.startswith("0"):
        digits = piece.raw.lstrip("( ")
        if piece.raw[0] == "(" or (
            digits.startswith(trunk) and digits[:_MIN_TRUNK_GROUP_DIGITS].isdigit()
        ):
            return True
    elif not piece.raw.isdigit():
        return True
    return cues.is_called("phone", before)


def _list_ends(raw: str, least: int) -> Iterator[int]:
    """Where the number may end: after the last group, or after one before it."""
    most = _MAX_PHONE_DIGITS + (2 if raw.lstrip("( ").startswith("00") else 0)
    if least < _MIN_PHONE_DIGITS:
        most = len(raw)
    end = len(raw)
    digits = _count_digits(raw)
    tries = 0
    while end >= 0 and digits >= least and tries < _MAX_PHONE_TRIES:
        if digits <= most:
            yield end
            tries += 1
        start = max(raw.rfind(" ", 0, end), raw.rfind("\u00a0", 0, end))
        digits -= _count_digits(raw[start + 1 : end])
        end = start


def _count_digits(raw: str) -> int:
    return sum(map(str.isdigit, raw))
