#!/usr/bin/env python3
"""Extraction of selectors against iocsearcher, ioc-finder, iocextract, phonenumbers.

    python3 dev.py bench extract             # about four minutes
    .venv/bin/python bench/extract.py --quick --json

Speed on short reports and on real mail, precision and recall on labelled lines and on
real texts, growth with the length of the text, peak memory. Every measure has a process
of its own, one after the other. Ends with 1 if a ratio to a peer is missed. No network
is used; real data is looked for beside the project and skipped aloud where absent.
"""

import argparse
import importlib
import importlib.util
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.contestants import (
    CONTESTANTS,
    IOC_FINDER,
    IOCEXTRACT,
    IOCSEARCHER,
    MATCHER,
    NODE,
)

SEED = 20261121
DATA = Path(
    os.environ.get(
        "PROXENY_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"
    )
)
MODULES = {
    IOCSEARCHER: "iocsearcher",
    IOCEXTRACT: "iocextract",
    IOC_FINDER: "ioc_finder",
    MATCHER: "phonenumbers",
}
# LINKING.md, section 7, and issue 3.
TARGET_REPORTS_PER_S = 13_600
TARGET_MB_PER_S = 10
TARGET_WORST_MS = 30
TARGET_SHARE = 0.97
TARGET_GROWTH = 2.0
RATIOS = {IOCSEARCHER: 8, IOCEXTRACT: 12}
# The slowest peer needs seconds for one mail, so it gets the first of them only.
MAILS_OF_SLOW_PEERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    reports: int
    slow_reports: int
    mails: int
    slow_mails: int
    sizes: tuple[int, ...]


FULL = Plan(
    reports=20_000,
    slow_reports=20_000,
    mails=1_000,
    slow_mails=MAILS_OF_SLOW_PEERS,
    sizes=(1_000, 10_000, 100_000, 1_000_000),
)
QUICK = Plan(
    reports=4_000, slow_reports=1_000, mails=60, slow_mails=5, sizes=(1_000, 10_000)
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether the ratios hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--wrong", action="store_true", help="list the node's errors")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    plan = QUICK if options.quick else FULL
    started = time.monotonic()
    names = [name for name in CONTESTANTS if _is_installed(name)]
    document: dict[str, Any] = {
        "seed": options.seed,
        "reports": [_measure_reports(name, plan, options.seed) for name in names],
        "mail": _measure_mail(names, plan),
        "lines": [_run("extract.quality.measure_lines", name) for name in names],
        "real": _measure_real(names),
        "growth": [
            growth
            for hostile in (False, True)
            for growth in _run(
                "extract.growth.measure_growth", NODE, [*plan.sizes], hostile=hostile
            )
        ],
    }
    document["targets"] = _check_targets(document)
    document["machine"] = _describe_machine()
    document["seconds"] = round(time.monotonic() - started, 1)
    if options.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _print(document, wrong=options.wrong)
    missed = [t for t in document["targets"] if t["asserted"] and not t["met"]]
    return 1 if missed else 0


def _is_installed(name: str) -> bool:
    if name == NODE or importlib.util.find_spec(MODULES[name]) is not None:
        return True
    print(f"SKIPPED {name}: not installed in this environment", file=sys.stderr)
    return False


def _measure_reports(name: str, plan: Plan, seed: int) -> Any:
    count = plan.reports if name == NODE else plan.slow_reports
    return _run("extract.speed.measure_reports", name, count, seed)


def _measure_mail(names: Sequence[str], plan: Plan) -> list[dict[str, Any]]:
    folder = DATA / "phishing-emails" / "eml"
    if not folder.exists():
        print("SKIPPED mail: real data absent (phishing-emails)", file=sys.stderr)
        return []
    lines = []
    for raw in (False, True):
        for name in names:
            most = plan.slow_mails if name == IOCEXTRACT else plan.mails
            if raw and name == IOCEXTRACT:
                # One whole mail can keep it for minutes.
                continue
            figures = _run("extract.speed.measure_mail", name, folder, most, raw=raw)
            lines.append({**figures, "text": "whole file" if raw else "reader's text"})
            if name == NODE and most > plan.slow_mails:
                few = _run(
                    "extract.speed.measure_mail", name, folder, plan.slow_mails, raw=raw
                )
                text = (
                    "reader's text, the first" if not raw else "whole file, the first"
                )
                lines.append({**few, "text": text})
    return lines


def _measure_real(names: Sequence[str]) -> list[Any]:
    if not (DATA / "ransom-notes").exists() or not (DATA / "sms").exists():
        print("SKIPPED real texts: ransom-notes or sms absent", file=sys.stderr)
        return []
    # One whole ransom note can keep iocextract for minutes.
    return [
        recall
        for name in names
        if name != IOCEXTRACT
        for recall in _run("extract.quality.measure_real", name, DATA)
    ]


def _run(name: str, *arguments: object, **named: object) -> Any:
    """Call a function in a fresh process, so that its peak of memory is its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(_call, name, arguments, named).result()


def _call(name: str, arguments: tuple[object, ...], named: dict[str, object]) -> Any:
    """Import only what this measure needs, and call it."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)(*arguments, **named)


def _check_targets(document: dict[str, Any]) -> list[dict[str, Any]]:
    reports = {line["what"]: line["per_s"] for line in document["reports"]}
    lines = {line["what"]: line for line in document["lines"]}
    targets = [
        _at_least("short reports a second", reports[NODE], TARGET_REPORTS_PER_S),
        _at_least("precision on lines", lines[NODE]["precision"], TARGET_SHARE),
        _at_least("recall on lines", lines[NODE]["recall"], TARGET_SHARE),
    ]
    for line in document["mail"]:
        if line["what"] == NODE and line["text"] == "reader's text":
            targets += [
                _at_least("mail, MB a second", line["again_mb_per_s"], TARGET_MB_PER_S),
                _at_least(
                    "mail, MB a second, first reading",
                    line["mb_per_s"],
                    TARGET_MB_PER_S,
                ),
                _at_most(
                    "worst mail, ms, first reading", line["worst_ms"], TARGET_WORST_MS
                ),
            ]
    worst = max(document["growth"], key=lambda growth: growth["last_step"])
    what = f"growth of the last step, worst text ({worst['what']})"
    targets.append(_at_most(what, worst["last_step"], TARGET_GROWTH))
    for peer, ratio in RATIOS.items():
        if peer in reports:
            times = reports[NODE] / reports[peer]
            what = f"reports, times {peer}"
            targets.append({**_at_least(what, times, ratio), "asserted": True})
    return targets


def _at_least(what: str, measured: float, target: float) -> dict[str, Any]:
    return _target(what, measured, f">= {target:g}", met=measured >= target)


def _at_most(what: str, measured: float, target: float) -> dict[str, Any]:
    return _target(what, measured, f"<= {target:g}", met=measured <= target)


def _target(what: str, measured: float, target: str, *, met: bool) -> dict[str, Any]:
    return {
        "what": what,
        "target": target,
        "measured": measured,
        "met": met,
        "asserted": False,
    }


def _describe_machine() -> str:
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, load {busy:.1f} at the end"
    )


def _print(document: dict[str, Any], *, wrong: bool) -> None:
    print(f"{document['machine']}; seed {document['seed']}; {document['seconds']} s")
    print("processor time of one core throughout")
    print(
        f"\n{'reports of 320 characters':34} {'reports':>8} {'a second':>9}"
        f" {'RSS MiB':>8}"
    )
    for line in document["reports"]:
        print(
            f"{line['what']:34} {line['reports']:>8,} {line['per_s']:>9,.0f}"
            f" {line['peak_rss_mib']:>8.0f}"
        )
    if document["mail"]:
        print(
            f"\n{'real mail':34} {'mails':>8} {'a second':>9} {'MB/s':>8} {'p50 ms':>8}"
            f" {'worst ms':>9} {'again MB/s':>11} {'worst ms':>9} {'RSS MiB':>8}"
        )
    for line in document["mail"]:
        what = f"{line['what']}, {line['text']}"
        print(
            f"{what:34} {line['mails']:>8,} {line['per_s']:>9,.1f}"
            f" {line['mb_per_s']:>8.2f} {line['p50_ms']:>8.2f} {line['worst_ms']:>9.1f}"
            f" {line['again_mb_per_s']:>11.2f} {line['again_worst_ms']:>9.1f}"
            f" {line['peak_rss_mib']:>8.0f}"
        )
    _print_quality(document, wrong=wrong)
    _print_growth(document["growth"])
    print()
    for target in document["targets"]:
        verdict = "met" if target["met"] else "MISSED"
        print(
            f"{verdict:6} {target['what']}: {target['measured']:,.3g},"
            f" target {target['target']}"
        )


def _print_quality(document: dict[str, Any], *, wrong: bool) -> None:
    print(
        f"\n{document['lines'][0]['lines']:>4} labelled lines {'':14}"
        f" {'precision':>10} {'recall':>8} {'of its kinds':>13}"
    )
    for line in document["lines"]:
        print(
            f"{line['what']:34} {line['precision']:>10.3f} {line['recall']:>8.3f}"
            f" {line['recall_of_its_kinds']:>13.3f}"
        )
    node = document["lines"][0]
    print("\nthe node by kind: precision, recall")
    for kind, (precision, recall) in node["by_kind"].items():
        print(f"{kind:34} {precision:>10.3f} {recall:>8.3f}")
    if wrong:
        for item in node["wrong"]:
            print(json.dumps(item, ensure_ascii=False))
    if document["real"]:
        print(f"\n{'recall on real texts':34} {'':22} {'certain':>8} {'recall':>8}")
    for line in document["real"]:
        what = f"{line['where']}, {line['kind']}"
        print(
            f"{line['what']:34} {what:22} {line['certain']:>8,} {line['recall']:>8.3f}"
        )


def _print_growth(growths: Sequence[dict[str, Any]]) -> None:
    print(f"\n{'the node: CPU ms by characters':34}", end="")
    print("".join(f"{chars:>11,}" for chars in growths[0]["chars"]), " last step")
    for growth in growths:
        times = "".join(f"{ms:>11,.1f}" for ms in growth["cpu_ms"])
        print(f"{growth['what']:34}{times} {growth['last_step']:>10.2f}")


if __name__ == "__main__":
    sys.exit(main())
