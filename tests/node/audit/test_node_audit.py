"""The audit log: rows with their change, places in the tree, and what breaks them."""

import json
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from tests.node.node_world import make_actor
from tests.node.together import run_together

from proxeny import exchange
from proxeny.errors import NotFoundError
from proxeny.exchange import log
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit import actions as audit
from proxeny.node.audit.actions import (
    fold_entries,
    record_read,
    record_write,
    write_checkpoint,
)
from proxeny.node.audit.models import Entry, Tree
from proxeny.node.audit.queries import list_entries
from proxeny.node.audit.verifying import Verified, verify_audit

pytestmark = pytest.mark.django_db
KEYS = exchange.generate_keys("RS/24-7")


@pytest.fixture
def actor() -> Actor:
    return make_actor("investigator")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


def write_rows(actor: Actor, count: int) -> list[Entry]:
    for number in range(count):
        record_read(actor, "report.show", [f"RS-R-{number:06d}"])
    return list(Entry.objects.order_by("pk"))[-count:]


def sign(folder: Path) -> None:
    fold_entries()
    write_checkpoint(folder, KEYS)


def verify(folder: Path) -> Verified:
    return verify_audit(folder, keys=KEYS.public, now=timezone.now())


def test_a_row_says_who_did_what_through_which_door(actor) -> None:
    record_write(actor, "series.merge", ["RS-S-2", "RS-S-1", "RS-S-2"])
    row = Entry.objects.get()
    assert (row.actor, row.user_id) == (actor.name, actor.user_id)
    assert (row.door, row.action, row.wrote) == ("cli", "series.merge", True)
    assert row.refs == ["RS-S-1", "RS-S-2"]
    assert row.organisation_id == actor.organisation_id
    assert (len(bytes(row.salt)), row.leaf_index) == (16, None)


def test_a_change_rolled_back_leaves_no_row(actor) -> None:
    with transaction.atomic():
        record_write(actor, "case.open", ["RS-C-000001"])
        assert Entry.objects.count() == 1
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


def test_rows_get_their_places_in_order_and_once(actor) -> None:
    first = write_rows(actor, 5)
    assert fold_entries() == 5
    second = write_rows(actor, 3)
    assert fold_entries() == 3
    assert fold_entries() == 0
    rows = Entry.objects.order_by("pk").values_list("pk", "leaf_index")
    assert [place for _, place in rows] == list(range(8))
    assert [pk for pk, _ in rows] == [row.pk for row in (*first, *second)]
    assert Tree.objects.get().size == 8


def test_the_tree_is_that_of_rfc_6962(actor, folder) -> None:
    write_rows(actor, 7)
    sign(folder)
    leaves = [bytes(row.leaf_hash) for row in Entry.objects.order_by("leaf_index")]
    note = json.loads((folder / "audit.checkpoints").read_text("utf-8"))["note"]
    checkpoint = log.verify_checkpoint(
        note, signer=KEYS.public, origin="proxeny/RS/24-7/audit"
    )
    assert (checkpoint.size, checkpoint.root_hash) == (7, log.root(leaves))


def test_a_batch_is_bounded_and_the_rest_follows(actor, monkeypatch) -> None:
    monkeypatch.setattr(audit, "FOLD_AT_ONCE", 4)
    write_rows(actor, 10)
    assert [fold_entries() for _ in range(4)] == [4, 4, 2, 0]


def test_a_sound_log_is_verified(actor, folder) -> None:
    for _ in range(3):
        write_rows(actor, 4)
        sign(folder)
    write_rows(actor, 2)
    found = verify(folder)
    assert (found.verified, found.faults) == (True, ())
    assert (found.entries, found.waiting, found.checkpoints) == (12, 2, 3)


def test_an_empty_log_is_verified(folder) -> None:
    assert verify(folder).verified


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "investigatos"},
        {"action": "report.shov"},
        {"door": "api"},
        {"wrote": True},
        {"refs": ["RS-R-000009"]},
        {"refs": []},
        {"user_id": None},
        {"salt": bytes(16)},
        {"leaf_hash": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_one_changed_field_is_found(actor, folder, change) -> None:
    rows = write_rows(actor, 6)
    sign(folder)
    Entry.objects.filter(pk=rows[3].pk).update(**change)
    found = verify(folder)
    assert not found.verified
    assert "entry 3 was changed" in found.faults


def test_a_time_moved_by_a_microsecond_is_found(actor, folder) -> None:
    row = write_rows(actor, 1)[0]
    sign(folder)
    at = row.at.replace(microsecond=(row.at.microsecond + 1) % 1_000_000)
    Entry.objects.filter(pk=row.pk).update(at=at)
    assert verify(folder).faults[0] == "entry 0 was changed"


@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_deleted_row_is_found(actor, folder, place) -> None:
    rows = write_rows(actor, 6)
    sign(folder)
    rows[place].delete()
    assert not verify(folder).verified


def test_rows_that_changed_places_are_found(actor, folder) -> None:
    one, two = write_rows(actor, 2)
    sign(folder)
    Entry.objects.filter(pk=one.pk).update(leaf_index=99)
    Entry.objects.filter(pk=two.pk).update(leaf_index=0)
    Entry.objects.filter(pk=one.pk).update(leaf_index=1)
    assert not verify(folder).verified


def fold_again() -> None:
    """Write the whole tree anew, as one who owns the database would."""
    Entry.objects.update(leaf_index=None, leaf_hash=None)
    Tree.objects.update(size=0, frontier=[])
    while fold_entries():
        pass


def test_a_log_rewritten_in_the_database_differs_from_its_checkpoint(
    actor, folder
) -> None:
    rows = write_rows(actor, 6)
    sign(folder)
    Entry.objects.filter(pk=rows[2].pk).update(refs=["RS-R-777777"])
    fold_again()
    found = verify(folder)
    assert found.faults == ("the checkpoint of 6 entries does not agree",)


def test_a_rewritten_log_signed_again_still_differs_from_the_first_checkpoint(
    actor, folder
) -> None:
    """Two roots for one size: the newer line must not hide the older one."""
    rows = write_rows(actor, 6)
    sign(folder)
    Entry.objects.filter(pk=rows[2].pk).update(refs=["RS-R-777777"])
    fold_again()
    write_checkpoint(folder, KEYS)
    assert not verify(folder).verified


def test_rows_cut_off_the_end_are_missed(actor, folder) -> None:
    rows = write_rows(actor, 6)
    sign(folder)
    for row in rows[4:]:
        row.delete()
    fold_again()
    assert verify(folder).faults == ("6 entries were signed, fewer are there",)


def test_a_checkpoint_file_that_is_gone_is_missed(actor, folder) -> None:
    write_rows(actor, 2)
    sign(folder)
    (folder / "audit.checkpoints").unlink()
    assert verify(folder).faults == ("there is no checkpoint outside the database",)


def test_a_checkpoint_of_another_node_or_a_forged_one_is_a_fault(actor, folder) -> None:
    write_rows(actor, 2)
    fold_entries()
    write_checkpoint(folder, exchange.generate_keys("RS/24-7"))
    found = verify(folder)
    assert not found.verified
    assert found.faults[0].startswith("checkpoint 1: ")


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_torn_last_line_is_passed_over_and_closed(actor, folder, cut) -> None:
    write_rows(actor, 2)
    sign(folder)
    write_rows(actor, 2)
    sign(folder)
    path = folder / "audit.checkpoints"
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    found = verify(folder)
    # Without its last byte the line has still said everything.
    assert (found.verified, found.checkpoints) == (True, 2 if cut == 1 else 1)
    write_rows(actor, 2)
    sign(folder)
    found = verify(folder)
    assert (found.verified, found.checkpoints) == (True, 3 if cut == 1 else 2)


def test_bytes_that_are_no_text_in_the_checkpoint_file_are_answered(
    actor, folder
) -> None:
    write_rows(actor, 2)
    sign(folder)
    path = folder / "audit.checkpoints"
    path.write_bytes(b"\xff\xfe\x00 torn by a power cut\n" + path.read_bytes())
    assert verify(folder).verified


def test_the_log_is_seen_by_auditors_of_the_same_organisation_only(actor) -> None:
    write_rows(actor, 3)
    assert len(list_entries(make_actor("auditor"))) == 3
    stranger = make_actor("auditor", name="x", organisation="Another unit")
    assert list_entries(stranger) == []
    for role in ("intake", "investigator", "supervisor"):
        with pytest.raises(NotFoundError):
            list_entries(make_actor(role))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("several_writers")
def test_two_workers_folding_at_once_give_no_place_twice(folder) -> None:
    actor = make_actor("investigator")
    write_rows(actor, 60)
    folded = run_together([fold_entries] * 3)
    assert sum(folded) == 60
    assert Tree.objects.get().size == 60
    places = Entry.objects.order_by("leaf_index").values_list("leaf_index", flat=True)
    assert list(places) == list(range(60))
    write_checkpoint(folder, KEYS)
    assert verify(folder).verified
