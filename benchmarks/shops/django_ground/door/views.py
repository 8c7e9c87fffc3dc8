"""The side door: a test makes orders, asks what the shop was told of them, and breaks the shop's reaction."""

import json
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from door.models import CANCELLED, PAID, Break, Telling


@csrf_exempt
def orders(request: HttpRequest) -> JsonResponse:
    return _new(_document(request)) if request.method == "POST" else _told(request)


@csrf_exempt
def hook(request: HttpRequest) -> JsonResponse:
    Break.objects.all().delete()
    if not _document(request)["works"]:
        Break.objects.create()
    return JsonResponse({})


def _new(wanted: dict[str, Any]) -> JsonResponse:
    amount = wanted.get("amount")
    if type(amount) is not int or amount <= 0:
        return JsonResponse({"message": "the amount is a positive number of whole tiyin"}, status=400)
    order = _model().objects.create(**{settings.DOOR["AMOUNT_FIELD"]: Decimal(amount) / 100})
    return JsonResponse({"account": {settings.DOOR["ACCOUNT_FIELD"]: str(order.pk)}, "amount": amount}, status=201)


def _told(request: HttpRequest) -> JsonResponse:
    order_id = request.GET.get(settings.DOOR["ACCOUNT_FIELD"], "")
    if not order_id.isdigit() or not _model().objects.filter(pk=order_id).exists():
        return JsonResponse({"message": "no such order"}, status=404)
    topics = list(Telling.objects.filter(order_id=order_id).values_list("topic", flat=True))
    return JsonResponse({topic: topics.count(topic) for topic in (PAID, CANCELLED)})


def _model() -> Any:
    return import_string(settings.DOOR["MODEL"])


def _document(request: HttpRequest) -> dict[str, Any]:
    return json.loads(request.body)


urlpatterns = [path("orders", orders), path("hook", hook)]
