"""Find partners."""

from proxeny import exchange
from proxeny.errors import NotFoundError
from proxeny.node.directory.models import Partner


def list_partners() -> list[Partner]:
    """Every partner, by country and name."""
    return list(Partner.objects.order_by("country", "name"))


def get_partner(authority: str) -> Partner:
    """One partner by its id, such as ``DE/24-7``.

    Raises:
        NotFoundError: there is none.
    """
    partner = Partner.objects.filter(authority=authority).first()
    if partner is None:
        raise NotFoundError(
            f"There is no partner '{authority[:64]}' in the directory.",
            code="PXY-PARTNER",
            advice="See `proxeny partner list`; add one with `proxeny partner add`.",
        )
    return partner


def public_keys_of(partner: Partner) -> exchange.PublicKeys:
    """The keys on the partner's card."""
    return exchange.PublicKeys(
        authority=partner.authority,
        sign_jwk=partner.sign_jwk,
        seal_jwk=partner.seal_jwk,
    )
