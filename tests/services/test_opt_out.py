"""Opting out and in: flag, history and entry together; loosening needs the person's word."""

import pytest
from sqlalchemy import select

from audit.entries import parse_entry
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.opt_out import allow, refuse
from cdp.store.platform import LOG_ENTRY
from tests.samples import TESTER, add_people, rows_of


def entries(platform: Platform) -> list[dict[str, object]]:
    """Every entry of the log, parsed."""
    rows = platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))
    return [parse_entry(bytes(row[0])) for row in rows]


def mailed(platform: Platform) -> set[object]:
    """Whom the newsletter reaches."""
    return {row[1] for row in rows_of(platform, "newsletter")}


def test_out_and_in_again(platform: Platform) -> None:
    people = add_people(platform, 3)
    assert refuse(platform, "email:ANN1@example.org", "direct_marketing", principal=TESTER) == people[1].customer_id
    assert mailed(platform) == {"ann0@example.org", "ann2@example.org"}
    allow(platform, people[1].customer_id, "direct_marketing", principal=TESTER, word="she rang")
    assert mailed(platform) == {"ann0@example.org", "ann1@example.org", "ann2@example.org"}


def test_each_act_has_its_entry_without_the_person(platform: Platform) -> None:
    people = add_people(platform, 1)
    refuse(platform, people[0].customer_id, "sensitive_data", principal=TESTER, word="she SAID so")
    last = entries(platform)[-1]
    assert (last["act"], last["choices"], last["customers"]) == ("opt_out", {"sensitive_data": "refused"}, 1)
    assert people[0].customer_id not in str(last)
    assert "SAID" not in str(last)


@pytest.mark.parametrize("word", ["", "  "])
def test_loosening_needs_her_word(platform: Platform, word: str) -> None:
    people = add_people(platform, 1)
    refuse(platform, people[0].customer_id, "direct_marketing", principal=TESTER)
    with pytest.raises(Refused) as caught:
        allow(platform, people[0].customer_id, "direct_marketing", principal=TESTER, word=word)
    assert caught.value.code == "word_needed"
    assert mailed(platform) == set()


@pytest.mark.parametrize(
    "name",
    ["", "nobody", "email:nobody@example.org", "email:", "nosuchkind:x", "email:\0", "\0", "'; DROP TABLE customer"],
)
def test_unknown_customers_are_all_alike(platform: Platform, name: str) -> None:
    add_people(platform, 1)
    before = len(entries(platform))
    with pytest.raises(NotFound) as caught:
        refuse(platform, name, "direct_marketing", principal=TESTER)
    assert str(caught.value) == "customer: there is no such customer (name one by id or as `email:…`)"
    assert len(entries(platform)) == before


def test_unknown_opt_out(platform: Platform) -> None:
    people = add_people(platform, 1)
    with pytest.raises(BadInput) as caught:
        refuse(platform, people[0].customer_id, "direct_marketting", principal=TESTER)
    assert (caught.value.code, caught.value.hint) == ("unknown_opt_out", "did you mean `direct_marketing`?")
