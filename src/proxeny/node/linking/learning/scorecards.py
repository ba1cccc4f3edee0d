"""By what an organisation's reports are weighed: its scorecard, its rare phrases."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db import connection

from proxeny import linking
from proxeny.linking import Rarity, Scorecard
from proxeny.node.linking.models import OrganisationScorecard, PhraseRarity

_NEWEST: Final = """
SELECT
    (SELECT max(id) FROM linking_organisationscorecard WHERE organisation_id = %s),
    (SELECT max(id) FROM linking_phraserarity WHERE organisation_id = %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What reports are weighed by now.

    Attributes:
        scorecard: the packaged one, or one of the organisation's own.
        rarity: of phrases; empty if nobody has counted yet.
    """

    scorecard: Scorecard
    rarity: Rarity


def find_weights(organisation_id: int) -> Weights:
    """What this organisation's reports are weighed by now."""
    # Written out, and one statement, because every new report asks it.
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [organisation_id, organisation_id])
        scorecard, rarity = cursor.fetchone()
    text = "" if scorecard is None else _load_text(scorecard)
    return Weights(
        scorecard=_parse(text) if text else linking.load_scorecard(),
        rarity=Rarity() if rarity is None else _load_rarity(rarity),
    )


# Rows are never changed, only followed by others.
@lru_cache(maxsize=16)
def _load_text(pk: int) -> str:
    return str(OrganisationScorecard.objects.get(pk=pk).text)


@lru_cache(maxsize=16)
def _parse(text: str) -> Scorecard:
    return linking.parse_scorecard(text)


@lru_cache(maxsize=4)
def _load_rarity(pk: int) -> Rarity:
    # It is a megabyte.
    return Rarity(levels=bytes(PhraseRarity.objects.get(pk=pk).levels))
