"""`cdp serve` as a process of its own, with a source, for whoever sends by a socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from cdp.bootstrap import Platform, create_platform, open_platform
from cdp.config import Settings
from cdp.ingest.sources import add_source
from cdp.ingest.status import Status
from cdp.services.publish import initialise
from tests import samples
from tests.ingest import sending

PATIENCE = 90.0
CDP = (sys.executable, "-P", "-m", "cdp.cli.main")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """A server, where it is, and the store that it serves, opened here as well."""

    platform: Platform
    url: str

    def add_source(self, name: str = "web") -> str:
        return add_source(self.platform, name, principal=samples.TESTER)[1]

    def status(self, source: str = "web") -> Status:
        return sending.of(self.platform, source)


def environment(home: Path, database_url: str, keys_url: str, port: int) -> dict[str, str]:
    return {
        **os.environ, "CDP_HOME": str(home), "CDP_DATABASE_URL": database_url, "CDP_KEYS_URL": keys_url,
        "CDP_ORIGIN": f"http://127.0.0.1:{port}", "PYTHONPATH": str(ROOT),
        "CDP_CATALOGUE": str(home / "catalogue.yaml"), "CDP_POLICY": str(home / "policy.yaml"),
    }  # fmt: skip


def prepare(home: Path, database_url: str, keys_url: str, port: int = 8000) -> Settings:
    """Make the store that is to be served."""
    origin = f"http://127.0.0.1:{port}"
    settings = Settings(home=home, database_url=database_url, keys_url=keys_url, origin=origin)
    with create_platform(settings) as made:
        catalogue, policy = samples.catalogue(sending.CATALOGUE), samples.policy(sending.POLICY)
        initialise(made, catalogue, policy, principal=samples.TESTER)
    (home / "catalogue.yaml").write_text(sending.CATALOGUE)
    (home / "policy.yaml").write_text(sending.POLICY)
    return settings


@contextmanager
def serving(home: Path, database_url: str, keys_url: str) -> Iterator[Served]:
    port = free_port()
    settings = prepare(home, database_url, keys_url, port)
    url = f"http://127.0.0.1:{port}"
    with (home / "serve.log").open("wb") as log, open_platform(settings) as platform:
        command = [*CDP, "serve", "--port", str(port)]
        env = environment(home, database_url, keys_url, port)
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
        try:
            until(lambda: process.poll() is not None or answers(url))
            assert process.poll() is None, (home / "serve.log").read_text()
            yield Served(platform, url)
        finally:
            process.terminate()
            process.wait()


def until(holds: Callable[[], bool]) -> None:
    """Look again and again, until it holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
