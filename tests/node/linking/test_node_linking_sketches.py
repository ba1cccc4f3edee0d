"""What came in before phrases were rated is sketched by the first relink."""

from collections.abc import Sequence
from importlib import import_module

import pytest
from django.db import connection
from tests.node.node_world import iban, link_report, make_actor, name_report

from proxeny import linking
from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.holders import Linked
from proxeny.node.linking.models import Unsketched
from proxeny.node.linking.relinks import exporting, relinking, sketching
from proxeny.node.linking.relinks.relinking import make_relink
from proxeny.node.selectors.models import Holder, Posting, Selector

pytestmark = pytest.mark.django_db
OLD = 12
STORY = "the parcel of silver spoons waits at the customs office in the old harbour"


@pytest.fixture
def officer() -> Actor:
    return make_actor("investigator")


@pytest.fixture(autouse=True)
def _few_texts_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relinking, "LEAST_TEXTS", 2)
    monkeypatch.setattr(sketching, "HOLDERS_AT_ONCE", 5)
    monkeypatch.setattr(exporting, "_readers", [read])


def tell(number: int) -> str:
    """Each fourth tells the story, the next nothing, the others something else."""
    match number % 4:
        case 0:
            return STORY
        case 1:
            return ""
        case _:
            return f"somebody named word{number} rang me {'very ' * number} late"


def read(refs: Sequence[str]) -> dict[str, str]:
    told = {ref: tell(int(ref[-6:])) for ref in refs}
    return {ref: narrative for ref, narrative in told.items() if narrative}


def link_told(number: int, **facts: str) -> Linked:
    return link_report(number, narrative=tell(number), **facts)


def list_texts() -> dict[str, int]:
    texts = Selector.objects.filter(kind=linking.TEXT)
    return dict(texts.values_list("value", "holders"))


def hold_old() -> None:
    for number in range(1, OLD + 1):
        link_told(number)
    assert not list_texts()


def test_a_new_report_is_linked_by_wording_to_what_came_before_the_first_relink(
    officer,
) -> None:
    hold_old()
    make_relink(officer)
    linked = link_told(16)
    others = {link.right.ref for link in linked.holder.links.all()}
    assert others == {name_report(number) for number in (4, 8, 12)}
    terms = linked.holder.links.first().terms
    assert any("texts share" in term["text"] for term in terms)


def test_the_relink_says_how_many_it_sketched(officer) -> None:
    hold_old()
    figures = make_relink(officer).figures
    told = sum(tell(number) != "" for number in range(1, OLD + 1))
    assert (figures["sketched"], figures["unsketched"]) == (told, 0)
    assert not Unsketched.objects.exists()
    again = make_relink(officer).figures
    assert (again["sketched"], again["unsketched"]) == (0, 0)


def test_it_is_the_same_as_if_they_had_come_in_later(officer) -> None:
    hold_old()
    make_relink(officer)
    sketches = {holder.ref: holder.phrases for holder in Holder.objects.all()}
    texts, posted = list_texts(), Posting.objects.count()
    Posting.objects.all().delete()
    Selector.objects.all().delete()
    Holder.objects.all().delete()
    for number in range(1, OLD + 1):
        link_told(number)
    assert list_texts() == texts
    assert Posting.objects.count() == posted > 0
    assert {holder.ref: holder.phrases for holder in Holder.objects.all()} == sketches


def test_one_night_sketches_some_and_the_next_goes_on(officer, monkeypatch) -> None:
    hold_old()
    monkeypatch.setattr(sketching, "MAX_SKETCHED", 5)
    figures = [make_relink(officer).figures for _ in range(3)]
    assert [one["sketched"] for one in figures] == [7, 2, 0]
    assert [one["unsketched"] for one in figures] == [2, 0, 0]


def test_what_fails_in_between_goes_on_where_it_was(officer, monkeypatch) -> None:
    hold_old()
    asked: list[str] = []

    def fail_once(refs: Sequence[str]) -> dict[str, str]:
        # The batch reads them all first, in one page.
        asked.extend(refs)
        if len(asked) == OLD + 10:
            raise OSError("the disk is full")
        return read(refs)

    monkeypatch.setattr(exporting, "_readers", [fail_once])
    with pytest.raises(OSError, match="disk"):
        make_relink(officer)
    before = list_texts()
    make_relink(officer)
    after = list_texts()
    assert before.keys() <= after.keys()
    holding = Posting.objects.filter(selector__kind=linking.TEXT)
    assert sum(after.values()) == holding.count()
    assert set(after.values()) >= {3}


def test_a_source_that_tells_the_same_again_counts_once(officer) -> None:
    for number in (4, 8, 12, 2, 3):
        link_told(number, source="one" if number > 4 else "")
    make_relink(officer)
    assert max(list_texts().values()) == 2


def test_what_was_sketched_already_is_passed_over(officer) -> None:
    hold_old()
    make_relink(officer)
    link_told(16)
    link_report(17, iban(1))
    before, posted = list_texts(), Posting.objects.count()
    migration = import_module("proxeny.node.linking.migrations.0005_unsketched")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)
    assert Unsketched.objects.get().up_to == Holder.objects.order_by("pk").last().pk
    make_relink(officer)
    assert list_texts() == before
    assert Posting.objects.count() == posted
    assert not Unsketched.objects.exists()
