"""What one source reports again counts once, however many reported between."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.node.node_world import iban, link_report, make_actor, mention, phone

from proxeny import linking
from proxeny.linking import Key, values
from proxeny.node.linking.models import Said
from proxeny.node.linking.relinks.exporting import TODAY, export_holders
from proxeny.node.selectors.models import Posting, Selector
from proxeny.selectors import Role

pytestmark = pytest.mark.django_db


def count_holders(number: int = 1) -> int:
    return Selector.objects.get(key=Key.of(iban(number).selector).number).holders


def link_others(first: int, count: int) -> None:
    for number in range(first, first + count):
        link_report(number, iban(1), source=f"other {number}")


def test_a_source_counts_once_however_many_reported_between() -> None:
    link_report(1, iban(1), source="one")
    for turn in range(3):
        link_others(10 * turn + 10, linking.MAX_HOLDERS_READ + 1)
        link_report(turn + 2, iban(1), source="one")
    others = 3 * (linking.MAX_HOLDERS_READ + 1)
    assert count_holders() == Posting.objects.count() == 1 + others
    linked = link_report(99, iban(1))
    held = f"held by {others + 2} reports"
    assert linked.holder.links.first().terms[0]["text"].endswith(held)


def test_a_source_counts_once_among_more_selectors_than_are_weighed() -> None:
    many = [iban(number) for number in range(linking.MAX_KEYS_WEIGHED + 9)]
    for number in (1, 2, 3):
        link_report(number, *many, source="one")
    assert set(Selector.objects.values_list("holders", flat=True)) == {1}
    assert Posting.objects.count() == len(many)


def test_a_source_counts_once_on_a_hub(monkeypatch) -> None:
    for module in (linking, values):
        monkeypatch.setattr(module, "STOP_AFTER_HOLDERS", 3)
    link_others(10, 5)
    for number in (1, 2, 3):
        link_report(number, iban(1), source="one")
    assert count_holders() == 6


def test_who_names_no_source_counts_each_time() -> None:
    for number in (1, 2, 3):
        link_report(number, iban(1))
    assert count_holders() == 3
    assert not Said.objects.exists()


def test_a_victims_mention_says_nothing_for_its_source() -> None:
    victims = mention("iban", iban(1).selector.value, Role.VICTIM)
    link_report(1, victims, source="one")
    link_report(2, iban(1), source="one")
    assert count_holders() == Posting.objects.count() == 1


def test_a_source_costs_the_same_whatever_is_held() -> None:
    asked = []
    for number in (1, 2, 3, 4):
        link_others(10 * number, 10)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            link_report(number, iban(1), phone(number), source=f"new {number}")
        asked.append(len(queries))
    assert len(set(asked[1:])) == 1


@pytest.mark.parametrize("source", ["one", ""])
def test_what_was_said_before_the_migration_is_said(source: str) -> None:
    link_report(1, iban(1), phone(1), source=source)
    link_report(2, iban(1), source=source)
    before = set(Said.objects.values_list("selector_id", "source"))
    assert len(before) == (2 if source else 0)
    Said.objects.all().delete()
    migration = import_module("proxeny.node.linking.migrations.0004_said")
    migration.note_said(None, SimpleNamespace(connection=connection))
    assert set(Said.objects.values_list("selector_id", "source")) == before


def test_a_relink_leaves_out_what_a_source_said_long_before(tmp_path) -> None:
    import pyarrow.parquet as pq

    link_report(1, iban(1), source="one")
    link_others(10, linking.MAX_HOLDERS_READ + 1)
    again = link_report(2, iban(1), source="one").holder
    export_holders(make_actor("investigator").organisation_id, tmp_path)
    named = pq.read_table(tmp_path / "mentions.parquet").to_pylist()
    assert again.pk not in {row["report_id"] for row in named}
    today = pq.read_table(tmp_path / TODAY).to_pylist()
    assert [row["report_id"] for row in today if row["repeats"]] == [again.pk]
