"""The link that takes a shopper to Payme's page (spec, section 6.1)."""

import base64
from typing import Final
from urllib.parse import urlencode

from sidecar import qr
from sidecar.payment_sessions import PaymentSession
from sidecar.settings import Settings

LANGUAGES: Final = frozenset({"ru", "uz", "en"})


def locale_of(session: PaymentSession, settings: Settings) -> str:
    return session.locale or settings.default_locale


def country_of(session: PaymentSession, settings: Settings) -> str:
    return session.country_code or settings.default_country_code


def payment_url(session: PaymentSession, settings: Settings) -> str:
    parts = {
        "m": settings.payme_merchant_id,
        f"ac.{settings.payme_account_field}": session.order_id,
        "a": session.amount,
        "l": language(locale_of(session, settings)),
        "c": return_url(session, settings),
    }
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    return f"{settings.checkout_url}/{base64.b64encode(text.encode()).decode('ascii')}"


def qr_url(session: PaymentSession, settings: Settings) -> str:
    return qr.url(settings.own_url, settings.sidecar_api_key.get_secret_value(), session.id)


def return_url(session: PaymentSession, settings: Settings) -> str:
    query = urlencode(
        {
            "order_id": session.order_id,
            "locale": locale_of(session, settings),
            "country_code": country_of(session, settings),
        }
    )
    joint = "&" if "?" in settings.callback_url else "?"
    return f"{settings.callback_url}{joint}{query}"


def language(locale: str) -> str:
    spoken = locale.partition("-")[0]
    return spoken if spoken in LANGUAGES else "ru"
