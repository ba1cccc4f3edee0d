"""Addresses of the audit log."""

from django.urls import path

from proxeny.node.audit import views

urlpatterns = [path("audit/", views.list_, name="audit-list")]
