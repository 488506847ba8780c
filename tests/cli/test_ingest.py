"""`cdp source` and `cdp ingest`: what they print, and what they refuse."""

from pathlib import Path

from cdp.bootstrap import open_platform
from cdp.config import load_settings
from cdp.ingest.spool import Intake
from tests.cli.conftest import Cdp
from tests.ingest.sending import identify, send, track


def test_a_source_is_added_listed_and_revoked(store: Path, cdp: Cdp) -> None:
    made = cdp("source", "add", "web", "--consent", "ads=third_party_disclosure", "--json")
    assert made.json["write_key"].startswith("cdp_write_")
    assert made.json["write_key"] not in cdp("source", "list", "--json").out
    assert cdp("source", "list", "--json").json[0]["consent"] == {"ads": "third_party_disclosure"}
    assert "web" in cdp("source", "list").out
    assert cdp("source", "set", "web", "--cap", "events=10", "--cap", "links=3").out == "events 10, links 3\n"
    assert cdp("source", "set", "web", "--cap", "links=none").out == "events 10\n"
    assert cdp("source", "list", "--json").json[0]["caps"] == {"events": 10}
    assert [cdp("source", "set", "web", "--cap", each).code for each in ("wishes=1", "events=-1", "events")] == [
        2,
        2,
        2,
    ]
    assert cdp("source", "revoke", "web").code == 0
    assert cdp("source", "revoke", "web").code == 0
    assert cdp("source", "list", "--json").json[0]["revoked_at"]


def test_what_is_wrong_with_a_source_is_said(store: Path, cdp: Cdp) -> None:
    assert cdp("source", "add", "web", "--trusted").code == 0
    for code, *arguments in [
        (3, "add", "web"), (2, "add", "Web!"), (2, "add", "app", "--consent", "ads"),
        (2, "add", "app", "--consent", "ads=nothing_known"), (4, "revoke", "nobody"),
    ]:  # fmt: skip
        assert cdp("source", *arguments).code == code


def test_status_work_names_and_quarantine(store: Path, cdp: Cdp) -> None:
    write_key = cdp("source", "add", "web", "--json").json["write_key"]
    with open_platform(load_settings()) as platform:
        send(Intake(platform), write_key, identify(1, fullName="Ann", workEmail="ann@example.org"), track(), 7)
    [waiting] = cdp("ingest", "status", "--json").json
    assert (waiting["received"], waiting["waiting"], waiting["folded"]) == (3, 3, 0)
    assert "3 events left the queue" in cdp("ingest", "work", "--once").out
    [done] = cdp("ingest", "status", "--json").json
    assert (done["waiting"], done["folded"], done["quarantined"]) == (0, 2, {"not_an_object": 1})
    assert "not_an_object" in cdp("ingest", "status").out
    names = {each["name"]: each["category"] for each in cdp("ingest", "undeclared", "--json").json}
    assert names["workEmail"] == "user.contact.email"
    assert "workEmail" in cdp("ingest", "undeclared").out
    assert "ann@example.org" not in cdp("ingest", "undeclared", "--json").out
    assert cdp("ingest", "quarantine").code == 3
    assert cdp("ingest", "quarantine", "--reason", "a test").json[0]["reason"] == "not_an_object"
    assert "1 event deleted" in cdp("ingest", "quarantine", "--empty").out
