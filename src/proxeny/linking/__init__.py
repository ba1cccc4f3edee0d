"""Puts reports into series, with reasons that can be read and challenged.

Pure values in, a verdict with its reasons out; no engine, no clock. The weights are
additive log-odds in `scorecard.toml`: hand-set defaults until they are fitted on
links that officers have confirmed.

What this can't do: exact selectors are poisonable. Whoever writes reports can plant a
rival's number in them, and such reports join the rival's series; many of them crowd
the older holders out of the newest `MAX_HOLDERS_READ`, and later reports follow them.
What limits the damage: one report alone can't fuse two established series, planted
reports show as related to both and can be split off, and a number in more than
`STOP_AFTER_HOLDERS` reports stops counting, visibly.
"""

from proxeny.linking.deciding import decide
from proxeny.linking.linker import Linker
from proxeny.linking.scorecard import (
    Scorecard,
    ScorecardError,
    load_scorecard,
    parse_scorecard,
)
from proxeny.linking.stops import (
    LeftOut,
    Linkable,
    find_stop_reason,
    select_linkable,
)
from proxeny.linking.values import (
    MAX_HOLDERS_READ,
    STOP_AFTER_HOLDERS,
    Evidence,
    Holder,
    LinkingError,
    Shared,
    Term,
    Verdict,
)
from proxeny.linking.weighing import weigh

__all__ = [
    "MAX_HOLDERS_READ",
    "STOP_AFTER_HOLDERS",
    "Evidence",
    "Holder",
    "LeftOut",
    "Linkable",
    "Linker",
    "LinkingError",
    "Scorecard",
    "ScorecardError",
    "Shared",
    "Term",
    "Verdict",
    "decide",
    "find_stop_reason",
    "load_scorecard",
    "parse_scorecard",
    "select_linkable",
    "weigh",
]
