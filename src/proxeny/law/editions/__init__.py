"""Editions of the lawbook: read and checked, compared, and made from newer sources.

No entry without a source gets in. A breach is told with its file and line, and
nothing of a faulty edition is used.
"""

from proxeny.law.editions.loading import load_lawbook

__all__ = ["load_lawbook"]
