"""Law as dated, sourced data: this package holds files, and says where they are.

Nothing is decided here. ``proxeny.law`` reads and checks the files; a newer edition
is another folder of the same shape.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["path"]


def path() -> Traversable:
    """The folder of the packaged edition (its README says what each file holds)."""
    return files(__name__)
