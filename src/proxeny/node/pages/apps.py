"""Registers the pages' templates, template tags and static files with Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "proxeny.node.pages"
    label = "pages"
    verbose_name = "Pages"
