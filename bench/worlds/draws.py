"""Draws what each report of a world says: when, where, what, and which selectors."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from worlds import values
from worlds.languages import LANGUAGES
from worlds.plan import (
    COUNTRIES,
    COUNTRY_SHARES,
    HUB_KINDS,
    LOSSES,
    OFFENCES,
    SPOKEN,
    Plan,
    bend_time,
)
from worlds.setting import Setting
from worlds.values import CAMPAIGN, HUB, KIND_SHIFT, KINDS, OWNER_SHIFT, RENTED, VICTIM

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Part = tuple[Ints, Ints, int]  # Reports, their selectors, and whose these are.

SOURCES = ("campaign", "rented", "hub", "victim", "typo")
TYPO = len(SOURCES) - 1
ROLES = ("offender", "victim", "unknown")
OFFENDER, VICTIM_ROLE, UNKNOWN = range(3)
VICTIM_KINDS = ("phone", "iban", "email", "account")
VICTIM_SHARES = (0.35, 0.3, 0.25, 0.1)
UNSURE_OF_HUB = 0.6  # Mentions of hubs with the role "unknown".
FOREIGN_LANGUAGE = 0.07  # Reports in English where another language is spoken.
ELSEWHERE = 0.03  # Reports from a country outside of the campaign's markets.
LOCAL_HUB = 0.7
MAX_HUBS = 3  # Named in one report.


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports:
    """What a portion of reports says; arrays by report."""

    row: Ints
    campaign: Ints
    when: Floats  # Place within the campaign, from 0 to 1.
    day: Floats
    country: Ints
    offence: Ints  # The true one.
    named: Ints  # The one that the report names.
    language: Ints
    amount: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Mentioned:
    """Mentions of a portion; ``report`` counts from 0 within it."""

    report: Ints
    selector: Ints
    role: Ints
    source: Ints


def draw_reports(
    plan: Plan, setting: Setting, rows: Ints, members: Ints, rng: np.random.Generator
) -> Reports:
    """Draw who reports what, when and where."""
    count = len(rows)
    campaign = np.searchsorted(plan.first, members, side="right") - 1
    even = rng.random(count)
    when = bend_time(even, plan.waves[campaign], setting.bursts)
    day = plan.start[campaign] + when * plan.duration[campaign]
    day += rng.exponential(setting.delay, count)
    market = np.where(rng.random(count) < setting.home, 0, rng.integers(1, 4, count))
    country = plan.countries[campaign, market]
    anywhere = rng.random(count) < ELSEWHERE
    country[anywhere] = rng.choice(
        len(COUNTRIES), int(anywhere.sum()), p=COUNTRY_SHARES
    )
    language = SPOKEN[country]
    language[rng.random(count) < FOREIGN_LANGUAGE] = LANGUAGES.index("en")
    offence = plan.offence[campaign]
    named = offence.copy()
    wrong = rng.random(count) < setting.misnamed
    named[wrong] = rng.integers(0, len(OFFENCES), int(wrong.sum()))
    named[rng.random(count) < setting.unnamed] = len(OFFENCES)
    amount = np.exp(LOSSES[offence] + plan.loss[campaign] + rng.normal(0, 0.9, count))
    amount = np.asarray(np.round(amount, 2), np.float64)
    amount[rng.random(count) < setting.no_amount] = np.nan
    return Reports(
        row=rows,
        campaign=campaign,
        when=even,
        day=np.minimum(day, setting.days),
        country=country,
        offence=offence,
        named=named,
        language=language,
        amount=amount,
    )


def draw_mentions(
    plan: Plan, setting: Setting, told: Reports, reports: int, rng: np.random.Generator
) -> Mentioned:
    """Draw the selectors of each report, each once, in the order of the reports."""
    parts = [
        *_mention_campaign(plan, setting, told, rng),
        *_mention_rented(plan, setting, told, rng),
        *_mention_hubs(plan, setting, told, rng),
        *_mention_victim(setting, told, reports, rng),
    ]
    report = np.concatenate([rows for rows, _, _ in parts])
    selector = np.concatenate([selectors for _, selectors, _ in parts])
    source = np.concatenate([np.full(len(r), whose) for r, _, whose in parts])
    keep = (rng.random(len(told.row)) >= setting.silent)[report]
    report, selector, source = report[keep], selector[keep], source[keep]
    order = np.lexsort((selector, report))
    report, selector, source = report[order], selector[order], source[order]
    again = (np.diff(report, prepend=-1) == 0) & (np.diff(selector, prepend=-1) == 0)
    report, selector, source = report[~again], selector[~again], source[~again]
    unsure = np.choose(
        source, (setting.unsure, setting.unsure, UNSURE_OF_HUB, setting.mislabelled)
    )
    role = np.where(source == VICTIM, VICTIM_ROLE, OFFENDER)
    role[rng.random(len(role)) < unsure] = UNKNOWN
    source[rng.random(len(source)) < setting.typos] = TYPO
    return Mentioned(report=report, selector=selector, role=role, source=source)


def number_selectors(kind: Ints | int, owner: int, serial: Ints) -> Ints:
    """Number selectors by kind, owner and serial number."""
    kinds = np.asarray(kind, np.int64) << KIND_SHIFT
    return np.asarray(kinds + (owner << OWNER_SHIFT) + serial, np.int64)


def _mention_campaign(
    plan: Plan, setting: Setting, told: Reports, rng: np.random.Generator
) -> Iterator[Part]:
    """Mention the value of each kind that the campaign uses at that time."""
    for number, kind in enumerate(KINDS):
        # A URL is one of the campaign's domains with a path; both are mentioned.
        column = values.DOMAIN if number == values.URL else number
        said = rng.random(len(told.row)) < setting.kinds[kind].rate
        said &= plan.values[told.campaign, number] > 0
        rows = np.flatnonzero(said & (plan.values[told.campaign, column] > 0))
        campaign = told.campaign[rows]
        total = plan.values[campaign, column]
        window = told.when[rows] * total
        window += setting.overlap * (rng.random(len(rows)) - 0.5)
        turn = np.clip(window.astype(np.int64), 0, total - 1)
        serial = plan.base[campaign, column] + turn
        if number == values.URL:
            yield rows, number_selectors(values.DOMAIN, CAMPAIGN, serial), CAMPAIGN
            paths = np.minimum(plan.values[campaign, number], values.PATHS)
            path = (rng.random(len(rows)) * paths).astype(np.int64)
            serial = serial * values.PATHS + path
        yield rows, number_selectors(number, CAMPAIGN, serial), CAMPAIGN


def _mention_rented(
    plan: Plan, setting: Setting, told: Reports, rng: np.random.Generator
) -> Iterator[Part]:
    rentals = plan.rentals[told.campaign]
    said = (rentals > 0) & (rng.random(len(told.row)) < setting.rented_rate)
    rows = np.flatnonzero(said)
    turn = (told.when[rows] * rentals[rows]).astype(np.int64)
    thing = plan.rented[told.campaign[rows], turn]
    yield rows, number_selectors(plan.rented_kind[thing], RENTED, thing), RENTED


def _mention_hubs(
    plan: Plan, setting: Setting, told: Reports, rng: np.random.Generator
) -> Iterator[Part]:
    """Mention what anyone may mention: mostly of the country, or what is imitated."""
    kinds = np.array([[KINDS.index(kind) for kind in sort] for sort in HUB_KINDS])
    named = rng.poisson(setting.hubs / (1 + setting.hub_second), len(told.row))
    below = np.concatenate(([0.0], plan.hub_weight))
    for turn in range(MAX_HUBS):
        rows = np.flatnonzero(named > turn)
        country = told.country[rows]
        local = rng.random(len(rows)) < LOCAL_HUB
        low = np.where(local, below[plan.hub_start[country]], 0.0)
        high = np.where(local, below[plan.hub_start[country + 1]], below[-1])
        luck = low + rng.random(len(rows)) * (high - low)
        hub = np.searchsorted(plan.hub_weight, luck, side="right")
        hub = np.minimum(hub, len(plan.hub_weight) - 1)
        imitated = rng.random(len(rows)) < setting.brand
        hub[imitated] = plan.brand[told.campaign[rows[imitated]]]
        face = (rng.random(len(rows)) ** 2 * 3).astype(np.int64)
        second = rng.random(len(rows)) < setting.hub_second
        for shown, chosen in ((face, slice(None)), ((face + 1) % 3, second)):
            kind = kinds[plan.hub_sort[hub], shown][chosen]
            serial = np.where(kind == values.URL, values.PATHS, 1) * hub[chosen]
            yield rows[chosen], number_selectors(kind, HUB, serial), HUB


def _mention_victim(
    setting: Setting, told: Reports, reports: int, rng: np.random.Generator
) -> Iterator[Part]:
    """Mention what is the victim's own; some victims report more than once."""
    kinds = np.array([KINDS.index(kind) for kind in VICTIM_KINDS])
    for turn in range(2):
        rows = np.flatnonzero(rng.random(len(told.row)) < setting.victims / 2)
        serial = told.row[rows] * 2 + turn
        again = rng.random(len(rows)) < setting.returning
        pool = max(1, int(reports * setting.returning / 2))
        serial[again] = 2 * reports + rng.integers(0, pool, int(again.sum()))
        kind = kinds[rng.choice(len(kinds), len(rows), p=VICTIM_SHARES)]
        yield rows, number_selectors(kind, VICTIM, serial), VICTIM
