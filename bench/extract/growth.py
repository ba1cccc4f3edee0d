"""How the time of one text grows with its length: ordinary and hostile texts.

A hostile text is made to send a reader back again and again: very many beginnings of a
selector and no end. Linear means that ten times the text takes ten times as long.
"""

import random
import time
from typing import TypedDict

from extract.contestants import Raw, load
from extract.reports import write_reports

_SEED = 5
# The first reading of a kind of text loads tables and builds automata.
_TRIES = 2
# Below this a time is noise: from there growth can't be told.
_LEAST_MS = 1.0
HOSTILE = {
    "labels": "a.",
    "labels and hyphens": "a-.",
    "at signs": "a@",
    "at signs and dots": "a@a.",
    "spelled at and dot": "a at b dot ",
    "brackets": "a[.]",
    "schemes": "http://",
    "schemes and labels": "http://a.",
    "colons": "1:",
    "double colons": "::1",
    "small numbers": "1 ",
    "digits": "1",
    "digits and dots": "1.2.3.",
    "plus signs": "+1 ",
    "plus and brackets": "(+(1",
    "heads of IBANs": "DE89 ",
    "one long IBAN": "DE89" + "0370 " * 7,
    "hexadecimal": "0xab",
    "letters and digits": "a1",
    "capitals": "A",
    "handles": "@a ",
    "platform words": "telegram @",
    "account words": "account number ",
    "blanks": " ",
    "zero-width spaces": "a\u200b",
    "full-width digits": "\uff11",
    "Cyrillic labels": "б.",
    "combining marks": "e\u0301",
    "card groups": "4111 ",
    "cues": "AS64496 AS",
    "ampersands": "&#64;",
}


class Growth(TypedDict):
    """Processor milliseconds by length of the text."""

    what: str
    chars: list[int]
    cpu_ms: list[float]
    last_step: float


def measure_growth(name: str, sizes: list[int], *, hostile: bool) -> list[Growth]:
    """Every text at every size, the shortest first.

    ``last_step`` compares the two longest texts: time for each character of the one
    against the other. 1 is linear; 10 would be quadratic.
    """
    call = load(name)
    return [
        _measure(call, what, piece, sizes)
        for what, piece in (HOSTILE.items() if hostile else _list_ordinary(sizes[-1]))
    ]


def _list_ordinary(chars: int) -> list[tuple[str, str]]:
    texts = [text for text, _ in write_reports(chars // 320 + 1, _SEED)]
    words = " ".join(texts).split()
    random.Random(_SEED).shuffle(words)
    return [
        ("reports, one behind the other", "\n".join(texts)),
        ("words", " ".join(words)),
    ]


def _measure(call: Raw, what: str, piece: str, sizes: list[int]) -> Growth:
    cpu_ms = []
    for size in sizes:
        text = (piece * (size // len(piece) + 1))[:size]
        cpu_ms.append(min(_time_ms(call, text) for _ in range(_TRIES)))
    (shorter, before), (longer, after) = zip(sizes[-2:], cpu_ms[-2:], strict=True)
    return Growth(
        what=what,
        chars=sizes,
        cpu_ms=cpu_ms,
        last_step=(after / longer) / (max(before, _LEAST_MS) / shorter),
    )


def _time_ms(call: Raw, text: str) -> float:
    started = time.process_time()
    call(text, "GB")
    return 1000 * (time.process_time() - started)
