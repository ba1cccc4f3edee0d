"""Which page of a long list an address asks for, and the pages beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

MAX_PAGE = 10_000
MAX_KEY_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One page of a long list; past its end stands the last.

    Attributes:
        rows: how many a page has.
        total: how many the list has.
        asked: which page is asked for, from 1.
        address: what else its address says.
    """

    rows: int
    total: int
    asked: int = 1
    address: Mapping[str, object] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Which page it is, from 1."""
        return min(self.asked, self._last)

    @property
    def offset(self) -> int:
        """How many rows are passed over."""
        return (self.number - 1) * self.rows

    def find_neighbours(self) -> dict[str, str]:
        """As `c.pager` shows them: addresses, empty at either end of the list."""
        has_more = self.number < self._last
        return {
            "previous": self._render(self.number - 1) if self.number > 1 else "",
            "next": self._render(self.number + 1) if has_more else "",
        }

    @property
    def _last(self) -> int:
        return min(max(-(-self.total // self.rows), 1), MAX_PAGE)

    def _render(self, number: int) -> str:
        return f"?{urlencode({**self.address, 'page': number})}"


def read_window(address: Mapping[str, str], *, rows: int, total: int) -> Window:
    """The page that an address asks for."""
    return Window(rows=rows, total=total, asked=read_page(address.get("page", "")))


def read_page(text: str) -> int:
    """The number of a page, from 1; whatever is none is the first."""
    return min(max(_number(text), 1), MAX_PAGE)


def read_before(text: str) -> int | None:
    """The key below which a list goes on, if one is given."""
    return _number(text) or None


def _number(text: str) -> int:
    fits = text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS
    return int(text) if fits else 0
