"""Make a node's home and fill it with held reports, and say what must follow.

Taking 50,000 reports one by one would take the whole time of the benchmark, so the
rows are made in bulk: the same reader, the same extraction and the same weighing and
deciding (`linking.Linker`, the engine-neutral twin of the node's action) give the
same rows that the action writes. The twin goes on over the reports that are measured
later; the node must come to the same series, or the benchmark fails.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from worlds.campaigns import WorldReport, make_world

from proxeny import formats, linking, reports
from proxeny.node.settings.config import Authority, Config
from proxeny.node.settings.founding import found_node
from proxeny.selectors import Role

ROWS_AT_ONCE = 5_000


def load(folder: Path, *, seed: int, held: int, measured: int) -> dict[str, Any]:
    """Found a node in `folder/home`, hold `held` reports; leave `measured` for later.

    Also writes `new.jsonl` (the reports to measure), `mentions.jsonl` (for the peers:
    what each report mentions, victims' mentions left out) and `expected.json` (the
    series that each report must end in, and its hidden campaign).
    """
    world = make_world(seed, held + measured)
    _write_lines(folder / "held.jsonl", world[:held])
    _write_lines(folder / "new.jsonl", world[held:])
    found_node(
        Config(
            home=folder / "home",
            authority=Authority(id="RS/24-7", name="Bench", country="RS"),
        ),
        accounts=[("bench", "supervisor")],
    )
    twin = _Twin()
    rows = _Rows()
    with (folder / "mentions.jsonl").open("w", encoding="utf-8") as out:
        for number, item in enumerate(_read(folder)):
            value = item.report
            mentions = reports.find_mentions(value)
            verdict = twin.add(number, value, mentions)
            if number < held:
                rows.add(number, item, mentions, verdict)
            named = {
                "offence": value.offence,
                "country": value.country,
                "selectors": [
                    [m.selector.kind, m.selector.value, m.selector.key]
                    for m in mentions
                    if m.role is not Role.VICTIM
                ],
            }
            out.write(json.dumps(named) + "\n")
    rows.write()
    expected = {
        "series": [twin.linker.find_series(str(n)) for n in range(held + measured)],
        "campaign": [report.campaign for report in world],
    }
    (folder / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    return {"reports": held, **rows.count()}


def _read(folder: Path) -> Iterator[formats.Accepted]:
    for name in ("held.jsonl", "new.jsonl"):
        for item in formats.read_reports([folder / name]):
            assert isinstance(item, formats.Accepted), item
            yield item


def _write_lines(path: Path, world: Iterable[WorldReport]) -> None:
    path.write_text("".join(report.line + "\n" for report in world), encoding="utf-8")


class _Twin:
    """The engine-neutral linker, fed with the same facts as the node's action."""

    def __init__(self) -> None:
        self.linker = linking.Linker(linking.load_scorecard())

    def add(
        self, number: int, value: reports.Report, mentions: list[reports.ReportMention]
    ) -> linking.Verdict:
        assert value.happened_at is not None
        return self.linker.add(
            str(number),
            at=value.happened_at,
            mentions=[(mention.selector, mention.role) for mention in mentions],
            country=value.country,
            offence=value.offence,
            amount=None if value.loss is None else float(value.loss.amount),
        )


class _Rows:
    """Everything that taking these reports one by one would have written.

    Report number n has the primary key n + 1, as it would have had.
    """

    def __init__(self) -> None:
        from proxeny.node.accounts.actor import actor_of
        from proxeny.node.accounts.models import User

        self.actor = actor_of(User.objects.get(username="bench"), "cli")
        self.organisation_id = self.actor.organisation_id
        self.made: dict[type[Any], list[Any]] = defaultdict(list)
        self.selectors: dict[int, Any] = {}
        self.series: dict[str, Any] = {}

    def add(
        self,
        number: int,
        item: formats.Accepted,
        mentions: list[reports.ReportMention],
        verdict: linking.Verdict,
    ) -> None:
        from proxeny.node.audit.models import Entry
        from proxeny.node.reports.models import Report
        from proxeny.node.selectors.models import Holder, Mention

        value, pk = item.report, number + 1
        at, loss = value.happened_at, value.loss
        assert at is not None
        assert loss is not None
        report = Report(
            pk=pk,
            organisation_id=self.organisation_id,
            created_at=at,
            digest=value.digest,
            channel=value.channel.value,
            origin=item.where[-300:],
            source_ref=value.source_ref or "",
            title=value.title,
            narrative=value.narrative,
            happened_at=at,
            country=value.country or "",
            offence=value.offence or "",
            language=value.language or "",
            amount=loss.amount,
            currency=loss.currency,
            raw=zlib.compress(item.raw),
        )
        self.made[Report].append(report)
        self.made[Entry].append(
            Entry(
                at=at,
                organisation_id=self.organisation_id,
                user_id=self.actor.user_id,
                actor=self.actor.name,
                door=self.actor.door,
                action="report.import",
                wrote=True,
                refs=[report.ref],
                salt=b"\0" * 16,
            )
        )
        self.made[Holder].append(
            Holder(
                pk=pk,
                organisation_id=self.organisation_id,
                ref=report.ref,
                at=at,
                country=value.country or "",
                offence=value.offence or "",
                amount=loss.amount,
                currency=loss.currency,
            )
        )
        for mention in mentions:
            selector = self._selector_of(mention, at)
            self.made[Mention].append(
                Mention(
                    selector_id=selector.pk,
                    holder_id=pk,
                    role=mention.role.value,
                    field=mention.field,
                    raw=mention.raw,
                    start=mention.start,
                    end=mention.end,
                )
            )
        self._add_series(pk, at, verdict)

    def write(self) -> None:
        """Insert all, in an order in which foreign keys are satisfied."""
        from django.db import connection, transaction

        from proxeny.node.linking.models import Series
        from proxeny.node.selectors.models import Selector

        self.made = defaultdict(
            list,
            {
                Selector: list(self.selectors.values()),
                # A series is merged into an older one, or into a younger one: the
                # constraint is checked at the end of the transaction.
                Series: list(self.series.values()),
                **self.made,
            },
        )
        with transaction.atomic():
            for model, rows in self.made.items():
                model.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def count(self) -> dict[str, int]:
        """How many rows of each model were made."""
        return {
            str(model._meta.label_lower): len(rows)  # noqa: SLF001 - Django's public way
            for model, rows in self.made.items()
        }

    def _selector_of(self, mention: reports.ReportMention, at: datetime) -> Any:
        from proxeny.node.selectors.models import Selector

        row = self.selectors.get(mention.selector.key)
        if row is None:
            row = self.selectors[mention.selector.key] = Selector(
                pk=len(self.selectors) + 1,
                organisation_id=self.organisation_id,
                key=mention.selector.key,
                kind=mention.selector.kind.value,
                value=mention.selector.value,
                first_at=at,
                last_at=at,
            )
        if mention.role is not Role.VICTIM:
            row.holders += 1
            row.last_at = max(row.last_at, at)
        return row

    def _add_series(self, pk: int, at: datetime, verdict: linking.Verdict) -> None:
        from proxeny.node.linking.models import Decision, Link, Member, Series

        for kind, items in (
            (Link.Kind.ACCEPTED, (*verdict.because, *verdict.found)),
            (Link.Kind.RELATED, verdict.related),
        ):
            for item in items:
                self.made[Link].append(
                    Link(
                        left_id=pk,
                        right_id=int(item.holder.ref) + 1,
                        kind=kind,
                        bits=round(item.bits, 3),
                        terms=[
                            {
                                "name": term.name,
                                "text": term.text,
                                "bits": round(term.bits, 3),
                                "kind": term.kind,
                                "value": term.value,
                            }
                            for term in item.terms
                        ],
                        created_at=at,
                    )
                )
        if verdict.join is None and not verdict.found:
            return
        name = str(pk - 1) if verdict.join is None else verdict.join
        series = self.series.setdefault(
            name,
            Series(
                pk=len(self.series) + 1,
                organisation_id=self.organisation_id,
                created_at=at,
            ),
        )
        newcomers = [pk, *(int(item.holder.ref) + 1 for item in verdict.found)]
        self.made[Member] += [
            Member(holder_id=member, series_id=series.pk) for member in newcomers
        ]
        series.size += len(newcomers)
        for further in verdict.merge:
            other = self.series[further]
            other.parent_id = series.pk
            series.size += other.size
            self.made[Decision].append(
                Decision(
                    organisation_id=self.organisation_id,
                    verb=Decision.Verb.MERGE,
                    series_id=series.pk,
                    other_id=other.pk,
                    by="machine",
                    at=at,
                )
            )
