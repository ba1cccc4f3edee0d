"""Reports, for programs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from proxeny.errors import InputError, LimitError
from proxeny.node.accounts.desk import DeskRequest, one_by_one
from proxeny.node.accounts.program import Page, api_call, next_of
from proxeny.node.audit.actions import record_read
from proxeny.node.linking.api import Loss
from proxeny.node.reports.access import access_report
from proxeny.node.reports.actions import Taken, Tally
from proxeny.node.reports.documents import (
    report_document,
    report_line,
    tally_document,
)
from proxeny.node.reports.queries import list_reports
from proxeny.node.reports.uploads import MAX_UPLOAD_BYTES, take_upload

MEDIA_TYPE = 415
router = Router(tags=["reports"])


class ReportLine(Schema):
    """A report in one line."""

    ref: str
    received_at: datetime
    channel: str
    origin: str
    source_ref: str
    title: str
    sent_at: datetime | None
    happened_at: datetime | None
    country: str
    offence: str
    language: str
    loss: Loss | None
    series: str | None
    repeat_of: str | None


class Reports(Schema):
    """A page of reports."""

    reports: list[ReportLine]
    next: str | None


class LeftOut(Schema):
    """A part that was left out, and why."""

    field: str
    why: str


class Mention(Schema):
    """A selector that the report names, and in whose role."""

    kind: str
    value: str
    role: str
    field: str
    raw: str
    start: int | None
    end: int | None


class Attachment(Schema):
    """A file that came with it: hashed, never opened."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str


class Report(ReportLine):
    """A report as text, with what was found in it."""

    digest: str
    narrative: str
    dropped: list[LeftOut]
    mentions: list[Mention]
    attachments: list[Attachment]
    repeats: list[str]


class Refused(Schema):
    """An item that is no report, and why."""

    where: str
    code: str
    why: str


class Dropped(LeftOut):
    """A part of an accepted item that was left out, and why."""

    where: str


class Imported(Schema):
    """What became of each item."""

    read: int
    accepted: int
    repeats: int
    refused: list[Refused]
    dropped: list[Dropped]
    refs: list[str] = Field(description="The reports that were made, in their order.")


class ReportPage(Page):
    """Which reports are asked for."""

    search: str = Field(
        "",
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="In title and origin, or a whole source reference.",
    )


@router.get("/reports", response=Reports)
@api_call("report.list", "report.read")
def list_(request: DeskRequest, page: Query[ReportPage]) -> dict[str, Any]:
    """List reports, newest first."""
    rows = list_reports(
        request.actor,
        search=page.search.strip(),
        limit=page.limit + 1,
        before=page.before,
    )
    reports = [report_line(row) for row in rows[: page.limit]]
    request.seen += [report["ref"] for report in reports]
    return {"reports": reports, "next": next_of([row.report for row in rows], page)}


@router.get("/reports/{ref}", response=Report)
@api_call("report.show", "report.read")
def show(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Show a report as text, with what was found in it."""
    report = access_report(request.actor, ref)
    document = report_document(report)
    request.seen += [report.ref, *document["repeats"]]
    if document["repeat_of"] is not None:
        request.seen.append(document["repeat_of"])
    return document


_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_ONE_REPORT = {
    "type": "object",
    "required": ["narrative"],
    "properties": {
        "narrative": _TEXT,
        "title": _TEXT,
        "source_ref": _TEXT,
        "sent_at": {"type": "string", "description": "ISO 8601; no zone: UTC."},
        "happened_at": {"type": "string", "description": "ISO 8601; no zone: UTC."},
        "country": _TEXT,
        "offence": _TEXT,
        "language": _TEXT,
        "loss": {
            "type": "object",
            "properties": {"amount": _TEXT, "currency": _TEXT},
        },
        "role": {"enum": ["offender", "victim", "unknown"]},
        "selectors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind", "value"],
                "properties": {"kind": _TEXT, "value": _TEXT, "role": _TEXT},
            },
        },
        "phone": {"anyOf": [_TEXT, _TEXTS]},
        "victim_phone": {"anyOf": [_TEXT, _TEXTS]},
    },
    "description": "One line of JSON Lines, with the same names: every selector kind "
    "may stand as a name of its own, with or without `victim_` or `offender_`.",
}
_ONE_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "format": {"enum": ["auto", "eml", "csv", "jsonl"], "default": "auto"},
    },
}


@router.post(
    "/reports",
    response=Imported,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _ONE_REPORT},
                "multipart/form-data": {"schema": _ONE_FILE},
            },
        }
    },
)
@api_call("report.import", "report.read")
@one_by_one
def take(request: DeskRequest) -> dict[str, Any]:
    """Take one report in (JSON), or a file of reports (multipart).

    Of a file each item is answered for: accepted, a repeat (kept, not counted),
    refused or dropped in part, and why. One report that is refused is a problem.
    """
    match request.content_type:
        case "application/json":
            tally = _count(_take_one(request))
            if tally.refused:
                refused = tally.refused[0]
                raise InputError(refused["why"], code=refused["code"])
        case "multipart/form-data":
            tally = _count(_take_file(request))
        case _:
            raise HttpError(MEDIA_TYPE, "neither JSON nor a form with a file")
    if not tally.refs:
        # Nothing was written, so no action has left a row of this call.
        record_read(request.actor, "report.import")
    return {**tally_document(tally), "refs": tally.refs}


def _take_one(request: DeskRequest) -> Iterable[Taken]:
    # A line feed in JSON is nothing but space between its tokens, so that a document
    # on many lines is the same document on one, as the reader of lines wants it.
    line = request.body.replace(b"\r", b" ").replace(b"\n", b" ")
    return take_upload(request.actor, [line], name="report.jsonl", form="jsonl")


def _take_file(request: DeskRequest) -> Iterable[Taken]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise InputError(
            "The form has no file in its field `file`.", code="PXY-API-SHAPE"
        )
    if (file.size or 0) > MAX_UPLOAD_BYTES:
        raise LimitError(
            f"The file is over {MAX_UPLOAD_BYTES:,} bytes.",
            code="PXY-API-SIZE",
            advice="Split it, or use `proxeny report import`.",
        )
    return take_upload(
        request.actor,
        file.chunks(),
        name=file.name or "",
        form=request.POST.get("format", "auto"),
    )


def _count(items: Iterable[Taken]) -> Tally:
    tally = Tally()
    for taken in items:
        tally.add(taken)
    return tally
