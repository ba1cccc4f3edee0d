"""Text made fit to store: no NUL, no other control, no lone surrogate, one line end.

What is visible stays as it was written, bidirectional marks included: pages isolate
text from outside by themselves.
"""

import re

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_SPACED_LINE_END = re.compile(r" *\n *")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str) -> str:
    """Lines end in a line feed; what can't be stored is gone or is U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", _UNSTORABLE.sub("", _LINE_END.sub("\n", text)))


def clean_line(text: str) -> str:
    """The same on one line, each run of white space as one space."""
    line = " ".join(clean_text(text).split())
    # What remains unprintable are format characters, which have no place in a name.
    return "".join(sign for sign in line if sign.isprintable())


def squeeze(text: str) -> str:
    """Runs of spaces become one, more than one blank line becomes one."""
    lines = _SPACED_LINE_END.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", lines).strip()
