"""Who gets in: codes, passwords, tokens, roles; and the sign-in itself."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from tests.node.node_world import make_person
from tests.node.together import run_together

from proxeny.errors import InputError, NotFoundError
from proxeny.node.accounts.actions import (
    CODE_VALID_FOR,
    TOKEN_VALID_FOR,
    add_organisation,
    add_token,
    add_user,
    renew_code,
    use_code,
)
from proxeny.node.accounts.models import ApiToken, OneTimeCode, Organisation, User
from proxeny.node.accounts.queries import (
    find_user_by_token,
    first_user,
    get_incoming_organisation,
    get_user,
)
from proxeny.node.accounts.roles import (
    label_of,
    list_roles,
    permissions_of,
    require_role,
)
from proxeny.node.settings.urls import sign_in_urls

pytestmark = pytest.mark.django_db
PASSWORD = "seven grey herons fly"
OTHER = "three green apples fall"


@pytest.fixture
def quick_hashes(settings) -> None:
    """Where a test signs in often: what is slow on purpose is not what it is about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def new_account(name: str = "ana", role: str = "investigator") -> str:
    return add_user(name, role=role, organisation=add_organisation("One"))


def use(code: str, *, name: str = "ana", password: str = PASSWORD, after=None) -> User:
    return use_code(name, code, password, now=timezone.now() + (after or timedelta()))


def test_a_code_is_shown_once_and_kept_as_a_digest() -> None:
    code = new_account()
    assert re.fullmatch(r"([2-9A-HJ-NP-Z]{5}-){3}[2-9A-HJ-NP-Z]{5}", code)
    kept = OneTimeCode.objects.get()
    assert code not in kept.digest
    assert code.replace("-", "") not in kept.digest
    assert not User.objects.get().has_usable_password()


def test_a_code_sets_the_password_once() -> None:
    code = new_account()
    assert use(code).check_password(PASSWORD)
    with pytest.raises(InputError) as caught:
        use(code, password=OTHER)
    assert caught.value.stable_code == "PXY-CODE"
    assert User.objects.get().check_password(PASSWORD)


def test_a_code_may_be_typed_in_small_letters_and_without_dashes() -> None:
    code = new_account()
    assert use(f" {code.replace('-', ' ').lower()} ").username == "ana"


@pytest.mark.parametrize(
    "wrong", ["", "AAAAA-AAAAA-AAAAA-AAAAA", "x" * 10_000, "\x00", "ж" * 20, "%"]
)
def test_a_wrong_code_changes_nothing(wrong: str) -> None:
    new_account()
    with pytest.raises(InputError) as caught:
        use(wrong)
    assert caught.value.stable_code == "PXY-CODE"
    assert not User.objects.get().has_usable_password()
    assert OneTimeCode.objects.count() == 1


def test_a_code_of_somebody_else_is_wrong() -> None:
    code = new_account()
    new_account("bo")
    for name in ("bo", "nobody", "ANA"):
        with pytest.raises(InputError, match="don't belong together"):
            use(code, name=name)
    assert use(code).username == "ana"


def test_an_expired_code_is_wrong() -> None:
    code = new_account()
    with pytest.raises(InputError, match="don't belong together"):
        use(code, after=CODE_VALID_FOR + timedelta(seconds=1))
    assert use(code, after=CODE_VALID_FOR - timedelta(seconds=10))


def test_a_new_code_takes_the_place_of_the_old_one() -> None:
    old = new_account()
    new = renew_code(User.objects.get())
    with pytest.raises(InputError):
        use(old)
    assert use(new)


@pytest.mark.parametrize(
    "weak", ["", "short", "eleven char", "123456789012345", "qwertyuiop12", "1" * 40]
)
def test_a_weak_password_leaves_the_code_unspent(quick_hashes, weak: str) -> None:
    code = new_account()
    with pytest.raises(InputError) as caught:
        use(code, password=weak)
    assert caught.value.stable_code == "PXY-PASSWORD"
    assert use(code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("several_writers")
def test_a_code_used_by_two_at_once_is_used_by_one() -> None:
    code = new_account()

    def attempt(password: str) -> bool:
        try:
            use(code, password=password)
        except InputError:
            return False
        return True

    done = run_together([lambda: attempt(PASSWORD), lambda: attempt(OTHER)])
    assert sorted(done) == [False, True]


@pytest.mark.parametrize("name", ["ana", "", "a b", "x" * 151, "a\x00b", "<script>"])
def test_an_account_name_that_cannot_be_is_refused(name: str) -> None:
    new_account()
    with pytest.raises(InputError) as caught:
        new_account(name)
    assert caught.value.stable_code == "PXY-ACCOUNT"
    assert User.objects.count() == 1


def test_the_first_organisation_takes_what_arrives() -> None:
    first, second = add_organisation("One"), add_organisation("Two")
    assert add_organisation(" One ") == first
    assert get_incoming_organisation() == first != second
    assert Organisation.objects.count() == 2


def test_the_four_roles_are_data() -> None:
    assert list_roles() == ("intake", "investigator", "supervisor", "auditor")
    for role in list_roles():
        assert require_role(role) == role
        assert label_of(role)
        assert "desk.open" in permissions_of(role)
    may = {role: permissions_of(role) for role in list_roles()}
    # Four eyes by role too: who drafts need not be one who may approve.
    assert "request.approve" in may["supervisor"] - may["investigator"]
    # An auditor sees what was done and no case data; nobody else sees the log.
    assert may["auditor"] & {"report.read", "series.read", "case.read"} == set()
    assert [role for role in may if "audit.read" in may[role]] == ["auditor"]


@pytest.mark.parametrize("role", ["", "Supervisor", "root", "x" * 1000, "intake\x00"])
def test_there_is_no_other_role(role: str) -> None:
    with pytest.raises(InputError) as caught:
        new_account(role=role)
    assert caught.value.stable_code == "PXY-ROLE"
    assert len(caught.value.message) < 80
    assert not User.objects.exists()


def test_a_token_stands_for_its_account_until_its_day() -> None:
    new_account()
    token = add_token("ana", name="nightly export")
    now = timezone.now()
    assert token not in ApiToken.objects.get().digest
    assert find_user_by_token(token, now) == User.objects.get()
    late = now + TOKEN_VALID_FOR + timedelta(seconds=1)
    assert find_user_by_token(token, late) is None
    for wrong in ("", token[:-1], token + "0", "pxy_", "\x00", "ж"):
        assert find_user_by_token(wrong, now) is None


def test_a_closed_account_opens_nothing() -> None:
    code = new_account()
    token = add_token("ana", name="x")
    use(code)
    User.objects.update(is_active=False)
    assert find_user_by_token(token, timezone.now()) is None
    with pytest.raises(NotFoundError):
        get_user("ana")
    with pytest.raises(NotFoundError):
        add_token("ana", name="y")
    assert "_auth_user_id" not in sign_in("ana").session


def test_accounts_are_found_by_name() -> None:
    new_account()
    assert get_user("ana") == first_user()
    with pytest.raises(NotFoundError) as caught:
        get_user("b" * 10_000)
    assert len(caught.value.message) < 100


def sign_in(
    name: str, password: str = PASSWORD, *, address: str = "192.0.2.1"
) -> Client:
    client = Client(REMOTE_ADDR=address)
    client.post(reverse("account_login"), {"login": name, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("home")).status_code == 200


def test_first_sign_in_and_every_later_one() -> None:
    code = new_account()
    client = Client()
    page = reverse("first-sign-in")
    assert client.get(page).status_code == 200
    typed = {"username": "ana", "code": code, "password": PASSWORD, "again": PASSWORD}
    response = client.post(page, typed)
    assert (response.status_code, response["Location"]) == (302, "/desk/")
    assert is_in(client)
    client.post(reverse("account_logout"))
    assert not is_in(client)
    assert is_in(sign_in("ana"))
    assert not is_in(sign_in("ana", OTHER))
    assert not is_in(sign_in("nobody"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "AAAAA-AAAAA-AAAAA-AAAAA"}, "code"),
        ({"username": "bo"}, "code"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": OTHER}, "again"),
        ({"code": ""}, "code"),
        ({"code": "\x00"}, "code"),
        ({"username": "a\x00"}, "username"),
        ({"password": "x" * 201}, "password"),
    ],
)
def test_a_first_sign_in_that_is_refused_says_where(change, field) -> None:
    code = new_account()
    typed = {"username": "ana", "code": code, "password": PASSWORD, "again": PASSWORD}
    client = Client()
    response = client.post(reverse("first-sign-in"), typed | change)
    assert response.status_code == 422
    assert f'id="id_{field}-error"' in response.content.decode()
    assert PASSWORD not in response.content.decode()
    assert not is_in(client)
    assert OneTimeCode.objects.count() == 1


def test_failed_tries_shut_one_name_and_no_other(quick_hashes) -> None:
    for name in ("ana", "bo"):
        use(new_account(name), name=name)
    for _ in range(6):
        sign_in("ana", OTHER)
    # Shut for a while, whatever is typed and from wherever.
    assert not is_in(sign_in("ana"))
    assert not is_in(sign_in("ana", address="192.0.2.9"))
    assert is_in(sign_in("bo"))


def test_tries_from_one_address_do_not_shut_another(quick_hashes) -> None:
    use(new_account())
    for number in range(12):
        sign_in(f"guess-{number}", OTHER, address="203.0.113.5")
    assert is_in(sign_in("ana", address="192.0.2.1"))


def test_nobody_signs_up() -> None:
    page = reverse("account_signup")
    typed = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    for response in (Client().get(page), Client().post(page, typed)):
        assert response.status_code == 200
        assert 'name="password1"' not in response.content.decode()
    assert not User.objects.exists()


def test_no_page_of_the_sign_in_sends_a_mail() -> None:
    """Nobody has a mailbox here, and a stranger must not make the node write one."""
    person = make_person("intake", name="ana")
    signed_in = Client()
    signed_in.force_login(person)
    typed = {
        "email": "victim@example.org",
        "login": "victim@example.org",
        "action_add": "",
    }
    for pattern in sign_in_urls:
        try:
            address = reverse(pattern.name)
        except NoReverseMatch:
            continue
        if pattern.name != "account_logout":
            Client().post(address, typed)
            signed_in.post(address, typed)
    assert mail.outbox == []


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "\\\\e"])
def test_sign_in_leads_nowhere_else(quick_hashes, evil: str) -> None:
    use(new_account())
    response = Client().post(
        f"{reverse('account_login')}?next={evil}",
        {"login": "ana", "password": PASSWORD, "next": evil},
    )
    assert response.status_code in {302, 400}
    assert "evil" not in response.get("Location", "")
