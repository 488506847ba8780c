"""`cdp log …` as people call it: who saw, export, verify, proof, ocsf."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cdp.cli.main import run
from tests.cli.conftest import Cdp

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = "full_name,email,birth_date,postcode\nAda Example,ada@example.org,1980-01-01,94107\n"


@pytest.fixture
def store(folder: Path, cdp: Cdp) -> Path:
    """A store with one customer, who was read once."""
    (folder / "people.csv").write_text(PEOPLE)
    for line in (("init",), ("import", "people.csv"), ("read", "care_desk", "--as", "agent", "--format", "json")):
        assert cdp(*line).code == 0
    return folder


def test_who_saw_as_table_and_as_json(store: Path, cdp: Cdp) -> None:
    done = cdp("log", "who-saw", "email:ada@example.org")
    assert done.code == 0
    assert "read care_desk" in done.out
    assert "● full_name" in done.out
    assert "◐ email" in done.out
    found = cdp("log", "who-saw", "email:ada@example.org", "--format", "json", "--limit", "2").json
    assert [each["act"] for each in found] == ["who_saw", "read"]
    assert {field["name"]: field["applied"] for field in found[1]["fields"]}["postcode"] == "general"
    assert cdp("log", "who-saw", "email:bob@example.org").code == 4


def test_a_bundle_is_verified_by_the_module_and_held_to_what_was_kept(store: Path, cdp: Cdp) -> None:
    (store / "kept").write_bytes(cdp("log", "checkpoint").raw)
    vkey = cdp("log", "checkpoint", "--vkey").out.strip()
    cdp("read", "care_desk", "--as", "agent", "--format", "json")
    assert cdp("log", "export", "--output", "log.bundle", "--checkpoint", "kept").code == 0
    assert cdp("log", "export", "--output", "her.bundle", "--customer", "email:ada@example.org").code == 0
    for bundle in ("log.bundle", "her.bundle"):
        command = [sys.executable, "-m", "audit.verify", store / bundle, "--key", vkey]
        if bundle == "log.bundle":
            command += ["--checkpoint", store / "kept"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert (done.returncode, done.stderr) == (0, "")
        assert "the bundle holds" in done.stdout
    done = cdp("log", "verify", "--checkpoint", "kept", "--checkpoint", "log.bundle")
    assert done.code == 0
    assert done.out.count("that you kept") == 2
    (store / "kept").write_bytes(b"odd")
    assert cdp("log", "verify", "--checkpoint", "kept").code == 2
    assert cdp("log", "export", "--output", "x", "--from", "yesterday").code == 2
    assert not (store / "x").exists()


def test_a_proof_of_an_entry_is_a_file_that_holds(store: Path, cdp: Cdp) -> None:
    from audit.cosignature import Policy
    from audit.note import VerifierKey
    from audit.proof import check_inclusion, parse_inclusion

    cdp("log", "export", "--output", "log.bundle")
    entries = [line.removeprefix(b"entry ") for line in (store / "log.bundle").read_bytes().splitlines()]
    entry = [line for line in entries if b'"act":"read"' in line][-1]
    vkey = cdp("log", "checkpoint", "--vkey").out.strip()
    number = json.loads(cdp("log", "who-saw", "email:ada@example.org", "--format", "json").raw)[0]["entries"][0]
    proof = parse_inclusion(cdp("log", "proof", number).raw)
    assert check_inclusion(proof, entry, Policy(VerifierKey.parse(vkey))).size > number
    assert cdp("log", "proof", 10**6).code == 4


def test_ocsf_goes_on_behind_its_cursor(store: Path, cdp: Cdp) -> None:
    assert cdp("log", "ocsf", "--output", "events.ndjson").code == 0
    events = [json.loads(line) for line in (store / "events.ndjson").read_text().splitlines()]
    last = events[-1]["metadata"]["sequence"]
    more = [json.loads(line) for line in cdp("log", "ocsf", "--after", last).out.splitlines()]
    assert [each["metadata"]["sequence"] for each in more] == [last + 1]
    assert "ada@" not in (store / "events.ndjson").read_text()


def test_help_names_them_all(cdp: Cdp) -> None:
    for name in ("who-saw", "export", "verify", "proof", "ocsf"):
        assert run(["log", name, "--help"]) == 0
