"""The settings of a new Django project, and its database from one URL."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

ENGINES = {"sqlite": "django.db.backends.sqlite3", "postgresql": "django.db.backends.postgresql"}

APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database() -> dict[str, Any]:
    url = urlsplit(os.environ["DATABASE_URL"])
    place = {
        "ENGINE": ENGINES[url.scheme],
        "NAME": unquote(url.path[1:]),
    }  # sqlite:////an/absolute/path keeps one slash
    if url.scheme == "sqlite":
        return place
    server = {"HOST": url.hostname, "PORT": url.port, "USER": url.username, "PASSWORD": unquote(url.password or "")}
    return place | server
