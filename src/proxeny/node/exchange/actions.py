"""Queue messages, deliver them, take them in: at least once sent, once in effect.

Sending: the message and its job are written with the change that causes them. The
worker signs and seals once and keeps the bytes, so that every try sends the same. A
message counts as delivered only with the partner's receipt, verified.

Receiving: the door stores the sealed bytes and answers; it needs no key. The worker
opens them, and in one transaction applies the message and keeps the receipt. The
same bytes again get the same receipt.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
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
from proxeny.node.jobs.actions import enqueue_job
from proxeny.node.jobs.faults import reach
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Failed, Outcome, Retry

DELIVER, OPEN = "exchange.deliver", "exchange.open"
# Sealed messages waiting to be opened: more than this and the door asks to wait.
MAX_STORED = 10_000
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
    # The partner's row is the lock under which messages are numbered.
    Partner.objects.select_for_update().get(pk=partner.pk)
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
    message = Message.objects.select_related("partner").get(pk=job.payload["message"])
    if message.state != Message.State.WAITING:
        return Done()
    if timezone.now() >= message.expires_at:
        _settle(message, Message.State.UNDELIVERABLE, receipt=None, reason=job.reason)
        return Failed(f"expired undelivered: {job.reason}")
    _seal_once(message)
    reach("deliver.sealed")
    partner = message.partner
    if partner is None or message.outer is None or message.inner_digest is None:
        raise StateError("A sent message has a partner and its sealed bytes.")
    try:
        answer = post_message(partner.endpoint, bytes(message.outer))
    except UnreachableError as error:
        return Retry(_pause(job.attempts), error.message)
    reach("deliver.posted")
    if answer.status == STORED:
        return Retry(_soon(job.attempts), "stored by the partner, not opened yet")
    text = answer.document.get("receipt")
    if answer.status != OK or not isinstance(text, str):
        code = str(answer.document.get("code", ""))[:60]
        return Retry(_pause(job.attempts), f"the partner answered {answer.status} {code}")
    try:
        receipt = exchange.verify_receipt(
            text.encode(),
            sender=public_keys_of(partner),
            message_digest=message.inner_digest,
            expected_aud=settings.CONFIG.authority.id,
        )
    except ProxenyError as error:
        return Retry(_pause(job.attempts), f"the receipt is not sound: {error.message}")
    state = (
        Message.State.ACCEPTED
        if receipt.event == exchange.ReceiptEvent.ACCEPTED
        else Message.State.REJECTED
    )
    _settle(message, state, receipt=text.encode(), reason=receipt.reason or "")
    reach("deliver.settled")
    return Done()


def _seal_once(message: Message) -> None:
    """Sign and seal, and keep the bytes before they leave for the first time."""
    if message.outer is not None:
        return
    partner = message.partner
    if partner is None or message.jti is None:
        raise StateError("A sent message has a partner and a number.")
    payload = exchange.Payload(
        iss=settings.CONFIG.authority.id,
        aud=partner.authority,
        jti=message.jti,
        iat=message.created_at,
        exp=message.expires_at,
        case=message.ref,
        seq=message.seq,
        kind=message.kind,
        body=message.body,
    )
    inner = exchange.sign_message(payload, read_keys(settings.CONFIG.keys_folder))
    outer = exchange.seal_message(inner, public_keys_of(partner))
    message.inner, message.inner_digest = inner, exchange.digest(inner)
    message.outer = outer
    message.outer_digest = hashlib.sha256(outer).hexdigest()
    message.save(update_fields=["inner", "inner_digest", "outer", "outer_digest"])


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


def _pause(attempts: int) -> timedelta:
    """Exponential back-off with full jitter, between the operator's two bounds."""
    worker = settings.CONFIG.worker
    longest = min(
        worker.retry_first_s * 2 ** min(attempts, 20), worker.retry_longest_s
    )
    return timedelta(seconds=longest * (0.5 + secrets.randbelow(500) / 1000))


def _soon(attempts: int) -> timedelta:
    """The partner has it and will open it within a moment: ask again soon."""
    longest = min(0.1 * 1.3 ** min(attempts, 40), settings.CONFIG.worker.retry_longest_s)
    return timedelta(seconds=longest)


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
    if known is not None:
        return _try_again(known, outer)
    if received.filter(state=Message.State.STORED).count() >= MAX_STORED:
        raise UnreachableError("Too many messages wait to be opened.", code="PXY-BUSY")
    now = timezone.now()
    message = Message.objects.create(
        direction=Message.Direction.RECEIVED,
        state=Message.State.STORED,
        organisation=get_incoming_organisation(),
        outer=outer,
        outer_digest=outer_digest,
        created_at=now,
        expires_at=now + timedelta(days=settings.CONFIG.worker.message_days),
    )
    enqueue_job(OPEN, key=f"open:{outer_digest}", payload={"message": message.pk})
    reach("inbox.stored")
    return message


def _try_again(known: Message, outer: bytes) -> Message:
    """What nobody could be shown to have sent may be opened later.

    The sender's card may have been added meanwhile, so a new try of the same bytes is
    one more look; a message that was opened keeps its answer.
    """
    if known.state == Message.State.REJECTED and known.partner_id is None:
        Message.objects.filter(pk=known.pk).update(
            state=Message.State.STORED, outer=outer
        )
        Job.objects.filter(key=f"open:{known.outer_digest}").update(
            state=Job.State.WAITING, next_at=timezone.now(), lease_until=None
        )
    return known


def open_envelope(job: Job) -> Outcome:
    """Open what arrived; apply it and keep the receipt in one transaction."""
    message = Message.objects.get(pk=job.payload["message"])
    if message.state != Message.State.STORED:
        return Done()
    keys = read_keys(settings.CONFIG.keys_folder)
    now = timezone.now()
    try:
        opened = exchange.open_message(
            bytes(message.outer or b""), keys=keys, find_sender=_find_sender, now=now
        )
    except ProxenyError as error:
        # Nobody can be shown to have sent this, so nobody gets a receipt for it.
        _reject_unopened(message, error.stable_code)
        return Failed(error.stable_code)
    reach("inbox.opened")
    accepted = _apply(message, opened, keys, now)
    reach("inbox.settled")
    return Done() if accepted else Failed(message.reason)


def _find_sender(authority: str, kid: str) -> exchange.PublicKeys | None:
    partner = Partner.objects.filter(authority=authority).first()
    if partner is None:
        return None
    keys = public_keys_of(partner)
    return keys if keys.kid == kid else None


def _reject_unopened(message: Message, code: str) -> None:
    message.state, message.reason = Message.State.REJECTED, code
    message.settled_at = timezone.now()
    message.outer = None  # Its digest stays; bytes that nobody signed need not.
    message.save(update_fields=["state", "reason", "settled_at", "outer"])


@transaction.atomic
def _apply(
    message: Message,
    opened: exchange.Opened,
    keys: exchange.NodeKeys,
    now: datetime,
) -> bool:
    payload = opened.payload
    partner = Partner.objects.get(authority=payload.iss)
    earlier = (
        Message.objects.select_for_update()
        .filter(
            direction=Message.Direction.RECEIVED, partner=partner, jti=payload.jti
        )
        .exclude(pk=message.pk)
        .first()
    )
    if earlier is not None:
        _repeat(message, earlier, opened)
        return message.state == Message.State.ACCEPTED
    message.partner, message.jti = partner, payload.jti
    message.kind, message.ref, message.seq = payload.kind, payload.case or "", payload.seq
    message.body, message.inner = payload.body, opened.inner
    message.inner_digest = opened.digest
    message.expires_at = payload.exp
    message.save()
    reason = _take_in(message)
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
    return reason is None


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
