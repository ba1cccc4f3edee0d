"""Plans a world: its campaigns, what they rotate and rent, and its hubs.

Only what is drawn once stands here; what a single report says is drawn in ``scale``.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from worlds.languages import LANGUAGES
from worlds.setting import Setting
from worlds.values import DOMAIN, KINDS, URL

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

OFFENCES = (
    "phishing",
    "investment",
    "shop",
    "romance",
    "extortion",
    "malware",
    "parcel",
    "bank_impersonation",
    "job",
    "tech_support",
)
# The logarithm of the median loss.
LOSSES = np.log([300, 6_000, 120, 4_000, 700, 900, 60, 2_500, 500, 400])
# How much more or less than usual campaigns of an offence use each kind of selector.
AFFINITY = np.array(
    [  # phone iban email domain url ip wallet handle account hash
        [0.8, 0.5, 1.3, 1.5, 1.8, 1.2, 0.3, 0.4, 0.5, 0.8],
        [1.3, 1.3, 1.0, 1.2, 0.8, 0.6, 1.8, 1.5, 1.0, 0.1],
        [0.6, 1.4, 1.0, 1.5, 1.0, 0.6, 0.4, 0.8, 1.5, 0.1],
        [1.2, 1.4, 1.1, 0.3, 0.3, 0.3, 1.2, 2.0, 1.2, 0.1],
        [0.5, 0.3, 1.6, 0.3, 0.3, 1.2, 2.5, 1.5, 0.3, 0.8],
        [0.4, 0.2, 1.2, 1.3, 1.4, 2.5, 1.2, 0.4, 0.2, 8.0],
        [1.3, 0.5, 0.8, 1.4, 1.8, 0.8, 0.2, 0.3, 0.5, 0.3],
        [1.8, 1.5, 0.7, 0.8, 0.9, 0.6, 0.3, 0.4, 1.5, 0.1],
        [1.3, 1.2, 1.2, 0.7, 0.6, 0.4, 0.8, 1.8, 1.2, 0.1],
        [1.7, 0.9, 0.8, 0.9, 0.8, 1.5, 0.6, 0.4, 0.8, 0.6],
    ]
)
# Country, its language, its share of the reports in thousandths.
COUNTRIES = (
    ("DE", "de", 170), ("GB", "en", 140), ("FR", "fr", 135), ("IT", "it", 120),
    ("UA", "uk", 80), ("RO", "ro", 65), ("GR", "el", 50), ("RS", "sr", 45),
    ("AT", "de", 35), ("CH", "de", 35), ("BE", "fr", 30), ("IE", "en", 22),
    ("MD", "ro", 15), ("BA", "sr", 14), ("CY", "el", 10), ("LU", "fr", 9),
    ("ME", "sr", 8), ("MT", "en", 7), ("LI", "de", 5), ("SM", "it", 5),
)  # fmt: skip
COUNTRY_SHARES = np.array([share for _, _, share in COUNTRIES]) / 1_000
SPOKEN = np.array([LANGUAGES.index(language) for _, language, _ in COUNTRIES])
# What hubs of each sort are named by: a bank, a courier, a marketplace, a host, ...
HUB_KINDS = (
    ("domain", "phone", "email"),
    ("phone", "domain", "url"),
    ("domain", "url", "email"),
    ("ip", "domain", "ip"),
    ("handle", "domain", "phone"),
    ("iban", "account", "phone"),
    ("email", "domain", "email"),
    ("wallet", "domain", "wallet"),
)
HUB_SHARES = np.array([20, 15, 20, 12, 8, 10, 10, 5]) / 100
RENTED_KINDS = ("ip", "domain", "iban", "phone", "account", "wallet")
RENTED_SHARES = np.array([35, 20, 20, 10, 10, 5]) / 100
RENTALS = 4  # Things rented at once or in turn by one campaign, at most.


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is drawn once for a world; arrays are by campaign unless said otherwise."""

    size: Ints
    first: Ints  # Number of the campaign's first member.
    start: Floats
    duration: Floats
    waves: Ints
    offence: Ints
    countries: Ints  # Home and up to three further markets, by column.
    loss: Floats
    values: Ints  # Values of each kind that it uses in all, by column; 0: none.
    base: Ints  # Number of the first of them, by column.
    rentals: Ints  # How many things it rents.
    rented: Ints  # Which, by column.
    rented_kind: Ints  # By rented thing.
    hub_weight: Floats  # By hub, summed up; hubs of a country stand together.
    hub_start: Ints  # First hub of each country, and the end.
    hub_sort: Ints  # By hub.
    brand: Ints  # The hub that it imitates.


def plan_world(setting: Setting, reports: int, rng: np.random.Generator) -> Plan:
    """Draw everything that outlives a single report."""
    size = draw_sizes(setting, reports, rng)
    campaigns = len(size)
    common = np.array([setting.offences[offence] for offence in OFFENCES])
    offence = rng.choice(len(OFFENCES), campaigns, p=common / common.sum())
    duration = setting.duration * rng.lognormal(0, 0.9, campaigns)
    duration *= 1 + np.log10(size)
    duration = np.minimum(duration, setting.days * 0.9)
    start = rng.random(campaigns) * (setting.days - duration)
    home = rng.choice(len(COUNTRIES), campaigns, p=COUNTRY_SHARES)
    markets = rng.choice(len(COUNTRIES), (campaigns, 3), p=COUNTRY_SHARES)
    known = np.arange(3) < rng.integers(0, setting.markets + 1, campaigns)[:, None]
    countries = np.column_stack((home, np.where(known, markets, home[:, None])))
    values = _count_values(setting, size, offence, rng)
    rentals, rented, rented_kind = _rent(setting, size, start, rng)
    weight, hub_start, hub_sort = _plan_hubs(setting, reports, rng)
    pick = hub_start[home] + rng.random(campaigns) * (
        hub_start[home + 1] - hub_start[home]
    )
    return Plan(
        size=size,
        first=np.concatenate(([0], np.cumsum(size)[:-1])),
        start=start,
        duration=duration,
        waves=rng.integers(1, 6, campaigns),
        offence=offence,
        countries=countries,
        loss=rng.normal(0, 0.7, campaigns),
        values=values,
        base=np.cumsum(values, axis=0) - values,
        rentals=rentals,
        rented=rented,
        rented_kind=rented_kind,
        hub_weight=weight,
        hub_start=hub_start,
        hub_sort=hub_sort,
        brand=pick.astype(np.int64),
    )


def draw_sizes(setting: Setting, reports: int, rng: np.random.Generator) -> Ints:
    """Draw sizes of campaigns by a power law until they hold every report."""
    largest = max(min(setting.largest, reports // 50), reports // 500, 1)
    lone = int(reports * setting.lone)
    reports -= lone
    sizes = np.empty(0, np.int64)
    power = 1 - setting.exponent
    while sizes.sum() < reports:
        luck = rng.random(max(1_000, reports // 8))
        drawn = (1 - luck * (1 - float(largest + 1) ** power)) ** (1 / power)
        sizes = np.concatenate((sizes, np.minimum(drawn.astype(np.int64), largest)))
    ends = np.cumsum(sizes)
    last = int(np.searchsorted(ends, reports))
    sizes = sizes[: last + 1]
    sizes[last] -= ends[last] - reports
    return rng.permutation(np.concatenate((sizes, np.ones(lone, np.int64))))


def _count_values(
    setting: Setting, size: Ints, offence: Ints, rng: np.random.Generator
) -> Ints:
    """Count the values of each kind that a campaign goes through."""
    values = np.zeros((len(size), len(KINDS)), np.int64)
    for number, kind in enumerate(KINDS):
        use = setting.kinds[kind]
        likely = use.use * AFFINITY[offence, number] * size**setting.growth
        used = rng.random(len(size)) < np.minimum(likely, 0.95)
        if number == URL:  # It needs a domain to stand on.
            used &= values[:, DOMAIN] > 0
        holders = use.holders * rng.lognormal(0, setting.spread, len(size))
        count = np.ceil(size * use.rate / np.maximum(holders, 1.5))
        values[:, number] = np.where(used, np.maximum(count, 1), 0)
    return values


def _rent(
    setting: Setting, size: Ints, start: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Let campaigns of about the same time rent the same things."""
    rents = (size >= 3) & (rng.random(len(size)) < setting.rented)
    most = np.minimum(RENTALS, 1 + np.log2(size).astype(np.int64) // 3)
    rentals = np.where(rents, rng.integers(1, most + 1), 0)
    things = max(1, int(rentals.sum() / setting.tenants))
    near = (start / setting.days)[:, None] + rng.normal(0, 0.01, (len(size), RENTALS))
    rented = (np.abs(near) * things).astype(np.int64) % things
    kinds = np.array([KINDS.index(kind) for kind in RENTED_KINDS])
    return rentals, rented, kinds[rng.choice(len(kinds), things, p=RENTED_SHARES)]


def _plan_hubs(
    setting: Setting, reports: int, rng: np.random.Generator
) -> tuple[Floats, Ints, Ints]:
    """Draw hubs by a power law until they hold the mentions of hubs."""
    smallest, power = setting.hub_smallest, 1 - setting.hub_exponent
    largest = max(setting.hub_largest * reports, 2 * smallest)
    room = reports * setting.hubs / (1 + setting.hub_second)
    luck = rng.random(max(200, int(room / smallest)))
    reach = 1 - (largest / smallest) ** power
    holders = smallest * (1 - luck * reach) ** (1 / power)
    holders = holders[: int(np.searchsorted(np.cumsum(holders), room)) + 1]
    count = max(len(holders), len(COUNTRIES))
    holders = np.resize(holders, count)
    country = np.sort(rng.choice(len(COUNTRIES), count, p=COUNTRY_SHARES))
    country[: len(COUNTRIES)] = np.arange(len(COUNTRIES))  # None is without a hub.
    country.sort()
    starts = np.searchsorted(country, np.arange(len(COUNTRIES) + 1))
    sorts = rng.choice(len(HUB_KINDS), count, p=HUB_SHARES)
    return np.cumsum(holders), starts, sorts


def bend_time(when: Floats, waves: Ints, strength: float) -> Floats:
    """Move the even times of a campaign's reports into waves; from 0 to 1."""
    turn = 2 * math.pi * waves
    return when + strength * np.sin(turn * when) / turn
