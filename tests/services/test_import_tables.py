"""Parquet and Arrow: every type, going on at a row, and what is hostile or broken told, not followed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError, Unavailable
from cdp.services.imports import arrow_rows, batches, ipc_sizes
from tests.services.importing import bring, counts, people, reasons, store

KINDS = ("parquet", "arrow", "arrows")
SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def save(path: Path, table: Any, *, rows: int = 3, compression: str | None = "zstd") -> Path:
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=rows, compression=compression)
        return path
    new = pa.ipc.new_file if path.suffix == ".arrow" else pa.ipc.new_stream
    with new(str(path), table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=rows)
    return path


def refused(platform: Platform, path: Path, **options: Any) -> CdpError:
    with pytest.raises(CdpError) as caught:
        bring(platform, path, **options)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_every_type(platform: Platform, tmp_path: Path, kind: str) -> None:
    seen = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    table = pa.table({
        "email": pa.array(["a@example.org"]).dictionary_encode(),
        "name": pa.array([b"Ann"], pa.binary()),
        "born": pa.array([date(1980, 2, 29)]),
        "age": pa.array([44], pa.uint8()),
        "balance": pa.array([Decimal("129.90")], pa.decimal128(9, 2)),
        "active": pa.array([True]),
        "seen": pa.array([seen], pa.timestamp("ns", "Europe/Berlin")),
        "prefs": pa.array([{"a": [1, 2], "b": None}]),
        "phone_calls": pa.array([True]),
    })  # fmt: skip
    assert counts(bring(platform, save(tmp_path / f"people.{kind}", table))) == (1, 0, 0, 0)
    [row] = people(platform)
    assert (row["email"], row["name"], row["born"], row["age"]) == ("a@example.org", "Ann", "1980-02-29", 44)
    assert (row["balance"], row["active"], row["prefs"]) == ("129.90", True, {"a": [1, 2], "b": None})
    assert datetime.fromisoformat(row["seen"]) == seen
    assert row["refused"] == ["phone_calls"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_import_goes_on_at_its_row(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 4)
    ages = ["x" if n in {1, 9} else str(n) for n in range(11)]
    table = pa.table({"email": [f"p{n}@example.org" for n in range(11)], "age": ages})
    path = save(tmp_path / f"people.{kind}", table)

    def stop(_done: int, _total: int, rows: int) -> None:
        if rows == 4:
            raise Unavailable("store_full", "no space")

    assert refused(platform, path, progress=stop).code == "store_full"
    assert len(people(platform)) == 3
    shown: list[tuple[int, int, int]] = []
    result = bring(platform, path, progress=lambda *done: shown.append(done))
    assert (counts(result), result.resumed_at) == ((9, 0, 0, 2), 4)
    assert shown == [(8, 11, 8), (11, 11, 11)]
    assert reasons(result) == [(2, "bad_value", "age"), (10, "bad_value", "age")]
    assert bring(platform, path).already


@SQLITE
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_stands_once_and_is_meant_often_is_measured_first(
    platform: Platform, tmp_path: Path, kind: str
) -> None:
    huge = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000 + [1], pa.int32()), ["x" * (2 << 20), "Ann"])
    table = pa.table({"email": [f"p{n}@example.org" for n in range(5_001)], "name": huge})
    result = bring(platform, save(tmp_path / f"people.{kind}", table, rows=10_000))
    assert counts(result) == (1, 0, 0, 5_000)
    assert reasons(result)[0] == (1, "too_long", "")


@SQLITE
def test_cells_that_nothing_can_hold_are_faults_of_their_rows(platform: Platform, tmp_path: Path) -> None:
    born = pa.array([10_000_000, 0], pa.int32()).cast(pa.date32())
    table = pa.table({"email": ["a@example.org", "b@example.org"], "born": born, "name": pa.array([b"A", b"\xff"])})
    result = bring(platform, save(tmp_path / "people.parquet", table))
    assert reasons(result) == [(1, "bad_value", "born"), (2, "bad_value", "name")]


@SQLITE
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_or_flipped_is_an_error_of_ours(platform: Platform, tmp_path: Path, kind: str) -> None:
    table = pa.table({"email": [f"p{n}@example.org" for n in range(9)], "name": [f"Q{n}secret" for n in range(9)]})
    whole = save(tmp_path / f"people.{kind}", table).read_bytes()
    bad = tmp_path / f"bad.{kind}"
    cut = [whole[:n] for n in range(1, len(whole), 97)]
    flipped = [whole[:n] + bytes([whole[n] ^ 0xFF]) + whole[n + 1 :] for n in range(0, len(whole), 29)]
    codes, told = set(), []
    for content in [*cut, *flipped, b"PAR1" * 9, b"ARROW1\0\0" * 4, b"\xff" * 64]:
        bad.write_bytes(content)
        try:
            bring(platform, bad, again=True)
        except CdpError as error:
            codes.add(error.code)
            told.append(f"{error}{error.hint}{error.__cause__}")
    assert "file_corrupt" in codes
    assert not [each for each in told if "secret" in each]


@SQLITE
@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_what_would_be_too_large_is_refused_before_it_is_unpacked(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(arrow_rows, "GROUP_BYTES", 1 << 20)
    monkeypatch.setattr(ipc_sizes, "MAX_BYTES", 1 << 20)
    path = save(tmp_path / f"bomb.{kind}", pa.table({"name": ["x" * 90_000 + str(n) for n in range(40)]}), rows=40)
    assert path.stat().st_size < ipc_sizes.MAX_BYTES
    assert refused(platform, path).code == "file_too_large"
    assert people(platform) == []


@SQLITE
def test_types_that_are_not_read(platform: Platform, tmp_path: Path) -> None:
    for column in (
        pa.array(["Ann"], pa.string_view()),
        pa.array([5], pa.duration("s")),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())),
    ):
        table = pa.table({"email": ["a@example.org"], "name": column})
        path = save(tmp_path / "people.arrow", table)
        error = refused(platform, path)
        assert (error.code, error.path) == ("unsupported_column", f"{path} column 2")
        assert bring(platform, path, mapping={"name": "-"}).rows == 1


@SQLITE
def test_without_pyarrow_it_is_said_what_to_install(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "people.parquet", pa.table({"email": ["a@example.org"]}))
    monkeypatch.setitem(__import__("sys").modules, "cdp.services.imports.arrow_rows", None)
    error = refused(platform, path)
    assert (error.code, error.hint) == ("export_missing", "pip install 'customer-data-platform[export]'")
