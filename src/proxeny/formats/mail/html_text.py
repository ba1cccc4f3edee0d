"""HTML of a reported mail as plain text: never rendered, nothing fetched, no markup.

A link keeps its target in angle brackets behind its text, and a form its address,
because a phishing page's URL stands there and not in what the reader sees. Only
http, https, mailto and tel are kept; `javascript:` and `data:` are not. Scripts,
styles, comments and pictures (tracking pixels too) leave nothing. Text that a style
sheet hides is kept: it is part of what was sent.

The tokens follow the WHATWG HTML standard, 13.2.5, as far as text needs it. Python's
own `html.parser` is not used: 40 kB of ``<a `` without a closing ``>`` cost it 17 s
on 3.11, other input an AssertionError, and its reading changes between patch
releases. Here each character is looked at a bounded number of times.
"""

import html
import re
from collections.abc import Iterator

from proxeny.formats.plain import squeeze

MAX_HTML_CHARS = 1_000_000
MAX_LINK_CHARS = 2_000

_TAG = re.compile(
    r"""</?(?P<name>[a-zA-Z][^\s/>]*+)
        (?P<attributes>(?:[^>="']++|=\s*+(?:"[^"]*+"|'[^']*+')|["'=])*+)>""",
    re.VERBOSE,
)
_TARGET = re.compile(
    r"""(?:^|[\s"'/])(?:href|action)\s*+=\s*+
        (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>"']++))""",
    re.VERBOSE | re.IGNORECASE,
)
_SOURCE = re.compile(
    r"""(?:^|[\s"'/])src\s*+=\s*+["']?\s*+
        (?P<address>https?://(?P<host>[^\s"'<>/?\#]{1,255}))""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER_TOO_LONG = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_PERSON = re.compile(r"(?:mailto|tel):([^?]*)", re.IGNORECASE)

# Elements whose content is no text of the page, by WHATWG HTML 13.2.6.2.
_UNSEEN = frozenset(
    {"iframe", "noembed", "noframes", "script", "style", "template", "title"}
    | {"textarea", "xmp"}
)
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "center", "dd"}
    | {"div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4"}
    | {"h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "tbody", "tr", "ul"}
)
_GAPS = frozenset({"button", "option", "td", "th"})
_WITH_TARGET = frozenset({"a", "area", "form"})
_END_OF_UNSEEN = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _UNSEEN
}


def render_text(markup: str) -> str:
    """Give the text of an HTML document.

    Args:
        markup: what lies beyond `MAX_HTML_CHARS` is not read.

    Returns:
        Text in which each link's target stands in angle brackets behind it.
    """
    return squeeze("".join(_list_pieces(markup[:MAX_HTML_CHARS])))


def list_targets(markup: str) -> list[str]:
    """The targets of links and forms, each once, in the order of the document."""
    tags = (token for token in _list_tokens(markup[:MAX_HTML_CHARS]) if token[0])
    targets = (_find_target(tag, attributes) for tag, attributes in tags)
    return list(dict.fromkeys(target for target in targets if target))


def list_pictures(markup: str) -> list[str]:
    """The web addresses of pictures, one a host, in the order of the document.

    They are never fetched and leave nothing in the text; a host that serves them may
    be the offender's.
    """
    hosts: dict[str, str] = {}
    for tag, attributes in _list_tokens(markup[:MAX_HTML_CHARS]):
        source = _SOURCE.search(attributes) if tag == "img" else None
        if source is not None:
            hosts.setdefault(source["host"].lower(), _unescape(source["address"]))
    return list(hosts.values())


def _list_pieces(markup: str) -> Iterator[str]:
    target = ""
    for tag, text in _list_tokens(markup):
        name = tag.removeprefix("/")
        if not tag:
            yield _unescape(text)
        elif name in _BREAKS:
            yield "\n"
        elif name in _GAPS:
            yield " "
        if tag in _WITH_TARGET:
            # A new link ends the one that was left open.
            if target:
                yield f" <{target}> "
            target = _find_target(tag, text)
        if target and tag in {"/a", "form", "area"}:
            yield f" <{target}> "
            target = ""
    if target:
        yield f" <{target}> "


def _list_tokens(markup: str) -> Iterator[tuple[str, str]]:
    """Pairs of tag name and attributes; for text the name is empty."""
    at = 0
    while (opens := markup.find("<", at)) != -1:
        yield "", markup[at:opens]
        tag = _TAG.match(markup, opens)
        if tag is not None:
            closing = "/" if markup[opens + 1] == "/" else ""
            name = tag["name"].lower()
            yield closing + name, tag["attributes"]
            at = tag.end()
            if not closing and name in _UNSEEN:
                at = _skip_unseen(markup, at, name)
        elif markup.startswith("<!--", opens):
            at = _skip_past(markup, "-->", opens + len("<!--"))
        elif markup[opens + 1 : opens + 2] in {"!", "?", "/"}:
            at = _skip_past(markup, ">", opens + 2)
        elif markup[opens + 1 : opens + 2].isalpha():
            # The document ends inside a tag: a browser drops it too.
            return
        else:
            yield "", "<"
            at = opens + 1
    yield "", markup[at:]


def _skip_past(markup: str, mark: str, at: int) -> int:
    found = markup.find(mark, at)
    return len(markup) if found == -1 else found + len(mark)


def _skip_unseen(markup: str, at: int, name: str) -> int:
    end = _END_OF_UNSEEN[name].search(markup, at)
    return len(markup) if end is None else end.start()


def _find_target(tag: str, attributes: str) -> str:
    if tag not in _WITH_TARGET:
        return ""
    found = _TARGET.search(attributes)
    if found is None:
        return ""
    written = found["double"] or found["single"] or found["bare"] or ""
    # Browsers strip these out of a URL too (WHATWG URL, 4.4).
    target = re.sub(r"[\t\r\n]", "", _unescape(written[:MAX_LINK_CHARS])).strip()
    person = _PERSON.match(target)
    if person is not None:
        target = person[1]
    elif _WEB.match(target) is None:
        return ""
    return target.translate({ord("<"): "%3C", ord(">"): "%3E", ord(" "): "%20"})


def _unescape(text: str) -> str:
    # `html.unescape` raises ValueError on a number of over 4,300 digits.
    return html.unescape(_NUMBER_TOO_LONG.sub("\ufffd", text))
