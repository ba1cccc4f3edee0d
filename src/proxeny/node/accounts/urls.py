"""Addresses of the home page and of the first sign-in."""

from django.urls import path

from proxeny.node.accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("first-sign-in/", views.first_sign_in, name="first-sign-in"),
]
