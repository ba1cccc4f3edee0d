"""A mail that somebody reports (RFC 5322, MIME RFC 2045 to 2049, one file `.eml`).

The mail is the offender's, its headers can be forged, and whoever received it is a
victim. So:

- What the headers say of the sender is given as `unknown`, in the order in which it
  is trusted (`proxeny.formats.mail.headers`).
- Recipients are the `victim`'s. The same address in the text is then the victim's too
  (`proxeny.reports.find_mentions`), and so is a From that forges the recipient. A
  sender who names a drop address in To keeps it from linking; this errs on the
  victim's side.
- A mail that carries another mail whole (`message/rfc822`) is a report about the
  inner one: the inner headers count as above, and the outer sender is who reports
  it, so a victim.

The narrative is the plain text, or the HTML as text where the plain text is a stub;
links that only the HTML has are put behind the plain text. Attachments are hashed and
never opened, an archive in them included. Nothing is fetched.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime

from proxeny.errors import InputError, LimitError
from proxeny.formats.item import Accepted, Dropped, Refused
from proxeny.formats.mail import (
    MAX_HTML_CHARS,
    MAX_MIME_DEPTH,
    MAX_PARTS,
    decode_header_value,
    decode_text,
    list_given,
    list_pictures,
    list_targets,
    list_values,
    render_text,
    require_mail_within_limits,
)
from proxeny.formats.plain import clean_line, clean_text, squeeze
from proxeny.reports import (
    EARLIEST_AT,
    LATEST_AT,
    MAX_ATTACHMENT_NAME_CHARS,
    MAX_ATTACHMENTS,
    MAX_GIVEN_SELECTORS,
    MAX_NARRATIVE_CHARS,
    MAX_SOURCE_REF_CHARS,
    MAX_TITLE_CHARS,
    Attachment,
    Channel,
    GivenSelector,
    Report,
)

MAX_DATE_CHARS = 200
MAX_LINKS_ADDED = 200

# A plain part with less than this share of the HTML's text is a stub such as
# "Your program doesn't show HTML".
STUB_SHARE = 0.25

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,45}/[a-z0-9!#$&^_.+-]{1,45}\Z")


def read_mail(raw: bytes, *, where: str) -> Accepted | Refused:
    """Read one mail.

    Args:
        raw: the whole file.
        where: how to name it in what comes back.

    Returns:
        The report, or why there is none. Nothing is raised for any bytes.
    """
    if not raw.strip():
        return Refused(where=where, code="PXY-EMPTY", why="The file is empty.")
    try:
        require_mail_within_limits(raw)
        return _read(raw, where)
    except InputError as error:
        return Refused(where=where, code=error.stable_code, why=error.message)
    # On attacks the standard library's parser raises what its authors didn't foresee,
    # and one mail must not end the run.
    except Exception:  # noqa: BLE001 - the reason stands above
        return Refused(
            where=where,
            code="PXY-MAIL-DAMAGED",
            why="The mail is damaged so that it can't be parsed.",
        )


@dataclass(slots=True, kw_only=True)
class _Notes:
    """What was left out so far, each thing said once."""

    where: str
    dropped: dict[tuple[str, str], Dropped] = field(default_factory=dict)

    def drop(self, name: str, why: str) -> None:
        note = Dropped(where=self.where, field=name, why=why)
        self.dropped.setdefault((name, why), note)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    message: Message
    media_type: str
    payload: bytes


def _read(raw: bytes, where: str) -> Accepted:
    notes = _Notes(where=where)
    if b"\0" in raw:
        notes.drop("narrative", "NUL bytes were removed")
    outer = BytesParser(policy=compat32).parsebytes(raw)
    messages = _list_messages(outer)
    parts = _list_parts(messages, notes)
    subject = next(list_values([outer], ("subject",)), "")
    title = clean_line(decode_header_value(subject))
    plains, markup = _read_texts(parts, notes)
    narrative = _make_narrative(plains, markup, notes)
    attachments = _list_attachments(parts, notes)
    if not (title or narrative or attachments):
        raise InputError(
            "The mail has no subject, no text and no attachment.", code="PXY-MAIL-EMPTY"
        )
    report = Report(
        digest=hashlib.sha256(raw).hexdigest(),
        channel=Channel.EMAIL,
        title=_cut(title, MAX_TITLE_CHARS, "title", notes),
        narrative=_cut(narrative, MAX_NARRATIVE_CHARS, "narrative", notes),
        source_ref=_find_message_id(outer),
        sent_at=_find_date(outer, notes),
        given=_list_given(messages, markup, notes),
        attachments=attachments,
    )
    return Accepted(
        where=where, report=report, raw=raw, dropped=tuple(notes.dropped.values())
    )


def _list_messages(outer: Message) -> list[Message]:
    """Every message and part, outermost first, in the order of the text.

    Raises:
        LimitError: nested deeper, or of more parts, than the limits allow.
    """
    found: list[Message] = []
    waiting = [(outer, 0)]
    while waiting:
        message, depth = waiting.pop()
        found.append(message)
        if depth > MAX_MIME_DEPTH:
            raise LimitError(
                f"The mail is nested deeper than {MAX_MIME_DEPTH} levels.",
                code="PXY-MAIL-LIMIT",
            )
        if len(found) > MAX_PARTS:
            raise LimitError(
                f"The mail has more than {MAX_PARTS:,} parts.", code="PXY-MAIL-LIMIT"
            )
        waiting += [(child, depth + 1) for child in reversed(_children(message))]
    return found


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    if not isinstance(payload, list):
        return []
    return [child for child in payload if isinstance(child, Message)]


def _list_parts(messages: Sequence[Message], notes: _Notes) -> list[_Part]:
    parts = []
    for message in messages:
        if isinstance(message.get_payload(), list):
            continue
        payload = message.get_payload(decode=True)
        if message.defects:
            notes.drop("mime", "the mail's structure or encoding is damaged")
        parts.append(
            _Part(
                message=message,
                media_type=_media_type(message),
                payload=payload if isinstance(payload, bytes) else b"",
            )
        )
    return parts


def _media_type(message: Message) -> str:
    stated = message.get_content_type()
    return stated if _MEDIA_TYPE.match(stated) else "application/octet-stream"


def _is_text(part: _Part) -> bool:
    return (
        part.media_type in {"text/plain", "text/html"}
        and part.message.get_content_disposition() != "attachment"
    )


def _read_texts(parts: Sequence[_Part], notes: _Notes) -> tuple[list[str], str]:
    """The plain texts, and the HTML as one document."""
    plains: list[str] = []
    pages: list[str] = []
    for part in parts:
        if _is_text(part):
            text, assumed = decode_text(
                part.payload, part.message.get_content_charset(failobj=None)
            )
            if assumed:
                notes.drop("charset", assumed)
            (pages if part.media_type == "text/html" else plains).append(text)
    return plains, "<hr>".join(pages)


def _make_narrative(plains: Sequence[str], markup: str, notes: _Notes) -> str:
    if len(markup) > MAX_HTML_CHARS:
        notes.drop("narrative", f"HTML was read up to {MAX_HTML_CHARS:,} characters")
    plain = squeeze(clean_text("\n\n".join(plains)))
    page = squeeze(clean_text(render_text(markup)))
    if len(plain) < STUB_SHARE * len(page):
        return page
    start = plain[:MAX_NARRATIVE_CHARS]
    targets = list_targets(markup)[:MAX_LINKS_ADDED]
    missing = [f"<{target}>" for target in targets if target not in start]
    return "\n".join([plain, *missing]).strip()


def _list_attachments(parts: Sequence[_Part], notes: _Notes) -> tuple[Attachment, ...]:
    files = [part for part in parts if not _is_text(part)]
    if len(files) > MAX_ATTACHMENTS:
        notes.drop("attachments", f"only the first {MAX_ATTACHMENTS} were hashed")
    return tuple(
        Attachment(
            name=_attachment_name(part.message, number),
            media_type=part.media_type,
            size_bytes=len(part.payload),
            sha256=hashlib.sha256(part.payload).hexdigest(),
        )
        for number, part in enumerate(files[:MAX_ATTACHMENTS], start=1)
    )


def _attachment_name(message: Message, number: int) -> str:
    stated = clean_line(decode_header_value(message.get_filename() or ""))
    # Folders, drives and characters that a file system or a shell reads are gone.
    name = re.sub(r'[<>:"|?*%$`]', "_", re.split(r"[/\\]", stated)[-1]).strip(". ")
    return name[-MAX_ATTACHMENT_NAME_CHARS:] or f"attachment-{number}"


def _find_message_id(message: Message) -> str | None:
    stated = next(list_values([message], ("message-id",)), "")
    return clean_line(stated).strip("<> ")[:MAX_SOURCE_REF_CHARS] or None


def _find_date(message: Message, notes: _Notes) -> datetime | None:
    stated = next(list_values([message], ("date",)), None)
    if stated is None:
        return None
    try:
        sent_at = parsedate_to_datetime(stated[:MAX_DATE_CHARS])
        # RFC 5322 3.3: -0000 is UTC without a word on the local zone.
        sent_at = sent_at.replace(tzinfo=sent_at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        notes.drop("sent_at", "the Date header is no date after RFC 5322")
        return None
    if not EARLIEST_AT <= sent_at < LATEST_AT:
        notes.drop("sent_at", "the Date header is outside 1970 to 2099")
        return None
    return sent_at


def _list_given(
    messages: Sequence[Message], markup: str, notes: _Notes
) -> tuple[GivenSelector, ...]:
    inner = next(
        (
            child
            for message in messages
            if message.get_content_type() == "message/rfc822"
            for child in _children(message)
        ),
        None,
    )
    given = list_given(messages[0], inner, list_pictures(markup))
    if len(given) > MAX_GIVEN_SELECTORS:
        notes.drop("given", f"only the first {MAX_GIVEN_SELECTORS} addresses were kept")
    return tuple(given[:MAX_GIVEN_SELECTORS])


def _cut(text: str, most: int, name: str, notes: _Notes) -> str:
    if len(text) > most:
        notes.drop(name, f"cut to {most:,} characters")
    return text[:most]
