"""What a country or territory was called on a day, and the note its name needs.

``countries`` gives today's name in a language; it can't read the lawbook, which knows
what a State was called when a treaty was signed.
"""

from datetime import date

from proxeny import countries
from proxeny.law.facts import CountryName, Lawbook


def find_name(lawbook: Lawbook, country: str, on: date) -> CountryName | None:
    """The entry on a country's name for that day, or None: then CLDR's name does.

    Args:
        lawbook: the edition to answer from.
        country: ISO 3166-1 alpha-2 code.
        on: the day asked about.

    """
    for name in lawbook.names.get(country, ()):
        if name.provenance.covers(on):
            return name
    return None


def name_country(lawbook: Lawbook, country: str, on: date) -> str:
    """The name of a country on a day, in English."""
    found = find_name(lawbook, country, on)
    return countries.name(country) if found is None else found.name
