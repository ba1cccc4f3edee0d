"""What stands between the pattern and the kinds: a piece of text, and what it holds."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from proxeny.selectors.values import Kind, SelectorError


class Found(NamedTuple):
    """A candidate, with offsets from the start of its piece, later of its text.

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

    def after(self, chars: int) -> str:
        """The characters right behind the piece."""
        end = self.start + len(self.raw)
        return self.text[end : end + chars]

    def shortened(self, chars: int) -> "Piece":
        """The first characters of the piece."""
        return Piece(self.raw[:chars], self.text, self.start, self.country)


# What calling a named tuple does in the end, in half the time.
make = tuple.__new__


def read_as(kind: Kind, normalise: Callable[[str], str], raw: str) -> Reading:
    """The whole of ``raw`` as one selector, or as a candidate with its reason."""
    try:
        found = make(Found, (kind, normalise(raw), 0, len(raw), ""))
        return make(Reading, ((found,), len(raw)))
    except SelectorError as error:
        return refuse(kind, raw, error.message)


def refuse(kind: Kind, raw: str, note: str) -> Reading:
    """A candidate that did not hold."""
    return Reading((Found(kind, "", 0, len(raw), note),), len(raw))


@lru_cache
def skip(chars: int) -> Reading:
    """Nothing worth a word in so many characters."""
    return Reading((), chars)
