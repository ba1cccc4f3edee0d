"""The app of the client API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "proxeny.node.api"
    label = "api"
