"""Every address of the node, read from the resolver, with what each page declares."""

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView
from tests.node.node_world import World

# Whoever comes may open these; each guards itself as the reason says.
OPEN = {
    "root": "leads to the desk, which asks for a sign-in",
    "first-sign-in": "asks for a one-time code",
    "account_login": "the sign-in itself",
    "account_logout": "leads the signed-out person on",
    "account_inactive": "says that the account is closed",
    "account_signup": "says that nobody signs up",
    "account_reauthenticate": "a step of the sign-in",
    "mfa_authenticate": "a step of the sign-in",
    "exchange-messages": "other nodes: judged by signature alone",
    "healthz": "operators' monitors: numbers without case data",
    "api:api-root": "names no data",
    "api:openapi-json": "the document of the API's shape",
}
# A person's own account and second factor: allauth asks for a sign-in.
OWN_ACCOUNT = {
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
# The directory belongs to the node and not to one of its organisations.
OF_THE_NODE = {"partner", "partners"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address: how it is called, what it demands, what its address names."""

    name: str
    path: str
    params: tuple[str, ...]
    action: str | None
    permission: str | None
    method: str = "GET"
    is_api: bool = False

    @property
    def title(self) -> str:
        """What a test's report calls it."""
        return f"{self.method} {self.path}"

    @property
    def subject(self) -> str:
        """The thing that it is about: `series` of `series-merge`."""
        if self.is_api:
            return self.path.split("/")[3]
        return self.name.partition("-")[0]

    @property
    def names_one(self) -> bool:
        """Whether the address names one thing, which may be somebody else's."""
        return bool({"ref", "authority"} & set(self.params))


def list_routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None,
    *,
    space: str = "",
    path: str = "/",
) -> Iterator[Route]:
    """Every address under these patterns; by default the node's."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from list_routes(pattern.url_patterns, space=inner, path=here)
        else:
            yield from _read(pattern, f"{space}{pattern.name}", here)


def _read(pattern: URLPattern, name: str, path: str) -> Iterator[Route]:
    params = tuple(pattern.pattern.regex.groupindex)
    # ninja hands the resolver a closure over the operations of one address.
    view = inspect.unwrap(pattern.callback)
    held = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
    path_view = held.get("self")
    if isinstance(path_view, PathView):
        for operation in path_view.operations:
            for method in operation.methods:
                # Each operation of one address bears a name, and all are read.
                yield Route(
                    name=f"api:{path}",
                    path=path,
                    params=params,
                    action=getattr(operation.view_func, "desk_action", None),
                    permission=getattr(operation.view_func, "desk_permission", None),
                    method=method,
                    is_api=True,
                )
        return
    yield Route(
        name=name,
        path=path,
        params=params,
        action=getattr(pattern.callback, "desk_action", None),
        permission=getattr(pattern.callback, "desk_permission", None),
    )


def list_undeclared(routes: Iterable[Route]) -> list[str]:
    """Addresses that neither declare a permission nor are open for a reason."""
    return [
        f"{route.title} ({route.name})"
        for route in routes
        if route.permission is None and route.name not in {*OPEN, *OWN_ACCOUNT}
    ]


def list_guarded() -> list[Route]:
    """Addresses for people (and programs) whose role holds a permission."""
    guarded = (route for route in list_routes() if route.permission is not None)
    return list(dict.fromkeys(guarded))


def fill(route: Route, named: str | None, *, step: str = "check") -> str:
    """The address with a reference in it.

    Raises:
        LookupError: the address names something that the walk can't fill yet.
    """
    address = route.path
    for param in route.params:
        match param:
            case "ref" | "authority" if named is not None:
                value = named
            case "step":
                value = step
            case _:
                raise LookupError(f"tell the walk what {param} of {route.title} is")
        address = re.sub(rf"<(\w+:)?{param}>", value, address)
    return address


def list_named(route: Route, world: World) -> list[str | None]:
    """Real references that the address may name; `None` if it names none."""
    if not route.names_one:
        return [None]
    real: dict[str, list[str | None]] = {
        "report": [world.reports[0], world.reports[-1]],
        "series": [*world.series[:2]],
        "case": [world.case.ref],
        "request": [world.sent.ref, world.received.ref],
        "partner": [world.partner.authority],
        "alert": [world.alert],
        "relink": [world.relink],
    }
    return real.get(route.subject) or real.get(route.subject.rstrip("s")) or []


def absent_like(named: str) -> str:
    """A reference of the same shape that names nothing."""
    return "DE/nobody" if "/" in named else f"{named[:-6]}999999"
