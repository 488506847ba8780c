"""What identifies and what is sensitive lies nowhere in the clear after an import (invariant 5): canaries."""

import base64
import json
import logging
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, inspect

from cdp.bootstrap import Platform
from cdp.services.imports import batches
from tests.services.importing import bring, counts, people, store, write


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def canary(number: int) -> dict[str, object]:
    def word() -> str:
        return "Q" + secrets.token_hex(8)

    return {
        "name": word(),
        "email": f"{word()}@{word()}.example",
        "phone": f"+4477{secrets.randbelow(10**8):08}",
        "religion": word(),
        "record": {"note": word()},
        "age": number,
    }


def words(row: dict[str, object]) -> Iterator[str]:
    email = str(row["email"])
    yield from (str(row["name"]), email, *email.removesuffix(".example").split("@"), str(row["phone"])[3:])
    yield from (str(row["religion"]), json.loads(json.dumps(row["record"]))["note"])


def spellings(word: str) -> Iterator[bytes]:
    """The forms in which a word could lie somewhere."""
    for text in (word, word.lower(), word.upper()):
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")
        for coded in (text.encode().hex(), text.encode("utf-16-le").hex()):
            yield from (coded.encode(), coded.upper().encode())
        for start in range(3):  # base64 of a text that begins anywhere in a group of three bytes
            whole = base64.b64encode(b"\0" * start + text.encode())
            yield whole[4 if start else 0 : -4]


def dump(url: str) -> bytes:
    """Every cell of every table of a PostgreSQL database, and what its statistics say."""
    engine, found = create_engine(url), bytearray()
    with engine.begin() as conn:
        conn.exec_driver_sql("ANALYZE")
    with engine.connect() as conn:
        tables = [f'"{name}"' for name in inspect(conn).get_table_names()]
        assert '"customer"' in tables or '"customer_key"' in tables
        for table in [*tables, "pg_stats", "pg_stat_activity"]:
            for row in conn.exec_driver_sql(f"SELECT * FROM {table}"):
                for cell in row:
                    found += (bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()) + b"\n"
    engine.dispose()
    return bytes(found)


def test_canaries(
    platform: Platform, tmp_path: Path, database_url: str, keys_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = [canary(number) for number in range(30)]
    wrong = [canary(0) | {"age": "x"}, canary(0) | {"balance": "x", "phone": rows[0]["phone"]}]
    renamed = [
        {"email": row["email"], "name": canary(0)["name"], "religion": canary(0)["religion"]} for row in rows[:5]
    ]
    folder = tmp_path / "incoming"
    folder.mkdir()
    path = write(folder / "people.ndjson", "\n".join(map(json.dumps, [*rows, *wrong, *renamed])))
    rejects = tmp_path / "home" / "rejects.csv"
    assert counts(bring(platform, path, rejects=rejects)) == (30, 5, 0, 2)
    order = {"email": rows[0]["email"], "number": "n1", "address": "Q" + secrets.token_hex(8)}
    bring(
        platform, write(folder / "orders.ndjson", json.dumps(order)), entity="order", rejects=rejects.with_suffix(".2")
    )
    assert len(people(platform)) == 30

    places = {str(file): file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file()}
    places |= {str(file): file.read_bytes() for file in tmp_path.glob("*.db*")}
    places["logging"] = caplog.text.encode()
    if database_url.startswith("postgresql"):
        places |= {"database": dump(database_url), "keys": dump(keys_url)}
    else:
        assert {"cdp.db", "cdp.db-wal", "keys.db", "keys.db-wal"} <= {Path(name).name for name in places}
    assert b"bad_value" in places[str(rejects)]
    assert any(b"customer" in content for content in places.values())

    hidden = [word for row in [*rows, *wrong] for word in words(row)]
    hidden += [str(row[name]) for row in renamed for name in ("name", "religion")] + [order["address"]]
    for word in hidden:
        for spelt in spellings(str(word)):
            for name, content in places.items():
                assert spelt not in content, f"a canary is in {Path(name).name}"


def save(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write rows as a table, in two pieces, texts as dictionaries, so that all of it is unpacked."""
    table = pa.Table.from_pylist(
        [{**row, "record": json.dumps(row["record"]), "unheard": words_of(row)} for row in rows]
    )
    table = table.set_column(0, "name", table["name"].dictionary_encode())
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=7)
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=7)
    return path


def words_of(row: dict[str, object]) -> str:
    return "Q" + str(row["name"])[::-1]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_canaries_of_tables(
    platform: Platform, tmp_path: Path, database_url: str, keys_url: str, kind: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Of files that are unpacked nothing is left, not meanwhile either: rejects, temporary files, databases, keys."""
    caplog.set_level(logging.DEBUG)
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setenv("TMPDIR", str(spare))
    monkeypatch.setattr(tempfile, "tempdir", None)
    rows = [canary(number) for number in range(12)]
    rows[4] |= {"phone": rows[3]["phone"], "email": rows[2]["email"]}  # two people: rejected
    wrong = canary(0) | {"name": "x" * 200_000}
    (tmp_path / "incoming").mkdir()
    path = save(tmp_path / "incoming" / f"people.{kind}", [*rows, wrong])
    hidden = [word for row in rows for word in (*words(row), words_of(row))]
    needles = [spelt for word in hidden for spelt in spellings(str(word))]
    plain = [str(word).encode() for word in hidden]
    found: set[str] = set()

    def scan(*_: int) -> None:
        files = [*(tmp_path / "home").rglob("*"), *tmp_path.glob("*.db*"), *spare.rglob("*"), tmp_path / "rejects.csv"]
        for file in files:
            if file.is_file() and any(needle in content for content in [file.read_bytes()] for needle in plain):
                found.add(file.name)

    monkeypatch.setattr(batches, "BATCH_ROWS", 5)
    result = bring(platform, path, rejects=tmp_path / "rejects.csv", progress=scan, mapping={"*": "+"})
    assert counts(result) == (11, 0, 0, 2)
    plain = needles
    scan()
    assert found == set()
    assert list(spare.iterdir()) == []
    places = [caplog.text.encode()]
    places += [dump(url) for url in (database_url, keys_url) if url.startswith("postgresql")]
    assert not any(needle in place for place in places for needle in needles)
    assert any(needle in path.read_bytes() for needle in needles)  # the file itself holds them


def test_the_scan_would_find_them(platform: Platform, tmp_path: Path, database_url: str) -> None:
    """A field that may stand in the clear is found, so that the scan is known to look where the values are."""
    word = "Q" + secrets.token_hex(8)
    bring(platform, write(tmp_path / "people.csv", f"nickname\n{word}\n"))
    if database_url.startswith("postgresql"):
        assert word.encode() in dump(database_url)
    else:
        assert any(word.encode() in file.read_bytes() for file in tmp_path.glob("cdp.db*"))
