"""Open cases and write their timeline."""

from django.db import transaction
from django.utils import timezone

from proxeny import law
from proxeny.errors import InputError
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.cases.models import Case, CaseEvent
from proxeny.node.linking.access import access_series

TITLE_CHARS = 200
SUMMARY_CHARS = 20_000


@transaction.atomic
def open_case(
    actor: Actor, *, series_ref: str, title: str, offence: str, summary: str = ""
) -> Case:
    """A case on a series.

    Raises:
        NotFoundError: the series is not there for this actor.
        InputError: no title, or an offence class that the lawbook doesn't know.
    """
    series = access_series(actor, series_ref)
    actor.require("case.write")
    title = " ".join(title.split())
    if not 0 < len(title) <= TITLE_CHARS:
        raise InputError(
            f"A case needs a title of at most {TITLE_CHARS} letters.",
            code="PXY-CASE-TITLE",
        )
    if len(summary) > SUMMARY_CHARS:
        raise InputError(
            f"The summary is over {SUMMARY_CHARS} letters.", code="PXY-CASE-SUMMARY"
        )
    law.get_offence(law.load_lawbook(), offence)
    case = Case.objects.create(
        organisation_id=actor.organisation_id,
        created_at=timezone.now(),
        title=title,
        offence=offence,
        summary=summary.strip(),
        series=series,
        opened_by=actor.name,
    )
    add_event(case, by=actor.name, text=f"Case opened on series {series.ref}.")
    record_write(actor, "case.open", [case.ref, series.ref])
    return case


def add_event(case: Case, *, by: str, text: str, ref: str = "") -> None:
    """One line of the timeline, inside the caller's transaction."""
    CaseEvent.objects.create(
        case=case, at=timezone.now(), by=by, text=text[:500], ref=ref
    )
