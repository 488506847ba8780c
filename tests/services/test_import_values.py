"""What stands in a file is what stands in the store: every type, every alphabet, every way to write a CSV file."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdp.bootstrap import Platform
from cdp.services.imports.progress import import_digest
from tests.services.importing import bring, counts, entries, people, person, reasons, spelt, store, write

ROW: dict[str, Any] = {
    "name": "Zoë van der Ño\u0301l, 王小明 👩‍👩‍👧‍👦",
    "email": "zoë@bücher.example",
    "phone": "+44 7700 900123",
    "nickname": '"Zo"; the\tquick\r\n\nsecond line',
    "born": "1987-03-02",
    "age": -9223372036854775808,
    "balance": "-129.90",
    "active": True,
    "seen": "2024-05-01T12:00:00.5+02:00",
    "prefs": {"b": [1, 2.5, True, None, "ß"], "a": {"ключ": ""}},
    "tier": "gold",
    "religion": "密宗",
    "record": ["a", {"b": False}],
}
NAMED: list[tuple[str, dict[str, str]]] = [
    ("customer", {}),
    ("order", {}),
    ("customer", {"a": "age"}),
    ("customer", {"a": "age", "b": "-"}),
]
STORED = ROW | {"seen": "2024-05-01T10:00:00.500000+00:00", "refused": [], "order": [], "line": [], "visit": []}


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


@pytest.mark.parametrize("suffix", ["csv", "ndjson"])
def test_every_type_comes_back(platform: Platform, tmp_path: Path, suffix: str) -> None:
    is_csv = suffix == "csv"
    lines = [",".join(ROW)] if is_csv else []
    path = write(tmp_path / f"people.{suffix}", "\n".join([*lines, spelt(ROW, csv=is_csv)]) + "\n")
    assert counts(bring(platform, path)) == (1, 0, 0, 0)
    assert people(platform) == [STORED]
    assert counts(bring(platform, path, again=True)) == (0, 0, 1, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "content",
    [
        b"email,nickname\nann@example.org,Ann\n",
        b"email,nickname\nann@example.org,Ann",
        b"\xef\xbb\xbfemail,nickname\r\nann@example.org,Ann\r\n",
        b"email;nickname\nann@example.org;Ann\n",
        b"email\tnickname\nann@example.org\tAnn\n",
        b'email , nickname\n"ann@example.org","Ann"\n',
        b"nickname,email,born\n\nAnn,ann@example.org,\n\n",
        b'"nickname","email"\n"Ann","ann@example.org"\n',
    ],
)
def test_csv_is_read_however_it_is_written(platform: Platform, tmp_path: Path, content: bytes) -> None:
    result = bring(platform, write(tmp_path / "people.csv", content))
    assert (counts(result), reasons(result)) == ((1, 0, 0, 0), [])
    person(platform, email="ann@example.org", nickname="Ann")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_delimiter_is_that_of_the_header_alone(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "email,nickname\nann@example.org,a;b;c;d;e\tf\n")
    assert counts(bring(platform, path)) == (1, 0, 0, 0)
    person(platform, nickname="a;b;c;d;e\tf")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_keys_of_an_object_come_in_any_order_and_null_is_not_given(platform: Platform, tmp_path: Path) -> None:
    rows = [{"email": "a@example.org", "age": 7}, {"age": 0, "email": "b@example.org", "active": False}]
    rows += [{"email": "a@example.org", "age": None, "nickname": ""}, {"email": "b@example.org", "prefs": {}}]
    text = "\n\n".join(map(json.dumps, rows))
    path = write(tmp_path / "people.jsonl", b"\xef\xbb\xbf" + text.encode())
    assert counts(bring(platform, path)) == (2, 1, 1, 0)
    assert person(platform, email="a@example.org")["age"] == 7
    assert person(platform, email="b@example.org") | {"age": 0, "active": False, "prefs": {}} == person(
        platform, email="b@example.org"
    )


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_true_and_one_are_two_values_of_json(platform: Platform, tmp_path: Path) -> None:
    rows = [{"email": "a@example.org", "prefs": prefs} for prefs in ([1], [1], [True], [1.0], {"a": 1, "b": 2})]
    rows.append({"email": "a@example.org", "prefs": {"b": 2, "a": 1}})
    path = write(tmp_path / "people.ndjson", "\n".join(map(json.dumps, rows)))
    assert counts(bring(platform, path)) == (1, 3, 2, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_import_is_known_by_a_keyed_digest(platform: Platform, tmp_path: Path) -> None:
    """A bare one would tell whoever can guess what a file of one row says that it was imported."""
    path = write(tmp_path / "people.csv", "email\nann@example.org\n")
    bring(platform, path)
    (entry,) = entries(platform)
    sha256 = hashlib.sha256(path.read_bytes()).digest()
    key = platform.vault.platform_key("imports")
    assert entry["import"] == import_digest(sha256, "customer", {}, key=key)
    assert len({import_digest(sha256, *what, key=each) for each in (key, bytes(32)) for what in NAMED}) == 8
    assert import_digest(sha256, *NAMED[3], key=key) == import_digest(
        sha256, "customer", dict(reversed(NAMED[3][1].items())), key=key
    )


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_mapping_renames_and_leaves_out(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "export.txt", "Mail,Who,internal,age\nann@example.org,Ann,secret,7\n")
    mapping = {"Mail": "email", "Who": "name", "internal": "-", "age": "-"}
    assert counts(bring(platform, path, mapping=mapping, format="csv")) == (1, 0, 0, 0)
    found = person(platform, email="ann@example.org", name="Ann")
    assert "age" not in found
    path = write(tmp_path / "export.ndjson", '{"Mail": "bob@example.org", "Who": "Bob", "internal": 1}\n')
    assert counts(bring(platform, path, mapping=mapping)) == (1, 0, 0, 0)
    person(platform, email="bob@example.org", name="Bob")


def test_entries_say_what_was_done_and_nothing_of_anybody(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "email,age\nann@example.org,1\nbob@example.org,x\nann@example.org,2\n")
    bring(platform, path)
    (entry,) = entries(platform)
    wanted = {"entity": "customer", "created": 1, "updated": 1, "unchanged": 0, "rejected": 1, "customers": 1}
    assert wanted.items() <= entry.items()
    assert "ann" not in json.dumps(entry)
    assert "people" not in json.dumps(entry)
