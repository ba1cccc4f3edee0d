"""The app of series."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_nav


class LinkingConfig(AppConfig):
    name = "proxeny.node.linking"
    label = "linking"

    def ready(self) -> None:
        """Declare the tab."""
        register_nav(NavItem("Series", "series-list", "series.read", order=20))
