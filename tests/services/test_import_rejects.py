"""What a row can have wrong with it: it goes to the reject file by line, reason and field, and the others are taken."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.errors import BadInput, Unavailable
from cdp.services.imports import batches, lines
from tests.services.importing import bring, counts, people, reasons, store, write

GOOD = "good@example.org"

CSV_ROWS = {
    b"a@example.org,x,": [("bad_value", "age")],
    b"a@example.org,9223372036854775808,": [("bad_value", "age")],
    b"a@example.org,x,soon": [("bad_value", "age"), ("bad_value", "born")],
    b"a@example.org": [("too_few_cells", "")],
    b"a@example.org,1,,": [("too_many_cells", "")],
    b",,": [("empty_row", "")],
    b" , ,": [("bad_value", "age")],
    b"\xff@example.org,1,": [("not_utf8", "")],
    b"a\0@example.org,1,": [("nul", "")],
    b'"a@example.org,1,\nb@example.org",1,\xe9': [("not_utf8", "")],
    b'"a"b@example.org,1,': [("malformed_row", "")],
    b'"a@example.org"b,1,"\nb@example.org,1,"': [("malformed_row", "")],
    b"a\rb@example.org,1,": [("malformed_row", "")],
    b"a@example.org," + b"1" * 140_000 + b",": [("too_long", "")],
    b'"' + b"a\n" * 70_000 + b'b@example.org,1,\n",1,': [("too_long", "")],
    b"a@example.org," + b"1" * (lines.ROW_BYTES + 9) + b",": [("too_long", "")],
    b'a@example.org,"' + b"1,\n" * lines.ROW_BYTES + b'",': [("too_long", "")],
    b"a" * 120_000 + b"@example.org,1,": [("bad_value", "email")],
    b"a" * 1_990 + b"@example.org,1,": [("bad_value", "email")],
}

JSON_ROWS = {
    b"[1]": [("not_an_object", "")],
    b"null": [("not_an_object", "")],
    b"{": [("malformed_json", "")],
    b'{"age": 1} {"age": 2}': [("malformed_json", "")],
    b"{'age': 1}": [("malformed_json", "")],
    b'{"age": NaN}': [("malformed_json", "")],
    b'{"age": 1, "age": 1}': [("duplicate_key", "")],
    b'{"prefs": {"a": 1, "a": 2}}': [("duplicate_key", "")],
    b'{"mail": "a@example.org", "email": "a@example.org"}': [("duplicate_key", "key 2")],
    b'{"email": "a@example.org", "secret": 1}': [("unknown_field", "key 2")],
    b'{"prefs": ' + b"[" * 40 + b"]" * 40 + b"}": [("bad_value", "prefs")],
    b'{"prefs": ' + b"[" * 200_000 + b"]" * 200_000 + b"}": [("too_deep", "")],
    b'{"age": ' + b"9" * 5_000 + b"}": [("malformed_json", "")],
    b'{"age": 1e400}': [("bad_value", "age")],
    b'{"prefs": [1e400]}': [("bad_value", "prefs")],
    b'{"email": "\\ud800@example.org"}': [("bad_value", "email")],
    b'{"email": "a\\u0000@example.org"}': [("bad_value", "email")],
    b'{"email": ["a@example.org"], "age": true}': [("bad_value", "email"), ("bad_value", "age")],
    b'{"customer_id": 7, "age": 1}': [("unknown_customer", "customer_id")],
    b'{"customer_id": "' + b"\\u0000" * 36 + b'"}': [("unknown_customer", "customer_id")],
    b'{"name": "' + b"a" * lines.ROW_BYTES + b'"}': [("too_long", "")],
    b'{"name": "\xff"}': [("not_utf8", "")],
    b'{"name": "\0"}': [("nul", "")],
    b"{}": [("empty_row", "")],
    b'{"email": null}': [("empty_row", "")],
    b'{"phone_calls": "refused"}': [("empty_row", "")],
}


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def expected(rows: dict[bytes, list[tuple[str, str]]], line: int) -> list[tuple[int, str, str]]:
    found = []
    for row, faults in rows.items():
        found += [(line, *fault) for fault in faults]
        line += row.count(b"\n") + 2
    return found


@pytest.mark.parametrize("rows_of_a_batch", [1, 4, 2000])
def test_reasons_of_csv(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_of_a_batch: int
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", rows_of_a_batch)
    good = f"{GOOD},7,".encode()
    content = b"\n".join([b"email,age,born", *(line for row in CSV_ROWS for line in (row, good))])
    result = bring(platform, write(tmp_path / "people.csv", content))
    assert reasons(result) == expected(CSV_ROWS, 2)
    assert counts(result) == (1, 0, len(CSV_ROWS) - 1, len(CSV_ROWS))
    assert [(row["email"], row["age"]) for row in people(platform)] == [(GOOD, 7)]


def test_reasons_of_ndjson(platform: Platform, tmp_path: Path) -> None:
    good = json.dumps({"email": GOOD, "age": 7}).encode()
    content = b"\n".join([good, *(line for row in JSON_ROWS for line in (row, good))])
    result = bring(platform, write(tmp_path / "people.ndjson", content), mapping={"mail": "email"})
    assert reasons(result) == expected(JSON_ROWS, 2)
    assert counts(result) == (1, 0, len(JSON_ROWS), len(JSON_ROWS))
    assert [(row["email"], row["age"]) for row in people(platform)] == [(GOOD, 7)]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_quote_that_never_closes_takes_the_rest_as_one_row(platform: Platform, tmp_path: Path) -> None:
    text = f'email,age\n{GOOD},1\n"a@example.org,1\nb@example.org,1\n' + "c@example.org,1\n" * 100_000
    result = bring(platform, write(tmp_path / "people.csv", text))
    assert (counts(result), reasons(result)) == ((1, 0, 0, 1), [(3, "unclosed_quote", "")])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_reject_file_is_private_and_only_there_when_needed(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "email,age\na@example.org,x\n")
    result = bring(platform, path)
    beside = tmp_path / "people.csv.rejects.csv"
    assert result.rejects_path == beside
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    # The mended file leaves none behind; what is not ours is left alone.
    assert bring(platform, write(path, "email,age\na@example.org,1\n")).rejects_path is None
    assert not beside.exists()
    beside.write_text("email,age\n")
    with pytest.raises(BadInput) as caught:
        bring(platform, write(path, "email,age\nb@example.org,1\n"))
    assert (caught.value.code, beside.read_text()) == ("rejects_exists", "email,age\n")
    elsewhere = tmp_path / "elsewhere.csv"
    assert bring(platform, write(path, "email,age\nb@example.org,x\n"), rejects=elsewhere).rejects_path == elsewhere
    assert elsewhere.exists()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_reject_file_that_cannot_be_written(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "email,age\na@example.org,1\nb@example.org,x\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for rejects, kind, code in (
        (tmp_path / "none" / "rejects.csv", Unavailable, "rejects_unwritable"),
        (tmp_path / "folder", BadInput, "rejects_exists"),
        (tmp_path / "link", BadInput, "rejects_exists"),
        (Path("/dev/full"), BadInput, "rejects_exists"),
    ):
        with pytest.raises(kind) as caught:
            bring(platform, path, rejects=rejects)
        assert (caught.value.code, caught.value.path) == (code, str(rejects))
        assert people(platform) == []
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_batch_whose_rejects_cannot_be_written_is_not_committed(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "people.csv", "email,age\na@example.org,1\nb@example.org,x\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("cdp.services.imports.rejects.os.fsync", full)
        with pytest.raises(Unavailable, match="the reject file cannot be written"):
            bring(platform, path)
    assert people(platform) == []
    result = bring(platform, path)
    assert (counts(result), reasons(result), result.resumed_at) == ((1, 0, 0, 1), [(3, "bad_value", "age")], 0)
