"""Which scorecard an organisation links by: the packaged one, or one of its own."""

from functools import lru_cache

from django.db import connection

from proxeny import linking
from proxeny.linking import Scorecard
from proxeny.node.linking.models import OrganisationScorecard

_NEWEST = "SELECT max(id) FROM linking_organisationscorecard WHERE organisation_id = %s"


def find_scorecard(organisation_id: int) -> Scorecard:
    """The scorecard by which this organisation's reports are linked now."""
    # Written out because every new report asks it.
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [organisation_id])
        (newest,) = cursor.fetchone()
    text = "" if newest is None else _load_text(newest)
    return _parse(text) if text else linking.load_scorecard()


@lru_cache(maxsize=16)
def _load_text(pk: int) -> str:
    # A row is never changed, only followed by another.
    return str(OrganisationScorecard.objects.get(pk=pk).text)


@lru_cache(maxsize=16)
def _parse(text: str) -> Scorecard:
    return linking.parse_scorecard(text)
