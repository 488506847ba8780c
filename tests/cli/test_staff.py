"""`cdp staff`: accounts, their links, and what is refused."""

from pathlib import Path

from tests.cli.conftest import Cdp


def test_an_account_is_added_listed_given_a_new_link_and_disabled(store: Path, cdp: Cdp) -> None:
    made = cdp("staff", "add", "iris", "--role", "privacy_officer", "--email", "iris@corp.example")
    assert made.code == 0
    link = made.out.split()[-1] if "policy has no role" not in made.out else made.out.split("\n")[1]
    assert "/console/welcome?link=" in link
    listed = cdp("staff", "list").out
    assert "iris" in listed
    assert "not yet" in listed
    assert "corp.example" not in listed
    again = cdp("staff", "link", "iris")
    assert again.code == 0
    assert "/console/welcome?link=" in again.out
    assert again.out.split()[-1] != link
    assert cdp("staff", "disable", "iris").code == 0
    (account,) = cdp("staff", "list", "--format", "json").json
    assert account["disabled_at"]
    assert cdp("staff", "link", "iris").code == 4


def test_what_cannot_be_is_refused(store: Path, cdp: Cdp) -> None:
    arguments = ("--email", "iris@corp.example")
    assert cdp("staff", "add", "iris", "--role", "emperor", *arguments).code == 2
    assert cdp("staff", "add", "Iris!", "--role", "auditor", *arguments).code == 2
    assert cdp("staff", "add", "iris", "--role", "auditor", "--email", "nobody").code == 2
    assert cdp("staff", "add", "iris", "--role", "auditor", *arguments).code == 0
    assert cdp("staff", "add", "iris", "--role", "auditor", "--email", "b@corp.example").code == 3
    assert cdp("staff", "disable", "omar").code == 4


def test_without_accounts_it_says_how_to_add_one(store: Path, cdp: Cdp) -> None:
    assert "cdp staff add" in cdp("staff", "list").out
