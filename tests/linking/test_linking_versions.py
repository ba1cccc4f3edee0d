"""The packaged weights bear a version of their own: other weights, another version."""

import hashlib
from importlib import resources

from proxeny import linking

# Change both lines together: series made by two cards can then be told apart.
VERSION = "2026.11.2"
DIGEST = "199c8dc06b18325d36f37c03fdc8f51944ae79c75a858d78bc3b91dd22e9f771"


def test_weights_that_change_change_their_version():
    text = resources.files(linking).joinpath("scorecard.toml").read_text("utf-8")
    assert linking.load_scorecard().version == VERSION
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST
