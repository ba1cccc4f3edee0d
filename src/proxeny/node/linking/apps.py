"""The app of series."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_home, register_nav


class LinkingConfig(AppConfig):
    name = "proxeny.node.linking"
    label = "linking"

    def ready(self) -> None:
        """Declare the tabs, the jobs and what is planned for each night."""
        from proxeny.node.jobs.registry import register_job, register_plan
        from proxeny.node.linking.alerting import ALERT, raise_alert
        from proxeny.node.linking.home import list_alerts_and_relinks
        from proxeny.node.linking.relinks.nightly import (
            RELINK,
            plan_relinks,
            relink_organisation,
        )

        register_nav(NavItem("Series", "series-list", "series.read", order=20))
        register_nav(NavItem("Alerts", "alerts", "series.read", order=25))
        register_home(list_alerts_and_relinks)
        register_job(ALERT, raise_alert)
        register_job(RELINK, relink_organisation)
        register_plan(plan_relinks)
