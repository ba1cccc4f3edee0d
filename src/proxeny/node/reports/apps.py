"""The app of reports."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_nav


class ReportsConfig(AppConfig):
    name = "proxeny.node.reports"
    label = "reports"

    def ready(self) -> None:
        """Declare the tab, and what reports tell."""
        from proxeny.node.linking.relinks.exporting import use_narratives
        from proxeny.node.reports.queries import read_narratives

        use_narratives(read_narratives)
        register_nav(NavItem("Reports", "report-list", "report.read", order=10))
