"""Partner authorities, for programs."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Path, Router, Schema

from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.program import api_call
from proxeny.node.directory.actions import MAX_CARD_CHARS, add_partner
from proxeny.node.directory.documents import partner_document
from proxeny.node.directory.queries import get_partner, list_partners

router = Router(tags=["directory"])
Authority = Annotated[
    str, Path(max_length=64, pattern=r"^[^\x00]*$", description="Such as DE/24-7.")
]


class Partner(Schema):
    """Another authority's node, as its own signed card describes it."""

    authority: str
    name: str
    country: str
    role: str
    endpoint: str
    fingerprint: str
    added_by: str
    verified_at: datetime = Field(description="When the fingerprint was compared.")


class Partners(Schema):
    """Every partner, by country and name."""

    partners: list[Partner]


class NewPartner(Schema, extra="forbid"):
    """A card, and the fingerprint as the partner read it out."""

    card: str = Field(max_length=MAX_CARD_CHARS)
    fingerprint: str = Field(
        max_length=100,
        description="Heard on a number you already knew; never from the same e-mail.",
    )
    replaces: str = Field(
        "", max_length=100, description="The present fingerprint, if its keys are new."
    )


@router.get("/partners", response=Partners)
@api_call("directory.list", "directory.read")
def list_(request: DeskRequest) -> dict[str, Any]:
    """List partners by country and name."""
    del request
    return {"partners": [partner_document(row) for row in list_partners()]}


@router.get("/partners/{path:authority}", response=Partner, url_name="partner-show")
@api_call("directory.show", "directory.read")
def show(request: DeskRequest, authority: Authority) -> dict[str, Any]:
    """Show one partner."""
    partner = get_partner(authority)
    request.seen.append(partner.authority)
    return partner_document(partner)


@router.post("/partners", response={201: Partner})
@api_call("partner.add", "directory.read")
def add(request: DeskRequest, new: NewPartner) -> dict[str, Any]:
    """Add or renew a partner whose card bears the fingerprint that was compared."""
    partner = add_partner(
        request.actor,
        card_text=new.card,
        fingerprint=new.fingerprint,
        replaces=new.replaces,
    )
    return partner_document(partner)
