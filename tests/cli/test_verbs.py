"""The small verbs: `release`, `opt-out`, `opt-in`, `log verify`, `keys rotate`."""

import pytest
from sqlalchemy import create_engine, text

from cdp.bootstrap import open_platform
from cdp.config import load_settings
from cdp.store.write import NewRow
from tests import samples

NEWSLETTER = ("read", "newsletter", "--as", "newsletter_app", "--format", "json")
DIRECT = "direct_marketing"


@pytest.fixture
def groups(store):
    """Twenty customers in groups of five or more, and one alone."""
    with open_platform(load_settings()) as platform:
        samples.add(platform, [NewRow({**samples.person(number), "postcode": "90107"}) for number in range(20)])
        samples.add(platform, [NewRow(samples.person(20))])
    return store


def test_a_release_is_built_read_and_listed(cdp, groups):
    done = cdp("release", "build", "insight")
    assert (done.code, done.err) == (0, "")
    assert done.out == "release 1 of insight: 20 rows in groups of at least 5; 1 row left out\n"
    assert len(cdp("read", "insight", "--as", "analyst", "--format", "json").json) == 20
    assert "insight" in cdp("release", "list").out
    [listed] = cdp("release", "list", "--format", "json").json
    assert (listed["release"], listed["size"], listed["suppressed"], listed["k"]) == (1, 20, 1, 5)
    assert cdp("release", "list", "another").out.startswith("there is no release yet")


@pytest.mark.parametrize(
    ("view", "code", "said"),
    [
        ("care_desk", 2, "cdp: view: only anonymized views have releases\n"),
        ("canary", 4, "cdp: view: there is no such view\n"),
        ("insight", 3, "cdp: view: no group of the view is large and diverse enough to be released\n"),
    ],
)
def test_what_cannot_be_released(cdp, store, view, code, said):
    done = cdp("release", "build", view)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said)


def test_an_opt_out_holds_from_the_next_read_until_she_takes_it_back(cdp, people):
    before = len(cdp(*NEWSLETTER).json)
    done = cdp("opt-out", "email:ANN3@example.org", DIRECT, "--word", "on the phone")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"customer {people[3]} has refused {DIRECT}; `cdp opt-in` takes it back, on her word\n"
    left = cdp(*NEWSLETTER).json
    assert len(left) == before - 1
    assert people[3] not in str(left)
    done = cdp("opt-in", people[3], DIRECT, "--word", "by letter")
    assert (done.code, done.out) == (0, f"customer {people[3]} has taken back her refusal of {DIRECT}\n")
    assert len(cdp(*NEWSLETTER).json) == before


@pytest.mark.parametrize("word", [(), ("--word", ""), ("--word", "  ")])
def test_without_her_word_a_refusal_stands(cdp, people, word):
    cdp("opt-out", people[3], DIRECT)
    done = cdp("opt-in", people[3], DIRECT, *word)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("cdp: word: only the customer's own word takes a refusal back\n")
    assert people[3] not in str(cdp(*NEWSLETTER).json)


@pytest.mark.parametrize(
    ("customer", "opt_out", "code", "said"),
    [
        ("email:canary@example.org", DIRECT, 4, "cdp: customer: there is no such customer\n"),
        ("canary", DIRECT, 4, "cdp: customer: there is no such customer\n"),
        ("canary:canary", DIRECT, 4, "cdp: customer: there is no such customer\n"),
        ("email:ann3@example.org", "canary", 2, "cdp: opt_out: the catalogue has no such opt-out\n"),
        ("email:ann3@example.org", "direct_marketin", 2, "cdp: opt_out: the catalogue has no such opt-out\n"),
    ],
)
def test_who_or_what_is_not_known(cdp, people, customer, opt_out, code, said):
    done = cdp("opt-out", customer, opt_out)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said)
    assert "canary" not in done.err


def test_the_log_verifies_and_says_what_was_checked(cdp, people):
    done = cdp("log", "verify")
    assert done.code == 0
    *steps, last = done.out.splitlines()
    assert last == "the log is whole"
    assert len(steps) >= 3
    assert all(step.startswith("✓ ") for step in steps)
    assert "2 entries, numbered without a gap" in steps[0]


def test_a_changed_log_does_not_verify(cdp, people, database_url):
    engine = create_engine(database_url)
    with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("ALTER TABLE cdp_log_entry DISABLE TRIGGER ALL"))
        for trigger in (
            conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
            if (conn.dialect.name == "sqlite")
            else ()
        ):
            conn.execute(text(f"DROP TRIGGER {trigger}"))
        conn.execute(text("UPDATE cdp_log_entry SET entry = leaf WHERE number = 0"))
    engine.dispose()
    done = cdp("log", "verify")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("cdp: entry 0: an entry is not ")


def test_rotated_keys_open_everything_still(cdp, people):
    office = ("read", "privacy_office", "--as", "privacy_officer", "--reason", "a test", "--format", "json")
    before = cdp(*office, "--order", "full_name").json
    done = cdp("keys", "rotate")
    assert (done.code, done.out) == (
        0,
        "the keys are wrapped anew; older copies of the key store are void, so make a new backup of it\n",
    )
    assert cdp(*office, "--order", "full_name").json == before
    assert all(row["email"] for row in before)
