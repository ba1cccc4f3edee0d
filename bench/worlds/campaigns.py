"""A synthetic world of reports with hidden campaigns, as texts and with their truth.

Campaign sizes follow a power law; offenders rotate their selectors; some selectors are
rented out to several campaigns; hubs (a courier's line, a shop's domain) are mentioned
by anyone, a few of them by very many; victims name their own details; values are
mistyped and offences misnamed; texts are in three languages. Every figure below is a
guess at a plausible world, not a measurement of a real one: ratios and failure modes
carry over to real reports, absolute quality doesn't.

Names and addresses are of reserved ranges (RFC 2606, RFC 3849). Telephone numbers and
accounts are random within their numbering plans, because the reserved ranges are too
small; they never leave the folder of the benchmark.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
FIRST_ADDRESS = ip_address("2001:db8::")
OFFENCES = ("phishing", "investment", "shop", "romance", "extortion", "malware")
COUNTRIES = ("RS", "DE", "FR", "IT", "GR")
ROTATED = ("phone", "iban", "email", "domain", "url", "wallet")

# What a victim writes in each language: opening, one sentence for each kind, own
# account, close. "{}" takes the value.
WORDING = {
    "en": (
        "On {day} I was contacted about {topic} and believed it. ",
        {
            "phone": "They kept calling from {}. ",
            "iban": "I was told to transfer the money to {}. ",
            "email": "The messages came from {}. ",
            "domain": "Their site was {} and it looked real. ",
            "url": "I entered my data at {}. ",
            "wallet": "The coins had to go to {}. ",
            "ip": "The log of my computer shows {}. ",
        },
        "I paid from my account {}. ",
        "I lost {amount} euro; {tale}",
    ),
    "de": (
        "Am {day} wurde ich wegen {topic} angesprochen und habe es geglaubt. ",
        {
            "phone": "Der Anruf kam von {}. ",
            "iban": "Ich sollte das Geld überweisen an {}. ",
            "email": "Die Nachrichten kamen von {}. ",
            "domain": "Die Seite hieß {} und sah echt aus. ",
            "url": "Meine Daten habe ich eingegeben bei {}. ",
            "wallet": "Die Münzen gingen an {}. ",
            "ip": "Das Protokoll nennt {}. ",
        },
        "Bezahlt habe ich von meinem Konto {}. ",
        "Verloren habe ich {amount} Euro; {tale}",
    ),
    "sr": (
        "Dana {day} javili su mi se povodom {topic} i poverovao sam. ",
        {
            "phone": "Zvali su sa broja {}. ",
            "iban": "Rekli su da novac uplatim na {}. ",
            "email": "Poruke su stizale sa {}. ",
            "domain": "Sajt se zvao {} i delovao je pravo. ",
            "url": "Podatke sam uneo na {}. ",
            "wallet": "Novac je otišao na {}. ",
            "ip": "U zapisu stoji {}. ",
        },
        "Platio sam sa svog računa, moj račun {}. ",
        "Izgubio sam {amount} evra; {tale}",
    ),
}
TALES = (
    "they promised to call back and never did.",
    "after that the page was gone and nobody answered.",
    "a second payment for a fee was asked for the next day.",
    "the parcel never came and the shop does not reply.",
    "my bank says that it cannot get the money back.",
    "a friend of mine had the very same thing happen to him.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldReport:
    """One report as a line of JSON Lines, and the campaign that nobody may see."""

    at: datetime
    line: str
    campaign: int


def make_world(seed: int, count: int) -> list[WorldReport]:
    """Return `count` reports in the order of time; the same seed, the same world."""
    world = _World(seed, count)
    reports: list[WorldReport] = []
    while len(reports) < count:
        size = min(int(world.dice.paretovariate(0.9)), max(count // 25, 20))
        reports.extend(world.make_campaign(min(size, count - len(reports))))
    return sorted(reports, key=lambda report: (report.at, report.line))


class _World:
    def __init__(self, seed: int, count: int) -> None:
        # The world must be the same on each run; nothing here is a secret.
        self.dice = random.Random(seed)
        self.campaigns = 0
        self.reports = 0
        self.values = 0
        kinds = ("phone", "domain", "ip")
        self.hubs = [self._make(self.dice.choice(kinds)) for _ in range(count // 60)]
        kinds = ("iban", "phone", "ip")
        self.rented = [self._make(self.dice.choice(kinds)) for _ in range(count // 100)]

    def make_campaign(self, size: int) -> list[WorldReport]:
        """Reports of one offender, who rotates through lanes of selectors."""
        dice = self.dice
        self.campaigns += 1
        first_day = dice.uniform(0, DAYS)
        length_days = min(10 + 3 * size, DAYS) * dice.uniform(0.3, 1)
        # A selector serves a window of about 12 reports, then the next takes over; the
        # windows of two lanes overlap, or nothing would show that it is one offender.
        lanes = [
            [self._make(kind) for _ in range(1 + size // dice.randint(8, 16))]
            for kind in dice.sample(ROTATED, dice.randint(2, 4))
        ]
        rented = [dice.choice(self.rented)] if dice.random() < 0.2 else []
        offence, home = dice.choice(OFFENCES), dice.choice(COUNTRIES)
        reports = []
        for number in range(size):
            progress = (number + dice.random()) / size
            named = [
                self._mistype(lane[int(progress * len(lane))])
                for lane in dice.sample(lanes, dice.randint(1, min(3, len(lanes))))
            ]
            named += rented if dice.random() < 0.3 else []
            if dice.random() < 0.15:
                # The cube makes a few hubs very large and leaves most of them small.
                named.append(self.hubs[int(len(self.hubs) * dice.random() ** 3)])
            reports.append(
                self._write(
                    at=START + timedelta(days=first_day + progress * length_days),
                    country=home if dice.random() < 0.6 else dice.choice(COUNTRIES),
                    offence=offence if dice.random() < 0.85 else dice.choice(OFFENCES),
                    named=named,
                )
            )
        return reports

    def _write(
        self, *, at: datetime, country: str, offence: str, named: list[tuple[str, str]]
    ) -> WorldReport:
        dice = self.dice
        self.reports += 1
        language = dice.choice(tuple(WORDING))
        opening, sentences, own, close = WORDING[language]
        amount = round(dice.lognormvariate(6, 1), 2)
        parts = [opening.format(day=at.strftime("%d.%m.%Y"), topic=offence)]
        parts += [sentences[kind].format(value) for kind, value in named]
        if dice.random() < 0.6:
            parts.append(own.format(self._make("iban")[1]))
        parts.append(close.format(amount=amount, tale=dice.choice(TALES)))
        fields = {
            "id": f"W-{self.reports}",
            "title": f"{offence} {self.reports}",
            "text": "".join(parts),
            "happened_at": at.isoformat(timespec="seconds"),
            "country": country,
            "offence": offence,
            "language": language,
            "amount": str(amount),
            "currency": "EUR",
            "victim_phone": self._make("phone")[1],
        }
        line = json.dumps(fields, ensure_ascii=False)
        return WorldReport(at=at, line=line, campaign=self.campaigns)

    def _mistype(self, selector: tuple[str, str]) -> tuple[str, str]:
        return self._make(selector[0]) if self.dice.random() < 0.03 else selector

    def _make(self, kind: str) -> tuple[str, str]:
        self.values += 1
        return kind, _WRITE[kind](self.dice, self.values)


def _write_phone(dice: random.Random, number: int) -> str:
    del number
    return f"+3816{dice.choice('0123456')}{dice.randrange(10**7):07}"


def _write_iban(dice: random.Random, number: int) -> str:
    # ISO 13616: the country code as digits (D = 13, E = 14), then 98 - mod 97.
    del number
    bban = f"{dice.randrange(10**18):018}"
    return f"DE{98 - int(f'{bban}131400') % 97:02}{bban}"


_WRITE: dict[str, Callable[[random.Random, int], str]] = {
    "phone": _write_phone,
    "iban": _write_iban,
    "email": lambda _, number: f"office{number}@mail{number % 997}.example",
    "domain": lambda _, number: f"shop-{number}.example",
    "url": lambda _, number: f"https://login{number}.example/pay/{number:x}",
    "wallet": lambda dice, _: f"0x{dice.getrandbits(160):040x}",
    "ip": lambda _, number: str(FIRST_ADDRESS + number),
}
