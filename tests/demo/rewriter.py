"""Writes the demo reports anew: other names, numbers, ids and words, same story.

What links the reports stays (who shares which selector with whom, and roughly when),
everything that a program could have learnt by heart changes with the seed:

- every selector of `spellings.csv` becomes another valid and fictional one of its
  kind, in the same spelling; a host keeps its mailboxes and pages together;
- every name and reference of `names.txt`, every id, message id, amount and other
  figure is another;
- words are exchanged (`wording.csv`), sentences of a paragraph change places, and
  sentences are added (`fillers.csv`).

Selectors and names are set apart as single private-use characters first, so the
changes of wording can't touch them.
"""

import csv
import email
import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parsedate_to_datetime
from io import StringIO
from pathlib import Path

from tests.demo import fiction
from tests.demo.spelling import spell

HERE = Path(__file__).parent
MAX_SHIFT_MINUTES = 180

_FIRST_MARK = 0xE000  # The private use area holds 6,400 marks.
_MARK = re.compile("[\ue000-\uf8ff]")
# A day of the month ends in a full stop too, so a digit before it ends nothing.
_SENTENCE_END = re.compile(r"(?<=[^\d][.!?])\s+(?=[A-ZČĆŠĐŽÄÖÜА-ЯЉЊЂЋЏЈ\"])")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LEGAL_FORMS = frozenset({"GmbH", "d.o.o.", "a.d.", "Dr.", "UG", "KG", "Plus"})
_SYLLABLES = re.findall("..", "badelimorukavenisotaregolupiza")
_SYLLABLES_CYRILLIC = re.findall("..", "баделиморукавенисотареголупиза")


def rewrite_reports(source: Path, target: Path, *, seed: int) -> dict[str, str]:
    """Write the reports of a folder anew.

    Args:
        source: the demo reports, one folder for each country.
        target: where the new ones go; made if absent.
        seed: what decides; the same seed gives the same files.

    Returns:
        For each new report (path, or path#id) the old one that it was made of.

    """
    rewriting = _Rewriting(seed)
    origins = {}
    for path in sorted(source.rglob("*.*")):
        place = path.relative_to(source)
        raw = path.read_bytes()
        match path.suffix:
            case ".csv":
                new, ids = _rewrite_csv(raw, rewriting)
            case ".jsonl":
                new, ids = _rewrite_jsonl(raw, rewriting)
            case ".eml":
                new, ids = _rewrite_mail(raw, rewriting), {"": ""}
            case _:
                continue
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        (target / place).write_bytes(new)
        for new_id, old_id in ids.items():
            mark = "#" if new_id else ""
            origins[f"{place}{mark}{new_id}"] = f"{place}{mark}{old_id}"
    return origins


def list_spellings() -> list[dict[str, str]]:
    """Return the rows of the table of spellings: kind, value, style, spelling."""
    return _read_rows("spellings.csv")


def find_host(kind: str, value: str) -> str | None:
    """Return the host that a domain, URL or mailbox names."""
    match kind:
        case "domain":
            return value
        case "email":
            return value.partition("@")[2]
        case "url":
            return value.split("/")[2]
    return None


def _make_source(seed: str) -> random.Random:
    return random.Random(seed)


def _read_rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((HERE / name).read_text("utf-8"))))


class _Rewriting:
    """What a seed decided once for all reports."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._values = _Values(_make_source(f"values {seed}"))
        self._new: list[str] = []
        marks: dict[str, str] = {}
        for row in list_spellings():
            kind, value = row["kind"], row["value"]
            marks[row["spelling"]] = self._mark(
                spell(kind, self._values.exchange(kind, value), row["style"])
            )
            if host := find_host(kind, value):
                marks.setdefault(
                    host, self._mark(self._values.exchange("domain", host))
                )
        names = _make_source(f"names {seed}")
        for name in (HERE / "names.txt").read_text("utf-8").splitlines():
            marks[name] = self._mark(_invent_name(name, names))
        longest_first = sorted(marks, key=len, reverse=True)
        self._marks = marks
        self._known = re.compile(
            r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"
        )
        self._words = _Wording()

    def _mark(self, new: str) -> str:
        self._new.append(new)
        return chr(_FIRST_MARK + len(self._new) - 1)

    def exchange(self, text: str) -> str:
        """Exchange selectors and names, nothing else."""
        return self._reveal(self._hide(text))

    def reword(self, text: str, language: str, source: random.Random) -> str:
        """Exchange selectors, names, figures and words."""
        hidden = _change_figures(self._hide(text), source)
        language = _find_script(text, language)
        return self._reveal(self._words.exchange(hidden, language, source))

    def rephrase(self, text: str, language: str, source: random.Random) -> str:
        """Do the same, and let sentences change places and others come in."""
        hidden = _change_figures(self._hide(text), source)
        language = _find_script(text, language)
        worded = self._words.exchange(hidden, language, source)
        return self._reveal(self._words.rearrange(worded, language, source))

    def _hide(self, text: str) -> str:
        return self._known.sub(lambda found: self._marks[found[0]], text)

    def _reveal(self, text: str) -> str:
        return _MARK.sub(lambda found: self._new[ord(found[0]) - _FIRST_MARK], text)


class _Values:
    """One new value for each old one, never the same for two."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self._new: dict[tuple[str, str], str] = {}
        self._used: set[str] = set()

    def exchange(self, kind: str, value: str) -> str:
        if (kind, value) not in self._new:
            new = self._invent(kind, value)
            while new in self._used or new == value:
                new = self._invent(kind, value)
            self._used.add(new)
            self._new[kind, value] = new
        return self._new[kind, value]

    def _invent(self, kind: str, value: str) -> str:
        source = self._source
        match kind:
            case "phone":
                return fiction.invent_phone(value, source)
            case "iban":
                return fiction.invent_iban(value[:2], source)
            case "ip":
                return fiction.invent_address(source)
            case "wallet":
                return fiction.invent_wallet(value, source)
            case "hash":
                return fiction.invent_hash(source)
            case "domain":
                root = source.choice(fiction.RESERVED_ROOTS)
                return f"{_invent_word(source)}-{_invent_word(source)}.{root}"
            case "email":
                host = self.exchange("domain", value.partition("@")[2])
                return f"{_invent_word(source)}.{_invent_word(source)}@{host}"
            case "url":
                host = self.exchange("domain", value.split("/")[2])
                return f"https://{host}/{_invent_word(source)}/{_invent_word(source)}"
        raise ValueError(f"no way to invent a value of kind {kind}")


@dataclass(frozen=True, slots=True)
class _Replacement:
    pattern: re.Pattern[str]
    new: str


class _Wording:
    """Other words for the same thing, by language."""

    def __init__(self) -> None:
        self._replacements: dict[str, list[_Replacement]] = {}
        for row in _read_rows("wording.csv"):
            pattern = re.compile(rf"(?<!\w){re.escape(row['from'])}(?!\w)")
            self._replacements.setdefault(row["language"], []).append(
                _Replacement(pattern, row["to"])
            )
        self._fillers: dict[str, list[str]] = {}
        for row in _read_rows("fillers.csv"):
            self._fillers.setdefault(row["language"], []).append(row["sentence"])

    def exchange(self, text: str, language: str, source: random.Random) -> str:
        for replacement in self._replacements[language]:
            if source.random() < 0.8:
                text = replacement.pattern.sub(replacement.new, text)
        return text

    def rearrange(self, text: str, language: str, source: random.Random) -> str:
        paragraphs = [
            paragraph
            # Lines of a forwarded mail's head keep their order.
            if "\n" in paragraph.strip()
            else self._shuffle(paragraph, source)
            for paragraph in text.split("\n\n")
        ]
        added = source.sample(self._fillers[language], source.randrange(1, 3))
        place = source.randrange(len(paragraphs))
        paragraphs[place] = " ".join([paragraphs[place].rstrip(), *added])
        return "\n\n".join(paragraphs)

    def _shuffle(self, paragraph: str, source: random.Random) -> str:
        sentences = _SENTENCE_END.split(paragraph.strip())
        source.shuffle(sentences)
        return " ".join(sentences)


def _find_script(text: str, language: str) -> str:
    return "sr-Cyrl" if _CYRILLIC.search(text) else language


def _change_figures(text: str, source: random.Random) -> str:
    def change(found: re.Match[str]) -> str:
        return re.sub(r"\d", lambda _: source.choice("123456789"), found[0])

    return re.sub(r"(?<![\w-])\d[\d.,]*\d", change, text)


def _change_time(written: str, source: random.Random) -> str:
    at = datetime.fromisoformat(written) + _shift(source)
    return at.isoformat().replace("+00:00", "Z")


def _shift(source: random.Random) -> timedelta:
    return timedelta(minutes=source.randint(-MAX_SHIFT_MINUTES, MAX_SHIFT_MINUTES))


def _invent_word(source: random.Random) -> str:
    return "".join(source.choice(_SYLLABLES) for _ in range(source.randint(2, 4)))


def _invent_name(like: str, source: random.Random) -> str:
    syllables = _SYLLABLES_CYRILLIC if _CYRILLIC.search(like) else _SYLLABLES
    if re.search(r"\d", like):
        return re.sub(r"\d", lambda _: source.choice("0123456789"), like)
    return " ".join(
        word
        if word in _LEGAL_FORMS
        else "".join(source.choice(syllables) for _ in range(3)).capitalize()
        for word in like.split()
    )


def _invent_ids(old: list[str], source: random.Random) -> Callable[[str], str]:
    new = source.sample(range(10_000, 100_000), len(old))
    numbers = {
        one: f"{number}-{source.randrange(100)}"
        for one, number in zip(old, new, strict=True)
    }
    return numbers.__getitem__


def _rewrite_csv(raw: bytes, rewriting: _Rewriting) -> tuple[bytes, dict[str, str]]:
    rows = list(csv.DictReader(StringIO(raw.decode())))
    source = _make_source(f"csv {rewriting.seed}")
    new_id = _invent_ids([row["id"] for row in rows], source)
    out = StringIO()
    writer = csv.DictWriter(out, rows[0], lineterminator="\n")
    writer.writeheader()
    ids = {}
    for row in rows:
        writer.writerow(_rewrite_row(row, rewriting, source, new_id(row["id"])))
        ids[new_id(row["id"])] = row["id"]
    return out.getvalue().encode(), ids


def _rewrite_jsonl(raw: bytes, rewriting: _Rewriting) -> tuple[bytes, dict[str, str]]:
    source = _make_source(f"jsonl {rewriting.seed}")
    out = []
    ids = {}
    for number, line in enumerate(raw.decode().splitlines()):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:  # The line that was cut off stays cut off.
            out.append(rewriting.exchange(line))
            continue
        new_id = f"{number}-{source.randrange(10_000, 100_000)}"
        ids[new_id] = row["id"]
        new = _rewrite_row(row, rewriting, source, new_id)
        if "selectors" in row:
            new["selectors"] = [
                given | {"value": rewriting.exchange(given["value"])}
                for given in row["selectors"]
            ]
        out.append(json.dumps(new, ensure_ascii=False))
    return ("\n".join(out) + "\n").encode(), ids


def _rewrite_row(
    row: dict, rewriting: _Rewriting, source: random.Random, new_id: str
) -> dict:
    new = {
        name: rewriting.exchange(cell) if isinstance(cell, str) else cell
        for name, cell in row.items()
    }
    new["id"] = new_id
    new["received_at"] = _change_time(row["received_at"], source)
    new["title"] = rewriting.reword(row["title"], row["language"], source)
    new["narrative"] = rewriting.rephrase(row["narrative"], row["language"], source)
    if row.get("amount"):
        new["amount"] = f"{float(row['amount']) * source.uniform(0.6, 1.6):.2f}"
    return new


def _rewrite_mail(raw: bytes, rewriting: _Rewriting) -> bytes:
    if not raw:
        return raw
    # The source hangs on the content, so that a mail sent twice stays one.
    content = hashlib.sha256(raw).hexdigest()
    source = _make_source(f"mail {rewriting.seed} {content}")
    mail = email.message_from_bytes(raw, policy=default)
    language = str(mail["Content-Language"] or "")
    shift = _shift(source)
    for part in mail.walk():
        language = str(part["Content-Language"] or language)
        _rewrite_head(part, rewriting, shift, source)
        if part.get_content_maintype() == "text":
            _rewrite_text(part, rewriting, language, source)
        elif not part.is_multipart():
            _change_attachment(part, source)
    return mail.as_bytes()


def _rewrite_head(
    part: EmailMessage,
    rewriting: _Rewriting,
    shift: timedelta,
    source: random.Random,
) -> None:
    for name in ("Received", "From", "Reply-To", "To", "Subject"):
        if name in part:
            part.replace_header(name, rewriting.exchange(str(part[name])))
    if "Date" in part:
        at = parsedate_to_datetime(str(part["Date"])) + shift
        part.replace_header("Date", format_datetime(at))
    if "Message-ID" in part:
        host = rewriting.exchange(str(part["Message-ID"]).strip("<>").split("@")[1])
        part.replace_header("Message-ID", f"<{source.getrandbits(64):x}@{host}>")


def _change_attachment(part: EmailMessage, source: random.Random) -> None:
    part.set_content(
        part.get_content() + source.randbytes(8),
        maintype=part.get_content_maintype(),
        subtype=part.get_content_subtype(),
        filename=part.get_filename(),
    )


def _rewrite_text(
    part: EmailMessage, rewriting: _Rewriting, language: str, source: random.Random
) -> None:
    text = part.get_content()
    subtype = part.get_content_subtype()
    new = (
        rewriting.rephrase(text, language, source)
        if subtype == "plain"
        else rewriting.exchange(text)
    )
    charset = part.get_content_charset("utf-8")
    coding = str(part["Content-Transfer-Encoding"])
    part.set_content(new, subtype=subtype, charset=charset, cte=coding)
