"""Log lines without what an exception says: its text may hold personal data."""

import logging
import traceback
from types import TracebackType
from typing import TypeAlias

Raised: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


class WithoutText(logging.Formatter):
    """Names the kind of an exception and where it came from, and no more."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - the library's name
        """The kind, and file and line of each call."""
        kind, _error, raised = ei
        places = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(raised)
        ]
        return "\n".join([*places, kind.__name__ if kind else ""])
