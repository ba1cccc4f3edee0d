"""Puts reports into series, with reasons that can be read and challenged.

Pure values in, a verdict with its reasons out; no engine, no clock. The weights are
additive log-odds in `scorecard.toml`, the same for the online and the batch linking.

What this can't do: exact selectors are poisonable. Whoever writes reports can plant a
rival's number in them, and such reports join the rival's series. What limits the
damage: one key alone, in however many reports, can't fuse two established series; what
one source reports again counts once; planted reports show as related to both and can
be split off; and a key with more than `STOP_AFTER_HOLDERS` holders stops counting,
visibly.
"""

from proxeny.linking.deciding import (
    Ties,
    count_keys,
    count_votes,
    decide,
    list_kept_votes,
    list_votes,
)
from proxeny.linking.features import NOBODY, TEXT, Company, Comparison, Group
from proxeny.linking.linker import Linker
from proxeny.linking.narratives import Rarity, Sketch, sketch_narrative
from proxeny.linking.scorecard import (
    Guard,
    Scorecard,
    ScorecardError,
    load_scorecard,
    parse_scorecard,
    read_scorecard,
)
from proxeny.linking.stops import (
    LeftOut,
    Linkable,
    find_stop_reason,
    select_linkable,
)
from proxeny.linking.values import (
    MAX_HOLDERS_READ,
    MAX_KEYS_WEIGHED,
    STOP_AFTER_HOLDERS,
    Evidence,
    Held,
    Holder,
    Key,
    LinkingError,
    Term,
    Verdict,
    Vote,
    choose_keys,
    list_text_keys,
)
from proxeny.linking.weighing import Weighed, weigh
from proxeny.linking.wording import explain_reason, list_terms, render_terms

__all__ = [
    "MAX_HOLDERS_READ",
    "MAX_KEYS_WEIGHED",
    "NOBODY",
    "STOP_AFTER_HOLDERS",
    "TEXT",
    "Company",
    "Comparison",
    "Evidence",
    "Group",
    "Guard",
    "Held",
    "Holder",
    "Key",
    "LeftOut",
    "Linkable",
    "Linker",
    "LinkingError",
    "Rarity",
    "Scorecard",
    "ScorecardError",
    "Sketch",
    "Term",
    "Ties",
    "Verdict",
    "Vote",
    "Weighed",
    "choose_keys",
    "count_keys",
    "count_votes",
    "decide",
    "explain_reason",
    "find_stop_reason",
    "list_kept_votes",
    "list_terms",
    "list_text_keys",
    "list_votes",
    "load_scorecard",
    "parse_scorecard",
    "read_scorecard",
    "render_terms",
    "select_linkable",
    "sketch_narrative",
    "weigh",
]
