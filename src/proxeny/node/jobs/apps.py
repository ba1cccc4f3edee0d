"""The app of the leased job table."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "proxeny.node.jobs"
    label = "jobs"
