"""Addresses of the directory."""

from django.urls import path

from proxeny.node.directory import views

urlpatterns = [
    path("directory/", views.list_, name="partner-list"),
    path("directory/add/", views.add, name="partner-add"),
    path("directory/<path:authority>/", views.show, name="partner"),
]
