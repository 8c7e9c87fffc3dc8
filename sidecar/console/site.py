"""The console as one thing: its rooms, the guard before them, and their addresses."""

import asyncio
from collections.abc import Callable

from starlette.routing import BaseRoute, Route

from sidecar.console.guard import SIGN_IN, Guard
from sidecar.console.pages import HOME, Pages
from sidecar.console.reception import Reception, Sleep
from sidecar.console.rooms import Rooms
from sidecar.console.tickets import Tickets
from sidecar.database import Database
from sidecar.database_clock import Clocks
from sidecar.keys import Key, Keys, credentials
from sidecar.metrics import Metrics
from sidecar.settings import Settings


class Console:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        clocks: Clocks,
        metrics: Metrics,
        promised: Callable[[], None],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`promised` is called when a message was made due; without a password there is no console."""
        self.routes: list[BaseRoute] = []
        if settings.console_password is None:
            return
        tickets, pages = Tickets(settings.console_password), Pages()
        password = Keys(credentials("", {Key.CURRENT: settings.console_password}))
        guard = Guard(settings, tickets, pages, clocks.ours, metrics)
        reception = Reception(settings, password, tickets, pages, metrics, sleep)
        rooms = Rooms(database, clocks, pages, settings.journal_days, promised)
        room = guard.room
        self.routes = [
            Route(HOME, room(rooms.today)),
            Route(f"{HOME}/static/{{name:path}}", pages.show_asset),
            Route(SIGN_IN, room(reception.form, open_to_all=True)),
            Route(SIGN_IN, room(reception.sign_in, open_to_all=True), methods=["POST"]),
            Route(f"{HOME}/sign-out", room(reception.sign_out), methods=["POST"]),
            Route(f"{HOME}/payments", room(rooms.payments)),
            Route(f"{HOME}/payments/{{session_id}}", room(rooms.story)),
            Route(f"{HOME}/messages", room(rooms.messages)),
            Route(f"{HOME}/messages/{{number}}", room(rooms.message)),
            Route(f"{HOME}/messages/{{number}}/redeliver", room(rooms.redeliver), methods=["POST"]),
            Route(f"{HOME}/journal", room(rooms.journal)),
            Route(f"{HOME}/{{rest:path}}", room(rooms.nowhere)),
        ]
