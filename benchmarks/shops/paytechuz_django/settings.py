"""A new Django project with what paytechuz's README asks for."""

import os

import ground

SECRET_KEY = "of no worth: nobody signs in"  # noqa: S105 - loopback, for some minutes
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [*ground.APPS, "paytechuz.integrations.django", "orders", "door"]
MIDDLEWARE = ground.MIDDLEWARE
TEMPLATES = ground.TEMPLATES
ROOT_URLCONF = "urls"
DATABASES = {"default": ground.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "Asia/Tashkent"
USE_TZ = True
STATIC_URL = "static/"

PAYTECHUZ = {
    "PAYME": {
        "PAYME_ID": os.environ["PAYME_ID"],
        "PAYME_KEY": os.environ["PAYME_KEY"],
        "ACCOUNT_MODEL": "orders.models.Order",
        "ACCOUNT_FIELD": "id",
        "AMOUNT_FIELD": "amount",
        "ONE_TIME_PAYMENT": True,
    }
}

DOOR = {"MODEL": "orders.models.Order", "ACCOUNT_FIELD": "id", "AMOUNT_FIELD": "amount"}
