"""Reads names on platforms, which count where the platform is named beside them."""

import re

from proxeny.selectors.kinds import handles
from proxeny.selectors.pieces import Found, Piece, Reading, skip
from proxeny.selectors.values import Kind, SelectorError

_CUE_CHARS = 32
_PLATFORM = re.compile(
    "|".join(
        rf"\b{re.escape(word)}\b" if len(word) > 1 else re.escape(word)
        for word in handles.list_words()
    ),
    re.IGNORECASE,
)
_CALLED_NAME = re.compile(r"(?:live:)?[^ :=]+\Z")
_LIKE_A_NAME = re.compile(r"(?=.*[0-9_#.]).*[A-Za-z].*")
_LAST_WORDS = re.compile(r"[^.!?\n]*\Z")


def read_at_name(piece: Piece) -> Reading:
    """``@name``, where the platform is called by its name beside it."""
    if piece.before(1).isalnum():
        return skip(len(piece.raw))
    raw = piece.raw.rstrip(".-")
    before = _LAST_WORDS.search(piece.before(_CUE_CHARS))
    names = _PLATFORM.findall(before[0]) if before is not None else []
    if not names:
        following = piece.text[piece.start + len(raw) :][:_CUE_CHARS]
        names = _PLATFORM.findall(re.split(r"[.!?\n@]", following)[0])[:1]
    platform = handles.find_platform(names[-1]) if names else None
    if platform is None:
        return skip(len(raw))
    return _name_on(platform, raw, 0)


def read_called(piece: Piece) -> Reading:
    """``Telegram: name_1``; without an @ the name must look like one."""
    word = _PLATFORM.match(piece.raw)
    name = _CALLED_NAME.search(piece.raw.rstrip(".-:#"))
    if word is None or name is None:
        return skip(len(piece.raw))
    platform = handles.find_platform(word[0])
    start = name.start()
    if name[0].startswith("live:") or _LIKE_A_NAME.fullmatch(name[0]) is not None:
        after = piece.text[piece.start + name.end() :][:1]
        if platform is not None and after not in {"@", "/"}:
            return _name_on(platform, name[0], start)
    return skip(start)


def _name_on(platform: str, raw: str, start: int) -> Reading:
    end = start + len(raw)
    try:
        value = handles.name_on(platform, raw)
    except SelectorError:
        return skip(max(start, 1))
    return Reading((Found(Kind.HANDLE, value, start, end, ""),), end)
