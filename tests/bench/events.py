"""P7: events over HTTP, in batches of a hundred of one KB each, with everything on.

Ours is `cdp serve` with one worker and, for the second row, `cdp ingest work` beside it; load program, server and
worker share the machine. The first row ends when all are acknowledged: parsed, sealed and on disk. The second ends when
all are folded: de-duplicated, into profiles and rows, every value sealed or shaped, consent heard, the entries on the
log. The peer puts the same bytes into a bare table by `executemany`, one row per event, one commit per batch.
"""

import asyncio
import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import orjson

from cdp.bootstrap import Platform
from cdp.ingest.sources import add_source
from cdp.ingest.status import status
from tests import samples
from tests.api.serving import serve
from tests.bench.ground import BENCH, Ground, transaction
from tests.bench.measure import Case
from tests.ingest import sending

BATCHES = 200
EVENTS = 100
CONNECTIONS = 16
RUN = b"RRRRRRRR"
"""Stands in every message id until a run puts its number there."""


def cases(ground: Ground) -> Iterator[Case]:
    """The row P7, twice."""
    bodies = [_body(number) for number in range(BATCHES)]
    runs, peer = count(), _bare(ground, bodies)
    platform = ground.new_store(samples.catalogue(sending.CATALOGUE), samples.policy(sending.POLICY))
    _, write_key = add_source(platform, "bench", principal=BENCH)
    with serve(platform.settings, CDP_INGEST_WORKER="false", CDP_LIMIT_ADDRESS=0) as served:

        def acknowledged() -> None:
            post_all(served.port, write_key, [body.replace(RUN, f"{next(runs):08}".encode()) for body in bodies])

        amount = BATCHES * EVENTS
        what = "bare executemany of the same bytes"
        yield Case("P7", "events over HTTP, on disk", what, "event", amount, acknowledged, peer)
        with _worker(platform):
            _wait(platform)

            def folded() -> None:
                acknowledged()
                _wait(platform)

            yield Case("P7", "events over HTTP, folded, with the log", what, "event", amount, folded, peer)


def _body(batch: int) -> bytes:
    events = [_event(batch * EVENTS + number) for number in range(EVENTS)]
    return orjson.dumps({"batch": events, "sentAt": "2026-11-26T12:00:01.000Z"})


def _event(number: int) -> dict[str, object]:
    """A `track` of one KB as a browser's SDK sends it; five thousand people, each with a few."""
    event: dict[str, object] = {
        "type": "track", "event": "Order Completed", "messageId": f"{RUN.decode()}-{number}",
        "userId": f"user-{number % 5_000}", "timestamp": "2026-11-26T12:00:00.000Z",
        "properties": {"total": number % 100, "orderId": f"order-{number}", "currency": "EUR"},
        "context": {
            "library": {"name": "analytics.js", "version": "5.1.0"}, "locale": "en-GB", "ip": "198.51.100.7",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/142.0 Safari/537.36",
            "page": {"url": "https://shop.example/checkout/done", "path": "/checkout/done", "title": "Thank you"},
        },
        "integrations": {},
    }  # fmt: skip
    event["padding"] = "x" * (1_024 - len(orjson.dumps(event)) - 13)
    return event


def post_all(port: int, write_key: str, bodies: list[bytes]) -> None:
    """Post all bodies by `CONNECTIONS` connections that are kept."""
    asyncio.run(_post_all(port, write_key, bodies))


async def _post_all(port: int, write_key: str, bodies: list[bytes]) -> None:
    basic = base64.b64encode(f"{write_key}:".encode()).decode()
    head = (
        f"POST /v1/batch HTTP/1.1\r\nhost: bench\r\nauthorization: Basic {basic}\r\ncontent-type: application/json\r\n"
    )
    requests = [f"{head}content-length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    await asyncio.gather(*(_post(port, requests[part::CONNECTIONS]) for part in range(CONNECTIONS)))


async def _post(port: int, requests: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        assert await reader.readexactly(16) == b'{"success":true}'
    writer.close()
    await writer.wait_closed()


@contextmanager
def _worker(platform: Platform) -> Iterator[None]:
    settings = platform.settings
    env = {
        **os.environ, "CDP_HOME": str(settings.home), "CDP_DATABASE_URL": settings.database_url,
        "CDP_KEYS_URL": settings.keys_url,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "cdp.cli.main", "ingest", "work"], env=env)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(platform: Platform) -> None:
    while any(each.waiting for each in status(platform)):
        time.sleep(0.01)


def _bare(ground: Ground, bodies: list[bytes]) -> Callable[[], None]:
    conn = ground.new_bare()
    conn.exec_driver_sql("CREATE TABLE bare_event (message TEXT PRIMARY KEY, body TEXT NOT NULL)")
    conn.commit()
    mark, runs = "?" if ground.engine == "sqlite" else "%s", count()

    def run() -> None:
        number = next(runs)
        for body in bodies:
            events = orjson.loads(body)["batch"]
            rows = [(f"{number}-{each['messageId']}", orjson.dumps(each).decode()) for each in events]
            with transaction(conn):
                conn.connection.cursor().executemany(f"INSERT INTO bare_event VALUES ({mark}, {mark})", rows)

    return run
