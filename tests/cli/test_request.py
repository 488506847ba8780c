"""`cdp request`, `cdp correction` and `cdp recipient`: an officer's day at the command line."""

import json
from pathlib import Path

import pytest

from audit.entries import HERSELF, Principal
from cdp.bootstrap import open_platform
from cdp.config import load_settings
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from tests.cli.conftest import Cdp

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

COLLEAGUE = Principal("os:a-colleague")


def asked(customer_id: str, kind: Kind = Kind.ACCESS) -> str:
    with open_platform(load_settings()) as platform:
        return file_request(platform, customer_id, Filing(kind, "please bell"), principal=HERSELF)


def test_an_officers_day(people: list[str], cdp: Cdp, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = asked(people[0])
    listed = json.loads(cdp("request", "list", "--json").out)
    assert [(each["request_id"], each["state"], each["late"]) for each in listed] == [(request_id, "received", False)]
    assert cdp("request", "take", request_id).out.startswith(f"request {request_id} is taken; due ")
    assert cdp("request", "pause", request_id).code == 3, "a pause takes a reason"
    assert cdp("request", "pause", request_id, "--reason", "who are you").code == 0
    assert cdp("request", "approve", request_id).code == 3
    assert cdp("request", "resume", request_id).code == 0
    shown = cdp("request", "show", request_id)
    assert "she wrote: please bell" in shown.out
    assert "who are you" in shown.out
    assert "what can be done: take, assign, pause, " in shown.err
    assert cdp("request", "approve", request_id, "--answer", "in the post").code == 0
    assert "in the post" in cdp("request", "letter", request_id).out
    assert cdp("request", "show", "nothing").code == 4
    assert cdp("request", "remind").code == 2, "nobody is named"
    monkeypatch.setenv("CDP_OFFICER", "dpo@example.org")
    assert cdp("request", "remind").out.splitlines()[0] == "reminded of 0 requests, 0 of them late"


def test_what_staff_filed_staff_does_not_decide(people: list[str], cdp: Cdp) -> None:
    filed = cdp("request", "file", people[0], "restriction", "--text", "by phone").out.split()[1]
    assert cdp("request", "approve", filed).code == 3
    assert cdp("request", "reject", filed, "--reason", "no").code == 3
    assert cdp("request", "end", filed, "--word", "by phone").code == 3
    assert cdp("request", "extend", asked(people[1]), "--reason", "long").code == 3, "no regime, no extension"
    mine = asked(people[2])
    assert cdp("request", "end", mine, "--word", "by phone: no longer").out.startswith(f"request {mine} is withdrawn")
    assert cdp("request", "reject", asked(people[2]), "--reason", "no").code == 0


def test_a_correction_field_by_field(people: list[str], cdp: Cdp, tmp_path: Path) -> None:
    with open_platform(load_settings()) as platform:
        proposal = Proposal([Proposed("income", "17"), Proposed("postcode", "10117")], "moved")
        request_id = propose(platform, people[0], proposal, principal=COLLEAGUE)
    assert request_id in cdp("correction", "list").out
    shown = {each["place"]["field"]: each for each in json.loads(cdp("correction", "show", request_id, "--json").out)}
    assert shown["income"]["new"] == 17
    assert "she wrote: moved" in cdp("correction", "show", request_id).out
    seen = shown["income"]["seen"]
    assert cdp("correction", "approve", request_id, "income", "--seen", "0" * 32).code == 3
    assert cdp("correction", "approve", request_id, "customer.income", "--seen", seen).code == 0
    assert cdp("correction", "reject", request_id, "postcode", "--reason", "show us").code == 0
    assert cdp("recipient", "notices").err == "0 notices\n"
    assert cdp("recipient", "notices", "--told", "nothing").code == 4
    paper = tmp_path / "paper.txt"
    paper.write_text("shown")
    filed = cdp("correction", "propose", people[1], "income=5", "--reason", "by phone", "--file", str(paper))
    assert filed.code == 0
    assert cdp("correction", "propose", people[1], "income").code == 2
    assert cdp("correction", "propose", people[1], "income=6", "--file", str(tmp_path / "none")).code == 2
