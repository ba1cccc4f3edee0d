"""The value of a report: what somebody told an authority, and what it mentions.

A report is made by `proxeny.formats` (mail, CSV, JSON Lines) or by a page, and is
valid from its constructor on. `find_mentions` says which selectors it mentions and
in which role. Who may see a report, and where it is kept, is the node's affair.

Example:
    >>> report = Report(
    ...     digest="0" * 64, channel=Channel.CSV, title="", narrative="Call +381..."
    ... )
    >>> [mention.selector for mention in find_mentions(report)]
    []
"""

from proxeny.reports.mentions import ReportMention, find_mentions
from proxeny.reports.report import (
    EARLIEST_AT,
    LATEST_AT,
    MAX_ATTACHMENT_NAME_CHARS,
    MAX_ATTACHMENTS,
    MAX_CODE_CHARS,
    MAX_GIVEN_SELECTORS,
    MAX_NARRATIVE_CHARS,
    MAX_SOURCE_REF_CHARS,
    MAX_TITLE_CHARS,
    Attachment,
    Channel,
    GivenSelector,
    Loss,
    Report,
    ReportError,
    is_currency,
)

__all__ = [
    "EARLIEST_AT",
    "LATEST_AT",
    "MAX_ATTACHMENTS",
    "MAX_ATTACHMENT_NAME_CHARS",
    "MAX_CODE_CHARS",
    "MAX_GIVEN_SELECTORS",
    "MAX_NARRATIVE_CHARS",
    "MAX_SOURCE_REF_CHARS",
    "MAX_TITLE_CHARS",
    "Attachment",
    "Channel",
    "GivenSelector",
    "Loss",
    "Report",
    "ReportError",
    "ReportMention",
    "find_mentions",
    "is_currency",
]
