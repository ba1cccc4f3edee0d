"""The committed assets: whole, local, and free of what the content policy forbids."""

import json
import re
from pathlib import Path

import pytest

from proxeny.node import pages

PAGES = Path(pages.__file__).parent
STATIC = PAGES / "static" / "proxeny"
FRONTEND = Path(__file__).parents[2] / "frontend"
TEMPLATES = sorted(
    path
    for folder in ("jinja2", "templates")
    for path in (PAGES / folder).rglob("*")
    if path.is_file()
)
ADDRESS = re.compile(r"""url\(["']?([^"')]+)""")
# Names of SVG and XHTML, not addresses that anything fetches.
NAMESPACE = "http://www.w3.org/"


@pytest.mark.parametrize(
    "name",
    [
        "css/app.css",
        "js/app.js",
        "images/favicon.svg",
        "images/mark.svg",
        "fonts/noto-sans-latin.woff2",
        "fonts/noto-sans-latin-ext.woff2",
        "fonts/noto-sans-cyrillic.woff2",
        "fonts/noto-sans-greek.woff2",
        "LICENSES.txt",
    ],
)
def test_asset_is_committed(name: str) -> None:
    assert (STATIC / name).stat().st_size > 0


def test_style_fetches_only_files_that_are_here() -> None:
    found = ADDRESS.findall((STATIC / "css/app.css").read_text())
    assert len(found) >= 4
    assert "@import" not in (STATIC / "css/app.css").read_text()
    for address in found:
        assert (STATIC / "css" / address).resolve().is_file(), address


def test_style_holds_no_font_or_crest_that_is_not_ours() -> None:
    style = (STATIC / "css/app.css").read_text().lower()
    assert "gds transport" not in style
    assert "crest" not in style


@pytest.mark.parametrize("name", ["js/app.js", "images/favicon.svg", "images/mark.svg"])
def test_no_asset_names_a_host(name: str) -> None:
    text = (STATIC / name).read_text().replace(NAMESPACE, "")
    assert not re.search(r"https?://", text)
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_holds_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"\sstyle\s*=|<style", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text
    assert not re.search(r"https?://", text.replace(NAMESPACE, ""))


def test_licences_name_every_package_with_its_version() -> None:
    wanted = json.loads((FRONTEND / "package.json").read_text())["devDependencies"]
    text = (STATIC / "LICENSES.txt").read_text()
    for name in ("govuk-frontend", "@ministryofjustice/frontend", "htmx.org"):
        assert f"{name} {wanted[name]}:" in text


def test_lock_file_names_no_registry() -> None:
    lock = (FRONTEND / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in lock
