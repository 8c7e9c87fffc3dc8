"""The package's door for Payme, and the side door."""

from django.urls import include, path
from orders.views import PaymeWebhookView

urlpatterns = [path("payme", PaymeWebhookView.as_view()), path("", include("door.views"))]
