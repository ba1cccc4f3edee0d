"""Where the time of one report goes: wall and processor time of each part of taking it.

The node's own functions are measured from outside, by name; what none of the names
covers is told as the rest. A part within a part counts for the inner one alone.
"""

import functools
import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_HOLDERS = "proxeny.node.linking.holders"
_TAKEN = "proxeny.node.reports.actions"
PARTS = {
    "extract": (f"{_TAKEN}.pure.find_mentions",),
    "sketch": (f"{_HOLDERS}.linking.sketch_narrative",),
    "find holders": (
        f"{_HOLDERS}.list_newest",
        f"{_HOLDERS}.list_candidates",
        f"{_HOLDERS}.list_sharing",
    ),
    "weigh": (f"{_HOLDERS}.linking.weigh",),
    "guard": (
        f"{_HOLDERS}.list_ties",
        f"{_HOLDERS}.list_kept_apart",
        f"{_HOLDERS}.linking.decide",
    ),
    "hold selectors": (
        f"{_HOLDERS}.add_holder",
        f"{_HOLDERS}.add_mentions",
        f"{_HOLDERS}.judge_selectors",
        f"{_HOLDERS}.add_postings",
    ),
    "unite and alert": (f"{_HOLDERS}._unite", f"{_HOLDERS}.announce_account"),
    "explain and keep links": (
        f"{_HOLDERS}.linking.list_terms",
        f"{_HOLDERS}.Link.objects.bulk_create",
    ),
    "audit": (f"{_TAKEN}.record_write",),
    "commit": ("django.db.connection.commit",),
}
REST = "the rest: the report's row, its lock"


class Parts:
    """Sums of seconds by part."""

    def __init__(self) -> None:
        self.wall_s = dict.fromkeys((*PARTS, REST), 0.0)
        self.cpu_s = dict.fromkeys((*PARTS, REST), 0.0)
        self._open: list[str] = []
        self._since = (0.0, 0.0)

    def _switch(self) -> None:
        """Give the time since the last change to the part that is innermost."""
        now = (time.perf_counter(), time.process_time())
        if self._open:
            self.wall_s[self._open[-1]] += now[0] - self._since[0]
            self.cpu_s[self._open[-1]] += now[1] - self._since[1]
        self._since = now

    def measured(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted for a part."""

        @functools.wraps(call)
        def run(*arguments: Any, **named: Any) -> Any:
            self._switch()
            self._open.append(part)
            try:
                return call(*arguments, **named)
            finally:
                self._switch()
                self._open.pop()

        return run

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Measure the parts in here, and leave the node as it was."""
        replaced = []
        try:
            for part, names in PARTS.items():
                for name in names:
                    owner, own = _find_owner(name)
                    replaced.append((owner, own, getattr(owner, own)))
                    setattr(owner, own, self.measured(part, getattr(owner, own)))
            yield
        finally:
            for owner, own, call in reversed(replaced):
                setattr(owner, own, call)

    def tell(self, calls: int) -> list[dict[str, Any]]:
        """Milliseconds of each part for one report on average, the longest first."""
        return [
            {
                "part": part,
                "wall_ms": 1000 * wall_s / calls,
                "cpu_ms": 1000 * self.cpu_s[part] / calls,
            }
            for part, wall_s in sorted(self.wall_s.items(), key=lambda own: -own[1])
        ]


def _find_owner(name: str) -> tuple[Any, str]:
    """The module or object that a dotted name's last part is looked up on."""
    path, _, own = name.rpartition(".")
    module, rest = path, []
    while True:
        try:
            owner = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
    for attribute in rest:
        owner = getattr(owner, attribute)
    return owner, own
