"""An edition of one's own to change: a copy of the packaged one."""

import shutil
from pathlib import Path

import pytest

from proxeny import lawbook

PACKAGED = Path(str(lawbook.path()))


@pytest.fixture
def edition(tmp_path):
    folder = tmp_path / "edition"
    shutil.copytree(
        PACKAGED, folder, ignore=shutil.ignore_patterns("forms", "__pycache__")
    )
    return folder


@pytest.fixture
def append(edition):
    """Adds lines to a table; the number of the first of them is returned."""

    def add(name, line):
        path = edition / name
        first = len(path.read_text("utf-8").splitlines()) + 1
        with path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        return first

    return add


@pytest.fixture
def replace(edition):
    """Replaces the first of what stands in a file."""

    def change(name, old, new):
        path = edition / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change
