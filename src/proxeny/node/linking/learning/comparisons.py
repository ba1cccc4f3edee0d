"""Keeps with a link what was compared, in few bytes, for a later refit."""

from dataclasses import astuple, fields
from typing import Final

from proxeny.linking import Company, Comparison

_SUMS: Final = [field.name for field in fields(Company)]
_NONE: Final = "-"


def pack_comparison(comparison: Comparison) -> str:
    """As `Link.comparison` keeps it: kind and numbers, in the order of the fields."""
    *facts, company = (getattr(comparison, field.name) for field in fields(Comparison))
    return " ".join(
        _NONE if fact is None else str(fact if isinstance(fact, str) else int(fact))
        for fact in (*facts, *astuple(company))
    )


def unpack_comparison(packed: str) -> Comparison:
    """The comparison that was kept."""
    kind, *words = packed.split()
    numbers = [None if word == _NONE else int(word) for word in words]
    facts, sums = numbers[: -len(_SUMS)], numbers[-len(_SUMS) :]
    holders, hours, offence, country, others, shingles, phrases, bits = facts
    return Comparison(
        kind=kind,
        holders=holders or 0,
        hours=hours,
        same_offence=None if offence is None else bool(offence),
        same_country=None if country is None else bool(country),
        others=others,
        shingles=shingles or 0,
        phrases=phrases,
        text_bits=bits,
        company=Company(
            **{name: number or 0 for name, number in zip(_SUMS, sums, strict=True)}
        ),
    )
