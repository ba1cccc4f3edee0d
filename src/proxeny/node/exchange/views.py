"""The exchange door: other nodes post sealed messages here. It holds no key."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from proxeny.errors import InputError, LimitError, ProxenyError, UnreachableError
from proxeny.exchange import MAX_ENVELOPE_BYTES
from proxeny.node.exchange.actions import (
    NOT_OPENED,
    OK,
    STORED,
    TOO_LARGE,
    store_envelope,
)
from proxeny.node.exchange.models import Message
from proxeny.node.jobs.faults import reach

BAD, BUSY = 400, 503
MAX_LENGTH_DIGITS = 18


# Another node has no session here: what it sends is judged by its signature alone.
@csrf_exempt
@require_POST
def take_message(request: HttpRequest) -> HttpResponse:
    """Store a sealed message; answer with the receipt once there is one."""
    try:
        length = request.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdecimal():
            raise InputError("The message's length is not given.", code="PXY-LENGTH")
        if int(length[:MAX_LENGTH_DIGITS]) > MAX_ENVELOPE_BYTES:
            raise LimitError("The message is over its limit.")
        message = store_envelope(request.read(MAX_ENVELOPE_BYTES + 1))
        reach("inbox.stored")
    except ProxenyError as error:
        match error:
            case LimitError():
                status = TOO_LARGE
            case UnreachableError():
                status = BUSY
            case _:
                status = BAD
        problem = {
            "type": "about:blank",
            "title": error.message,
            "status": status,
            "code": error.stable_code,
        }
        return JsonResponse(
            problem, status=status, content_type="application/problem+json"
        )
    if message.receipt:
        receipt = bytes(message.receipt).decode()
        return JsonResponse({"receipt": receipt}, status=OK)
    if message.state == Message.State.REJECTED:
        document = {"state": message.state, "code": message.reason}
        return JsonResponse(document, status=NOT_OPENED)
    return JsonResponse({"state": message.state}, status=STORED)
