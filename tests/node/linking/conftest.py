"""Linking on the node is tested with figures that the tests know."""

import pytest
from tests.linking.linking_facts import SCORECARD

from proxeny import linking


@pytest.fixture(autouse=True)
def _known_scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "load_scorecard", lambda: SCORECARD)
