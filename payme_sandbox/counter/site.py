"""All of Payme's pages together, behind their guard."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from payme_sandbox.counter import pages
from payme_sandbox.counter.cabinet import CabinetPage
from payme_sandbox.counter.certificate import CertificatePage
from payme_sandbox.counter.checkout import CheckoutPage
from payme_sandbox.counter.desk import Desk
from payme_sandbox.counter.guard import Guard


def site(desk: Desk, host: str) -> ASGIApp:
    """`host` is where it will be bound."""
    routes = [
        pages.static(),
        *CabinetPage(desk).routes(),
        *CertificatePage(desk).routes(),
        *CheckoutPage(desk).routes(),  # the last: any other path is a link
    ]
    return Guard(Starlette(routes=routes), host, opens=lambda path: path == "/")
