"""Text to value and back at the edges: one module for each standard.

`read_reports` turns mails, CSV and JSON Lines into `proxeny.reports.Report`, and says
of every item what became of it. Everything that comes in is hostile: each limit is a
named constant beside the reader that keeps it. The PDF of a request is made by
`proxeny.formats.pdf`, which isn't imported here because it loads a typesetter.

Example:
    >>> from pathlib import Path
    >>> for item in read_reports([Path("reports")]):
    ...     print(item.where, "refused" if isinstance(item, Refused) else "accepted")
"""

from proxeny.formats.intake import FORMS, read_reports
from proxeny.formats.item import Accepted, Dropped, Refused

__all__ = ["FORMS", "Accepted", "Dropped", "Refused", "read_reports"]
