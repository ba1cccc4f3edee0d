"""The operator's warning lists: read once, the same for every report."""

from functools import cache
from pathlib import Path

from django.conf import settings

from proxeny.linking.warninglists import WarningLists, load_warning_lists


def find_warning_lists() -> WarningLists | None:
    """The lists of `[linking] warning_lists` in proxeny.toml, or None.

    Raises:
        ProxenyError: the folder can't be read, or a list in it is damaged.
    """
    folder = settings.CONFIG.linking.warning_lists
    return _load(Path(folder)) if folder else None


@cache
def _load(folder: Path) -> WarningLists:
    return load_warning_lists(folder)
