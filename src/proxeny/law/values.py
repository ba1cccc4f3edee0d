"""The values of the law: what a route is, in which state, and why.

An answer never stands alone: each reason carries its source, how that source was
read and as of which day.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from proxeny.errors import InputError

# A fact whose newest reading is older than this, counted back from the day asked
# about, is said to be stale.
STALE_AFTER_DAYS = 180


class LawbookError(InputError):
    """A file of the lawbook breaks its schema; the message names file and line."""

    code = "PXY-LAWBOOK"
    advice = "Correct that entry, or go back to the edition you had before."


class DataKind(StrEnum):
    """What is sought (CONTRACTS, data kinds)."""

    SUBSCRIBER = "subscriber"
    TRAFFIC = "traffic"
    CONTENT = "content"
    DOMAIN_REGISTRATION = "domain_registration"
    ANY = "any"
    ASSETS = "assets"


class RouteState(StrEnum):
    """Whether a route can be taken, the best state first."""

    OPEN = "open"
    CONDITIONAL = "conditional"
    CLOSED = "closed"
    NOT_IN_FORCE = "not_in_force"
    UNKNOWN = "unknown"


class Reading(StrEnum):
    """How a fact was read: in its source, from knowledge only, or not at all."""

    READ = "read"
    NOT_RE_READ = "not_re_read"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One reason for a route's state."""

    text: str
    citation: str
    source: str
    as_of: date
    reading: Reading
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """How long something may take; only a limit that was read is binding."""

    text: str
    article: str
    source: str
    as_of: date
    reading: Reading
    days: int | None
    hours: int | None
    starts: str

    @property
    def binding(self) -> bool:
        """Whether it may drive a deadline: what was not re-read never does."""
        return self.reading is Reading.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """What one paragraph demands of a request, or allows as a ground of refusal."""

    text: str
    article: str
    source: str
    as_of: date
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One legal channel between two countries on a day, with its reasons."""

    id: str
    measure: str
    instrument: str
    article: str
    state: RouteState
    stale: bool
    addressee: str
    form: str | None
    time_limits: tuple[TimeLimit, ...]
    because: tuple[Because, ...]
    contents: tuple[Provision, ...]
    refusal_grounds: tuple[Provision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OffenceClass:
    """A class of offences and the classes of other schemes that it maps to."""

    code: str
    scheme: str
    class_of: str
    label_en: str
    label_fr: str
    maps_to: tuple[str, ...]
    mapping_by: str
    source: str
    as_of: date


def parse_data_kind(raw: str) -> DataKind:
    """Read a data kind as it is typed.

    Raises:
        InputError: there is no such kind (PXY-DATA-KIND).

    """
    try:
        return DataKind(raw.strip().lower())
    except ValueError as error:
        raise InputError(
            f"{raw[:40]!r} is not a kind of data.",
            code="PXY-DATA-KIND",
            advice="Give one of: " + ", ".join(DataKind) + ".",
        ) from error


def is_stale(as_of: date, on: date) -> bool:
    """Whether the newest reading of a fact is too old to speak for a day.

    A reading from after the day asked about is never stale for it: it looks back.
    """
    return (on - as_of).days > STALE_AFTER_DAYS
