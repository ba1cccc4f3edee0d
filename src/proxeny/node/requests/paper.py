"""A request on paper, from the row that holds it."""

from django.conf import settings
from django.utils import timezone

from proxeny import law
from proxeny import requests as pure
from proxeny.formats.pdf import RequestMeta, render_request_pdf
from proxeny.node.requests.models import Request

MARKING = "TLP:AMBER"


def render_paper(request: Request) -> bytes:
    """The request as a PDF; a draft says so on every page."""
    form = pure.load_form(request.form)
    sent = request.direction == Request.Direction.SENT
    own, partner = settings.CONFIG.authority.name, request.partner.name
    # What a partner sent was approved there, or it could not have been sent.
    approved_by = request.approved_by or (None if sent else partner)
    meta = RequestMeta(
        ref=request.asked_ref,
        state=pure.State(request.state),
        version_text=(
            f"Form {form.id}, edition {form.edition}; lawbook "
            f"{law.load_lawbook().edition}; Proxeny {settings.VERSION}"
        ),
        issued_at=request.sent_at or request.approved_at or timezone.now(),
        requesting=own if sent else partner,
        requested=partner if sent else own,
        approved_by=approved_by,
        marking=MARKING,
        digest=pure.digest_wire(pure.to_wire(form, request.body)),
    )
    return render_request_pdf(form, request.body, meta=meta)
