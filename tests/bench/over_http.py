"""P3, P4 and P5 over HTTP, and what memory an export takes. Server and load program share the machine.

The server is `cdp serve` with one worker, as it is for anybody but for the quotas; its log of entries is durable.
Neither it nor the peer of P5 writes a line for each request: this program would have to read it. The other peers do not
go over HTTP.
"""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa

from cdp.services.apps.register import register_app
from tests.api.serving import Served, free_port, serve
from tests.bench.caller import ask_all, drain
from tests.bench.ground import BENCH, Ground, say
from tests.bench.measure import Case
from tests.bench.people import SHOWN

READS = 2_000
_COLUMNS = ", ".join(("customer_id", *SHOWN))
_OFF = {"CDP_LIMIT_APP": 0, "CDP_LIMIT_SUBJECT": 0, "CDP_LIMIT_ADDRESS": 0, "CDP_REQUEST_LOG": 0}


def cases(ground: Ground) -> Iterator[Case]:
    """The rows P3, P4 and P5."""
    desk = register_app(ground.platform, "bench", ["masked"], principal=BENCH)
    with serve(ground.platform.settings, **_OFF) as served, bare_server(ground) as bare_port:
        token = served.token(desk)
        yield Case(
            "P3", "Arrow over HTTP, door and log", "ADBC read of bare columns", "row", ground.size,
            lambda: _arrow(served, token, ground.size), _adbc(ground), goal=1 / 0.9,
        )  # fmt: skip
        yield Case(
            "P4", "NDJSON over HTTP, door and log", "the driver's fetchall", "row", ground.size,
            lambda: _ndjson(served, token, ground.size), _fetchall(ground), goal=1.0,
        )  # fmt: skip
        ids = [customer_id for customer_id, _ in Random(3).choices(ground.people, k=READS)]
        ours = [f"/views/masked?customer_id=eq.{each}&limit=1" for each in ids]
        yield Case(
            "P5", "one customer over HTTP, door and log", "a bare Starlette route", "read", READS,
            lambda: ask_all(served.port, ours, token),
            lambda: ask_all(bare_port, [f"/rows/{each}" for each in ids], {}), goal=1 / 0.8,
        )  # fmt: skip
        say(f"  memory: {memory(served, token)}")


def memory(served: Served, token: dict[str, str]) -> str:
    """What exports of everything take over what the server takes anyway."""
    for form in ("ndjson", "arrow"):  # what a form needs of libraries is loaded once, and is no export's
        drain(served.port, f"/views/masked?format={form}&limit=5000", token)
    idle = _kilobytes(served, "VmRSS")
    found = []
    for form in ("ndjson", "arrow"):
        Path(f"/proc/{served.process.pid}/clear_refs").write_text("5")  # begin anew with the most it ever took
        drain(served.port, f"/views/masked?format={form}", token)
        found.append(f"{form} {(_kilobytes(served, 'VmHWM') - idle) / 1024:.0f} MB over idle")
    return f"idle {idle / 1024:.0f} MB; " + ", ".join(found)


@contextmanager
def bare_server(ground: Ground) -> Iterator[int]:
    """The peer of P5, running."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "tests.bench.bare_route:app", "--port", str(port), "--no-access-log",
        "--loop", "uvloop", "--http", "httptools", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, "BARE_URL": _bare_url(ground)})
    try:
        _wait(port, ground)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, ground: Ground) -> None:
    target = f"http://127.0.0.1:{port}/rows/{ground.people[0][0]}"
    for _ in range(10_000):
        try:
            urllib.request.urlopen(target).read()
        except OSError:
            continue
        return


def _arrow(served: Served, token: dict[str, str], size: int) -> int:
    connection = served.connect()
    connection.request("GET", "/views/masked?format=arrow", headers=token)
    rows = sum(batch.num_rows for batch in pa.ipc.open_stream(connection.getresponse()))
    connection.close()
    assert rows == size
    return rows


def _adbc(ground: Ground) -> Callable[[], int]:
    url = _bare_url(ground)
    connect: Any = adbc_driver_postgresql.dbapi.connect
    if ground.engine == "sqlite":
        # Without locks: those of two SQLites in one process undo each other (`cdp.database.columnar`).
        connect = adbc_driver_sqlite.dbapi.connect
        url = f"file:{url.removeprefix('sqlite:///')}?immutable=1"

    def run() -> int:
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {_COLUMNS} FROM bare ORDER BY number")
            rows = sum(batch.num_rows for batch in cursor.fetch_record_batch())
        assert rows == ground.size
        return int(rows)

    return run


def _ndjson(served: Served, token: dict[str, str], size: int) -> int:
    _, lines = drain(served.port, "/views/masked?format=ndjson", token)
    assert lines == size
    return lines


def _fetchall(ground: Ground) -> Callable[[], int]:
    def run() -> int:
        cursor = ground.bare.connection.cursor()
        rows = cursor.execute(f"SELECT {_COLUMNS} FROM bare ORDER BY number").fetchall()
        assert len(rows) == ground.size
        return len(rows)

    return run


def _bare_url(ground: Ground) -> str:
    return ground.bare.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")


def _kilobytes(served: Served, name: str) -> int:
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1])
