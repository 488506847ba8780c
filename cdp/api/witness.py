"""The HTTP side of a witness: an application of its own, which knows no store (C2SP tlog-witness)."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from audit.witness import MAX_BODY, Reply, Witness
from cdp.services.witness import open_witness


def from_environment() -> Starlette:
    """Return the application of the witness whose folder `cdp witness serve` names."""
    return witness_app(open_witness(Path(os.environ["CDP_WITNESS_FOLDER"])))


def witness_app(witness: Witness) -> Starlette:
    """Return the application: `POST /add-checkpoint`, and the witness's key at `/vkey`."""

    async def add_checkpoint(request: Request) -> Response:
        body = await _body(request)
        reply = Reply(400) if body is None else await run_in_threadpool(witness.add_checkpoint, body)
        return Response(reply.body, reply.status, {"content-type": reply.media_type, "cache-control": "no-store"})

    async def vkey(_request: Request) -> Response:
        return PlainTextResponse(witness.key.format() + "\n")

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"]), Route("/vkey", vkey)])


async def _body(request: Request) -> bytes | None:
    """Return the body, None when it is larger than any that is answered."""
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > MAX_BODY:
            return None
    return data
