"""What any Python server must cost: POST, a Basic credential compared, JSON in and JSON out, and nothing else."""

import base64
import hmac
import json
import os
import sys
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CREDENTIAL: Final = b"Basic " + base64.b64encode(f"Paycom:{os.environ.get('PAYME_KEY', '')}".encode())


async def payme(request: Request) -> JSONResponse:
    if not hmac.compare_digest(request.headers.get("authorization", "").encode("latin-1"), CREDENTIAL):
        return JSONResponse({}, 401)
    call = json.loads(await request.body())
    return JSONResponse({"jsonrpc": "2.0", "id": call["id"], "result": {"state": 1}})


app = Starlette(routes=[Route("/payme", payme, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )
