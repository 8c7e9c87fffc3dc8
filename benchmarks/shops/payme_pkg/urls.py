"""The package's door for Payme, and the side door."""

from django.urls import include, path
from orders.views import PaymeCallBackAPIView

urlpatterns = [path("payme", PaymeCallBackAPIView.as_view()), path("", include("door.views"))]
