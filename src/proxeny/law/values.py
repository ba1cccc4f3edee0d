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
    PERSON = "person"
    REAL_TIME_TRAFFIC = "real_time_traffic"
    REAL_TIME_CONTENT = "real_time_content"


class Custodian(StrEnum):
    """Who holds what is sought; ``eu_provider`` answers through the Union.

    An ``eu_provider`` offers services in the Union and has there an establishment
    or a representative that receives orders.
    """

    PROVIDER = "provider"
    EU_PROVIDER = "eu_provider"
    REGISTRAR = "registrar"
    BANK = "bank"
    AUTHORITY = "authority"
    PERSON = "person"


class ConditionCode(StrEnum):
    """What a route may demand, as a code that reads in every language."""

    CENTRAL_AUTHORITY = "central_authority"
    CONSENT = "consent"
    DOMESTIC_LAW = "domestic_law"
    DUAL_CRIMINALITY = "dual_criminality"
    EMERGENCY_DEFINITION = "emergency_definition"
    FOLLOW_UP_FORMAT = "follow_up_format"
    JUDICIAL_ORDER = "judicial_order"
    LANGUAGE = "language"
    NECESSITY = "necessity"
    NOTIFICATION = "notification"
    OFFENCE_SCOPE = "offence_scope"
    OTHER_TREATY = "other_treaty"
    PENALTY_THRESHOLD = "penalty_threshold"
    PENDING_MEASURE = "pending_measure"
    REPRESENTATIVE = "representative"
    RESERVATION = "reservation"
    URGENCY = "urgency"
    USE_LIMITS = "use_limits"
    WRITTEN_CONFIRMATION = "written_confirmation"


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
class RouteCondition:
    """What this route demands on this day; ``decides`` if the state rests on it."""

    code: ConditionCode
    text: str
    citation: str
    source: str
    as_of: date
    reading: Reading
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How many days an answer takes, by a law's limits or by published figures.

    It is no deadline: a range counts by its lower end, so that nothing that is saved
    is overstated; hours count as one day.
    """

    days: int
    text: str
    source: str
    as_of: date
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class MustFollow:
    """The route that has to follow this one, by when and by which article."""

    route: str
    days: int | None
    starts: str
    text: str
    citation: str
    source: str
    as_of: date
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One legal channel between two countries on a day, with its reasons.

    ``burden`` counts who has to approve or pass the request on; ``passes`` names
    them.
    """

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
    conditions: tuple[RouteCondition, ...]
    expected: Expectation | None
    passes: tuple[str, ...]
    must_follow: tuple[MustFollow, ...]

    @property
    def expected_days(self) -> int | None:
        """Days until an answer may be expected; None where no source tells."""
        return None if self.expected is None else self.expected.days

    @property
    def burden(self) -> int:
        """How many authorities the request has to pass."""
        return len(self.passes)


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


def cite(instrument: str, article: str) -> str:
    """How an article is cited: ``ETS185 Art. 29(7)``."""
    return f"{instrument} Art. {article}"


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


def parse_custodian(raw: str) -> Custodian:
    """Read a kind of custodian as it is typed.

    Raises:
        InputError: there is no such kind (PXY-CUSTODIAN).

    """
    try:
        return Custodian(raw.strip().lower())
    except ValueError as error:
        raise InputError(
            f"{raw[:40]!r} is not a kind of custodian.",
            code="PXY-CUSTODIAN",
            advice="Give a country code, or one of: " + ", ".join(Custodian) + ".",
        ) from error


def is_stale(as_of: date, on: date) -> bool:
    """Whether the newest reading of a fact is too old to speak for a day.

    A reading from after the day asked about is never stale for it: it looks back.
    """
    return (on - as_of).days > STALE_AFTER_DAYS
