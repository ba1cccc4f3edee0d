"""The app of selectors held."""

from django.apps import AppConfig


class SelectorsConfig(AppConfig):
    name = "proxeny.node.selectors"
    label = "selectors"
