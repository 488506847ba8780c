"""The peer of P5: a route of Starlette that does the same row query on the same driver, and nothing else.

No policy, no credential, no log. Run by uvicorn with the same event loop and parser as ours. Each engine gets the
fastest way that was found: SQLite on the event loop, PostgreSQL by a pool of asynchronous connections.
"""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.people import SHOWN

NAMES = ("customer_id", *SHOWN)
QUERY = f"SELECT {', '.join(NAMES)} FROM bare WHERE customer_id = "


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    url = os.environ["BARE_URL"]
    if url.startswith("sqlite"):
        app.state.sqlite = sqlite3.connect(url.removeprefix("sqlite:///"))
        yield
        app.state.sqlite.close()
    else:
        async with AsyncConnectionPool(url, min_size=15, max_size=15, kwargs={"autocommit": True}) as pool:
            app.state.pool = pool
            yield


async def row(request: Request) -> Response:
    customer_id, state = request.path_params["customer_id"], request.app.state
    if hasattr(state, "sqlite"):
        found = state.sqlite.execute(QUERY + "?", (customer_id,)).fetchone()
    else:
        async with state.pool.connection() as connection:
            found = await (await connection.execute(QUERY + "%s", (customer_id,))).fetchone()
    return _answer(found)


def _answer(found: Any) -> Response:
    return Response(orjson.dumps(dict(zip(NAMES, found, strict=True))), media_type="application/json")


app = Starlette(routes=[Route("/rows/{customer_id}", row)], lifespan=lifespan)
