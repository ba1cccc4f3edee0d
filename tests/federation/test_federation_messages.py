"""Messages inside one node: the interleavings that processes meet once in a year."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from tests.federation.parties import (
    Peer,
    directory_entry,
    make_peer,
    new_jti,
    own_keys,
    own_organisation,
)

from proxeny import exchange
from proxeny.errors import UnreachableError
from proxeny.node import worker
from proxeny.node.directory.models import Partner
from proxeny.node.exchange import actions, registry
from proxeny.node.exchange.models import Message
from proxeny.node.exchange.post import Answer
from proxeny.node.exchange.registry import MessageKind, register_kind
from proxeny.node.jobs.models import Job

pytestmark = [pytest.mark.federation, pytest.mark.django_db]


class Partnership:
    """The test node, its partner DE, and what DE's door answers to each post."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        own_keys()
        self.organisation = own_organisation()
        self.de: Peer = make_peer("DE/24-7")
        self.taken: list[str] = []
        self.settled: list[str] = []
        self.posted: list[bytes] = []
        self.answer = lambda message: Answer(
            status=200, document={"receipt": self.de.receipt(message)}
        )
        monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
        monkeypatch.setattr(actions, "post_message", self._post)
        register_kind(
            MessageKind(
                name="note",
                receive=lambda message: self.taken.append(message.body["text"]),
                settle=lambda message: self.settled.append(message.state),
            )
        )

    def _post(self, _: str, outer: bytes, **_within: object) -> Answer:
        self.posted.append(outer)
        return self.answer(Message.objects.get(outer=outer, direction="sent"))

    def queue(self, text: str = "hello", ref: str = "RS-Q-1") -> Message:
        with transaction.atomic():
            return actions.queue_message(
                *(self.organisation, self.de.row),
                kind="note",
                ref=ref,
                body={"text": text},
            )


@pytest.fixture
def partnership(monkeypatch: pytest.MonkeyPatch) -> Iterator[Partnership]:
    return Partnership(monkeypatch)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def job_of(message: Message) -> Job:
    if message.direction == "sent":
        return Job.objects.get(key=f"deliver:{message.jti}")
    return Job.objects.get(key=f"open:{message.outer_digest}")


def make_due(message: Message) -> None:
    """As if the pause were over."""
    Job.objects.filter(pk=job_of(message).pk).update(next_at=timezone.now())


# ------------------------------------------------------------------ two workers


def test_two_workers_with_one_envelope_take_it_once(
    partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease ran out while the first was opening; the second does all of it."""
    arrived = actions.store_envelope(partnership.de.seal())
    job, open_ = job_of(arrived), exchange.open_message

    def open_slowly(*arguments: object, **named: object) -> exchange.Opened:
        monkeypatch.setattr(exchange, "open_message", open_)
        actions.open_envelope(job)
        return open_(*arguments, **named)

    monkeypatch.setattr(exchange, "open_message", open_slowly)
    actions.open_envelope(job)
    assert partnership.taken == ["hello"]
    kept = fresh(arrived)
    receipt = exchange.verify_receipt(
        bytes(kept.receipt),
        sender=own_keys().public,
        message_digest=kept.inner_digest,
        expected_aud="DE/24-7",
    )
    assert (kept.state, receipt.event) == ("accepted", "accepted")


def test_worker_that_could_not_open_spoils_nothing(partnership: Partnership) -> None:
    """A slow worker finds no sender; meanwhile the card came and another took it."""
    stranger = exchange.generate_keys("FR/24-7")
    peer = Peer(keys=stranger, row=partnership.de.row)
    arrived = actions.store_envelope(peer.seal())
    before = fresh(arrived)
    Partner.objects.create(
        authority="FR/24-7", **directory_entry(stranger, "http://127.0.0.1:9")
    )
    actions.open_envelope(job_of(arrived))
    actions._reject_unopened(before, "PXY-ENVELOPE-UNKNOWN-SENDER")
    assert fresh(arrived).state == "accepted"
    assert fresh(arrived).outer is not None


def test_repost_during_a_rejection_is_looked_at_again(partnership: Partnership) -> None:
    """The door makes the job due while its worker is about to write that it failed."""
    stranger = exchange.generate_keys("FR/24-7")
    outer = Peer(keys=stranger, row=partnership.de.row).seal()
    arrived = actions.store_envelope(outer)
    held = actions.open_envelope

    def open_and_be_reposted(job: Job) -> object:
        outcome = held(job)
        actions.store_envelope(outer)
        return outcome

    from proxeny.node.jobs import registry as jobs

    handlers = dict(jobs._handlers)
    jobs._handlers[actions.OPEN] = open_and_be_reposted
    try:
        worker.run_due_job()
    finally:
        jobs._handlers.update(handlers)
    assert fresh(arrived).state == "stored"
    assert job_of(arrived).state == "waiting"


def test_two_workers_seal_the_same_bytes(partnership: Partnership) -> None:
    queued = partnership.queue()
    first, second = actions._seal(fresh(queued)), actions._seal(queued)
    assert bytes(first.outer) == bytes(second.outer)


def test_two_workers_settle_once(partnership: Partnership) -> None:
    queued = partnership.queue()
    job, answer = job_of(queued), partnership.answer

    def answer_slowly(message: Message) -> Answer:
        partnership.answer = answer
        actions.deliver_message(job)
        return answer(message)

    partnership.answer = answer_slowly
    actions.deliver_message(job)
    assert partnership.settled == ["accepted"]


# ---------------------------------------------------------------- order and pace


def test_messages_about_one_thing_go_one_after_the_other(
    partnership: Partnership,
) -> None:
    first, second = partnership.queue("request"), partnership.queue("withdrawal")
    other = partnership.queue("another", ref="RS-Q-2")
    assert (first.seq, second.seq, other.seq) == (1, 2, 1)
    honest = partnership.answer
    partnership.answer = lambda _: Answer(status=503, document={})
    worker.run_due_jobs()
    assert len(partnership.posted) == 2
    assert job_of(second).reason == "an earlier message goes first"
    partnership.answer = honest
    make_due(first)
    worker.run_due_jobs()
    # The second woke by itself, without waiting for its own pause.
    assert (fresh(first).state, fresh(second).state) == ("accepted", "accepted")
    assert fresh(other).state == "waiting"


def test_numbers_go_on_after_a_rejection(partnership: Partnership) -> None:
    first = partnership.queue()
    partnership.answer = lambda message: Answer(
        status=200,
        document={
            "receipt": partnership.de.receipt(
                message, event="rejected", reason="PXY-TEST"
            )
        },
    )
    worker.run_due_jobs()
    assert (fresh(first).state, fresh(first).reason) == ("rejected", "PXY-TEST")
    assert partnership.queue().seq == 2


def test_silent_partner_holds_the_worker_once(partnership: Partnership) -> None:
    """Five messages to a node that does not answer cost one time limit, not five."""
    queued = [partnership.queue(ref=f"RS-Q-{number}") for number in range(5)]

    def hang(message: Message) -> Answer:
        raise UnreachableError("The partner's node can't be reached (TimeoutError).")

    partnership.answer = hang
    arrived = actions.store_envelope(partnership.de.seal())
    worker.run_due_jobs()
    assert len(partnership.posted) == 1
    assert fresh(arrived).state == "accepted"
    assert {job_of(message).reason for message in queued} == {
        "The partner's node can't be reached (TimeoutError)."
    }


def test_receipt_is_asked_for_soon_even_after_a_long_outage(
    partnership: Partnership,
) -> None:
    queued = partnership.queue()
    Job.objects.update(attempts=300)
    partnership.answer = lambda _: Answer(status=202, document={})
    worker.run_due_jobs()
    wait = job_of(queued).next_at - timezone.now()
    assert wait <= timedelta(seconds=actions.ASK_AGAIN_AT_MOST_S)


def test_undelivered_message_expires_and_a_person_is_told(
    partnership: Partnership,
) -> None:
    queued = partnership.queue()
    partnership.answer = lambda _: Answer(status=503, document={})
    worker.run_due_jobs()
    now = timezone.now()
    # By its own clock the partner may still be taking it in.
    Message.objects.update(expires_at=now - exchange.CLOCK_SKEW)
    make_due(queued)
    worker.run_due_jobs()
    assert fresh(queued).state == "waiting"
    Message.objects.update(expires_at=now - actions.GIVE_UP_AFTER)
    make_due(queued)
    worker.run_due_jobs()
    assert (fresh(queued).state, fresh(queued).reason) == (
        "undeliverable",
        "the partner answered 503",
    )
    assert partnership.settled == ["undeliverable"]
    assert job_of(queued).reason == "undeliverable: the partner answered 503"


def test_message_that_the_wire_cannot_carry_is_given_up_at_once(
    partnership: Partnership,
) -> None:
    queued = partnership.queue("x" * exchange.MAX_ENVELOPE_BYTES)
    worker.run_due_jobs()
    assert (fresh(queued).state, fresh(queued).reason) == (
        "undeliverable",
        "PXY-ENVELOPE-TOO-LARGE",
    )
    assert partnership.settled == ["undeliverable"]
    assert partnership.posted == []


# ------------------------------------------------------------------ keys and clocks


def test_new_card_makes_a_new_seal_around_the_same_message(
    partnership: Partnership,
) -> None:
    queued = partnership.queue()
    partnership.answer = lambda _: Answer(
        status=409, document={"code": "PXY-ENVELOPE-CANNOT-OPEN"}
    )
    worker.run_due_jobs()
    before = fresh(queued)
    assert job_of(queued).reason == "the partner answered 409 PXY-ENVELOPE-CANNOT-OPEN"

    renewed = make_peer("DE/24-7")
    partnership.de = renewed
    partnership.answer = lambda message: Answer(
        status=200, document={"receipt": renewed.receipt(message)}
    )
    make_due(queued)
    worker.run_due_jobs()
    after = fresh(queued)
    assert after.state == "accepted"
    assert bytes(after.inner) == bytes(before.inner)
    assert exchange.read_header(partnership.posted[-1]).ekid == renewed.keys.seal_kid
    opened = exchange.open_message(
        partnership.posted[-1],
        keys=renewed.keys,
        find_sender=lambda *_: own_keys().public,
        now=timezone.now(),
    )
    assert opened.digest == before.inner_digest


@pytest.mark.parametrize(
    ("skew", "code"),
    [
        (timedelta(minutes=4), ""),
        (timedelta(minutes=7), "PXY-ENVELOPE-NOT-YET-VALID"),
        (timedelta(days=-15), "PXY-ENVELOPE-EXPIRED"),
    ],
)
def test_clock_of_the_sender(
    partnership: Partnership, skew: timedelta, code: str
) -> None:
    inner = partnership.de.sign(now=timezone.now() + skew)
    arrived = actions.store_envelope(partnership.de.seal(inner))
    worker.run_due_jobs()
    kept = fresh(arrived)
    assert (kept.state, kept.reason) == ("rejected" if code else "accepted", code)
    assert bool(kept.receipt) is not bool(code)


def test_message_from_a_fast_clock_is_taken_when_its_time_has_come(
    partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = partnership.de.sign(now=timezone.now() + timedelta(minutes=7))
    outer = partnership.de.seal(inner)
    arrived = actions.store_envelope(outer)
    worker.run_due_jobs()
    later = timezone.now() + timedelta(minutes=3)
    monkeypatch.setattr(actions.timezone, "now", lambda: later)
    actions.store_envelope(outer)
    worker.run_due_jobs()
    assert fresh(arrived).state == "accepted"
    assert partnership.taken == ["hello"]


# ------------------------------------------------------------------ hostile messages


@pytest.mark.parametrize(
    "changes", [{"case": "X" * 65}, {"seq": 2**31}], ids=["reference", "number"]
)
def test_what_the_columns_cannot_hold_is_rejected_with_a_receipt(
    partnership: Partnership, changes: dict
) -> None:
    inner = partnership.de.sign(**changes)
    arrived = actions.store_envelope(partnership.de.seal(inner))
    worker.run_due_jobs()
    kept = fresh(arrived)
    assert (kept.state, kept.reason) == ("rejected", "PXY-MESSAGE-LIMIT")
    assert kept.receipt
    assert partnership.taken == []


def test_message_that_breaks_its_kind_is_left_to_the_sender(
    partnership: Partnership,
) -> None:
    """Ours to mend: it stops nothing, turns in no circle, and is taken once we did."""
    taken = partnership.taken

    def break_(message: Message) -> None:
        taken.append("half")
        raise ZeroDivisionError

    kind = registry.find_kind("note")
    register_kind(replace(kind, receive=break_))
    outer = partnership.de.seal()
    arrived = actions.store_envelope(outer)
    for _ in range(actions.MAX_OPEN_TRIES):
        assert fresh(arrived).state == "stored"
        make_due(arrived)
        worker.run_due_jobs()
    assert (fresh(arrived).state, fresh(arrived).reason) == (
        "rejected",
        "PXY-MESSAGE-FAULT",
    )
    assert fresh(arrived).receipt is None
    register_kind(kind)
    actions.store_envelope(outer)
    worker.run_due_jobs()
    assert fresh(arrived).state == "accepted"
    assert taken[-1:] == ["hello"]


def test_message_that_never_expires_does_not_stop_the_worker(
    partnership: Partnership,
) -> None:
    """The last second of the year 9999 plus the skew is no date any more."""
    end = timezone.now().replace(year=9999, month=12, day=31, hour=23, minute=59)
    outer = partnership.de.seal(partnership.de.sign(exp=end))
    arrived = actions.store_envelope(outer)
    worker.run_due_jobs()
    assert fresh(arrived).state in {"stored", "accepted"}
    following = actions.store_envelope(partnership.de.seal())
    worker.run_due_jobs()
    assert fresh(following).state == "accepted"


@pytest.mark.parametrize(
    "code", ["\x1b[2J\x1b[31mPAID", "\x00", "\ud800", "P" * 10_000, 7, None]
)
def test_words_of_a_hostile_door_are_not_repeated(
    partnership: Partnership, code: object
) -> None:
    queued = partnership.queue()
    partnership.answer = lambda _: Answer(status=409, document={"code": code})
    worker.run_due_jobs()
    assert job_of(queued).reason == "the partner answered 409"


@pytest.mark.parametrize("receipt", ["\ud800", "x" * 60_000, "ünïcode", ""])
def test_receipt_of_junk_proves_nothing(partnership: Partnership, receipt: str) -> None:
    queued = partnership.queue()
    partnership.answer = lambda _: Answer(status=200, document={"receipt": receipt})
    worker.run_due_jobs()
    assert fresh(queued).state == "waiting"
    assert job_of(queued).reason.startswith("the receipt is not sound: Receipt refused")


@pytest.mark.parametrize("change", ["key", "addressee", "message"])
def test_receipt_of_another_is_ignored(partnership: Partnership, change: str) -> None:
    queued = partnership.queue()
    forged = {
        "key": {"keys": exchange.generate_keys("DE/24-7")},
        "addressee": {"to": "FR/24-7"},
        "message": {"message_digest": "0" * 64},
    }[change]
    partnership.answer = lambda message: Answer(
        status=200, document={"receipt": partnership.de.receipt(message, **forged)}
    )
    worker.run_due_jobs()
    assert (fresh(queued).state, partnership.settled) == ("waiting", [])


def test_messages_of_another_partner_are_not_shown(partnership: Partnership) -> None:
    """Two authorities of one country may use the same reference."""
    police = make_peer("DE/police")
    for peer in (partnership.de, police):
        inner = peer.sign(case="DE-Q-000001", jti=new_jti())
        actions.store_envelope(peer.seal(inner))
    worker.run_due_jobs()
    from proxeny.node.accounts.queries import get_incoming_organisation
    from proxeny.node.exchange.queries import list_messages

    shown = list_messages(
        "DE-Q-000001", partnership.de.row, get_incoming_organisation().pk
    )
    assert [message.partner.authority for message in shown] == ["DE/24-7"]


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="row locks are PostgreSQL's; SQLite writes one transaction at a time",
)
@pytest.mark.django_db(transaction=True)
def test_queueing_waits_for_no_message_that_arrives(
    partnership: Partnership,
) -> None:
    """An incoming row refers to the partner's; locking its key would deadlock."""
    import psycopg

    wrapped = connection.get_connection_params()
    own = {
        name: wrapped[name]
        for name in ("dbname", "user", "password", "host", "port")
        if wrapped.get(name)
    }
    with psycopg.connect(**own) as other, transaction.atomic():
        other.execute(
            "SELECT id FROM directory_partner WHERE id = %s FOR KEY SHARE",
            [partnership.de.row.pk],
        )
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
        assert partnership.queue().seq == 1
