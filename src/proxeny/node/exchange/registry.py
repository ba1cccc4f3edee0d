"""Who takes which kind of message; apps above register theirs when they are ready."""

from collections.abc import Callable
from dataclasses import dataclass

from proxeny.node.exchange.models import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKind:
    """A kind of message between nodes.

    Args:
        name: as it stands in the payload, such as ``request``.
        receive: takes an opened message in, inside the transaction that accepts it;
            raises a ProxenyError to reject it with that error's code.
        settle: told on the sender's side that the partner accepted or rejected it,
            or that it could not be delivered, inside that transaction.
    """

    name: str
    receive: Callable[[Message], None]
    settle: Callable[[Message], None]


_kinds: dict[str, MessageKind] = {}


def register_kind(kind: MessageKind) -> None:
    """Declare a kind."""
    _kinds[kind.name] = kind


def find_kind(name: str) -> MessageKind | None:
    """The kind of that name, if this node knows it."""
    return _kinds.get(name)
