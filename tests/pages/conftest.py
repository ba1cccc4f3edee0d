"""The real environment of the pages, by Django's own template backend."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.template.backends.jinja2 import Jinja2
from django.utils import timezone, translation

from proxeny.node import pages

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
IMPORT = '{% import "components.html" as c with context %}'


@pytest.fixture(autouse=True)
def _reader() -> Iterator[None]:
    with timezone.override(UTC), translation.override("en"):
        yield


@pytest.fixture(scope="session")
def engine() -> Jinja2:
    return Jinja2(
        {
            "NAME": "jinja2",
            "APP_DIRS": False,
            "DIRS": [Path(pages.__file__).parent / "jinja2"],
            "OPTIONS": {"environment": "proxeny.node.pages.jinja.environment"},
        }
    )


@pytest.fixture
def show(engine: Jinja2) -> Callable[..., str]:
    """Renders one line of template after the components were imported."""

    def render(line: str, **context: Any) -> str:
        template = engine.from_string(IMPORT + line)
        return template.render({"now": NOW, **context})

    return render
