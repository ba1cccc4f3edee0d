"""Addresses of requests and routes."""

from django.urls import path

from proxeny.node.requests import views

urlpatterns = [
    path("routes/", views.routes, name="routes"),
    path("requests/", views.list_, name="request-list"),
    path("requests/draft/", views.draft, name="request-draft"),
    path("requests/<str:ref>/", views.show, name="request"),
    path("requests/<str:ref>/edit/", views.edit, name="request-edit"),
    path("requests/<str:ref>/answer/", views.answer, name="request-answer"),
    path("requests/<str:ref>/paper.pdf", views.paper, name="request-pdf"),
    path("requests/<str:ref>/<str:step>/", views.step, name="request-step"),
]
