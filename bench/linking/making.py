"""Makes a world in a process of its own, so that its memory is nobody else's."""

from pathlib import Path

from worlds.scale import make
from worlds.setting import find_setting


def make_world(out: Path, reports: int, setting: str, seed: int) -> None:
    """Write the world unless it is there."""
    make(out, reports=reports, setting=find_setting(setting), seed=seed)
