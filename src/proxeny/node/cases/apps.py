"""The app of cases."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_nav


class CasesConfig(AppConfig):
    name = "proxeny.node.cases"
    label = "cases"

    def ready(self) -> None:
        """Declare the tab."""
        register_nav(NavItem("Cases", "case-list", "case.read", order=30))
