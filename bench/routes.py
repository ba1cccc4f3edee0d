#!/usr/bin/env python3
"""Routes between any two countries: time, growth with the facts, and mutations.

    .venv/bin/python bench/routes.py                # about half a minute
    .venv/bin/python bench/routes.py --mutate       # some minutes

Processor time of one core, the least of four passes over every pair of the countries
with an entry for the Convention: the plain question, and the hardest (every emergency
route, an offence of several articles). No open system answers it: there is no peer.
Ends with 1 if a pair takes longer than ``MOST_MS``. ``--mutate`` removes or shifts each
fact, asks the scenarios again, and lists the facts that no scenario needs.
"""

import argparse
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.law.mutations import Verdict, judge, list_mutants
from tests.law.scenarios import read_scenarios

from proxeny import law

ON = date(2026, 11, 21)
PASSES = 4
MOST_MS = 1.0
GROWTH = (1, 2, 4, 8)
P50, P99 = 0.5, 0.99
PLAIN: dict[str, Any] = {"data": law.DataKind.SUBSCRIBER}
HARDEST: dict[str, Any] = {
    "data": law.DataKind.TRAFFIC,
    "emergency": True,
    "offence": "CT:malware",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether a pair took too long."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutate", action="store_true", help="change every fact")
    parser.add_argument("--quick", action="store_true", help="fewer pairs or mutants")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    book = law.load_lawbook()
    if options.mutate:
        document = mutate(book, every=10 if options.quick else 1)
    else:
        document = measure(book, quick=options.quick)
    print(json.dumps(document, indent=None if options.json else 2, ensure_ascii=False))
    return int(document.get("hardest_p99_ms", 0.0) >= MOST_MS)


def measure(book: law.Lawbook, *, quick: bool) -> dict[str, Any]:
    """The time of every pair, and of editions with several times the facts."""
    parties = sorted(book.parties["ETS185"])[:: 4 if quick else 1]
    pairs = list(itertools.permutations(parties, 2))
    times = sorted(_time_pairs(book, pairs, PLAIN))
    hard = sorted(_time_pairs(book, pairs, HARDEST))
    growth = {}
    sample = pairs[:: max(1, len(pairs) // 200)]
    for factor in GROWTH:
        grown = sorted(_time_pairs(_grow(book, factor), sample, PLAIN))
        growth[f"{factor} times the parties and statements"] = _at(grown, P50)
    return {
        "pairs": len(pairs),
        "measures": len(book.measures),
        "p50_ms": _at(times, P50),
        "p99_ms": _at(times, P99),
        "max_ms": round(times[-1] * 1e3, 3),
        "hardest_p50_ms": _at(hard, P50),
        "hardest_p99_ms": _at(hard, P99),
        "hardest_max_ms": round(hard[-1] * 1e3, 3),
        "growth_p50_ms": growth,
    }


def _time_pairs(
    book: law.Lawbook, pairs: list[tuple[str, str]], question: dict[str, Any]
) -> list[float]:
    least = dict.fromkeys(pairs, float("inf"))
    for pair in pairs * PASSES:
        started = time.process_time()
        law.list_routes(
            book,
            requesting=pair[0],
            requested=pair[1],
            on=ON,
            **question,
        )
        least[pair] = min(least[pair], time.process_time() - started)
    return list(least.values())


def _at(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))] * 1e3, 3)


def _grow(book: law.Lawbook, factor: int) -> law.Lawbook:
    """The same edition with further instruments that nobody asks about."""
    parties = {**book.parties}
    statements = {**book.statements}
    for copy in range(1, factor):
        for instrument, held in book.parties.items():
            parties[f"{instrument}-{copy}"] = held
        for (instrument, country), group in book.statements.items():
            statements[f"{instrument}-{copy}", country] = group
    return replace(book, parties=parties, statements=statements)


def mutate(book: law.Lawbook, *, every: int) -> dict[str, Any]:
    """Change each fact; count and list what no scenario sees or catches."""
    scenarios = read_scenarios()
    answers = [scenario.ask(book) for scenario in scenarios]
    mutants = list(list_mutants(book))[::every]
    verdicts = [judge(mutant, scenarios, answers) for mutant in mutants]
    unseen = [one for one in verdicts if not one.seen]
    unchecked = [one for one in verdicts if one.seen and not one.caught_by]
    return {
        "scenarios": len(scenarios),
        "mutants": len(verdicts),
        "caught": sum(bool(one.caught_by) for one in verdicts),
        "unchecked": len(unchecked),
        "unseen": len(unseen),
        "unseen_by_kind": Counter(one.mutant.fact.split()[0] for one in unseen),
        "unchecked_facts": list(map(_describe, unchecked)),
        "unseen_facts": list(map(_describe, unseen)),
    }


def _describe(verdict: Verdict) -> str:
    return f"{verdict.mutant.fact}: {verdict.mutant.change}"


if __name__ == "__main__":
    sys.exit(main())
