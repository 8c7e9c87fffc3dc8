"""Request bodies, read up to a limit and no further."""

from starlette.types import Receive, Scope


class TooLong(Exception):
    """The body is over the limit; the rest of it was not read."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Gone(Exception):
    """The caller hung up before the end of the body."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read the whole body, of so many bytes at most.

    Raises:
        TooLong: as soon as it is known, by the declared length or by counting.
        Gone: there is nobody left to answer.
    """
    if _declared_length(scope) > limit:
        raise TooLong(limit)
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > limit:
            raise TooLong(limit)
        more = message.get("more_body", False)
    return body


def _declared_length(scope: Scope) -> int:
    declared = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(declared[0]) if declared and declared[0].isdigit() else 0
