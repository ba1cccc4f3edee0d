"""The app of what was seen and done."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_nav


class AuditConfig(AppConfig):
    name = "proxeny.node.audit"
    label = "audit"

    def ready(self) -> None:
        """Declare the tab, and how the desk records a read."""
        from proxeny.node.accounts.desk import use_recorder
        from proxeny.node.audit.actions import record_read

        use_recorder(record_read)
        register_nav(NavItem("Audit", "audit-list", "audit.read", order=90))
