"""Lets the tests import the benchmark of online linking as it imports itself."""

import sys

from tests.real_data import ROOT

sys.path.append(str(ROOT / "bench"))
