"""Invariant 2 under faults: what has no entry does not leave, and whatever fails, the log that is left verifies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import views.run
from cdp.errors import CdpError, Unavailable
from cdp.services.opt_out import refuse
from cdp.services.read import read_view
from cdp.services.verify_log import verify_log
from tests.support import organisation
from tests.support.faults import FAULTS
from tests.support.worlds import TESTER, World, opened, request_of


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(views.run, "CHUNK_ROWS", 2)
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        made.add(organisation.people(6))
        yield made


def acts(world: World) -> list[tuple[str, str]]:
    """What the log says was done; a fault may have been made by filling it."""
    return [(entry["what"], entry["act"]) for entry in world.entries() if entry["act"] != "filling"]


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_leaves_when_its_entry_cannot_be_written(world: World, fault: str) -> None:
    before = acts(world)
    left: list[object] = []
    with FAULTS[fault](world):
        for request in (
            request_of("letter"),
            request_of("office", order="income"),
            request_of("partner", ("email", "like.*")),
        ):
            with pytest.raises((CdpError, RuntimeError, OSError)):
                left.extend(
                    row for chunk in read_view(world.platform, request, principal=TESTER).chunks for row in chunk
                )
    assert left == []
    assert acts(world) == before
    verify_log(world.platform)
    assert len(world.rows(request_of("letter"))) == 6  # and it goes on as before


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_between_chunks_holds_back_the_next(world: World, fault: str) -> None:
    chunks = read_view(world.platform, request_of("letter"), principal=TESTER).chunks
    first = list(next(chunks))
    left: list[object] = []
    with FAULTS[fault](world), pytest.raises((CdpError, RuntimeError, OSError)):
        left += next(chunks)
    assert left == []
    verify_log(world.platform)
    entries = [entry for entry in world.entries() if entry["act"] == "read"]
    assert [entry["rows"] for entry in entries] == [len(first)]


@pytest.mark.parametrize("fault", ["table_missing", "read_only", "disk_full", "head_missing"])
def test_the_error_is_one_sentence_that_says_what_to_do(world: World, fault: str) -> None:
    with FAULTS[fault](world), pytest.raises(Unavailable) as caught:
        world.rows(request_of("letter"))
    assert caught.value.code in ("store_failed", "store_unwritable", "store_full", "log_missing")
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_refusal_and_a_change_without_an_entry_do_not_happen(world: World, fault: str) -> None:
    before = acts(world)
    with FAULTS[fault](world):
        with pytest.raises((CdpError, RuntimeError, OSError)) as caught:
            world.rows(request_of("letter", ("religion", "eq.x")))
        assert getattr(caught.value, "code", "") != "unknown_column"  # it is not acknowledged as refused either
        with pytest.raises((CdpError, RuntimeError, OSError)):
            refuse(world.platform, "email:ann1@example.org", "direct_marketing", principal=TESTER)
    assert acts(world) == before
    assert len(world.rows(request_of("letter"))) == 6
    assert world.query("SELECT * FROM cdp_consent_event") == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_damaged_segment_stops_the_read_and_shows_nothing_of_it(world: World) -> None:
    world.sql(
        "UPDATE customer_sealed SET sealed = zeroblob(120)"
        " WHERE segment = 'identity' AND customer_id = (SELECT max(customer_id) FROM customer)"
    )
    with pytest.raises(Unavailable) as caught:
        world.rows(request_of("letter"))
    assert caught.value.code == "segment_damaged"
    assert len(world.rows(request_of("letter", columns="customer_id,income"))) == 6
