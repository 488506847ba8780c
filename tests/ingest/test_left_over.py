"""Columns of files that the catalogue does not know: sealed, listed by name, and fields once they are classified."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.ingest.catch_up import catch_up
from cdp.ingest.guess import guess_mapping
from cdp.ingest.undeclared import list_names
from cdp.services.erase import erase
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.imports.rehearse import rehearse_import
from cdp.services.model import apply_model
from cdp.store.left_over import read_left
from tests import samples
from tests.ingest.test_canary import places
from tests.samples import TESTER
from tests.services.importing import CATALOGUE, bring, counts, people, quiet, reasons, store, write
from tests.support import gone
from tests.support.canary import canary, seen

ALL = {"*": "+"}
WIDER = CATALOGUE.replace(
    "      religion:",
    "      city:     {type: text, sensitivity: personal}\n"
    "      loyalty_no: {type: text, sensitivity: identifying, identifier: loyalty, mask: hidden}\n      religion:",
).replace("      address: {", "      gift:    {type: boolean, sensitivity: none}\n      address: {")


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def left(platform: Platform, entity: str = "customer") -> list[dict[str, object]]:
    """All that is left over, opened."""
    with platform._database.reading() as conn:
        sql = f"SELECT customer_id, row_id FROM cdp_left_over WHERE entity = '{entity}'"
        rows = [tuple(row) for row in conn.exec_driver_sql(sql)]
        keys = platform.vault.keys([row[0] for row in rows])
        return sorted(read_left(conn, entity, rows, keys).values(), key=str)


def listed(platform: Platform) -> dict[tuple[str, str], tuple[int, str, bool]]:
    return {(each.part, each.name): (each.seen, each.category, each.known)
            for each in list_names(platform, principal=TESTER) if each.source == 0}  # fmt: skip


def classify(platform: Platform) -> int:
    apply_model(platform, samples.catalogue(WIDER), principal=TESTER)
    return catch_up(platform)


def test_what_is_kept_lies_nowhere_in_the_clear_and_becomes_fields(
    platform: Platform, tmp_path: Path, database_url: str, keys_url: str, request: pytest.FixtureRequest
) -> None:
    cities, notes = ([canary() for _ in range(3)] for _ in range(2))
    rows = [f"n{n},{city},p{n}@work.example,,{note}" for n, (city, note) in enumerate(zip(cities, notes, strict=True))]
    path = write(tmp_path / "people.csv",
                 "\n".join(["name,City,Second Mail,Empty,note", *rows, ""]))  # fmt: skip
    with pytest.raises(CdpError) as caught:
        bring(platform, path)
    assert caught.value.code == "unusable_columns"
    told = rehearse_import(platform, path, principal=TESTER, progress=quiet, mapping=ALL)
    assert told.kept == {
        "City": (3, "user.contact.address.city"),
        "Second Mail": (3, "user.contact.email"),
        "note": (3, ""),
    }
    assert (told.counts.created, left(platform), listed(platform)) == (3, [], {})
    assert counts(bring(platform, path, mapping=ALL)) == (3, 0, 0, 0)
    path.unlink()
    assert seen([*cities, *notes], *places(tmp_path, database_url, keys_url, request)) == set()
    assert [each["note"] for each in left(platform)] == sorted(notes, key=lambda note: cities[notes.index(note)])
    assert listed(platform)[("customer", "Second Mail")] == (3, "user.contact.email", False)
    assert classify(platform) == 3
    assert {row["city"] for row in people(platform)} == set(cities)
    assert all(each.keys() == {"Second Mail", "note"} for each in left(platform))
    assert listed(platform)[("customer", "City")] == (3, "user.contact.address.city", True)
    assert seen(notes, *places(tmp_path, database_url, keys_url, request)) == set()
    assert catch_up(platform) == 0


def test_the_same_file_again_changes_nothing_and_a_later_one_counts(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "email,city\na@example.org,Bern\nb@example.org,\n")
    assert counts(bring(platform, path, mapping=ALL)) == (2, 0, 0, 0)
    assert counts(bring(platform, path, mapping=ALL, again=True)) == (0, 0, 2, 0)
    later = write(tmp_path / "b.csv", "email,city,shoe\na@example.org,Basel,38\nb@example.org,,\n")
    assert counts(bring(platform, later, mapping=ALL)) == (0, 1, 1, 0)
    assert left(platform) == [{"city": "Basel", "shoe": "38"}]
    out = write(tmp_path / "c.csv", "email,city\na@example.org,Chur\n")
    assert counts(bring(platform, out, mapping={"city": "-"})) == (0, 0, 1, 0)
    assert left(platform) == [{"city": "Basel", "shoe": "38"}]


def test_objects_and_tables_keep_values_as_they_are(platform: Platform, tmp_path: Path) -> None:
    lines = (
        {"email": "a@example.org", "pets": ["cat", {"age": 3}], "big": 2**70},
        {"email": "b@example.org", "pets": [], "big": 0},
        {"email": "c@example.org", "size": 38.5, "known": True, "x" * 300: 1},
    )
    text = "".join(json.dumps(each) + "\n" for each in lines)
    result = bring(platform, write(tmp_path / "a.ndjson", text), mapping={"pets": "+", **ALL})
    assert reasons(result) == [(1, "bad_value", ""), (3, "unknown_field", "key 4")]
    assert left(platform) == [{"pets": [], "big": 0}]
    table = pa.table({"email": ["d@example.org"], "tags": [[1, 2]], "since": pa.array([0], pa.date32())})
    pq.write_table(table, tmp_path / "a.parquet")
    assert counts(bring(platform, tmp_path / "a.parquet", mapping=ALL)) == (1, 0, 0, 0)
    assert {"tags": [1, 2], "since": "1970-01-01"} in left(platform)


def test_an_identifier_goes_to_one_row_only(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "email,loyalty_no\na@example.org,L1\nb@example.org,L1\nc@example.org,L2\n")
    bring(platform, path, mapping=ALL)
    assert classify(platform) == 3
    assert sorted(str(row.get("loyalty_no")) for row in people(platform)) == ["L1", "L2", "None"]
    assert left(platform) == [{"loyalty_no": "L1"}]


def test_rows_that_belong_to_customers_keep_theirs(platform: Platform, tmp_path: Path) -> None:
    bring(platform, write(tmp_path / "a.csv", "email\na@example.org\n"))
    orders = "customer,number,gift,colour\nemail:a@example.org,1,yes,red\nemail:a@example.org,2,,\n"
    bring(platform, write(tmp_path / "o.csv", orders), entity="order", mapping=ALL)
    assert left(platform, "order") == [{"gift": "yes", "colour": "red"}]
    classify(platform)
    assert [row.get("gift") for row in people(platform)[0]["order"]] in ([True, None], [None, True])
    assert left(platform, "order") == [{"colour": "red"}]
    assert listed(platform)[("order", "gift")][2]


def test_what_is_left_over_goes_with_a_merge_and_comes_back(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "email,city,shoe\na@example.org,,38\nb@example.org,Bern,40\n")
    bring(platform, path, mapping=ALL)
    done = merge_customers(platform, "email:a@example.org", "email:b@example.org", principal=TESTER, reason="a test")
    assert gone.traces(platform, done.survivor)["cdp_left_over"] == 2
    classify(platform)
    assert [row["city"] for row in people(platform)] == ["Bern"]
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    catch_up(platform)
    assert {row["email"]: row["city"] for row in people(platform)}["b@example.org"] == "Bern"
    assert left(platform) == [{"shoe": "38"}, {"shoe": "40"}]
    erase(platform, ["email:b@example.org"], principal=TESTER, reason="she asked")
    assert left(platform) == [{"shoe": "38"}]


def test_a_guess_keeps_what_it_cannot_tell_and_headers_are_still_checked(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "e-mail,Zork\na@example.org,1\n")
    guess = guess_mapping(platform, path, entity="customer", given=ALL)
    assert guess.mapping == {"e-mail": "email", "Zork": "+", "*": "+"}
    for text, code in (
        ("zork,wumpus\n1,2\n", "header_missing"), ("email,x,x\na@example.org,1,2\n", "duplicate_column"),
        ("email,\na@example.org,1\n", "unknown_column"), (f"email,{'x' * 201}\na@example.org,1\n", "unknown_column"),
    ):  # fmt: skip
        with pytest.raises(CdpError) as caught:
            bring(platform, write(tmp_path / "b.csv", text), mapping=ALL)
        assert caught.value.code == code
    for mapping in ({"*": "email"}, {"x": "?"}):
        with pytest.raises(CdpError) as caught:
            bring(platform, path, mapping=mapping)
        assert caught.value.code == "unknown_field"
