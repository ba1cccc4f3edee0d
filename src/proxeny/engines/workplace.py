"""Where a batch works until it is done: results appear whole or not at all."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from proxeny.engines.values import BatchError

_PREFIX: Final = ".link-"


@contextlib.contextmanager
def open_workplace(out: Path) -> Iterator[Path]:
    """Give a folder inside the results' folder, on the same disk, gone at the end.

    What a killed run left there is cleared away: whoever works in a folder holds a lock
    on it, which ends with the process however that ends.

    Raises:
        BatchError: the folder can't be written.

    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _lock(out):
            for left in out.glob(f"{_PREFIX}*"):
                _clear(left)
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=out))
            held = os.open(folder, os.O_RDONLY)
            fcntl.flock(held, fcntl.LOCK_EX)
    except OSError:
        raise BatchError(
            "The folder for the results can't be written.",
            code="PXY-LINK-OUT",
            advice="Give another folder with --out.",
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Nobody else clears or founds a workplace meanwhile."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _clear(left: Path) -> None:
    held = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    except BlockingIOError:
        pass  # Somebody works there.
    finally:
        os.close(held)
