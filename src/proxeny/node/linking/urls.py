"""Addresses of series."""

from django.urls import path

from proxeny.node.linking import views
from proxeny.node.linking.relinks import views as relinks

urlpatterns = [
    path("series/", views.list_, name="series-list"),
    path("series/relinks/", relinks.list_, name="relink-list"),
    path("series/relinks/<str:ref>/", relinks.show, name="relink"),
    path("series/relinks/<str:ref>/apply/", relinks.apply, name="relink-apply"),
    path("series/relinks/<str:ref>/dismiss/", relinks.dismiss, name="relink-dismiss"),
    path("series/<str:ref>/", views.show, name="series"),
    path("series/<str:ref>/confirm/", views.confirm, name="series-confirm"),
    path("series/<str:ref>/merge/", views.merge, name="series-merge"),
    path("series/<str:ref>/split/", views.split, name="series-split"),
    path("series/<str:ref>/undo/", views.undo, name="series-undo"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<str:ref>/confirm/", views.confirm_alert, name="alert-confirm"),
    path("alerts/<str:ref>/dismiss/", views.dismiss_alert, name="alert-dismiss"),
    path("selectors/", views.search, name="selector-search"),
]
