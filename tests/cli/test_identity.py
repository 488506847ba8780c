import pytest

from cdp.bootstrap import open_platform
from cdp.config import load_settings
from tests.cli.conftest import Cdp
from tests.services.seeing import folded, seen


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_claims_are_listed_confirmed_and_rejected(people: list[str], cdp: Cdp) -> None:
    with open_platform(load_settings()) as platform:
        folded(platform, seen(("anonymous_id", "a1"), email="ann3@example.org"),
               seen(("anonymous_id", "a2"), email="ann4@example.org"))  # fmt: skip
    listed = cdp("identity", "links")
    assert listed.code == 0
    assert "ann3" not in listed.out  # the identifier stays sealed
    ids = [word for word in listed.out.split() if word.count("-") == 4 and word not in people]
    with open_platform(load_settings()) as platform, platform._database.reading() as conn:
        links = list(conn.exec_driver_sql("SELECT link_id FROM cdp_link").scalars())
    assert set(links) <= set(ids)
    confirmed = cdp("identity", "confirm", links[0])
    assert "is now a part of" in confirmed.out
    assert cdp("identity", "confirm", links[0]).code == 3
    assert cdp("identity", "reject", links[1]).code == 0
    merge = confirmed.out.partition("`cdp identity unmerge ")[2].partition("`")[0]
    assert cdp("identity", "unmerge", merge).code == 0
    assert cdp("identity", "unmerge", merge).code == 4
    assert cdp("identity", "reject", "nothing").code == 4


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_merging_on_purpose_needs_a_reason(people: list[str], cdp: Cdp) -> None:
    assert cdp("identity", "merge", "email:ann1@example.org", people[2]).code == 3
    done = cdp("identity", "merge", "email:ann1@example.org", people[2], "--reason", "the same person")
    assert done.code == 0
    assert people[2] in cdp("identity", "merges", people[1]).out
    assert cdp("identity", "merge", people[1], "email:ann2@example.org", "--reason", "x").code == 3
    assert cdp("identity", "revert", "web", "--reason", "x").code == 4
    assert cdp("source", "add", "web").code == 0
    assert cdp("identity", "revert", "web", "--reason", "x").out.startswith("0 profiles without what `web` said")
