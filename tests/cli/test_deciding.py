"""What officers do at the command line besides: give requests to somebody, edit letters, approve what is harmless."""

from pathlib import Path

import pytest

from audit.entries import Principal
from cdp.bootstrap import open_platform
from cdp.config import load_settings
from cdp.services.corrections.propose import Proposal, Proposed, propose
from tests.cli.conftest import Cdp
from tests.cli.test_request import asked

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_a_request_is_given_to_somebody_and_laid_back(people: list[str], cdp: Cdp) -> None:
    request_id, other = asked(people[0]), asked(people[1])
    assert cdp("staff", "add", "omar", "--role", "second_officer", "--email", "omar@corp.example").code == 0
    assert cdp("request", "assign", request_id, "omar").out == f"request {request_id} is with staff:omar\n"
    assert request_id in cdp("request", "list", "--with", "omar").out
    assert request_id not in cdp("request", "list", "--nobody").out
    assert other in cdp("request", "list", "--nobody", "--kind", "access").out
    assert cdp("request", "list", "--late").err == "0 requests\n"
    assert cdp("request", "assign", request_id, "nobody-of-this-name").code == 4
    assert cdp("request", "assign", request_id).out == f"request {request_id} is with nobody\n"
    assert cdp("request", "list", "--after", "x").code == 2
    assert cdp("request", "send-back", request_id, "--reason", "why").code == 3


def test_a_letter_is_shown_edited_and_sent(people: list[str], cdp: Cdp, tmp_path: Path) -> None:
    request_id = asked(people[0])
    draft = cdp("request", "draft", request_id, "reject", "--reason", "no such data").out
    assert "no such data" in draft
    letter = tmp_path / "letter.txt"
    letter.write_text("no")
    refused = ("request", "reject", request_id, "--reason", "no such data", "--letter", str(letter))
    assert cdp(*refused).code == 2
    letter.write_text(f"Dear Ann,\n\n{draft}")
    assert cdp(*refused).code == 0
    assert "  Dear Ann," in cdp("request", "letter", request_id).out
    assert cdp("request", "draft", request_id, "approve").code == 3


def test_what_is_harmless_is_listed_and_approved_by_its_digest(people: list[str], cdp: Cdp) -> None:
    assert "none waits" in cdp("correction", "approve-safe", "--as", "privacy_officer").err
    with open_platform(load_settings()) as platform:
        proposal = Proposal([Proposed("loyalty", "none"), Proposed("email", "x@example.org")])
        propose(platform, people[0], proposal, principal=Principal("os:a-colleague"))
    shown = cdp("correction", "approve-safe", "--as", "privacy_officer")
    assert "x@example.org" not in shown.out
    digest = shown.err.partition("--seen ")[2].split("`")[0]
    assert cdp("correction", "approve-safe", "--as", "privacy_officer", "--seen", "0" * 32).code == 3
    assert cdp("correction", "approve-safe", "--as", "privacy_officer", "--seen", digest).out == "approved: 1\n"


def test_merges_of_everybody_are_listed(people: list[str], cdp: Cdp) -> None:
    assert cdp("identity", "merge", people[0], people[1], "--reason", "one").code == 0
    assert people[1] in cdp("identity", "merges").out
    assert people[1] in cdp("identity", "merges", people[0]).out
    assert cdp("identity", "merges", "--after", "x").code == 2
