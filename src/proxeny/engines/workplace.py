"""Where a batch works until it is done: results appear whole or not at all."""

import contextlib
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

    What a killed run left there is cleared away.

    Raises:
        BatchError: the folder can't be written.

    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        for left in out.glob(f"{_PREFIX}*-*"):
            if not _is_running(left.name.removeprefix(_PREFIX).partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=out))
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


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
