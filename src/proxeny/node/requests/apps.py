"""The app of requests between authorities."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_home, register_nav


class RequestsConfig(AppConfig):
    name = "proxeny.node.requests"
    label = "requests"

    def ready(self) -> None:
        """Declare the tabs, the message kinds and what needs a person."""
        from proxeny.node.exchange.registry import MessageKind, register_kind
        from proxeny.node.requests import actions
        from proxeny.node.requests.home import list_due

        register_nav(NavItem("Requests", "request-list", "request.read", order=40))
        register_nav(NavItem("Routes", "routes", "routes.read", order=50))
        register_home(list_due)
        for name, receive, settle in (
            (actions.REQUEST, actions.receive_request, actions.settle_request),
            (actions.REPLY, actions.receive_reply, actions.settle_other),
            (actions.WITHDRAWAL, actions.receive_withdrawal, actions.settle_other),
        ):
            register_kind(MessageKind(name=name, receive=receive, settle=settle))
