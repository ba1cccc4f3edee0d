"""A small synthetic world with hidden campaigns, and how well series find them.

Campaign sizes follow a power law; offenders rotate selectors; some are rented out to
several campaigns; small hubs (a courier's line, a shop's domain) are mentioned by
anyone; offences are misnamed, values mistyped, victims name their own details. It is
synthetic: ratios and failure modes carry over to real reports, absolute figures don't.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from proxeny.selectors import Kind, Role, Selector

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
FIRST_ADDRESS = ip_address("2001:db8::")
OFFENCES = ("phishing", "investment", "shop", "romance", "extortion", "malware")
COUNTRIES = ("RS", "DE", "FR", "IT", "GR")
CAMPAIGN_KINDS = (Kind.PHONE, Kind.IBAN, Kind.EMAIL, Kind.DOMAIN, Kind.URL, Kind.WALLET)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldReport:
    ref: str
    at: datetime
    country: str
    offence: str
    amount: float | None
    mentions: tuple[tuple[Selector, Role], ...]
    campaign: str


def make_world(seed: int, count: int, largest: int) -> list[WorldReport]:
    """Return `count` reports in order of time; no campaign has over `largest`."""
    world = _World(seed, count)
    reports: list[WorldReport] = []
    while len(reports) < count:
        size = min(int(world.dice.paretovariate(0.9)), largest, count - len(reports))
        reports.extend(world.make_campaign(size))
    return sorted(reports, key=lambda report: (report.at, report.ref))


class _World:
    def __init__(self, seed: int, count: int) -> None:
        # The world must be the same on each run; nothing here is a secret.
        self.dice = random.Random(seed)
        self.campaigns = 0
        self.values = 0
        self.hubs = [
            self.make_selector(self.dice.choice((Kind.PHONE, Kind.DOMAIN, Kind.IP)))
            for _ in range(count // 60)
        ]
        self.rented = [
            self.make_selector(self.dice.choice((Kind.IBAN, Kind.PHONE, Kind.IP)))
            for _ in range(count // 100)
        ]

    def make_selector(self, kind: Kind) -> Selector:
        self.values += 1
        # Any text will do as a value but for addresses: those are read, and one that
        # can't be is a stop value.
        text = str(FIRST_ADDRESS + self.values) if kind is Kind.IP else str(self.values)
        return Selector(kind=kind, value=text)

    def make_campaign(self, size: int) -> list[WorldReport]:
        dice = self.dice
        self.campaigns += 1
        first_day = dice.uniform(0, DAYS)
        length_days = min(10 + 3 * size, DAYS) * dice.uniform(0.3, 1)
        # A selector serves a window of about 12 reports, then the next takes over.
        lanes = [
            [self.make_selector(kind) for _ in range(1 + size // dice.randint(8, 16))]
            for kind in dice.sample(CAMPAIGN_KINDS, dice.randint(1, 4))
        ]
        rented = dice.sample(self.rented, 1) if dice.random() < 0.2 else []
        offence, home = dice.choice(OFFENCES), dice.choice(COUNTRIES)
        reports = []
        for number in range(size):
            progress = (number + dice.random()) / size
            mentions = [
                (lane[int(progress * len(lane))], dice.choice(list(Role)[::2]))
                for lane in dice.sample(lanes, dice.randint(1, min(3, len(lanes))))
            ]
            mentions = [self._mistype(selector, role) for selector, role in mentions]
            if rented and dice.random() < 0.3:
                mentions.append((rented[0], Role.OFFENDER))
            if dice.random() < 0.15:
                mentions.append((dice.choice(self.hubs), Role.UNKNOWN))
            if dice.random() < 0.3:
                gmail = Selector(kind=Kind.DOMAIN, value="gmail.com")
                mentions.append((gmail, Role.UNKNOWN))
            mentions.append((self.make_selector(Kind.IBAN), Role.VICTIM))
            right = dice.random() < 0.85
            reports.append(
                WorldReport(
                    ref=f"C{self.campaigns}-{number}",
                    at=START + timedelta(days=first_day + progress * length_days),
                    country=home if dice.random() < 0.6 else dice.choice(COUNTRIES),
                    offence=offence if right else dice.choice(OFFENCES),
                    amount=round(dice.lognormvariate(6, 1), 2),
                    mentions=tuple(mentions),
                    campaign=f"C{self.campaigns}",
                )
            )
        return reports

    def _mistype(self, selector: Selector, role: Role) -> tuple[Selector, Role]:
        if self.dice.random() < 0.03:
            return self.make_selector(selector.kind), role
        return selector, role


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Pairwise precision and recall, B-cubed F, and largest found / largest true."""

    precision: float
    recall: float
    b3: float
    largest_ratio: float


def measure(truth: Mapping[str, str], found: Mapping[str, str]) -> Quality:
    """Compare two partitions of the same reports (report -> group)."""
    true_sizes, found_sizes = Counter(truth.values()), Counter(found.values())
    both = Counter((truth[ref], found[ref]) for ref in truth)
    hits = sum(math.comb(n, 2) for n in both.values())
    precision = sum(n * n / found_sizes[f] for (_, f), n in both.items()) / len(truth)
    recall = sum(n * n / true_sizes[t] for (t, _), n in both.items()) / len(truth)
    return Quality(
        precision=hits / sum(math.comb(n, 2) for n in found_sizes.values()),
        recall=hits / sum(math.comb(n, 2) for n in true_sizes.values()),
        b3=2 * precision * recall / (precision + recall),
        largest_ratio=max(found_sizes.values()) / max(true_sizes.values()),
    )
