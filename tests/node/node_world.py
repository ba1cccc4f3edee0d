"""People, partners, reports and requests of a test node, made through its actions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from tests.requests.request_bodies import complete_request

from proxeny import exchange, formats, selectors
from proxeny import requests as pure
from proxeny.node.accounts.actions import add_organisation
from proxeny.node.accounts.actor import Actor, Door, actor_of
from proxeny.node.accounts.models import Organisation, User
from proxeny.node.accounts.queries import get_incoming_organisation
from proxeny.node.cases.actions import open_case
from proxeny.node.cases.models import Case
from proxeny.node.directory.actions import add_partner
from proxeny.node.directory.models import Partner
from proxeny.node.exchange.models import Message
from proxeny.node.linking.holders import Linked, link_holder
from proxeny.node.linking.models import Alert, Relink
from proxeny.node.linking.queries import list_series
from proxeny.node.reports.actions import Tally, take_items
from proxeny.node.requests.actions import REQUEST, draft_request, receive_request
from proxeny.node.requests.models import Request
from proxeny.node.selectors.actions import HolderFacts
from proxeny.node.selectors.models import Holder

REPORTS = Path(__file__).parents[2] / "src" / "proxeny" / "cli" / "demo" / "reports"
FORM = "ETS185-29"
OURS, THEIRS = "Test contact point", "Another unit"


def make_person(role: str, *, name: str = "", organisation: str = OURS) -> User:
    """An account that can sign in by `Client.force_login` alone."""
    user = User(
        username=name or role, role=role, organisation=add_organisation(organisation)
    )
    user.set_unusable_password()
    user.save()
    return user


def make_actor(
    role: str, *, name: str = "", organisation: str = OURS, door: Door = "cli"
) -> Actor:
    """A person with this role, through a door."""
    name = name or role
    user = User.objects.filter(username=name).first()
    return actor_of(
        user or make_person(role, name=name, organisation=organisation), door
    )


def take_folder(actor: Actor, *paths: Path) -> Tally:
    """Import as the command does."""
    tally = Tally()
    for taken in take_items(actor, formats.read_reports(list(paths))):
        tally.add(taken)
    return tally


def make_partner(
    actor: Actor, authority: str = "DE/24-7", *, role: str = "contact_point"
) -> tuple[Partner, exchange.NodeKeys]:
    """A partner whose card was compared, and its private keys."""
    keys = exchange.generate_keys(authority)
    card = exchange.make_card(
        keys,
        name=f"Partner {authority}",
        country=authority[:2],
        role=role,
        endpoint="http://127.0.0.1:1",
        issued_at=timezone.now(),
    )
    partner = add_partner(
        actor, card_text=card, fingerprint=exchange.render_fingerprint(keys.public)
    )
    return partner, keys


def make_message(partner: Partner, body: Any, *, kind: str = REQUEST) -> Message:
    """An opened message from a partner, as `exchange` hands it to its kind."""
    now = timezone.now()
    return Message.objects.create(
        direction=Message.Direction.RECEIVED,
        state=Message.State.STORED,
        organisation=get_incoming_organisation(),
        partner=partner,
        kind=kind,
        body=body,
        created_at=now,
        expires_at=now + timedelta(days=14),
    )


def wire_of(asked_ref: str, **changes: Any) -> dict[str, Any]:
    """The body of a sound request from a partner."""
    form = pure.load_form(FORM)
    body = complete_request(reference=asked_ref, **changes)
    return {
        "asked_ref": asked_ref,
        "sent_at": timezone.now().isoformat(),
        "wire": pure.to_wire(form, body),
    }


def receive_sound_request(partner: Partner, asked_ref: str = "DE-Q-000007") -> Request:
    """A partner's request, arrived."""
    receive_request(make_message(partner, wire_of(asked_ref)))
    return Request.objects.get(
        direction=Request.Direction.RECEIVED, partner=partner, asked_ref=asked_ref
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A mention as `find_mentions` gives one, made without a text."""

    selector: selectors.Selector
    role: selectors.Role
    raw: str = ""
    field: str = "given"
    start: int | None = None
    end: int | None = None


def mention(
    kind: str, value: str, role: selectors.Role = selectors.Role.OFFENDER
) -> Given:
    """A mention of a selector that is in its normal form already."""
    return Given(
        selector=selectors.Selector(kind=selectors.Kind(kind), value=value), role=role
    )


def iban(number: int) -> Given:
    """One of many bank accounts of an offender's."""
    return mention("iban", f"DE{number:020d}")


def phone(number: int) -> Given:
    """One of many telephone numbers of an offender's."""
    return mention("phone", f"+3816412345{number:02d}")


def name_report(number: int) -> str:
    """The reference of a report that a test made up."""
    return f"RS-R-{number:06d}"


def link_report(number: int, *mentions: Given, **facts: Any) -> Linked:
    """Link a report of ours with these mentions; what is left out isn't known."""
    given = {
        "organisation_id": ours().pk,
        "ref": name_report(number),
        "at": at_day(1),
        "country": None,
        "offence": None,
        "amount": None,
        "currency": None,
    }
    return link_holder(HolderFacts(**(given | facts)), mentions)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What stands on the node for one module of tests."""

    people: dict[str, User]
    stranger: User
    stranger_auditor: User
    reports: tuple[str, ...]
    series: tuple[str, ...]
    case: Case
    partner: Partner
    sent: Request
    received: Request
    alert: str
    relink: str

    def refs(self) -> dict[str, str]:
        """A real reference for each named page with one in its address."""
        return {
            "report": self.reports[0],
            "series": self.series[0],
            "case": self.case.ref,
            "request": self.sent.ref,
            "alert": self.alert,
            "alerts": self.alert,
            "relink": self.relink,
        }


def make_world(roles: Iterable[str]) -> World:
    """Reports, series, a case, a partner, a request sent and one received."""
    people = {role: make_person(role) for role in roles}
    supervisor = make_actor("supervisor")
    tally = take_folder(supervisor, REPORTS / "rs")
    series = tuple(row.series.ref for row in list_series(supervisor))
    alert = Alert.objects.create(
        organisation_id=supervisor.organisation_id,
        created_at=timezone.now(),
        kind=Alert.Kind.LOSS,
        about="1",
        holder=Holder.objects.get(ref=tally.refs[0]),
        reason="losses of EUR 100,000",
    )
    relink = Relink.objects.create(
        organisation_id=supervisor.organisation_id,
        created_at=timezone.now(),
        scorecard="2026.11",
        figures={"reports": 2, "proposals": 0, "left_out": 1, "newest_decision": 0},
    )
    case = open_case(
        supervisor, series_ref=series[0], title="A case", offence="ETS185:8"
    )
    partner, _ = make_partner(supervisor)
    sent = draft_request(
        supervisor, case_ref=case.ref, form_id=FORM, partner_id=partner.authority
    )
    received = receive_sound_request(partner)
    return World(
        people=people,
        stranger=make_person("supervisor", name="stranger", organisation=THEIRS),
        stranger_auditor=make_person(
            "auditor", name="stranger-auditor", organisation=THEIRS
        ),
        reports=tuple(tally.refs),
        series=series,
        case=case,
        partner=partner,
        sent=sent,
        received=received,
        alert=alert.ref,
        relink=relink.ref,
    )


def ours() -> Organisation:
    """The organisation that takes what arrives."""
    return add_organisation(OURS)


def at_day(day: int) -> datetime:
    """Noon of a day in 2026, counted from New Year."""
    return datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)


def own_country() -> str:
    """With what the references of this node begin."""
    return str(settings.CONFIG.authority.country)
