"""Names on platforms: ``telegram:name``, ``x:name``, Tox and Session identifiers.

A name counts where its platform stands beside it or in its URL (``t.me/name``); which
platforms, and how they are written, is data (``platforms.toml``). Names are given in
lower case, because every one of these platforms takes both cases for the same person.
A Tox identifier holds a key, four bytes that its owner changes at will, and a checksum:
the key alone is the normal form. A Session identifier is a key behind ``05``.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from proxeny.selectors.values import SelectorError

_MAX_CHARS = 120
_TOX_DIGITS = 76
_KEY_DIGITS = 64
_SESSION_CHARS = len("05") + _KEY_DIGITS
_HEX = re.compile(r"[0-9a-f]+")
_SESSION = re.compile(r"05[0-9a-f]{64}")


class _Platform(NamedTuple):
    words: tuple[str, ...]
    hosts: tuple[str, ...]
    name: re.Pattern[str]
    path: re.Pattern[str]
    pages: frozenset[str]


def normalise(raw: str) -> str:
    """Give the platform, a colon and the name in lower case.

    Args:
        raw: ``platform:name`` or ``platform:@name``, a profile's URL without its
            scheme, or a Tox or Session identifier by itself.

    Raises:
        SelectorError: no such platform, or it has no such names.
    """
    text = raw.strip().lower()
    if len(text) > _MAX_CHARS:
        raise SelectorError("A name on a platform is shorter.")
    platform, mark, name = text.partition(":")
    if mark and platform.strip() in {"tox", "session"}:
        return _read_key(name.strip(), platform.strip())
    if mark and platform.strip() in _platforms():
        return name_on(platform.strip(), name.strip())
    if is_key_like(text):
        return _read_key(text)
    host, slash, path = (
        text.removeprefix("https://").removeprefix("http://").partition("/")
    )
    found = find_in_url(host, f"/{path}") if slash else None
    if found is None:
        raise SelectorError("A name needs one of the platforms that are known.")
    return found


def name_on(platform: str, raw: str) -> str:
    """The normal form of a name on a platform that is known.

    Raises:
        SelectorError: the platform has no such names.
    """
    name = raw.lower().removeprefix("@")
    known = _platforms()[platform]
    if known.name.fullmatch(name) is None or name in known.pages:
        raise SelectorError("The platform has no such names.")
    return f"{platform}:{name}"


def find_in_url(host: str, tail: str) -> str | None:
    """The name that a profile's URL holds, from host and path."""
    platform = _hosts().get(host.removeprefix("www."))
    if platform is None:
        return None
    known = _platforms()[platform]
    begun = known.path.match(tail.lower())
    if begun is None:
        return None
    name = re.split(r"[/?#&]", tail[begun.end() :], maxsplit=1)[0]
    try:
        return name_on(platform, name)
    except SelectorError:
        return None


def find_platform(word: str) -> str | None:
    """The platform that a text calls so."""
    return _words().get(word.lower())


def list_words() -> list[str]:
    """Every word for a platform, longest first."""
    return sorted(_words(), key=lambda word: (-len(word), word))


def is_key_like(word: str) -> bool:
    """The form of a Tox identifier or a Session identifier."""
    if len(word) == _SESSION_CHARS:
        return _SESSION.fullmatch(word.lower()) is not None
    return len(word) == _TOX_DIGITS and _HEX.fullmatch(word.lower()) is not None


def _read_key(digits: str, platform: str | None = None) -> str:
    if _SESSION.fullmatch(digits) is not None and platform in {None, "session"}:
        return f"session:{digits}"
    if platform not in {None, "tox"} or _HEX.fullmatch(digits) is None:
        raise SelectorError("This is no Tox or Session identifier.")
    if len(digits) == _KEY_DIGITS and platform is not None:
        return f"tox:{digits}"
    if len(digits) != _TOX_DIGITS:
        raise SelectorError("A Tox identifier has 76 hexadecimal digits.")
    checksum = [0, 0]
    for index, byte in enumerate(bytes.fromhex(digits)):
        checksum[index % 2] ^= byte
    if any(checksum):
        raise SelectorError("The Tox identifier's checksum is wrong.")
    return f"tox:{digits[:_KEY_DIGITS]}"


@cache
def _platforms() -> dict[str, _Platform]:
    text = files("proxeny.selectors").joinpath("platforms.toml").read_text("utf-8")
    return {
        key: _Platform(
            words=tuple(entry["words"]),
            hosts=tuple(entry["hosts"]),
            name=re.compile(entry["name"]),
            path=re.compile(
                f"/{entry.get('path', '')}{'@' if entry.get('at_in_path') else '@?'}"
            ),
            pages=frozenset(entry["pages"]),
        )
        for key, entry in tomllib.loads(text).items()
    }


@cache
def _hosts() -> dict[str, str]:
    return {host: key for key, one in _platforms().items() for host in one.hosts}


@cache
def _words() -> dict[str, str]:
    return {word: key for key, one in _platforms().items() for word in one.words}
