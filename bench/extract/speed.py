"""How fast a contestant reads: reports a second, mail in MB a second, peak memory.

Processor time of one core, because a machine that measures is seldom alone.
"""

import resource
import sys
import time
from pathlib import Path
from typing import TypedDict

from extract.contestants import Raw, load
from extract.reports import write_reports
from proxeny.formats.eml import read_mail
from proxeny.formats.item import Accepted

_BYTES_OF_MB = 1_000_000


class Reports(TypedDict):
    """One contestant on short reports."""

    what: str
    reports: int
    per_s: float
    peak_rss_mib: float
    own_mib: float


class Mail(TypedDict):
    """One contestant on real mail: the text of each as the node's reader gives it.

    ``again`` is a second reading: the node's automaton is built as it reads, so the
    first reading of half a megabyte is dearer than the next of another.
    """

    what: str
    mails: int
    mb: float
    per_s: float
    mb_per_s: float
    p50_ms: float
    worst_ms: float
    worst_chars: int
    again_mb_per_s: float
    again_worst_ms: float
    peak_rss_mib: float


def measure_reports(name: str, count: int, seed: int) -> Reports:
    """Texts that are all different, read once each after a short warm-up."""
    texts = write_reports(count + 200, seed)
    call = load(name)
    for text, country in texts[count:]:
        call(text, country)
    before = peak_rss_mib()
    started = time.process_time()
    for text, country in texts[:count]:
        call(text, country)
    cpu_s = time.process_time() - started
    peak = peak_rss_mib()
    return Reports(
        what=name,
        reports=count,
        per_s=count / cpu_s,
        peak_rss_mib=peak,
        own_mib=peak - before,
    )


def measure_mail(name: str, folder: Path, most: int, *, raw: bool) -> Mail:
    """Real phishing mail: the reader's text, or the whole file as it came."""
    texts = list_texts(folder, raw=raw)[:most]
    call = load(name)
    each_s = _time_each(call, texts)
    again_s = each_s if raw else _time_each(call, texts)
    ranked = sorted(each_s)
    mb = sum(len(text.encode("utf-8", "replace")) for text in texts) / _BYTES_OF_MB
    return Mail(
        what=name,
        mails=len(texts),
        mb=mb,
        per_s=len(texts) / sum(each_s),
        mb_per_s=mb / sum(each_s),
        p50_ms=1000 * ranked[len(ranked) // 2],
        worst_ms=1000 * ranked[-1],
        worst_chars=len(texts[each_s.index(ranked[-1])]),
        again_mb_per_s=mb / sum(again_s),
        again_worst_ms=1000 * max(again_s),
        peak_rss_mib=peak_rss_mib(),
    )


def _time_each(call: Raw, texts: list[str]) -> list[float]:
    each_s = []
    for text in texts:
        started = time.process_time()
        call(text, None)
        each_s.append(time.process_time() - started)
    return each_s


def list_texts(folder: Path, *, raw: bool) -> list[str]:
    """The texts of a folder of mails, in a fixed order."""
    texts = []
    for path in sorted(folder.glob("*.eml")):
        data = path.read_bytes()
        if raw:
            texts.append(data.decode("utf-8", "replace"))
            continue
        item = read_mail(data, where=path.name)
        if isinstance(item, Accepted):
            texts.append(item.report.narrative)
    return texts


def peak_rss_mib() -> float:
    """Peak memory of this process, which does nothing else."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak / (1024**2 if sys.platform == "darwin" else 1024)
