"""`cdp serve` as a process of its own, with its workers."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson

from cdp.bootstrap import create_platform
from cdp.services.apps.register import Registered, register_app
from cdp.services.publish import initialise
from cdp.store.write import NewRow
from tests import samples
from tests.services.writing import POLICY

LISTENING = "Uvicorn running on"
STARTED = "Application startup complete."


class Served:
    """A running server; `lines` is what it has written so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port
        self.lines: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self._events = {event: threading.Semaphore(0) for event in (LISTENING, STARTED)}
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_until_ready(self, workers: int) -> None:
        """By itself it listens when it is ready; with workers, one socket listens before any of them is."""
        for _ in range(workers):
            event = self._events[LISTENING if workers == 1 else STARTED]
            assert event.acquire(timeout=120), "it did not start in time"
            assert self.process.poll() is None, b"".join(self.raw).decode()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.raw.append(line)
            said = orjson.loads(line) if line.startswith(b"{") else {}
            self.lines.append(said)
            for event, happened in self._events.items():
                if str(said.get("event")).startswith(event):
                    happened.release()
        for happened in self._events.values():  # it has ended: nobody need wait for what will not come
            happened.release(64)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, target: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Ask over a connection of its own, so that any worker may answer."""
        connection = self.connect()
        connection.request("GET", target, headers={"connection": "close", **(headers or {})})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def token(self, made: Registered) -> dict[str, str]:
        connection = self.connect()
        body = f"grant_type=client_credentials&client_id={made.app.client_id}&client_secret={made.secret}"
        connection.request("POST", "/oauth/token", body, {"content-type": "application/x-www-form-urlencoded"})
        said = orjson.loads(connection.getresponse().read())
        connection.close()
        return {"authorization": f"Bearer {said['access_token']}"}

    def stop(self) -> int:
        """Tell it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(timeout=120)
        self._reader.join(timeout=120)
        return code

    def end(self) -> None:
        """Kill what still runs of it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


@contextmanager
def serve(settings: Any, *, workers: int = 1, **more: Any) -> Iterator[Served]:
    """Serve a store; it is killed at the end if it still runs."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CDP_")}
    ours = {
        "CDP_HOME": settings.home, "CDP_DATABASE_URL": settings.database_url, "CDP_KEYS_URL": settings.keys_url, **more
    }  # fmt: skip
    command = [sys.executable, "-m", "cdp.cli.main", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        command, env=kept | {name: str(value) for name, value in ours.items()}, stderr=subprocess.PIPE,
        cwd=settings.home, start_new_session=True,
    )  # fmt: skip
    served = Served(process, port)
    try:
        served.wait_until_ready(workers)
        yield served
    finally:
        served.end()


def free_port() -> int:
    """A port that nobody listened at just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def fill(home: Path, database_url: str, keys_url: str, people: int) -> tuple[Any, Registered]:
    """A store of so many people, and an app that reads them."""
    settings = samples.settings(home, database_url, keys_url)
    with create_platform(settings) as platform:
        initialise(platform, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        for start in range(0, people, 4000):
            numbers = range(start, min(start + 4000, people))
            samples.add(platform, [NewRow(samples.person(number)) for number in numbers])
        return settings, register_app(platform, "desk", ["care_desk"], principal=samples.TESTER)
