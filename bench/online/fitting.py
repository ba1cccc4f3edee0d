"""What a scorecard has to learn from linking online: keys whose holders still come.

A key that three reports hold in the end is an offender's; one that three hold so far
may be a hub of tomorrow. A scorecard that is fitted on finished batches alone takes
every young key for an offender's, and online it fuses everything.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from worlds import baselines

from online.quality import link_one_by_one
from proxeny import linking
from proxeny.linking import Evidence, Scorecard
from proxeny.linking import linker as online
from proxeny.linking.features import Comparison
from proxeny.linking.fitting import list_numbers

ROWS_AT_ONCE = 50_000


def list_online_pairs(
    world: Path,
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Every pair as it stood when its younger report came in.

    Returns:
        Kinds, features (see `linking.fitting.fit`), whether both are of one campaign.
    """
    truth = baselines.read_truth(world)
    kinds: list[str] = []
    labels: list[bool] = []
    numbers: list[npt.NDArray[np.float64]] = []
    waiting: list[Comparison] = []

    def note(evidence: Iterable[Evidence]) -> None:
        for item in evidence:
            kinds.append(item.comparison.kind)
            labels.append(bool(truth[int(item.new.ref)] == truth[int(item.holder.ref)]))
            waiting.append(item.comparison)
        if len(waiting) >= ROWS_AT_ONCE:
            numbers.append(list_numbers(waiting))
            waiting.clear()

    def note_and_leave_alone(
        _: Scorecard, evidence: Iterable[Evidence], **__: Any
    ) -> linking.Verdict:
        note(evidence)
        return linking.Verdict(join=None, merge=(), because=(), found=(), related=())

    real = online.decide
    online.decide = note_and_leave_alone
    try:
        link_one_by_one(world)
    finally:
        online.decide = real
    numbers.append(list_numbers(waiting))
    return np.array(kinds, object), np.concatenate(numbers), np.array(labels)
