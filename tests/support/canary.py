"""Canaries: unique strings that must be nowhere, and how to look for them in bytes, in every usual spelling."""

import base64
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.postgres import ADMIN, Server


def unique() -> str:
    """A string that is nowhere else: mixed case, so that folding it is seen, and long enough for base64."""
    return "".join(char.upper() if number % 3 else char for number, char in enumerate("zq" + secrets.token_hex(8)))


FLOCK = unique()
"""How every canary begins: looking for one is enough to find any."""


def canary() -> str:
    return FLOCK + unique()


def spellings(text: str) -> set[bytes]:
    """The bytes by which a text could lie about."""
    plain = text.encode()
    found = {
        plain,
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
    }
    found |= {text.casefold().encode(), text.upper().encode(), "".join(f"%{byte:02X}" for byte in plain).encode()}
    for shift in range(3):  # wherever it stands in what was encoded; the characters that depend on neighbours are cut
        encoded = base64.b64encode(b"\0" * shift + plain)
        found |= {encoded[4:-4], base64.urlsafe_b64encode(b"\0" * shift + plain)[4:-4]}
    return found


def seen(texts: Iterable[str], *places: bytes) -> set[str]:
    """Which of the texts are in any of the places, in any spelling."""
    texts = list(texts)
    if all(text.startswith(FLOCK) for text in texts) and not any(
        spelling in place for spelling in spellings(FLOCK) for place in places
    ):
        return set()
    return {text for text in texts for spelling in spellings(text) for place in places if spelling in place}


def files_under(folder: Path, *, since: float = 0) -> bytes:
    """All that lies in the files of a folder that were written since then; what goes meanwhile has been removed."""
    found = []
    for place, _, names in os.walk(folder):  # unlike `rglob`, it goes on when a folder goes: another test's database
        for path in (Path(place, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime >= since:
                    found.append(path.read_bytes())
    return b"\n".join(found)


def dump(url: str, server: Server) -> bytes:
    """Every table of a PostgreSQL database as a superuser copies it out, and what ANALYZE keeps of its values."""
    return b"\n".join(_dumped(url.rpartition("/")[2], server))


def _dumped(database: str, server: Server) -> Iterator[bytes]:
    address = server.url(database, user=ADMIN, driver="postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ANALYZE")
        names = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename), schemaname = 'public' FROM pg_tables"
            " WHERE schemaname = 'public' OR tablename IN ('pg_statistic', 'pg_statistic_ext_data')"
        ).fetchall()
        for name, ours in names:
            for form in ("text", "binary") if ours else ("text",):
                with connection.cursor().copy(f"COPY {name} TO STDOUT (FORMAT {form})") as copy:
                    yield b"".join(bytes(part) for part in copy)
        for (row,) in connection.execute("SELECT pg_stats::text FROM pg_stats").fetchall():
            yield row.encode()


def data_directory(server: Server) -> Path:
    """Where the server keeps everything, its own log beside it; all is written out before this returns."""
    with psycopg.connect(server.url("postgres", user=ADMIN, driver="postgresql"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        return Path(row[0])


def database_number(server: Server, name: str) -> str:
    """The folder of one database in the server's directory."""
    with psycopg.connect(server.url("postgres", user=ADMIN, driver="postgresql"), autocommit=True) as connection:
        row = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", (name,)).fetchone()
        assert row is not None
        return str(row[0])
