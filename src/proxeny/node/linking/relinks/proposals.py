"""Proposals of a relink: as rows keep them, and as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext, ngettext

from proxeny.linking import Scorecard, explain_reason
from proxeny.node.linking.models import Series
from proxeny.node.linking.relinks.comparing import Change, Reason
from proxeny.node.selectors.models import Holder

OPEN, APPLIED, DISMISSED, SKIPPED = "open", "applied", "dismissed", "skipped"
REPORTS_NAMED: Final = 5


def make_proposals(
    changes: Sequence[Change],
    reasons: Sequence[Sequence[Reason]],
    scorecard: Scorecard,
) -> list[dict[str, Any]]:
    """Proposals as a row keeps them, those that unite first, the strongest first."""
    named = {report for change in changes for report in change.reports}
    named |= {pk for each in reasons for one in each for pk in (one.one, one.other)}
    refs = _name_reports(named)
    proposals = [
        {
            "verb": change.verb,
            "series": [_name_series(pk) for pk in change.series],
            "reports": [refs[pk] for pk in change.reports],
            "to": None if change.to is None else _name_series(change.to),
            "keys": {"series": list(change.series), "reports": list(change.reports)},
            "bits": round(max((reason.bits for reason in each), default=0.0), 3),
            "because": [
                {
                    "reports": [refs[reason.one], refs[reason.other]],
                    "keys": [reason.one, reason.other],
                    "bits": round(reason.bits, 3),
                    "terms": _list_terms(reason, scorecard),
                }
                for reason in each
            ],
            "state": OPEN,
            "word": "",
            "decisions": [],
        }
        for change, each in zip(changes, reasons, strict=True)
    ]
    proposals.sort(key=_order)
    for number, proposal in enumerate(proposals, 1):
        proposal["number"] = number
    return proposals


def read_change(proposal: Mapping[str, Any]) -> Change:
    """The change that a proposal was made of, but for where reports were to go."""
    return Change(
        verb=proposal["verb"],
        series=tuple(proposal["keys"]["series"]),
        reports=tuple(proposal["keys"]["reports"]),
    )


def describe_proposal(proposal: Mapping[str, Any]) -> str:
    """What is proposed, in one sentence, in the reader's language."""
    series = ", ".join(proposal["series"])
    reports = _name_some(proposal["reports"])
    match proposal["verb"]:
        case "found":
            return gettext("Found a series of %(reports)s") % {"reports": reports}
        case "take_out" if proposal["to"]:
            return gettext("Take %(reports)s out of %(series)s and into %(to)s") % {
                "reports": reports,
                "series": series,
                "to": proposal["to"],
            }
        case "take_out":
            words = gettext("Take %(reports)s out of %(series)s, to stand apart")
            return words % {"reports": reports, "series": series}
        case _ if not reports:
            return gettext("Unite %(series)s") % {"series": series}
        case _ if len(proposal["series"]) == 1:
            words = gettext("Add %(reports)s to %(series)s")
            return words % {"reports": reports, "series": series}
        case _:
            words = gettext("Unite %(series)s and add %(reports)s")
            return words % {"reports": reports, "series": series}


def _name_some(refs: Sequence[str]) -> str:
    shown = ", ".join(refs[:REPORTS_NAMED])
    more = len(refs) - REPORTS_NAMED
    if more <= 0:
        return shown
    words = ngettext(
        "%(shown)s and %(num)s more report", "%(shown)s and %(num)s more reports", more
    )
    return words % {"shown": shown, "num": more}


def _order(proposal: Mapping[str, Any]) -> tuple[int, float, list[str]]:
    # Of those that take out, a part of several reports says more than a single one.
    takes_out = proposal["verb"] == "take_out"
    weight = len(proposal["reports"]) if takes_out else proposal["bits"]
    return (int(takes_out), -weight, [*proposal["series"], *proposal["reports"]])


def _name_series(pk: int) -> str:
    return f"{settings.CONFIG.authority.country}-{Series.LETTER}-{pk:06d}"


def _name_reports(pks: set[int]) -> dict[int, str]:
    rows = Holder.objects.filter(pk__in=pks)
    return dict(rows.values_list("pk", "ref"))


def _list_terms(reason: Reason, scorecard: Scorecard) -> list[dict[str, Any]]:
    """What brought the two together, then the rest, strongest first."""
    terms = [
        {"text": explain_reason(scorecard, term["kind"], term["value"]), **term}
        for term in reason.because
    ]
    return terms[:1] + sorted(terms[1:], key=lambda term: -abs(term["bits"]))
