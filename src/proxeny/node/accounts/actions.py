"""Make organisations, people, codes and tokens."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from proxeny.errors import InputError, NotFoundError
from proxeny.node.accounts.models import ApiToken, OneTimeCode, Organisation, User
from proxeny.node.accounts.roles import require_role

CODE_VALID_FOR = timedelta(days=7)
TOKEN_VALID_FOR = timedelta(days=90)
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def digest_secret(secret: str) -> str:
    """How a high-entropy secret is kept: SHA-256 in hex, never the secret itself."""
    plain = secret.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def _new_code() -> str:
    letters = [secrets.choice(_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[at : at + 5]) for at in range(0, 20, 5))


@transaction.atomic
def add_organisation(name: str) -> Organisation:
    """A further unit; the first one takes what arrives from partners."""
    organisation, _ = Organisation.objects.get_or_create(
        name=name.strip()[:200],
        defaults={"takes_incoming": not Organisation.objects.exists()},
    )
    return organisation


@transaction.atomic
def add_user(username: str, *, role: str, organisation: Organisation) -> str:
    """Make an account and return its one-time code (shown once, valid seven days).

    Raises:
        InputError: the name is taken or not usable, or there is no such role.
    """
    username = username.strip()
    user = User(username=username, role=require_role(role), organisation=organisation)
    user.set_unusable_password()
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise InputError(
            f"The account name can't be used: {error.messages[0]}", code="PXY-ACCOUNT"
        ) from error
    user.save()
    return renew_code(user)


@transaction.atomic
def renew_code(user: User) -> str:
    """A new one-time code in the place of any older one."""
    code = _new_code()
    OneTimeCode.objects.update_or_create(
        user=user,
        defaults={
            "digest": digest_secret(code),
            "expires_at": timezone.now() + CODE_VALID_FOR,
        },
    )
    return code


@transaction.atomic
def use_code(username: str, code: str, password: str, *, now: datetime) -> User:
    """Spend a one-time code and set the password.

    Raises:
        InputError: wrong or spent code (PXY-CODE), or a weak password (PXY-PASSWORD).
    """
    row = (
        OneTimeCode.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(digest=digest_secret(code), user__username=username.strip())
        .filter(expires_at__gt=now)
        .first()
    )
    if row is None:
        raise InputError(
            "The name and the code don't belong together, or the code was used.",
            code="PXY-CODE",
            advice="Ask your administrator for a new code.",
        )
    try:
        validate_password(password, row.user)
    except ValidationError as error:
        raise InputError(" ".join(error.messages), code="PXY-PASSWORD") from error
    user = row.user
    user.set_password(password)
    user.save(update_fields=["password"])
    row.delete()
    return user


@transaction.atomic
def close_user(user: User) -> None:
    """Nobody signs in with it any more; a session ends at its next page."""
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    ApiToken.objects.filter(user=user).delete()
    OneTimeCode.objects.filter(user=user).delete()


@transaction.atomic
def add_token(username: str, *, name: str) -> str:
    """A bearer token for a program that acts as this person (shown once).

    Raises:
        NotFoundError: there is no such account.
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFoundError("There is no such account.")
    token = "pxy_" + secrets.token_hex(24)
    now = timezone.now()
    ApiToken.objects.create(
        user=user,
        name=name[:100],
        digest=digest_secret(token),
        created_at=now,
        expires_at=now + TOKEN_VALID_FOR,
    )
    return token
