"""A relink as a JSON document."""

from collections.abc import Iterable
from typing import Any

from proxeny.node.linking.models import Relink
from proxeny.node.linking.relinks.proposals import describe_proposal


def relink_headline(relink: Relink) -> dict[str, Any]:
    """A relink in a list, with its figures."""
    figures = dict(relink.figures)
    figures.pop("newest_decision", None)
    return {
        "relink": relink.ref,
        "at": relink.created_at,
        "scorecard": relink.scorecard,
        "state": relink.state,
        "by": relink.by,
        "figures": figures,
    }


def relink_document(relink: Relink) -> dict[str, Any]:
    """A relink, its figures and what it proposes."""
    return {
        **relink_headline(relink),
        "proposals": [_proposal(proposal) for proposal in relink.proposals],
    }


def _proposal(proposal: dict[str, Any]) -> dict[str, Any]:
    names = ("number", "verb", "series", "reports", "to", "bits", "state", "word")
    return {
        **{name: proposal[name] for name in names},
        "text": describe_proposal(proposal),
        "because": [
            {
                "reports": link["reports"],
                "weight": link["bits"],
                "terms": link["terms"],
            }
            for link in proposal["because"]
        ],
    }


def list_relink_refs(relinks: Iterable[Relink]) -> list[str]:
    """Whose data relinks show, for the audit row."""
    refs = []
    for relink in relinks:
        refs.append(relink.ref)
        for proposal in relink.proposals:
            refs += [*proposal["series"], *proposal["reports"]]
            refs += [proposal["to"]] if proposal["to"] else []
            refs += [ref for link in proposal["because"] for ref in link["reports"]]
    return refs
