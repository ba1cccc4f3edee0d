"""Where the real public data lie, and the mark of a test that reads them."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(
    os.environ.get("PROXENY_TEST_DATA", ROOT.parent / "shared" / "data")
).resolve()


def needs_real_data(topic: str) -> pytest.MarkDecorator:
    """Skip with a reason where this topic of the real data is absent."""
    return pytest.mark.skipif(
        not (DATA / topic).exists(),
        reason=f"real data absent: {topic} (set PROXENY_TEST_DATA)",
    )
