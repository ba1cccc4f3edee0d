"""Addresses of cases."""

from django.urls import path

from proxeny.node.cases import views

urlpatterns = [
    path("cases/", views.list_, name="case-list"),
    path("cases/open/", views.open_, name="case-open"),
    path("cases/<str:ref>/", views.show, name="case"),
]
