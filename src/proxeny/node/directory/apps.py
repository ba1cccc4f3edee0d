"""The app of partners."""

from django.apps import AppConfig

from proxeny.node.pages.registry import NavItem, register_nav


class DirectoryConfig(AppConfig):
    name = "proxeny.node.directory"
    label = "directory"

    def ready(self) -> None:
        """Declare the tab."""
        register_nav(NavItem("Directory", "partner-list", "directory.read", order=60))
