"""Compiles a function by numba on first use, and keeps what was compiled on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Run it as machine code, without holding the interpreter's lock."""
    return cast("_Function", numba.njit(cache=True, nogil=True)(function))


def compiled_parallel(function: _Function) -> _Function:
    """The same, with loops over `numba.prange` on every core."""
    return cast(
        "_Function", numba.njit(cache=True, nogil=True, parallel=True)(function)
    )
