"""Which page of a long list an address asks for, and the pages beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

MAX_PAGE = 10_000
MAX_KEY_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One page of a long list.

    Attributes:
        rows: how many a page has.
        number: which page, from 1.
        address: what else its address says.
    """

    rows: int
    number: int = 1
    address: Mapping[str, object] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """How many rows are passed over."""
        return (self.number - 1) * self.rows

    def find_neighbours(self, total: int) -> dict[str, str]:
        """As `c.pager` shows them: addresses, empty at either end of the list."""
        has_more = self.offset + self.rows < total and self.number < MAX_PAGE
        return {
            "previous": self._render(self.number - 1) if self.number > 1 else "",
            "next": self._render(self.number + 1) if has_more else "",
        }

    def _render(self, number: int) -> str:
        return f"?{urlencode({**self.address, 'page': number})}"


def read_window(address: Mapping[str, str], *, rows: int) -> Window:
    """The page that an address asks for."""
    return Window(rows=rows, number=read_page(address.get("page", "")))


def read_page(text: str) -> int:
    """The number of a page, from 1; whatever is none is the first."""
    return min(max(_number(text), 1), MAX_PAGE)


def read_before(text: str) -> int | None:
    """The key below which a list goes on, if one is given."""
    return _number(text) or None


def _number(text: str) -> int:
    fits = text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS
    return int(text) if fits else 0
