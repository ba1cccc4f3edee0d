"""Editions of the lawbook: read and checked, compared, and made from newer sources.

No entry without a source gets in. A breach is told with its file and line, and
nothing of a faulty edition is used.
"""

from proxeny.law.editions.exports import Export
from proxeny.law.editions.importing import import_edition, import_status
from proxeny.law.editions.loading import load_lawbook
from proxeny.law.editions.rows import MAX_FILE_BYTES as MAX_EXPORT_BYTES

__all__ = [
    "MAX_EXPORT_BYTES",
    "Export",
    "import_edition",
    "import_status",
    "load_lawbook",
]
