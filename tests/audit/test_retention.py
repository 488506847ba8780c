"""Dropping old entries: what is kept still verifies and is proved, what is gone is said, and nothing else may go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.checkpoint import verify_checkpoint
from audit.cosignature import Policy
from audit.entries import Entry, parse_entry
from audit.proof import check_consistency, check_inclusion, parse_consistency, parse_inclusion
from audit.retention import DROP
from cdp.bootstrap import open_platform
from cdp.errors import NotFound, Unavailable
from cdp.services.drop_log import drop_log
from cdp.services.log_public import prove_consistency, prove_inclusion, read_checkpoint, read_tile
from cdp.services.verify_log import verify_log
from cdp.store.platform import LOG_ENTRY
from tests.support import organisation
from tests.support.worlds import TESTER, World, opened

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        append(made, 600)
        made.platform.keeper.sign()
        yield made
        (tmp_path / "home" / "checkpoint").unlink()  # some tests tamper, and would rightly not be signed for
        made.sql("DELETE FROM cdp_log_checkpoint")


def append(world: World, count: int) -> None:
    entry = Entry("refusal", "read", TESTER, None, subjects=[7], reason="because")
    world.platform.door._log.append_many([entry] * count)


def numbers(world: World) -> list[int]:
    return [row[0] for row in world.platform.door.lookup(select(LOG_ENTRY.c.number).order_by(LOG_ENTRY.c.number))]


def test_whole_tiles_go_and_everything_still_holds(world: World) -> None:
    platform = world.platform
    policy = Policy(platform.keeper.verifier)
    stored = [bytes(row[0]) for row in platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))]
    old = verify_checkpoint(read_checkpoint(platform), platform.keeper.verifier)
    tiles = read_tile(platform, "tile/0/000"), read_tile(platform, "tile/0/001")
    assert drop_log(platform, LATER, principal=TESTER) == 512
    assert numbers(world)[0] == 512
    for table in ("cdp_log_subject", "cdp_log_note"):
        assert world.query(f"SELECT count(*) FROM {table} WHERE entry < 512") == [(0,)]
    # The log says so, verifies, and says what it could not look at.
    said = world.entries()[-1]
    assert (said["act"], said["dropped_to"], said["principal"]) == (DROP, 512, "os:tester")
    verified = verify_log(platform)
    assert verified.entries == old.size + 1
    assert any("512 entries before them were dropped" in step for step in verified.steps)
    # Every proof, of what is gone, too, and every checkpoint still holds.
    platform.keeper.sign()
    for index in (0, 255, 256, 511, 512, old.size - 1):
        check_inclusion(parse_inclusion(prove_inclusion(platform, index)), stored[index], policy)
    check_consistency(parse_consistency(prove_consistency(platform, old.size)), old, policy)
    assert tiles == (read_tile(platform, "tile/0/000"), read_tile(platform, "tile/0/001"))
    assert read_tile(platform, "tile/0/000.p/7") == tiles[0][: 7 * 32]
    with pytest.raises(NotFound):
        read_tile(platform, "tile/entries/000", entries=True)
    read_tile(platform, "tile/entries/002.p/9", entries=True)


def test_it_goes_on_where_it_was_and_the_store_opens(world: World) -> None:
    platform = world.platform
    assert drop_log(platform, LATER, principal=TESTER) == 512
    before = len(numbers(world))
    assert drop_log(platform, LATER, principal=TESTER) == 512
    assert len(numbers(world)) == before  # nothing to drop, nothing to say
    append(world, 300)
    platform.keeper.sign()
    assert drop_log(platform, LATER, principal=TESTER) == 768
    verify_log(platform)
    platform.close()
    with open_platform(platform.settings) as again:
        assert "768" in verify_log(again).steps[1]


def test_what_is_younger_or_not_signed_for_stays(world: World) -> None:
    first = parse_entry(bytes(world.platform.door.lookup(select(LOG_ENTRY.c.entry).limit(1))[0][0]))
    assert drop_log(world.platform, datetime.fromisoformat(first["at"]), principal=TESTER) == 0
    append(world, 600)  # not signed yet
    assert drop_log(world.platform, LATER, principal=TESTER) == 512


@pytest.mark.parametrize(
    "tamper",
    [
        "DELETE FROM cdp_log_entry WHERE number < 768",
        "DELETE FROM cdp_log_entry WHERE number = 600",
        "INSERT INTO cdp_log_entry SELECT 5, entry, leaf FROM cdp_log_entry WHERE number = 600",
        "UPDATE cdp_log_dropped SET leaves = (SELECT leaves FROM cdp_log_dropped WHERE number = 1) WHERE number = 0",
        "DELETE FROM cdp_log_dropped WHERE number = 1",
        "INSERT INTO cdp_log_dropped SELECT 2, leaves FROM cdp_log_dropped WHERE number = 1",
    ],
)
def test_nothing_else_may_be_gone(world: World, tamper: str) -> None:
    drop_log(world.platform, LATER, principal=TESTER)
    append(world, 300)
    for act in ("update", "delete"):
        on = " ON cdp_log_dropped" if world.dialect == "postgresql" else ""
        world.sql(f"DROP TRIGGER cdp_log_dropped_no_{act}{on}")
    verify_log(world.platform)
    world.sql(tamper)
    with pytest.raises(Unavailable) as caught:
        verify_log(world.platform)
    assert caught.value.code == "log_broken"


def test_entries_that_nobody_dropped_are_missed(world: World) -> None:
    """All is done as the program does it, but for the entry that says so."""
    world.sql(
        "INSERT INTO cdp_log_dropped SELECT 0, leaves FROM (SELECT " + packed(world) + " AS leaves) q",
        "DELETE FROM cdp_log_entry WHERE number < 256",
        "DELETE FROM cdp_log_subject WHERE entry < 256",
        "DELETE FROM cdp_log_note WHERE entry < 256",
    )
    with pytest.raises(Unavailable, match="other entries are gone"):
        verify_log(world.platform)


def packed(world: World) -> str:
    leaves = b"".join(
        bytes(row[0])
        for row in world.platform.door.lookup(
            select(LOG_ENTRY.c.leaf).where(LOG_ENTRY.c.number < 256).order_by(LOG_ENTRY.c.number)
        )
    ).hex()
    return f"x'{leaves}'" if world.dialect == "sqlite" else f"decode('{leaves}', 'hex')"
