"""Mappings: from a file, with the line of each fault; and guessed, showing nobody's cells."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError, Several
from cdp.ingest.guess import guess_mapping
from cdp.services.imports.mapping import read_mapping
from cdp.services.provenance.declare import Declaration
from tests.services.importing import bring, counts, person, store, write

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

ROWS = "Nickname ,E-Mail,nme,kontakt,Faith,secret-7,born\nAnna,ann@example.org,Ann,+41446681800,none,x,1980-01-01\n"
WANTED = {
    "Nickname": "nickname",
    "E-Mail": "email",
    "nme": "name",
    "kontakt": "phone",
    "Faith": "-",
    "secret-7": "-",
}


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def test_names_nearest_names_and_looks(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", ROWS)
    guess = guess_mapping(platform, path, entity="customer")
    assert guess.mapping == WANTED
    assert [(each.target, each.why) for each in guess.columns] == [
        ("nickname", "its name"), ("email", "a name like it"), ("name", "a name like it"), ("phone", "its cells"),
        ("", ""), ("", ""), ("born", "its name"),
    ]  # fmt: skip
    assert counts(bring(platform, path, mapping=guess.mapping)) == (1, 0, 0, 0)
    assert person(platform)["phone"] == "+41446681800"


def test_titles_that_may_be_values_are_not_shown(platform: Platform, tmp_path: Path) -> None:
    guess = guess_mapping(platform, write(tmp_path / "people.csv", ROWS), entity="customer")
    assert [each.shown for each in guess.columns] == ["Nickname", "", "", "", "", "", "born"]


def test_what_was_said_is_not_guessed(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", ROWS)
    guess = guess_mapping(platform, path, entity="customer", given={"Faith": "religion", "E-Mail": "-"})
    assert guess.mapping == {**WANTED, "Faith": "religion", "E-Mail": "-"}


def test_cells_speak_against_a_name(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", "emails,x\n+41446681800,ann@example.org\n")
    assert guess_mapping(platform, path, entity="customer").mapping == {"emails": "phone", "x": "email"}


def test_objects_with_different_keys(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "people.ndjson", '{"Name": "Ann"}\n[]\n{"their faith or religion": "x", "Name": ""}\n')
    guess = guess_mapping(platform, path, entity="customer")
    assert guess.mapping == {"Name": "name", "their faith or religion": "religion"}
    assert guess.columns[1].why == "its words"


def test_a_mapping_file(platform: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "mapping.yaml", 'E-Mail: email\n"no": nickname\nNotes: "-"\n')
    assert read_mapping(platform, path, entity="customer").columns == {
        "E-Mail": "email",
        "no": "nickname",
        "Notes": "-",
    }


def test_a_mapping_file_says_what_the_rows_were_collected_for(platform: Platform, tmp_path: Path) -> None:
    section = "{source: crm, statement: web-7, basis: contract, purposes: [service], retain: P2Y, recipients: [acme]}"
    path = write(tmp_path / "mapping.yaml", f"E-Mail: email\nprovenance: {section}\n")
    found = read_mapping(platform, path, entity="customer")
    assert found.columns == {"E-Mail": "email"}
    assert found.declared == Declaration("crm", ["service"], "web-7", "contract", "P2Y", ["acme"])
    a_column = read_mapping(platform, write(path, "provenance: nickname\n"), entity="customer")
    assert (a_column.columns, a_column.declared) == ({"provenance": "nickname"}, None)


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("A: nikname\n", "unknown_field", "mapping.yaml:1"),
        ("A: email\nB: [email]\n", "bad_mapping", "mapping.yaml:2"),
        ("[email]\n", "bad_mapping", "mapping.yaml:1"),
        ("A: &a email\n", "yaml_alias", "mapping.yaml:1"),
        ("A: email\nA: name\n", "duplicate_name", "mapping.yaml:2"),
        ("", "bad_yaml", "mapping.yaml"),
        ("A: email\nprovenance: {purpose: [service]}\n", "bad_mapping", "mapping.yaml:2"),
        ("provenance: {purposes: service}\n", "bad_mapping", "mapping.yaml:1"),
        ("provenance: {statement: 7}\n", "bad_mapping", "mapping.yaml:1"),
    ],
)
def test_faults_of_a_mapping_file(platform: Platform, tmp_path: Path, text: str, code: str, where: str) -> None:
    with pytest.raises(CdpError) as caught:
        read_mapping(platform, write(tmp_path / "mapping.yaml", text), entity="customer")
    assert (caught.value.code, caught.value.path) == (code, where)


def test_all_faults_at_once_with_the_nearest_names(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(Several) as caught:
        read_mapping(platform, write(tmp_path / "mapping.yaml", "A: nikname\nB: 7\n"), entity="customer")
    assert [each.code for each in caught.value.faults] == ["unknown_field", "bad_mapping"]
    assert caught.value.faults[0].hint == "did you mean `nickname`?"
