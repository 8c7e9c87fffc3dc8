"""What a page's form sent, read without a dependency."""

from urllib.parse import parse_qsl

from starlette.requests import Request


async def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
