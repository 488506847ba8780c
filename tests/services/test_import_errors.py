"""A file that cannot be imported is one error that says what, where and what to do, before anything is written."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Several, Unavailable
from cdp.services.imports import batches
from tests.services.importing import bring, counts, entries, people, store, write

HEADERS: list[tuple[str, bytes, dict[str, Any], str, str]] = [
    ("no known column", b"Ann,ann@secret.example\nBob,b@x\n", {}, "header_missing", ":1"),
    ("nothing but the words of the first row", b"secret\n", {}, "header_missing", ":1"),
    ("blank first row", b"\nemail\na@b.example\n", {}, "header_missing", ":1"),
    ("unknown column", b"email,secret,age\n", {}, "unknown_column", ":1 column 2"),
    ("near miss", b"email,nikname\n", {}, "unknown_column", ":1 column 2"),
    ("column twice", b"email,age,email\n", {}, "duplicate_column", ":1 column 3"),
    ("field twice", b"email,Mail\n", {"mapping": {"Mail": "email"}}, "duplicate_column", ":1 column 2"),
    ("mapped but not there", b"email\n", {"mapping": {"secret": "age"}}, "unknown_mapping", "mapping 1"),
    ("mapped to nothing", b"email,a\n", {"mapping": {"a": "secret"}}, "unknown_field", "mapping 1"),
    ("no parent", b"number,total\n", {"entity": "order"}, "parent_column_missing", ":1"),
    ("no such entity", b"email\n", {"entity": "ordr"}, "unknown_entity", "entity"),
    ("broken UTF-8", b"email,\xff\n", {}, "header_missing", ":1"),
    ("NUL", b"email,\0\n", {}, "header_missing", ":1"),
    ("no end", b'"email\n' * 300_000, {}, "header_missing", ":1"),
    ("too many columns", b"email" + b",age" * 5_000, {}, "header_missing", ":1"),
]


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def refused(platform: Platform, path: Path, **options: Any) -> CdpError:
    """The error, once it is sure that it says nothing of what is in the file and that nothing was written."""
    with pytest.raises(CdpError) as caught:
        bring(platform, path, **options)
    error: CdpError = caught.value
    for text in (str(error), error.message, error.path, error.hint):
        assert "secret" not in text.replace(str(path), "")
    assert error.message
    assert entries(platform) == []
    return error


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_headers(platform: Platform, tmp_path: Path) -> None:
    for what, content, options, code, place in HEADERS:
        error = refused(platform, write(tmp_path / "people.csv", content), **options)
        assert isinstance(error, BadInput), what
        assert (error.code, error.path.removeprefix(str(tmp_path / "people.csv"))) == (code, place), what
    assert people(platform) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_unknown_column_is_told_by_its_place_and_the_nearest_field(platform: Platform, tmp_path: Path) -> None:
    error = refused(platform, write(tmp_path / "people.csv", "email,nikname\n"))
    assert error.message == "column 2 is not a field of `customer`"
    assert error.hint.startswith("did you mean `nickname`?")
    error = refused(platform, write(tmp_path / "people.csv", "email,secret,Age,email\n"))
    assert isinstance(error, Several)
    assert [each.code for each in error.faults] == ["unknown_column", "unknown_column", "duplicate_column"]
    assert "did you mean `age`?" in error.faults[1].hint


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_first_object_stands_for_a_header(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "people.ndjson"
    assert refused(platform, write(path, '{"secret": 1}\n')).code == "header_missing"
    error = refused(platform, write(path, 'x\n{"email": "a@b.example", "secret": 1}\n'))
    assert (error.code, error.path) == ("unknown_column", f"{path}:2 column 2")
    assert refused(platform, write(path, "x\n[]\n")).code == "header_missing"
    assert refused(platform, write(path, '{"number": "n"}\n'), entity="order").code == "parent_column_missing"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_no_file(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, pipe, empty = tmp_path / "folder.csv", tmp_path / "pipe.csv", write(tmp_path / "empty.csv", b"")
    folder.mkdir()
    os.mkfifo(pipe)
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    for path, kind, code in (
        (tmp_path / "none.csv", NotFound, "file_missing"),
        (empty / "below.csv", NotFound, "file_missing"),
        (folder, BadInput, "not_a_file"),
        (pipe, BadInput, "not_a_file"),
        (loop, BadInput, "not_a_file"),
        (tmp_path / ("x" * 300 + ".csv"), BadInput, "not_a_file"),
        (tmp_path / "nul\0.csv", BadInput, "not_a_file"),
        (empty, BadInput, "file_empty"),
        (write(tmp_path / "people.xlsx", b"PK"), BadInput, "unknown_format"),
    ):
        error = refused(platform, path)
        assert (type(error), error.code, error.path) == (kind, code, str(path))
    assert refused(platform, empty, format="xlsx").code == "unknown_format"

    def denied(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cdp.services.imports.source.os.open", denied)
    assert refused(platform, empty).code == "file_unreadable"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_disk_that_fails_while_it_is_read(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "people.csv", "email\na@example.org\n")

    def broken(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("cdp.services.imports.lines.Lines.begin_row", broken)
    assert refused(platform, path).code == "file_unreadable"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_header_alone_is_an_import_of_nobody(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "email\n")
    assert counts(bring(platform, path)) == (0, 0, 0, 0)
    assert bring(platform, path).already
    assert len(entries(platform)) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_one_import_of_a_file_at_a_time(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "email\na@example.org\n")
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        error = refused(platform, path)
    assert (type(error), error.code) == (Unavailable, "import_running")
    assert counts(bring(platform, path)) == (1, 0, 0, 0)


def test_a_copy_that_is_imported_elsewhere_meanwhile(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "email\n" + "".join(f"{n}@example.org\n" for n in range(4))
    path, copy = write(tmp_path / "people.csv", text), write(tmp_path / "copy.csv", text)
    monkeypatch.setattr(batches, "BATCH_ROWS", 2)

    def meanwhile(_done: int, _total: int, rows: int) -> None:
        if rows == 2:
            assert counts(bring(platform, copy)) == (4, 0, 0, 0)

    with pytest.raises(Unavailable) as caught:
        bring(platform, path, progress=meanwhile)
    assert caught.value.code == "import_running"
    assert len(people(platform)) == 4
    assert bring(platform, path).already


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_that_changes_under_the_import(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "people.csv", "email\n" + "".join(f"{n}@example.org\n" for n in range(4)))
    monkeypatch.setattr(batches, "BATCH_ROWS", 2)

    def meanwhile(_done: int, _total: int, rows: int) -> None:
        if rows == 2:
            with path.open("ab") as file:
                file.write(b"5@example.org\n")

    with pytest.raises(Unavailable) as caught:
        bring(platform, path, progress=meanwhile)
    assert caught.value.code == "file_changed"
    assert counts(bring(platform, path)) == (3, 0, 2, 0)
