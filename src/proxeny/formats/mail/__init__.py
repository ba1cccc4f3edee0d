"""What reading a mail needs: limits, character sets, headers by trust, HTML."""

from proxeny.formats.mail.charset import decode_header_value, decode_text
from proxeny.formats.mail.guard import (
    MAX_MAIL_BYTES,
    MAX_MIME_DEPTH,
    MAX_PARTS,
    has_mail_headers,
    require_mail_within_limits,
)
from proxeny.formats.mail.headers import list_given, list_values
from proxeny.formats.mail.html_text import (
    MAX_HTML_CHARS,
    list_pictures,
    list_targets,
    render_text,
)

__all__ = [
    "MAX_HTML_CHARS",
    "MAX_MAIL_BYTES",
    "MAX_MIME_DEPTH",
    "MAX_PARTS",
    "decode_header_value",
    "decode_text",
    "has_mail_headers",
    "list_given",
    "list_pictures",
    "list_targets",
    "list_values",
    "render_text",
    "require_mail_within_limits",
]
