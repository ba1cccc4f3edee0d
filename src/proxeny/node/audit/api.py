"""The audit log, for those who watch."""

from datetime import datetime
from typing import Any

from ninja import Field, Query, Router, Schema

from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.program import Page, api_call, next_of
from proxeny.node.audit.queries import count_folded, list_entries

router = Router(tags=["audit"])


class Entry(Schema):
    """One page or call: who, through which door, saw or did what."""

    at: datetime
    actor: str
    door: str
    action: str
    wrote: bool
    refs: list[str]
    leaf_index: int | None = Field(
        description="Its place in the tree, once the worker has folded it."
    )


class Entries(Schema):
    """A page of the log."""

    entries: list[Entry]
    folded: int = Field(description="How many rows the tree holds.")
    next: str | None


class EntryPage(Page):
    """Which rows are asked for."""

    search: str = Field(
        "",
        max_length=64,
        pattern=r"^[^\x00]*$",
        description="An account's name, or how an action begins.",
    )


@router.get("/audit", response=Entries)
@api_call("audit.list", "audit.read")
def list_(request: DeskRequest, page: Query[EntryPage]) -> dict[str, Any]:
    """List rows of the audit log, newest first."""
    rows = list_entries(
        request.actor,
        search=page.search.strip(),
        limit=page.limit + 1,
        before=page.before,
    )
    return {
        "entries": rows[: page.limit],
        "folded": count_folded(),
        "next": next_of(rows, page),
    }
