"""A refusal that an app passes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.entries import parse_entry
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused
from cdp.services.opt_out import allow
from cdp.services.pass_on import pass_on
from cdp.store.platform import CONSENT_EVENT, LOG_ENTRY
from tests import samples
from tests.services.writing import APP, key, store


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        samples.add_people(opened, 3)
        yield opened


def say(platform, customer, *choices, text="k", word=""):
    return pass_on(platform, customer, choices, principal=APP, word=word, once=key(platform, text))


def newsletter(platform) -> set[str]:
    return {email for _, email, _ in samples.rows_of(platform, "newsletter")}


def test_it_holds_from_the_next_read_on(platform):
    say(platform, "email:ann1@example.org", "direct_marketing")
    assert newsletter(platform) == {"ann0@example.org", "ann2@example.org"}


def test_the_answer_is_the_same_whoever_is_named(platform):
    named = [
        "email:ann1@example.org",
        "email:nobody@example.org",
        "00000000-0000-4000-8000-000000000001",
        "",
        "\0",
        "x:y",
    ]
    answers = {say(platform, each, "direct_marketing", text=f"k{n}") for n, each in enumerate(named)}
    assert {each.status for each in answers} == {204}
    assert len(answers) == 1


def test_what_was_said_of_nobody_is_on_the_log_without_a_name(platform):
    say(platform, "email:nobody@example.org", "direct_marketing")
    entry = parse_entry(platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number.desc()))[0][0])
    assert (entry["what"], entry["act"], entry["code"]) == ("refusal", "opt_out", "unknown_customer")
    assert "nobody" not in repr(entry)


def test_her_own_later_yes_outlives_it_and_an_app_has_no_yes(platform):
    say(platform, "email:ann1@example.org", "direct_marketing")
    allow(platform, "email:ann1@example.org", "direct_marketing", principal=samples.TESTER, word="by phone")
    assert "ann1@example.org" in newsletter(platform)


def test_the_same_key_is_one_act(platform):
    say(platform, "email:ann1@example.org", "direct_marketing", word="no more mail")
    say(platform, "email:ann1@example.org", "direct_marketing", word="no more mail")
    with platform.door._database.reading() as conn:
        rows = conn.execute(select(CONSENT_EVENT.c.evidence, CONSENT_EVENT.c.source)).all()
    assert len(rows) == 1
    assert rows[0].source == "ingest"
    assert "no more mail" not in rows[0].evidence
    with pytest.raises(Refused, match="another request"):
        pass_on(platform, "x", ["direct_marketing"], principal=APP, word="", once=key(platform, "k", b"other"))


@pytest.mark.parametrize("choices", [(), ("newsletters",), ("direct_marketing", "nothing")])
def test_only_what_the_catalogue_knows_is_refused(platform, choices):
    with pytest.raises(BadInput):
        say(platform, "email:ann1@example.org", *choices)
    assert len(newsletter(platform)) == 3
