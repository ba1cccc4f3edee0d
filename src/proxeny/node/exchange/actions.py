"""Queue messages, deliver them, take them in: at least once sent, once in effect.

Sending: the message and its job are written with the change that causes them. The
worker signs and seals once and keeps the bytes, so that every try sends the same; a
partner's new key costs a new seal around the same signed message. Messages to one
partner about one thing go one after the other. A message counts as delivered only
with the partner's receipt, verified.

Receiving: the door stores the sealed bytes and answers; it needs no key. The worker
opens them, and in one transaction applies the message and keeps the receipt. The
same bytes again get the same receipt. What could not be opened is looked at again
when it is sent again: the sender's pace decides, not ours.

Two workers may hold one job if a lease runs out, so whatever has an effect looks at
the message's state again under the lock of its row.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from proxeny import exchange
from proxeny.errors import ProxenyError, StateError, UnreachableError
from proxeny.node.accounts.models import Organisation
from proxeny.node.accounts.queries import get_incoming_organisation
from proxeny.node.directory.models import Partner
from proxeny.node.directory.queries import public_keys_of
from proxeny.node.exchange.models import Message
from proxeny.node.exchange.post import post_message
from proxeny.node.exchange.registry import find_kind
from proxeny.node.exchange.secrets import read_keys
from proxeny.node.jobs.actions import enqueue_job, pause_after
from proxeny.node.jobs.faults import reach
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Failed, Outcome, Retry

DELIVER, OPEN = "exchange.deliver", "exchange.open"
# Sealed messages waiting to be opened: more than this and the door asks to wait.
MAX_STORED = 10_000
# A fault that nobody foresaw is ours: so often the message is tried before it is left
# to the sender's next try.
MAX_OPEN_TRIES = 10
# What the columns of a message hold; the wire allows more.
MAX_REF_CHARS, MAX_SEQ = 64, 2**31 - 1
# By its own clock the partner may take a message in for so long after it expired.
GIVE_UP_AFTER = 2 * exchange.CLOCK_SKEW
# A partner that has a message opens it soon, unless its worker is down.
ASK_AGAIN_S, ASK_AGAIN_AT_MOST_S = 0.1, 30.0
_CODE_RE = re.compile(r"PXY-[A-Z0-9-]{1,56}")
OK, STORED, NOT_OPENED, TOO_LARGE = 200, 202, 409, 413


def queue_message(
    organisation: Organisation, partner: Partner, *, kind: str, ref: str, body: Any
) -> Message:
    """A message and its delivery job, in the caller's transaction.

    Args:
        organisation: whose message it is.
        partner: to whom.
        kind: a registered kind.
        ref: the request or case that the messages are numbered by.
        body: JSON object.
    """
    now = timezone.now()
    # The partner's row is the lock under which messages are numbered. It is not its
    # key that is locked: a message that arrives meanwhile refers to the same row.
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    earlier = Message.objects.filter(
        direction=Message.Direction.SENT, partner=partner, ref=ref
    ).count()
    message = Message.objects.create(
        direction=Message.Direction.SENT,
        state=Message.State.WAITING,
        organisation=organisation,
        partner=partner,
        jti=exchange.uuid7(now, secrets.token_bytes(exchange.UUID7_ENTROPY_BYTES)),
        kind=kind,
        ref=ref,
        seq=earlier + 1,
        body=body,
        created_at=now,
        expires_at=now + timedelta(days=settings.CONFIG.worker.message_days),
    )
    enqueue_job(DELIVER, key=f"deliver:{message.jti}", payload={"message": message.pk})
    return message


def deliver_message(job: Job) -> Outcome:
    """One try to bring a message to its partner and its receipt home."""
    messages = Message.objects.select_related("partner")
    message = messages.filter(pk=job.payload["message"]).first()
    if message is None:
        return Failed("its message is not there any more")
    if message.state != Message.State.WAITING:
        return Done()
    if _earlier(message).exists():
        # Wakes when that one is settled; else it looks again by itself.
        return Retry(pause_after(job.attempts), "an earlier message goes first")
    try:
        message = _seal(message)
    except exchange.EnvelopeError as error:
        # No later try can sign or seal what the wire doesn't carry.
        return _give_up(message, error.stable_code)
    reach("deliver.sealed")
    outcome = _post(message, job)
    late = timezone.now() >= message.expires_at + GIVE_UP_AFTER
    if late and isinstance(outcome, Retry):
        # The partner was asked once more: it may have kept a receipt all the while.
        return _give_up(message, outcome.reason)
    return outcome


def _post(message: Message, job: Job) -> Outcome:
    """Post the sealed bytes; settle the message if a sound receipt comes back."""
    partner = message.partner
    if partner is None or message.outer is None or message.inner_digest is None:
        raise StateError("A sent message has a partner and its sealed bytes.")
    within_s = settings.CONFIG.worker.post_s
    try:
        answer = post_message(partner.endpoint, bytes(message.outer), within_s=within_s)
    except UnreachableError as error:
        pause = pause_after(job.attempts)
        _hold_back(partner, timezone.now() + pause, error.message)
        return Retry(pause, error.message)
    reach("deliver.posted")
    if answer.status == STORED:
        return Retry(_soon(job.attempts), "stored by the partner, not opened yet")
    text = answer.document.get("receipt")
    if answer.status != OK or not isinstance(text, str):
        code = _read_code(answer.document.get("code"))
        reason = f"the partner answered {answer.status} {code}".rstrip()
        return Retry(pause_after(job.attempts), reason)
    signed = text.encode("ascii", "replace")
    try:
        receipt = exchange.verify_receipt(
            signed,
            sender=public_keys_of(partner),
            message_digest=message.inner_digest,
            expected_aud=settings.CONFIG.authority.id,
        )
    except ProxenyError as error:
        reason = f"the receipt is not sound: {error.message}"
        return Retry(pause_after(job.attempts), reason)
    state = (
        Message.State.ACCEPTED
        if receipt.event == exchange.ReceiptEvent.ACCEPTED
        else Message.State.REJECTED
    )
    _settle(message, state, receipt=signed, reason=receipt.reason or "")
    reach("deliver.settled")
    return Done()


def _give_up(message: Message, reason: str) -> Outcome:
    _settle(message, Message.State.UNDELIVERABLE, receipt=None, reason=reason)
    return Failed(f"undeliverable: {reason}")


def _earlier(message: Message) -> QuerySet[Message]:
    """Messages to the same partner about the same thing that must arrive before it.

    A withdrawal that overtook its request would be rejected, and the request taken.
    """
    return Message.objects.filter(
        direction=Message.Direction.SENT,
        partner=message.partner,
        ref=message.ref,
        seq__lt=message.seq,
        state=Message.State.WAITING,
    )


def _hold_back(partner: Partner, until: datetime, reason: str) -> None:
    """Let what else waits for a partner that can't be reached wait as long.

    There is one worker: if each message ran into the same silence, what others send
    would not be opened meanwhile.
    """
    waiting = Message.objects.filter(
        direction=Message.Direction.SENT, partner=partner, state=Message.State.WAITING
    )
    keys = [f"deliver:{jti}" for jti in waiting.values_list("jti", flat=True)]
    Job.objects.filter(
        key__in=keys, state=Job.State.WAITING, lease_until=None, next_at__lt=until
    ).update(next_at=until, reason=reason)


def _read_code(code: object) -> str:
    """The partner's own word for why, if it is a code and not something to print."""
    return code if isinstance(code, str) and _CODE_RE.fullmatch(code) else ""


@transaction.atomic
def _seal(message: Message) -> Message:
    """Sign once, seal for the partner's present key, and keep the bytes.

    They are kept before they leave for the first time, under the row's lock. The
    signed message never changes, and so neither does what it brings about at the
    partner, however often it has to be sealed anew.
    """
    messages = Message.objects.select_for_update(of=("self",))
    message = messages.select_related("partner").get(pk=message.pk)
    partner = message.partner
    if partner is None or message.jti is None:
        raise StateError("A sent message has a partner and a number.")
    recipient = public_keys_of(partner)
    if message.outer is not None:
        sealed_for = exchange.read_header(bytes(message.outer)).ekid
        if sealed_for == recipient.seal_kid:
            return message
    if message.inner is None:
        message.inner = _sign(message, partner)
        message.inner_digest = exchange.digest(message.inner)
    message.outer = exchange.seal_message(bytes(message.inner), recipient)
    message.outer_digest = hashlib.sha256(message.outer).hexdigest()
    message.save(update_fields=["inner", "inner_digest", "outer", "outer_digest"])
    return message


def _sign(message: Message, partner: Partner) -> bytes:
    payload = exchange.Payload(
        iss=settings.CONFIG.authority.id,
        aud=partner.authority,
        jti=message.jti or "",
        iat=message.created_at,
        exp=message.expires_at,
        case=message.ref,
        seq=message.seq,
        kind=message.kind,
        body=message.body,
    )
    return exchange.sign_message(payload, read_keys(settings.CONFIG.keys_folder))


@transaction.atomic
def _settle(
    message: Message, state: Message.State, *, receipt: bytes | None, reason: str
) -> None:
    """The message's end on the sending side, told to its kind, once."""
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state != Message.State.WAITING:
        return
    row.state, row.receipt, row.reason = state, receipt, reason[:300]
    row.settled_at = timezone.now()
    row.save(update_fields=["state", "receipt", "reason", "settled_at"])
    kind = find_kind(row.kind)
    if kind is not None:
        kind.settle(row)
    _wake_next(row)


def _wake_next(settled: Message) -> None:
    later = Message.objects.filter(
        direction=Message.Direction.SENT,
        partner=settled.partner,
        ref=settled.ref,
        seq__gt=settled.seq,
        state=Message.State.WAITING,
    )
    following = later.order_by("seq").first()
    if following is not None:
        Job.objects.filter(key=f"deliver:{following.jti}").update(
            next_at=timezone.now()
        )


def _soon(attempts: int) -> timedelta:
    """The partner has it and will open it within a moment: ask again soon.

    However often it was tried before the partner could be reached.
    """
    longest = min(ASK_AGAIN_AT_MOST_S, settings.CONFIG.worker.retry_longest_s)
    return timedelta(seconds=min(ASK_AGAIN_S * 1.3 ** min(attempts, 40), longest))


@transaction.atomic
def store_envelope(outer: bytes) -> Message:
    """Keep sealed bytes that arrived, and the job that opens them.

    Raises:
        EnvelopeError: not an envelope of this version, or not for this node.
        UnreachableError: too many wait to be opened (PXY-BUSY).
    """
    if exchange.read_header(outer).to != settings.CONFIG.authority.id:
        raise exchange.EnvelopeError(
            exchange.EnvelopeReason.NOT_FOR_US,
            "This message is addressed to another node.",
        )
    outer_digest = hashlib.sha256(outer).hexdigest()
    received = Message.objects.filter(direction=Message.Direction.RECEIVED)
    known = received.filter(outer_digest=outer_digest).first()
    if known is not None and not _may_open_later(known):
        return known
    if received.filter(state=Message.State.STORED).count() >= MAX_STORED:
        raise UnreachableError("Too many messages wait to be opened.", code="PXY-BUSY")
    if known is not None:
        return _try_again(known, outer)
    now = timezone.now()
    # The same bytes may come through two connections at once.
    message, _ = Message.objects.get_or_create(
        direction=Message.Direction.RECEIVED,
        outer_digest=outer_digest,
        defaults={
            "state": Message.State.STORED,
            "organisation": get_incoming_organisation(),
            "outer": outer,
            "created_at": now,
            "expires_at": now + timedelta(days=settings.CONFIG.worker.message_days),
        },
    )
    enqueue_job(OPEN, key=f"open:{outer_digest}", payload={"message": message.pk})
    return message


def _try_again(known: Message, outer: bytes) -> Message:
    """One more look at the same bytes: the sender's card may have been added."""
    Message.objects.filter(pk=known.pk).update(state=Message.State.STORED, outer=outer)
    Job.objects.filter(key=f"open:{known.outer_digest}").update(
        state=Job.State.WAITING, next_at=timezone.now(), lease_until=None
    )
    return known


def _may_open_later(known: Message) -> bool:
    """Nobody could be shown to have sent it; what was opened keeps its answer."""
    unopened = known.partner_id is None and known.receipt is None
    return known.state == Message.State.REJECTED and unopened


def open_envelope(job: Job) -> Outcome:
    """Open what arrived; apply it and keep the receipt in one transaction."""
    message = Message.objects.filter(pk=job.payload["message"]).first()
    if message is None:
        return Failed("its message is not there any more")
    if message.state != Message.State.STORED:
        return Done()
    keys = read_keys(settings.CONFIG.keys_folder)
    now = timezone.now()
    try:
        opened = exchange.open_message(
            bytes(message.outer or b""), keys=keys, find_sender=_find_sender, now=now
        )
        reach("inbox.opened")
        message = _apply(message.pk, opened, keys, now)
    except exchange.EnvelopeError as error:
        # Nobody can be shown to have sent this, so nobody gets a receipt for it.
        return _reject_unopened(message, error.stable_code)
    except Exception:
        if job.attempts < MAX_OPEN_TRIES:
            raise
        return _reject_unopened(message, "PXY-MESSAGE-FAULT")
    reach("inbox.settled")
    return Done() if message.state == Message.State.ACCEPTED else Failed(message.reason)


def _find_sender(authority: str, kid: str) -> exchange.PublicKeys | None:
    partner = Partner.objects.filter(authority=authority).first()
    if partner is None:
        return None
    keys = public_keys_of(partner)
    return keys if keys.kid == kid else None


def _reject_unopened(message: Message, code: str) -> Outcome:
    Message.objects.filter(pk=message.pk, state=Message.State.STORED).update(
        state=Message.State.REJECTED,
        reason=code,
        settled_at=timezone.now(),
        outer=None,  # Its digest stays; bytes that nobody signed need not.
    )
    return Failed(code)


@transaction.atomic
def _apply(
    pk: int, opened: exchange.Opened, keys: exchange.NodeKeys, now: datetime
) -> Message:
    """Take an opened message in, once; with the receipt or not at all."""
    message = Message.objects.select_for_update().get(pk=pk)
    if message.state != Message.State.STORED:
        return message
    payload = opened.payload
    partner = Partner.objects.get(authority=payload.iss)
    earlier = (
        Message.objects.select_for_update()
        .filter(direction=Message.Direction.RECEIVED, partner=partner, jti=payload.jti)
        .first()
    )
    if earlier is not None:
        _repeat(message, earlier, opened)
        return message
    fits = len(payload.case or "") <= MAX_REF_CHARS and payload.seq <= MAX_SEQ
    message.partner, message.jti, message.kind = partner, payload.jti, payload.kind
    message.ref, message.seq = (payload.case or "", payload.seq) if fits else ("", 0)
    message.body, message.inner = payload.body, opened.inner
    message.inner_digest = opened.digest
    message.expires_at = payload.exp
    message.save()
    reason = _take_in(message) if fits else "PXY-MESSAGE-LIMIT"
    message.state = Message.State.REJECTED if reason else Message.State.ACCEPTED
    message.reason = reason or ""
    message.settled_at = now
    message.receipt = exchange.sign_receipt(
        keys=keys,
        to=payload.iss,
        message_digest=opened.digest,
        jti=payload.jti,
        event=exchange.ReceiptEvent.REJECTED
        if reason
        else exchange.ReceiptEvent.ACCEPTED,
        at=now,
        reason=reason,
    )
    message.save()
    reach("inbox.applied")
    return message


def _take_in(message: Message) -> str | None:
    """Hand the message to its kind; the reason if it is rejected."""
    kind = find_kind(message.kind)
    if kind is None:
        return "PXY-MESSAGE-KIND"
    try:
        with transaction.atomic():
            kind.receive(message)
    except ProxenyError as error:
        return error.stable_code
    return None


def _repeat(message: Message, earlier: Message, opened: exchange.Opened) -> None:
    """The same message in another seal gets its receipt; a forged twin gets none.

    The same number with other contents is an alarm, never an overwrite.
    """
    same = earlier.inner_digest == opened.digest
    message.state = earlier.state if same else Message.State.REJECTED
    message.receipt = earlier.receipt if same else None
    message.reason = "repeat" if same else "PXY-MESSAGE-TWIN"
    message.settled_at = timezone.now()
    message.save(update_fields=["state", "receipt", "reason", "settled_at"])
