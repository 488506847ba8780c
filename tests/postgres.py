"""A real PostgreSQL for the tests, from the binaries of a wheel; nothing on the machine is used or changed.

`shared_server(folder)` starts one server for all processes that name the same folder. Each of them holds a shared lock
on a file there, which the kernel lets go when the process ends, however it ends; the keeper (`postgres_keeper.py`)
stops the server once it gets that lock alone. So no server outlives its users, and none is stopped under a user.
"""

import fcntl
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

KEEPER = Path(__file__).with_name("postgres_keeper.py")
ADMIN = "postgres"


@dataclass(frozen=True)
class Server:
    """A running server with two roles: `cdp`, who may nothing but log in, and the superuser ADMIN."""

    port: int
    password: str

    def url(self, database: str, *, user: str = "cdp", driver: str = "postgresql+psycopg") -> str:
        return f"{driver}://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres", user=ADMIN, driver="postgresql"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def fresh_database(self, *, copied_from: str = "") -> Iterator[str]:
        """An empty database that belongs to `cdp`, or a copy of another; dropped afterwards, whoever is connected.

        `copied_from` is the URL of that other one; nobody may be connected to it.
        """
        name, template = f"test_{secrets.token_hex(8)}", copied_from.rpartition("/")[2] or "template0"
        self.execute(f"CREATE DATABASE {name} OWNER cdp TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def shared_server(folder: Path, *, version: int = 18, durable: bool = False) -> Iterator[Server]:
    """The server of this folder, started by whoever comes first; `durable` keeps fsync on, as in production."""
    name = f"postgres-{version}{'-durable' if durable else ''}"
    users_path, address = folder / f"{name}.users", folder / f"{name}.json"
    with users_path.open("w") as users:
        with (folder / f"{name}.starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is stopping the server before
            server = _running(address) or _start(address, users_path, version=version, durable=durable)
        yield server


def _running(address: Path) -> Server | None:
    try:
        server = Server(**json.loads(address.read_text()))
        server.execute("SELECT 1")
    except (FileNotFoundError, psycopg.OperationalError):  # none yet, stopped, or its keeper was killed
        return None
    return server


def _start(address: Path, users: Path, *, version: int, durable: bool) -> Server:
    password = secrets.token_urlsafe(24)
    keeper = subprocess.Popen(
        [sys.executable, KEEPER, users, str(version), "on" if durable else "off"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C ends the tests; the keeper then sees their locks go
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    with keeper.stdin, keeper.stdout:
        keeper.stdin.write(password)
        keeper.stdin.close()
        keeper.wait()  # it has gone on as a process of its own
        answer = json.loads(keeper.stdout.readline() or '{"error": "its keeper ended without a word"}')
    if "error" in answer:
        message = f"PostgreSQL {version} for the tests did not start: {answer['error']}"
        raise RuntimeError(message)
    server = Server(answer["port"], password)
    server.execute(f"CREATE ROLE cdp LOGIN PASSWORD '{password}'")
    address.touch(mode=0o600)
    address.write_text(json.dumps(asdict(server)))
    return server
