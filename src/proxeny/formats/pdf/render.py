"""Set a request on paper from its form, its body and what the node knows of it.

No text of a request is ever pasted into typst source: the template is fixed and reads
its data as JSON, so ``#import`` or ``$x$`` in a narrative is printed as it stands. The
same input gives the same bytes: the only date is ``RequestMeta.issued_at``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from typing import Any

import typst

from proxeny import countries
from proxeny.errors import InputError
from proxeny.formats.pdf import glyphs
from proxeny.requests import (
    EXTRA,
    Field,
    FieldKind,
    Form,
    State,
    normalise_body,
    parse_instant,
)

MAX_PDF_CHARS = 300_000
_LANGUAGE = "en"
# Kinds whose name says it to programs alone; the others are words of the field.
_KIND_NAMES = {
    "account": "bank account",
    "asn": "network (ASN)",
    "card_bin": "card issuer (BIN)",
    "email": "e-mail",
    "handle": "user name",
    "hash": "file hash",
    "iban": "IBAN",
    "ip": "IP address",
    "url": "URL",
}


class PaperError(InputError):
    """The request can't be set on paper."""

    code = "PXY-PDF"
    advice = "Shorten the request, or report the code and the form."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMeta:
    """What stands on the paper besides the request's own contents.

    Attributes:
        ref: the request's reference at the node.
        state: where it stands.
        version_text: which edition and release made the paper, one line.
        issued_at: the instant that the paper bears, aware.
        requesting: name of the requesting authority.
        requested: name of the requested authority.
        approved_by: who approved it; None prints it as a draft.
        marking: handling marking, such as ``TLP:AMBER``; may be empty.
        digest: SHA-256, in hex, of the request's wire form.
    """

    ref: str
    state: State
    version_text: str
    issued_at: datetime
    requesting: str
    requested: str
    approved_by: str | None
    marking: str
    digest: str

    @property
    def is_draft(self) -> bool:
        """Nobody has approved the text as it stands."""
        return self.approved_by is None or self.state in {State.DRAFT, State.CHECKED}


def render_request_pdf(
    form: Form, body: Mapping[str, Any], *, meta: RequestMeta
) -> bytes:
    """The request as a tagged PDF (PDF/A-2a and PDF/UA-1).

    What the form demands and the body lacks is said to be missing; characters that
    can't be shown are printed as their code points.

    Args:
        form: the request's form.
        body: its contents, as drafted or received.
        meta: reference, state, dates and names.

    Returns:
        The PDF's bytes, the same for the same input.

    Raises:
        PaperError: the request is too long for paper, or typst refuses it (PXY-PDF).
    """
    paper = _describe(form, normalise_body(form, body), meta)
    data = json.dumps(_show_all(paper), ensure_ascii=False)
    if len(data) > MAX_PDF_CHARS:
        raise PaperError(f"The request is over {MAX_PDF_CHARS} characters on paper.")
    try:
        return typst.compile(
            _read_template(),
            font_paths=_load_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(meta.issued_at.timestamp()),
        )
    except typst.TypstError as error:
        raise PaperError("The request can't be set on paper.") from error


@cache
def _read_template() -> bytes:
    return (files("proxeny.formats.pdf") / "templates" / "request.typ").read_bytes()


@cache
def _load_fonts() -> typst.Fonts:
    with as_file(glyphs.fonts_folder()) as folder:
        return typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[folder],
        )


def _show_all(value: Any) -> Any:
    match value:
        case str():
            return glyphs.show(value)
        case dict():
            return {name: _show_all(item) for name, item in value.items()}
        case list() | tuple():
            return [_show_all(item) for item in value]
        case _:
            return value


def _describe(form: Form, body: Mapping[str, Any], meta: RequestMeta) -> dict[str, Any]:
    issued_at = meta.issued_at.astimezone(UTC)
    return {
        "lang": _LANGUAGE,
        "title": form.title,
        "short_title": form.short_title,
        "basis": f"{form.instrument_name}, {form.article}",
        "author": meta.requesting,
        "ref": meta.ref,
        "marking": meta.marking,
        "draft": meta.is_draft,
        "digest": meta.digest,
        "date": [issued_at.year, issued_at.month, issued_at.day],
        "time": [issued_at.hour, issued_at.minute, issued_at.second],
        "summary": [
            ["Reference", meta.ref],
            ["State", str(meta.state)],
            ["From", meta.requesting],
            ["To", meta.requested],
        ],
        "sections": [
            {"title": title, "rows": [_describe_row(field, body) for field in fields]}
            for title, fields in _list_sections(form, body)
        ],
        "approval": [
            ["Approved by", _write_approval(meta)],
            ["Issued", _write_instant(issued_at)],
            ["SHA-256 of the electronic request", meta.digest],
            ["Made by", meta.version_text],
        ],
        "extra": len(body.get(EXTRA) or ()),
    }


def _write_approval(meta: RequestMeta) -> str:
    if meta.is_draft or meta.approved_by is None:
        return "not approved"
    return meta.approved_by


def _list_sections(
    form: Form, body: Mapping[str, Any]
) -> list[tuple[str, list[Field]]]:
    shown = [field for field in form.fields if field.required or field.name in body]
    return [
        (title, list(fields))
        for title, fields in groupby(shown, key=lambda field: field.section)
    ]


def _describe_row(field: Field, body: Mapping[str, Any]) -> dict[str, Any]:
    value = body.get(field.name)
    return {
        "label": field.label,
        "basis": f"Article {field.paragraph}" if field.paragraph else "",
        **(_missing() if value is None else _describe_value(field, value)),
    }


def _missing() -> dict[str, Any]:
    return {"kind": "missing", "value": "Missing"}


def _describe_value(field: Field, value: Any) -> dict[str, Any]:
    match field.kind:
        case FieldKind.AUTHORITY if isinstance(value, Mapping):
            return {"kind": "pairs", "value": _list_parts(field, value)}
        case FieldKind.SELECTORS if isinstance(value, list):
            return {"kind": "selectors", "value": [_list_cells(item) for item in value]}
        case FieldKind.BOOLEAN if isinstance(value, bool):
            answer = "Yes" if value else "No"
            return {"kind": "text", "value": f"{answer}. {field.statement}".strip()}
        case FieldKind.CHOICE:
            labels = dict(field.choices)
            return {"kind": "text", "value": labels.get(str(value), str(value))}
        case FieldKind.INSTANT:
            instant = parse_instant(value)
            text = str(value) if instant is None else _write_instant(instant)
            return {"kind": "text", "value": text}
        case _:
            return {"kind": "text", "value": str(value)}


def _list_parts(field: Field, value: Mapping[str, Any]) -> list[list[str]]:
    return [
        [part.label, _write_part(part, value[part.name])]
        for part in field.parts
        if part.name in value
    ]


def _write_part(part: Field, value: object) -> str:
    text = str(value)
    if part.format != "country":
        return text
    name = countries.name(text)
    return text if name == text else f"{name} ({text})"


def _list_cells(item: Any) -> list[str]:
    if not isinstance(item, Mapping):
        return ["", str(item)]
    kind = str(item.get("kind", ""))
    return [_KIND_NAMES.get(kind, kind), str(item.get("value", ""))]


def _write_instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC")
