"""`cdp access`, `cdp recipient`, `cdp canary`, `cdp app renew`: thin, and equal to the console."""

from pathlib import Path

from tests.cli.conftest import Cdp


def test_accesses_are_listed_and_confirmed(store: Path, cdp: Cdp) -> None:
    assert cdp("staff", "add", "iris", "--role", "auditor", "--email", "iris@corp.example").code == 0
    (access,) = cdp("access", "list", "--json").json
    assert (access["kind"], access["name"], access["confirmed_by"]) == ("staff", "iris", None)
    assert cdp("access", "confirm", "staff:iris").code == 0
    assert cdp("access", "list", "--json").json[0]["confirmed_by"].startswith("os:")
    assert "nothing waits" in cdp("access", "list", "--due").out
    assert [cdp("access", "confirm", who).code for who in ("iris", "app:ghost", "staff:ghost")] == [2, 4, 4]


def test_recipients_canaries_and_reports_that_are_not_there(store: Path, cdp: Cdp) -> None:
    assert cdp("recipient", "list", "--json").code == 0
    assert cdp("recipient", "end", "7").code == 4
    assert cdp("canary", "plant", "3", "--domain", "example.org").code == 3
    assert cdp("canary", "check").code == 0
    assert "no alarm" in cdp("canary", "alarms").out
    assert cdp("canary", "settle", "7").code == 4
    assert cdp("canary", "retire", "1", "--reason", "a test").code == 2
    assert cdp("app", "renew", "ghost").code == 4
    assert cdp("source", "renew", "ghost").code == 4
    assert "no report is kept" in cdp("report", "list").out
