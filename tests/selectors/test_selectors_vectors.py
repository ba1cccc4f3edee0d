"""Two hundred vectors a kind, made from standards and registries without our code.

Each row is ``raw,country,value,note``; an empty value has to be refused. A note that
begins with "alone" marks a form that is read when given by itself but isn't looked for
in running text, where it would be ambiguous. Each test names all rows that fail.
"""

import csv
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from proxeny.selectors import Kind, Mention, SelectorError, find, parse_selector

FOLDER = Path(__file__).parent / "vectors"
LEAST_OF_A_KIND = 200
# What the text has to say before a number that could be anything else.
CUES = {Kind.ACCOUNT: "account number: ", Kind.CARD_BIN: "card number "}


class Vector(NamedTuple):
    """One row; the country is None where no form is a national one."""

    kind: Kind
    raw: str
    country: str | None
    value: str
    note: str


@cache
def read_vectors(kind: Kind) -> list[Vector]:
    with (FOLDER / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return [
            Vector(kind, row["raw"], row["country"] or None, row["value"], row["note"])
            for row in csv.DictReader(file)
        ]


def parse(vector: Vector) -> str:
    try:
        return parse_selector(vector.kind, vector.raw, country=vector.country).value
    except SelectorError:
        return ""


def find_in_sentence(vector: Vector) -> list[Mention]:
    """Mentions of the kind whose span isn't only a part of what the row has."""
    raw = vector.raw.strip()
    text = f"Then: {CUES.get(vector.kind, '')}{raw} (as written)."
    start = text.index(raw)
    return [
        mention
        for mention in find(text, country=vector.country)
        if mention.selector.kind is vector.kind
        and (
            vector.value or (mention.start <= start and mention.end >= start + len(raw))
        )
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_vectors_each_once(kind: Kind) -> None:
    vectors = read_vectors(kind)
    raws = Counter((vector.raw, vector.country) for vector in vectors)
    assert len(vectors) >= LEAST_OF_A_KIND
    assert raws.most_common(1)[0][1] == 1
    assert 0 < sum(not vector.value for vector in vectors) < len(vectors) / 2


@pytest.mark.parametrize("kind", Kind)
def test_every_vector_has_its_normal_form_or_is_refused(kind: Kind) -> None:
    got = [(vector, parse(vector)) for vector in read_vectors(kind)]
    assert [(vector, value) for vector, value in got if value != vector.value] == []


@pytest.mark.parametrize("kind", Kind)
def test_a_normal_form_is_its_own_normal_form(kind: Kind) -> None:
    values = {vector.value for vector in read_vectors(kind) if vector.value}
    assert [v for v in values if parse_selector(kind, v).value != v] == []


@pytest.mark.parametrize("kind", Kind)
def test_every_vector_is_found_in_a_sentence_and_no_near_miss(kind: Kind) -> None:
    got = [
        (vector, [mention.selector.value for mention in find_in_sentence(vector)])
        for vector in read_vectors(kind)
        if not vector.note.startswith("alone")
    ]
    assert [
        (vector, values)
        for vector, values in got
        if values != [vector.value] * bool(vector.value)
    ] == []
