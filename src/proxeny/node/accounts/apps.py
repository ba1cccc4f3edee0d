"""The app of organisations, people and roles."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "proxeny.node.accounts"
    label = "accounts"
