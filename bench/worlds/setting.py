"""The settings of the worlds, as data: what to change is in ``settings.toml``.

Every figure is a guess at a plausible world, not a measurement of a real one. Settings
whose name begins with ``holdout_`` are for examination: nothing is fitted on them.
"""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from worlds.narratives import Wording
from worlds.values import KINDS

SETTINGS = Path(__file__).with_name("settings.toml")
REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True, slots=True)
class KindUse:
    """How campaigns use one kind of selector."""

    use: float  # Campaigns that use the kind at all.
    rate: float  # Their reports that mention it.
    holders: float  # Reports on one value before it is rotated, median.


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One world. Shares are from 0 to 1, times in days; counts are per report."""

    name: str
    string_ids: bool  # Report ids are strings instead of numbers.
    # Campaigns
    days: float  # Span of the world.
    exponent: float  # Of the power law of campaign sizes.
    lone: float  # Reports that belong to no campaign.
    largest: int  # Reports of the largest campaign, in a world that is large enough.
    duration: float  # Of a campaign, median.
    bursts: float  # How unevenly a campaign's reports come.
    delay: float  # From the offence to the report, mean.
    home: float  # A campaign's reports from its home country.
    markets: int  # Further countries of a campaign, at most.
    # Offences
    offences: dict[str, float]  # How common each is; any sum.
    misnamed: float  # Reports that name another offence.
    unnamed: float  # Reports that name none ("unknown").
    no_amount: float
    # Selectors
    kinds: dict[str, KindUse]
    growth: float  # Large campaigns use more kinds: power of the size.
    spread: float  # Of the holders of one value: sigma of a log-normal.
    overlap: float  # How far two windows of rotation overlap, in windows.
    rented: float  # Campaigns of three reports or more that rent something.
    rented_rate: float  # Their reports that mention what is rented.
    tenants: float  # Campaigns that share one rented thing, mean.
    hubs: float  # Mentions of hubs.
    hub_exponent: float  # Of the power law of hub sizes.
    hub_smallest: float  # Holders of the smallest hubs.
    hub_largest: float  # Share of all reports that the largest hub has.
    hub_second: float  # Mentions of a hub that name a second selector of it.
    brand: float  # A campaign's mentions of hubs that name the one it imitates.
    victims: float  # Mentions of the victim's own.
    mislabelled: float  # Victims' mentions with the role "unknown".
    returning: float  # Victims who report more than once.
    typos: float  # Mentions that are mistyped.
    silent: float  # Reports without any selector.
    unsure: float  # Offenders' mentions with the role "unknown".
    wording: Wording


@cache
def read_settings() -> dict[str, Setting]:
    """Read every setting; each is the reference with some figures changed."""
    tables = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    reference = tables[REFERENCE]
    return {
        name: _read_setting(name, _change(reference, table))
        for name, table in tables.items()
    }


def find_setting(name: str) -> Setting:
    """Find a setting by name.

    Raises:
        KeyError: There is none of that name.
    """
    return read_settings()[name]


def _change(reference: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    """Overwrite what ``table`` names, tables within it likewise."""
    changed = dict(reference)
    for key, value in table.items():
        inner = isinstance(value, dict)
        changed[key] = _change(reference.get(key, {}), value) if inner else value
    return changed


def _read_setting(name: str, table: dict[str, Any]) -> Setting:
    unknown = table.keys() - {field.name for field in fields(Setting)}
    if unknown:
        raise ValueError(f"setting {name} names unknown figures: {sorted(unknown)}")
    kinds = {kind: KindUse(**use) for kind, use in table.pop("kinds").items()}
    if set(kinds) != set(KINDS):
        raise ValueError(f"setting {name} must name the kinds {KINDS}")
    wording = Wording(**table.pop("wording"))
    return Setting(name=name, kinds=kinds, wording=wording, **table)
