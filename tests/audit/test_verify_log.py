"""The stored log against itself: every way of changing it beneath the program is seen, and said where."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, func, select, text

from audit.entries import Entry, format_entry, frame_of, parse_entry
from audit.merkle import leaf_hash
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.services.verify_log import verify_log
from cdp.store.platform import LOG_ENTRY
from tests import samples

ENTRIES = 300


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """A store whose log has a full tile and a rest, people and reasons in it."""
    # Closing signs for the log, and refuses to once it is tampered with; that is tested with the anchor.
    with suppress(Unavailable), samples.store(tmp_path / "home", database_url, keys_url) as opened:
        samples.add_people(opened, 3)
        samples.rows_of(opened, "privacy_office")
        versions = opened.in_force().versions
        note = Entry("refusal", "read", samples.TESTER, versions, {"code": "not_permitted"})
        written = opened.door.lookup(select(func.count()).select_from(LOG_ENTRY))[0][0]
        with ThreadPoolExecutor(16) as threads:  # those who append at once share a commit
            list(threads.map(opened.door.note, [note] * (ENTRIES - written)))
        yield opened


def test_an_honest_log_verifies(platform: Platform) -> None:
    seen: list[tuple[int, int]] = []
    verified = verify_log(platform, lambda done, total: seen.append((done, total)))
    assert verified.entries == ENTRIES
    assert seen[-1] == (ENTRIES, ENTRIES)
    assert any(verified.root_hex in step for step in verified.steps)


def _forged(conn: Connection, number: int) -> dict[str, object]:
    """An entry changed together with its leaf, as somebody would who knows the format."""
    data = bytes(conn.execute(text("SELECT entry FROM cdp_log_entry WHERE number = :n"), {"n": number}).scalar_one())
    body = parse_entry(data)
    forged = data.replace(str(body["role"]).encode(), b"nobody!")
    return {"n": number, "e": forged, "l": leaf_hash(forged)}


def change_entry(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_entry SET entry = :e WHERE number = :n"), _forged(conn, 5))


def change_entry_and_leaf(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_entry SET entry = :e, leaf = :l WHERE number = :n"), _forged(conn, 5))


def cut_the_tail(conn: Connection) -> None:
    conn.execute(text(f"DELETE FROM cdp_log_entry WHERE number = {ENTRIES - 1}"))


def cut_the_middle(conn: Connection) -> None:
    conn.execute(text("DELETE FROM cdp_log_entry WHERE number = 200"))


def swap_two(conn: Connection) -> None:
    for old, new in ((7, -7), (8, 7), (-7, 8)):
        conn.execute(text(f"UPDATE cdp_log_entry SET number = {new} WHERE number = {old}"))


def add_beyond(conn: Connection) -> None:
    conn.execute(text(f"INSERT INTO cdp_log_entry SELECT {ENTRIES}, entry, leaf FROM cdp_log_entry WHERE number = 1"))


def change_tile(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_tile SET hash = :h WHERE number = 0"), {"h": bytes(32)})


def drop_tile(conn: Connection) -> None:
    conn.execute(text("DELETE FROM cdp_log_tile WHERE number = 0"))


def add_tile(conn: Connection) -> None:
    conn.execute(text("INSERT INTO cdp_log_tile VALUES (2, 0, :h)"), {"h": bytes(32)})


def change_head(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_head SET frontier = :h"), {"h": bytes(8)})


def break_head(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_head SET frontier = :h"), {"h": b"odd"})


def drop_head(conn: Connection) -> None:
    conn.execute(text("DELETE FROM cdp_log_head"))


def change_people(conn: Connection) -> None:
    members = conn.execute(text("SELECT members FROM cdp_log_subject WHERE entry = 1")).scalar_one()
    conn.execute(text("UPDATE cdp_log_subject SET members = :m WHERE entry = 1"), {"m": bytes(members)[:-1] + b"\xff"})


def change_salt(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_subject SET salt = :s WHERE entry = 1"), {"s": bytes(16)})


def drop_people(conn: Connection) -> None:
    conn.execute(text("DELETE FROM cdp_log_subject WHERE entry = 2"))


def add_people(conn: Connection) -> None:
    conn.execute(
        text(
            "INSERT INTO cdp_log_subject SELECT block, 9, salt, members, low, high FROM cdp_log_subject WHERE entry = 1"
        )
    )


def hide_people(conn: Connection) -> None:
    conn.execute(text("UPDATE cdp_log_subject SET low = 65535, high = 65535 WHERE entry = 1"))


def change_reason(conn: Connection) -> None:
    sealed = bytes(conn.execute(text("SELECT sealed FROM cdp_log_note")).scalar_one())
    conn.execute(text("UPDATE cdp_log_note SET sealed = :s"), {"s": sealed[:-1] + bytes([sealed[-1] ^ 1])})


def drop_reason(conn: Connection) -> None:
    conn.execute(text("DELETE FROM cdp_log_note"))


TAMPERING = [
    change_entry, change_entry_and_leaf, cut_the_tail, cut_the_middle, swap_two, add_beyond, change_tile, drop_tile,
    add_tile, change_head, break_head, drop_head, change_people, change_salt, drop_people, add_people, hide_people,
    change_reason, drop_reason,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_tampering_is_seen(platform: Platform, database_url: str, tamper: Callable[[Connection], None]) -> None:
    verify_log(platform)
    engine = create_engine(database_url)
    with engine.begin() as conn:
        for table in ("cdp_log_entry", "cdp_log_tile"):  # somebody who may do so switches the triggers off first
            for act in ("update", "delete"):
                on = f" ON {table}" if engine.dialect.name == "postgresql" else ""
                conn.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}"))
        tamper(conn)
    engine.dispose()
    with pytest.raises(Unavailable) as caught:
        verify_log(platform)
    assert caught.value.code == "log_broken"
    assert caught.value.path


def test_entry_round_trip() -> None:
    entry = Entry("change", "import", samples.TESTER, None, {"rows": 3, "entity": "customer"}, subjects=[1, 2, 2])
    frame = frame_of(entry, "2026-01-01T00:00:00.000000+00:00")
    data = format_entry(entry, frame, {"customers": 2, "subjects": "ab" * 32})
    body = parse_entry(data)
    assert (body["rows"], body["customers"], body["principal"], body["subjects"]) == (3, 2, "os:tester", "ab" * 32)
    for other in (data + b" ", data[:-1], b"[]", b"{}", b"", data.replace(b'"rows":3', b'"rows": 3')):
        with pytest.raises(Unavailable, match="not in its format"):
            parse_entry(other)
