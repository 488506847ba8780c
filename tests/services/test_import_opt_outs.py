"""A file may add a refusal; nothing that it says takes one back (invariant 4)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.opt_out import allow, refuse
from cdp.store.platform import CONSENT_EVENT
from tests import samples
from tests.services.importing import bring, counts, entries, person, reasons, store, write

REFUSING = ["refused", "true", "1", "yes", "YES", " Refused "]
SILENT = ["allowed", "false", "0", "no", "No", ""]


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def history(platform: Platform) -> list[tuple[str, str, str]]:
    c = CONSENT_EVENT.c
    with platform._database.reading() as conn:
        return [
            tuple(row) for row in conn.execute(select(c.choice, c.state, c.source).order_by(c.received_at, c.choice))
        ]


def test_words_that_refuse_and_words_that_do_nothing(platform: Platform, tmp_path: Path) -> None:
    rows = [f"{n}@example.org,{word}" for n, word in enumerate(REFUSING + SILENT)]
    path = write(tmp_path / "people.csv", "\n".join(["email,direct_marketing", *rows]))
    assert counts(bring(platform, path)) == (12, 0, 0, 0)
    for number in range(12):
        refused = person(platform, email=f"{number}@example.org")["refused"]
        assert refused == (["direct_marketing"] if number < len(REFUSING) else [])
    assert history(platform) == [("direct_marketing", "refused", "import")] * len(REFUSING)
    # The same again: nobody refuses twice.
    assert counts(bring(platform, path, again=True)) == (0, 0, 12, 0)
    assert len(history(platform)) == len(REFUSING)


def test_in_json_the_words_are_values_too(platform: Platform, tmp_path: Path) -> None:
    cells = [True, 1, "yes", False, 0, None, "no", 2, 1.0, ["refused"], {"refused": True}, "maybe"]
    rows = [json.dumps({"email": f"{n}@example.org", "phone_calls": cell}) for n, cell in enumerate(cells)]
    result = bring(platform, write(tmp_path / "people.ndjson", "\n".join(rows)))
    assert counts(result) == (7, 0, 0, 5)
    assert reasons(result) == [(line, "bad_opt_out", "phone_calls") for line in (8, 9, 10, 11, 12)]
    for number in range(7):
        assert bool(person(platform, email=f"{number}@example.org")["refused"]) is (number < 3)


@pytest.mark.parametrize("word", SILENT)
def test_no_word_loosens(platform: Platform, tmp_path: Path, word: str) -> None:
    path = tmp_path / "people.csv"
    bring(platform, write(path, "email,phone_calls\nann@example.org,refused\n"))
    refuse(platform, "email:ann@example.org", "direct_marketing", principal=samples.TESTER)
    before = history(platform)
    bring(platform, write(path, f"email,age,direct_marketing,phone_calls\nann@example.org,5,{word},{word}\n"))
    found = person(platform, age=5)
    assert found["refused"] == ["direct_marketing", "phone_calls"]
    assert history(platform) == before


def test_an_existing_customer_is_tightened(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    bring(platform, write(path, "email,age,phone_calls\nann@example.org,1,\nbob@example.org,1,yes\n"))
    allow(platform, "email:bob@example.org", "phone_calls", principal=samples.TESTER, word="call me")
    rows = ["email,age,phone_calls,sensitive_data", "ann@example.org,1,yes,", "ann@example.org,1,yes,yes"]
    rows += ["bob@example.org,,yes,"]
    assert counts(bring(platform, write(path, "\n".join(rows)))) == (0, 3, 0, 0)
    assert entries(platform)[-1]["customers"] == 2
    assert person(platform, email="ann@example.org")["refused"] == ["sensitive_data", "phone_calls"]
    # She had allowed it before the file came: what comes from elsewhere later tightens again.
    assert person(platform, email="bob@example.org")["refused"] == ["phone_calls"]
    evidence = entries(platform)[-1]["import"]
    with platform._database.reading() as conn:
        last = conn.execute(select(CONSENT_EVENT).order_by(CONSENT_EVENT.c.received_at.desc()).limit(1)).one()
    assert (json.loads(last.evidence), last.reference) == ({"actor": samples.TESTER.name}, evidence)


def test_a_file_counts_though_a_merge_had_set_its_flag(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    bring(platform, write(path, "email\nann@example.org\nbob@example.org\n"))
    ann, bob = "email:ann@example.org", "email:bob@example.org"
    refuse(platform, bob, "phone_calls", principal=samples.TESTER)
    done = merge_customers(platform, ann, bob, principal=samples.TESTER, reason="one person")
    rows = write(path, "email,phone_calls\nann@example.org,yes\n")
    assert counts(bring(platform, rows)) == (0, 1, 0, 0)
    assert counts(bring(platform, rows, again=True)) == (0, 0, 1, 0)
    unmerge_customers(platform, done.merge_id, principal=samples.TESTER)
    assert person(platform, email="ann@example.org")["refused"] == ["phone_calls"]


def test_a_rejected_row_refuses_nothing_and_a_later_one_does(platform: Platform, tmp_path: Path) -> None:
    rows = ["email,age,direct_marketing", "ann@example.org,old,yes", "ann@example.org,,no", "bob@example.org,,yes"]
    rows += ["bob@example.org,,no", "bob@example.org,7,"]
    result = bring(platform, write(tmp_path / "people.csv", "\n".join(rows)))
    assert counts(result) == (2, 1, 1, 1)
    assert person(platform, email="ann@example.org")["refused"] == []
    assert person(platform, email="bob@example.org")["refused"] == ["direct_marketing"]


def test_rows_of_other_entities_have_no_opt_outs(platform: Platform, tmp_path: Path) -> None:
    bring(platform, write(tmp_path / "people.csv", "email\nann@example.org\n"))
    path = write(tmp_path / "orders.csv", "email,number,direct_marketing\nann@example.org,n1,yes\n")
    with pytest.raises(Exception, match="column 3 is not a field of `order`"):
        bring(platform, path, entity="order")
