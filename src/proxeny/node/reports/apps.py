"""The app of reports."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_nav


class ReportsConfig(AppConfig):
    name = "proxeny.node.reports"
    label = "reports"

    def ready(self) -> None:
        """Declare the tab."""
        register_nav(NavItem("Reports", "report-list", "report.read", order=10))
