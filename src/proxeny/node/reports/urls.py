"""Addresses of reports."""

from django.urls import path

from proxeny.node.reports import views

urlpatterns = [
    path("reports/", views.list_, name="report-list"),
    path("reports/import/", views.import_, name="report-import"),
    path("reports/<str:ref>/", views.show, name="report"),
]
