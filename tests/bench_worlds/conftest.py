"""Lets the tests import the benchmark's worlds as the benchmarks do."""

import sys

from tests.real_data import ROOT

sys.path.append(str(ROOT / "bench"))
