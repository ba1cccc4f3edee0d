"""Real sets with truth, as a batch reads them: narratives, selectors, and whose.

What the truth was made of is hidden from everybody: the selectors that a rule joined
by are left out of the mentions and blanked in the text, so that a method can't find
again what the truth was told by. Nothing of the sets is kept in the project.
"""

import csv
import html
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from proxeny import selectors
from proxeny.formats.eml import read_mail
from proxeny.formats.item import Accepted
from proxeny.reports import find_mentions

HIDDEN = " … "
# What the collectors blanked is no word, and an address around it no address.
_BLANKED = re.compile(r"\S*\[(?:redacted|snip)\S*", re.IGNORECASE)
_TAGS = re.compile(
    r"<(?:style|script)[^>]*>.*?</(?:style|script)>|<[^>]+>", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One report of a real set.

    ``truth`` is None where the set does not say to what series it belongs: it is linked
    with the others and not scored.
    """

    name: str
    text: str
    truth: str | None
    at: datetime | None = None
    mentions: frozenset[tuple[str, str, str]] = frozenset()


def read_phishing_emails(data: Path) -> list[Told]:
    """Mails of a honeypot; silver truth: a shared rare selector, which is hidden."""
    folder = data / "phishing-emails"
    rows = _read_csv(folder / "silver-clusters.csv")
    truth = {row["file"]: row["cluster"] for row in rows if row["cluster"]}
    joined_by = {
        part.partition(":")[2].lower()
        for row in rows
        for part in row["linking_selectors"].split()
    }
    told = []
    for path in sorted((folder / "eml").glob("*.eml")):
        item = read_mail(path.read_bytes(), where=path.name)
        if not isinstance(item, Accepted):
            continue
        report = item.report
        told.append(
            Told(
                name=path.name,
                text=_hide(f"{report.title}\n{report.narrative}", joined_by),
                truth=truth.get(path.name),
                at=report.sent_at,
                mentions=frozenset(
                    (m.selector.kind.value, m.selector.value, m.role.value)
                    for m in find_mentions(report)
                    if not _is_of(m.selector.value, joined_by)
                ),
            )
        )
    return told


def read_ransom_notes(data: Path) -> list[Told]:
    """Ransom notes; truth: the family of the ransomware, named in no selector."""
    folder = data / "ransom-notes"
    return [
        _tell(row["file"], _read_note(folder / "notes" / row["file"]), row["family"])
        for row in _read_csv(folder / "families.csv")
    ]


def read_ransom_chats(data: Path) -> list[Told]:
    """Negotiations; truth: the group, whose name is blanked in the text."""
    folder = data / "ransom-chats"
    told = []
    for row in _read_csv(folder / "groups.csv"):
        chat = json.loads((folder / "chats" / row["file"]).read_text("utf-8"))
        text = "\n".join(str(message["content"]) for message in chat["messages"])
        names = {
            row["group"].lower(),
            re.sub(r"(?<=[a-z])(?=[A-Z])", " ", row["group"]).lower(),
        }
        told.append(_tell(row["file"], _hide(html.unescape(text), names), row["group"]))
    return told


def read_drainer_domains(data: Path) -> list[Told]:
    """Scam domains by the day of listing; truth: a shared drainer address, hidden."""
    folder = data / "scam-domains"
    listed: dict[str, str] = {}
    for row in _read_csv(folder / "scamsniffer-daily.csv"):
        listed.setdefault(row["domain"], row["date"])
    addresses = json.loads((folder / "scamsniffer-domain-addresses.json").read_text())
    series = _join({name: [*held] for name, held in addresses.items()})
    return [
        _tell(name, name, series[name], _parse_day(listed.get(name)))
        for name in addresses
    ]


def read_stalkerware_hosts(data: Path) -> list[Told]:
    """Hosts of stalkerware; truth: the brand's family as people curated it."""
    families = json.loads(
        (data / "scam-domains" / "stalkerware-families.json").read_text()
    )
    told = []
    for family in families:
        c2 = family.get("c2", {})
        hosts = {
            *family.get("websites", ()),
            *family.get("distribution", ()),
            *c2.get("domains", ()),
            *c2.get("ips", ()),
        }
        told += [_tell(host, host, family["name"]) for host in sorted(hosts)]
    once = Counter(item.name for item in told)
    return [item for item in told if once[item.name] == 1]


def read_febrl(data: Path, number: int) -> list[Told]:
    """Made-up persons, entered twice with errors; truth: the same person."""
    told = []
    for row in _read_csv(data / "linkage" / "febrl" / f"dataset{number}.csv"):
        values = {key.strip(): value.strip() for key, value in row.items()}
        name = values.pop("rec_id")
        text = " ".join(values.values())
        held = {
            ("account", f"{key}:{values[key]}", "unknown")
            for key in ("soc_sec_id", "date_of_birth")
            if values[key]
        }
        for kind, keys in {
            "name": ("given_name", "surname"),
            "home": ("address_1", "street_number"),
            "town": ("suburb", "surname"),
        }.items():
            if all(values[key] for key in keys):
                parts = " ".join(values[key] for key in keys)
                held.add(("account", f"{kind}:{parts}", "unknown"))
        told.append(
            Told(
                name=name,
                text=text,
                truth=name.split("-")[1],
                mentions=frozenset(held),
            )
        )
    return told


def read_payments(data: Path) -> list[Told]:
    """Payments as the sender's and the receiver's bank report them."""
    told = []
    for side in ("origin", "destination"):
        for row in _read_csv(data / "linkage" / "splink" / f"transactions_{side}.csv"):
            words = row["memo"].split()
            held = {("account", f"amount:{row['amount']}", "unknown")}
            held |= {
                ("account", f"memo:{word}", "unknown")
                for word in words
                if len(word) > 3
            }
            told.append(
                Told(
                    name=f"{side}-{row['unique_id']}",
                    text=f"{row['memo']} {row['amount']}",
                    truth=row["ground_truth"],
                    at=_parse_day(row["transaction_date"]),
                    mentions=frozenset(held),
                )
            )
    return told


SETS: Mapping[str, Callable[[Path], list[Told]]] = {
    "phishing-emails": read_phishing_emails,
    "ransom-notes": read_ransom_notes,
    "ransom-chats": read_ransom_chats,
    "scam-domains": read_drainer_domains,
    "stalkerware": read_stalkerware_hosts,
    "febrl-1": lambda data: read_febrl(data, 1),
    "febrl-2": lambda data: read_febrl(data, 2),
    "payments": read_payments,
}


def take_half(told: Sequence[Told], *, examined: bool) -> list[Told]:
    """Keep half of the series, by their names: one half to fit on, one to examine.

    Reports of no known series fall into the two halves by their own names.
    """
    return [
        item
        for item in told
        if (zlib.crc32((item.truth or item.name).encode()) & 1 == 1) is examined
    ]


def write_batch(told: Sequence[Told], folder: Path) -> None:
    """Write a set as a batch: ``reports.parquet`` and ``mentions.parquet``.

    The number of a report is its place in the set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table(
            {
                "report_id": pa.array(range(len(told)), pa.int64()),
                "ts": pa.array([item.at for item in told], pa.timestamp("us", "UTC")),
                "narrative": pa.array([item.text for item in told], pa.string()),
            }
        ),
        folder / "reports.parquet",
    )
    rows = [
        (number, *mention)
        for number, item in enumerate(told)
        for mention in sorted(item.mentions)
    ]
    names = ("report_id", "kind", "value", "role")
    kinds = (pa.int64(), pa.string(), pa.string(), pa.string())
    pq.write_table(
        pa.table(
            {
                name: pa.array([row[place] for row in rows], kind)
                for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
            }
        ),
        folder / "mentions.parquet",
    )


def read_series(folder: Path, count: int) -> npt.NDArray[np.int64]:
    """Read the series of each report, in the order of the set."""
    table = pq.read_table(folder / "series.parquet")
    found = np.empty(count, np.int64)
    found[table["report_id"].to_numpy()] = table["series"].to_numpy()
    return found


def _tell(name: str, text: str, truth: str, at: datetime | None = None) -> Told:
    text = _BLANKED.sub(HIDDEN, text)
    found = frozenset(
        (m.selector.kind.value, m.selector.value, m.role.value)
        for m in selectors.find(text[: selectors.MAX_TEXT_CHARS])
    )
    return Told(name=name, text=text, truth=truth, at=at, mentions=found)


def _read_note(path: Path) -> str:
    raw = path.read_bytes()
    coded = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = raw.decode(coded, "replace")
    is_markup = re.search(r"<(?:html|body|div|p|br)\b", text, re.IGNORECASE) is not None
    return html.unescape(_TAGS.sub(" ", text)) if is_markup else text


def _hide(text: str, values: set[str]) -> str:
    if not values:
        return text
    longest = sorted(values, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest)), HIDDEN, text, flags=re.IGNORECASE)


def _is_of(value: str, values: set[str]) -> bool:
    """Whether a selector is one of these, or a host, mailbox or page of one."""
    return any(hidden in value.lower() for hidden in values)


def _join(held: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give each name the first name that it is joined to by what they hold."""
    by_value: dict[str, list[str]] = defaultdict(list)
    for name, values in held.items():
        for value in values:
            by_value[value].append(name)
    series: dict[str, str] = {}
    for name in held:
        waiting = [] if name in series else [name]
        while waiting:
            at = waiting.pop()
            if at not in series:
                series[at] = name
                waiting += [other for value in held[at] for other in by_value[value]]
    return series


def _parse_day(day: str | None) -> datetime | None:
    return None if day is None else datetime.fromisoformat(day).replace(tzinfo=UTC)


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
