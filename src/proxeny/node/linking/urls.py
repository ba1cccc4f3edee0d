"""Addresses of this app."""

urlpatterns: list[object] = []
