"""Tells stop values: selectors that half the world shares join nobody."""

from collections.abc import Iterable
from typing import Final

from proxeny.linking import find_stop_reason
from proxeny.linking.warninglists import WarningLists
from proxeny.selectors import Kind, Selector

_KINDS: Final = {kind.value: kind for kind in Kind}


def mark_stops(
    kinds: Iterable[str], values: Iterable[str], lists: WarningLists | None
) -> list[bool]:
    """Say of each selector whether it is a stop value.

    Args:
        kinds: of the selectors; one of an unknown kind is none.
        values: of the selectors.
        lists: MISP warning lists, or None for the packaged list alone.

    """
    return [
        kind in _KINDS
        and find_stop_reason(Selector(kind=_KINDS[kind], value=value), lists) != ""
        for kind, value in zip(kinds, values, strict=True)
    ]
