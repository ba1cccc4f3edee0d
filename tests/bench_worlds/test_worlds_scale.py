"""The worlds that linking is measured on: in the batch format, with a hidden truth."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from worlds.baselines import group_by_selectors, read_mentions, read_truth, score
from worlds.scale import main, make
from worlds.setting import find_setting, read_settings

from proxeny.selectors import Kind, SelectorError, parse_selector

REPORTS = 6_000
FILES = ("reports.parquet", "mentions.parquet", "truth/truth.parquet")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    make(folder, reports=REPORTS, setting=find_setting("reference"), seed=5)
    return folder


def test_files_are_of_the_batch_format(world: Path) -> None:
    assert pq.read_schema(world / "reports.parquet").equals(
        pa.schema(
            {
                "report_id": pa.int64(),
                "ts": pa.timestamp("us"),
                "country": pa.string(),
                "crime_type": pa.string(),
                "amount": pa.float64(),
                "lang": pa.string(),
                "narrative": pa.string(),
            }
        )
    )
    assert pq.read_schema(world / "mentions.parquet").equals(
        pa.schema(
            {
                "report_id": pa.int64(),
                "kind": pa.string(),
                "value": pa.string(),
                "role": pa.string(),
            }
        )
    )


def test_every_report_has_one_campaign_and_mentions_are_of_known_reports(
    world: Path,
) -> None:
    ids = pq.read_table(world / "reports.parquet")["report_id"].to_pylist()
    mentions = pq.read_table(world / "mentions.parquet")
    sources = pq.read_table(world / "truth" / "mentions.parquet")
    assert len(set(ids)) == len(ids) == len(read_truth(world)) == REPORTS
    assert set(mentions["report_id"].to_pylist()) <= set(ids)
    assert mentions.num_rows == sources.num_rows
    assert 2.5 < mentions.num_rows / REPORTS < 3.3


def test_the_same_seed_gives_the_same_world_and_another_does_not(
    world: Path, tmp_path: Path
) -> None:
    reference = find_setting("reference")
    make(tmp_path / "same", reports=REPORTS, setting=reference, seed=5)
    make(tmp_path / "other", reports=REPORTS, setting=reference, seed=6)
    for name in FILES:
        written = pq.read_table(world / name)
        assert pq.read_table(tmp_path / "same" / name).equals(written)
        assert not pq.read_table(tmp_path / "other" / name).equals(written)


def test_values_that_are_not_mistyped_are_in_normal_form(world: Path) -> None:
    mentions = pq.read_table(world / "mentions.parquet").to_pylist()
    sources = pq.read_table(world / "truth" / "mentions.parquet")["source"].to_pylist()
    checked = 0
    for mention, source in zip(mentions[:1_500], sources[:1_500], strict=True):
        # Numbers are random within the plans, so not each of them is assigned.
        known = mention["kind"] in {"iban", "email", "domain", "url", "ip", "wallet"}
        if known and source != "typo":
            parsed = parse_selector(Kind(mention["kind"]), mention["value"])
            assert parsed.value == mention["value"]
            checked += 1
    assert checked > 500


def test_some_values_are_mistyped_beyond_what_is_valid(world: Path) -> None:
    mentions = pq.read_table(world / "mentions.parquet").to_pylist()
    sources = pq.read_table(world / "truth" / "mentions.parquet")["source"].to_pylist()
    wrong = next(
        mention["value"]
        for mention, source in zip(mentions, sources, strict=True)
        if source == "typo" and mention["kind"] == "iban"
    )
    with pytest.raises(SelectorError):
        parse_selector(Kind.IBAN, wrong)


def test_narratives_are_of_the_length_and_scripts_of_real_ones(world: Path) -> None:
    reports = pq.read_table(world / "reports.parquet")
    texts = [text for text in reports["narrative"].to_pylist() if text]
    assert 190 < np.mean([len(text) for text in texts]) < 260
    assert 0.04 < reports["narrative"].null_count / REPORTS < 0.08
    told = dict(
        zip(reports["lang"].to_pylist(), reports["narrative"].to_pylist(), strict=True)
    )
    assert len(told) == 8
    assert any("а" <= sign <= "я" for text in texts for sign in text[:20])
    assert any("α" <= sign <= "ω" for text in texts for sign in text[:20])


def test_plain_matching_fuses_campaigns_and_the_oracle_does_not(world: Path) -> None:
    truth = read_truth(world)
    plain = score(group_by_selectors(read_mentions(world)), truth)
    oracle = score(group_by_selectors(read_mentions(world, only_campaign=True)), truth)
    assert plain.largest > 5 * plain.largest_true
    assert plain.b3_f < 0.6
    assert oracle.b3_precision > 0.999
    assert oracle.b3_f > 0.8


def test_settings_without_narratives_and_with_string_ids_are_kept_to(
    tmp_path: Path,
) -> None:
    make(tmp_path, reports=300, setting=find_setting("selectors_only"), seed=1)
    reports = pq.read_table(tmp_path / "reports.parquet")
    assert reports["narrative"].null_count == 300
    make(tmp_path, reports=300, setting=find_setting("noisy"), seed=1)
    reports = pq.read_table(tmp_path / "reports.parquet")
    assert reports.schema.field("report_id").type == pa.string()
    assert reports["crime_type"].to_pylist().count("unknown") > 150


@pytest.mark.parametrize("name", sorted(read_settings()))
def test_every_setting_makes_a_world(name: str, tmp_path: Path) -> None:
    make(tmp_path, reports=400, setting=find_setting(name), seed=2)
    assert len(read_truth(tmp_path)) == 400


def test_a_world_of_one_report_and_the_command(tmp_path: Path) -> None:
    asked = ("--out", str(tmp_path), "--reports", "1", "--setting", "reference")
    assert main([*asked, "--seed", "1"]) == 0
    assert read_truth(tmp_path).tolist() == [0]


def test_a_world_without_reports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one report or more"):
        make(tmp_path, reports=0, setting=find_setting("reference"), seed=1)
