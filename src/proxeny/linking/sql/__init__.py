"""The batch's SQL, in DuckDB's dialect: the one source of what every engine runs.

Each file makes one table out of tables named in its head. Only figures of our own and
expressions made of the scorecard are put into the texts, never a value from outside.
"""

from importlib import resources
from typing import Final

from proxeny.linking.features import (
    FEATURES,
    KIND_NUMBERS,
    MAX_OTHERS,
    TEXT,
    Group,
    render_gap_level,
)
from proxeny.linking.scorecard import Scorecard

MOST_HOLDERS: Final = 3_000
"""A selector with more holders is a hub: it joins nobody."""


def render_selectors() -> str:
    """Give the query of the selectors that link."""
    return _read("selectors")


def render_postings() -> str:
    """Give the query of who holds them."""
    text = KIND_NUMBERS[TEXT]
    others = " ".join(
        f"WHEN s.kind = '{kind}' THEN {number}"
        for kind, number in KIND_NUMBERS.items()
        if number != text
    )
    return _read(
        "postings",
        most=str(MOST_HOLDERS),
        kind=f"CASE WHEN s.kind IS NULL THEN {text} {others} ELSE -1 END",
    )


def render_pairs() -> str:
    """Give the query of the pairs of holders that follow each other in time."""
    return _read("pairs")


def render_evidence() -> str:
    """Give the query of what is known of each pair and selector."""
    return _read(
        "evidence",
        gap_level=render_gap_level("hours"),
        most_others=str(MAX_OTHERS),
        text=str(KIND_NUMBERS[TEXT]),
    )


def render_kind() -> str:
    """Give the name of a kind over the number that the tables hold."""
    names = " ".join(
        f"WHEN {number} THEN '{kind}'" for kind, number in KIND_NUMBERS.items()
    )
    return f"CASE kind {names} ELSE '' END"


def render_features() -> str:
    """Give the features as columns over those of `evidence.sql`."""
    return ",\n    ".join(
        f"CAST({feature.sql} AS DOUBLE) AS f_{feature.name}" for feature in FEATURES
    )


def render_scores(scorecard: Scorecard) -> str:
    """Give the query of the evidence in bits."""
    terms = scorecard.render_terms()
    return _read(
        "scores",
        features=render_features(),
        terms=",\n    ".join(f"{sql} AS bits_{group}" for group, sql in terms.items()),
        evidence=render_evidence(),
        short=",\n  ".join(
            f"CAST(bits_{group} AS REAL) AS bits_{group}" for group in Group
        ),
        sum=" + ".join(f"bits_{group}" for group in Group),
        floor=f"{scorecard.guard.floor!r}e0",
    )


def _read(name: str, **values: str) -> str:
    text = resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f":{key}", value)
    return text
