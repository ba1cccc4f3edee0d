"""Linking on the node is tested with figures that the tests know."""

import pytest
from tests.linking.linking_facts import SCORECARD

from proxeny import linking
from proxeny.node.linking.learning import scorecards


@pytest.fixture(autouse=True)
def _known_scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "load_scorecard", lambda: SCORECARD)


@pytest.fixture(autouse=True)
def _nothing_kept_of_other_tests() -> None:
    """Rows that were rolled back leave their numbers to others."""
    scorecards._load_text.cache_clear()
    scorecards._load_rarity.cache_clear()
