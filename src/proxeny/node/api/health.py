"""Liveness with reasons, for operators and their monitors."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from proxeny.node.jobs.models import Job

UNWELL = 503


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers; says how many jobs wait."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = Job.objects.filter(
            state=Job.State.WAITING, next_at__lte=timezone.now()
        ).count()
    except DatabaseError:
        return JsonResponse(
            {"ok": False, "reasons": ["the database does not answer"]}, status=UNWELL
        )
    return JsonResponse({"ok": True, "reasons": [], "jobs_due": waiting})
