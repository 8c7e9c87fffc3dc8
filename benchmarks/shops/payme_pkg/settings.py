"""A new Django project with what payme-pkg's README asks for."""

import os

import ground

SECRET_KEY = "of no worth: nobody signs in"  # noqa: S105 - loopback, for some minutes
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [*ground.APPS, "rest_framework", "payme", "orders", "door"]
MIDDLEWARE = ground.MIDDLEWARE
TEMPLATES = ground.TEMPLATES
ROOT_URLCONF = "urls"
DATABASES = {"default": ground.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "Asia/Tashkent"
USE_TZ = True
STATIC_URL = "static/"

PAYME_ID = os.environ["PAYME_ID"]
PAYME_KEY = os.environ["PAYME_KEY"]
PAYME_ACCOUNT_FIELD = "order_id"
PAYME_AMOUNT_FIELD = "total_amount"
PAYME_ACCOUNT_MODEL = "orders.models.Orders"
PAYME_ONE_TIME_PAYMENT = True

DOOR = {"MODEL": PAYME_ACCOUNT_MODEL, "ACCOUNT_FIELD": PAYME_ACCOUNT_FIELD, "AMOUNT_FIELD": PAYME_AMOUNT_FIELD}
