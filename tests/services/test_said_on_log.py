"""What acts say on the log: about whom they were, and nothing that somebody typed in place of a name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import parse_entry
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.erase import _intend, list_erasures, resume
from cdp.services.identity.decide import list_links, reject_link
from cdp.services.identity.revert import revert_source
from cdp.services.who_saw import who_saw
from tests.samples import TESTER
from tests.services.importing import bring, store, write
from tests.services.seeing import folded, seen

ADDRESS = "ann@example.org"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        bring(opened, write(tmp_path / "ann.csv", f"name,email\nAnn,{ADDRESS}\nBen,ben@example.org\n"))
        yield opened


def acts(platform: Platform, customer: str) -> list[str]:
    """What the log has about a customer, oldest first."""
    return [each.act for each in reversed(list(who_saw(platform, customer, principal=TESTER)))]


def entries(platform: Platform) -> list[bytes]:
    with platform._database.reading() as conn:
        return [bytes(row[0]) for row in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number")]


def test_who_looks_at_claims_looks_at_those_who_make_them_and_at_whom_they_name(platform: Platform) -> None:
    (claimed,) = folded(platform, seen(("anonymous_id", "a1"), email=ADDRESS))
    (waiting,) = list_links(platform, principal=TESTER)
    reject_link(platform, waiting.link.link_id, principal=TESTER)
    assert acts(platform, str(claimed.customer_id)) == ["ingest", "read_links", "reject_link"]
    assert acts(platform, f"email:{ADDRESS}") == ["import", "read_links"]
    assert acts(platform, "email:ben@example.org") == ["import"]


def test_a_source_that_is_none_is_refused_and_not_on_the_log(platform: Platform) -> None:
    before = len(entries(platform))
    with pytest.raises(NotFound) as caught:
        revert_source(platform, ADDRESS, principal=TESTER, reason="a slip of the hand")
    assert caught.value.code == "unknown_source"
    assert len(entries(platform)) == before
    assert ADDRESS not in str(caught.value)


def test_who_lists_erasures_sees_those_who_are_being_erased(platform: Platform) -> None:
    _intend(platform, [f"email:{ADDRESS}"], TESTER, "she asked", None)
    list_erasures(platform, principal=TESTER)
    assert parse_entry(entries(platform)[-1])["customers"] == 1
    resume(platform, principal=TESTER)
    list_erasures(platform, principal=TESTER)
    assert parse_entry(entries(platform)[-1])["customers"] == 0
