"""More than a thousand changes beneath the program on each engine, and as many of bundles: every one of them is seen.

Clumsy ones by verification alone, thorough ones by whoever holds an earlier checkpoint; those of an operator who has
the key, too.
"""

import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select, text

from audit.anchor import Anchor
from audit.bundle import NotVerified
from audit.entries import Entry
from audit.note import NoteError, SignerKey
from audit.verify.check import Trust, verify_bundle
from audit.verify_log import verify_log
from cdp.bootstrap import Platform, open_platform
from cdp.errors import Unavailable
from cdp.store.platform import LOG_CHECKPOINT, LOG_ENTRY
from tests import samples
from tests.audit.bundles import MemoryLog, entry, log_of
from tests.audit.tampering import CLUMSY, THOROUGH, Intruder

ENTRIES = 262
ON_EACH_ENGINE = 1_020
OF_BUNDLES = 300


@dataclass(frozen=True)
class Scene:
    """A log with a full tile, people and reasons, without the fences below the program; and what was signed of it."""

    engine: Engine
    platform: Platform
    signer: SignerKey
    home: Path
    note: bytes

    def judge(self, conn: Connection) -> None:
        """Verify the log as this transaction sees it, then hold it to the checkpoint."""
        verify_log(conn, unseal_note=self.platform.vault.unseal_note)
        Anchor(_Only(conn), _Kept(self.note), self.signer, home=self.home).hold()


@dataclass(frozen=True)
class _Only:
    """A database that is one transaction."""

    conn: Connection

    def read(self, work: Callable[[Connection], Any]) -> Any:
        return work(self.conn)

    write = read


@dataclass(frozen=True)
class _Kept:
    """A place outside that holds one note."""

    note: bytes
    where = "a safe"

    def read(self) -> bytes:
        return self.note

    def write(self, note: bytes) -> None:
        raise OSError(note)


@pytest.fixture
def scene(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Scene]:
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with samples.store(settings.home, database_url, keys_url) as made:
        samples.add_people(made, 3)
        for _ in range(3):
            samples.rows_of(made, "privacy_office")
        note = Entry("refusal", "read", samples.TESTER, made.in_force().versions, {"code": "not_permitted"})
        written = made.door.lookup(select(func.count()).select_from(LOG_ENTRY))[0][0]
        with ThreadPoolExecutor(16) as threads:
            list(threads.map(made.door.note, [note] * (ENTRIES - written)))
    options = {"isolation_level": "REPEATABLE READ"} if database_url.startswith("postgresql") else {}
    engine = create_engine(database_url, **options)  # type: ignore[arg-type]
    with engine.begin() as conn:
        for table in ("cdp_log_entry", "cdp_log_tile"):
            for act in ("update", "delete"):
                on = f" ON {table}" if engine.dialect.name == "postgresql" else ""
                conn.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}"))
    with suppress(Unavailable), open_platform(settings) as platform:
        newest = select(LOG_CHECKPOINT.c.note).order_by(LOG_CHECKPOINT.c.size.desc()).limit(1)
        signed = bytes(platform.door.lookup(newest)[0][0])
        signer = SignerKey(settings.log_origin, platform.vault.platform_key("log"))
        yield Scene(engine, platform, signer, settings.home, signed)
    engine.dispose()


def seen_by(scene: Scene, change: Callable[[Intruder], None], dice: random.Random) -> str:
    """Make a change, have it judged, take it back; return the code under which it was seen."""
    with scene.engine.connect() as conn:
        change(Intruder(conn, dice))
        with pytest.raises(Unavailable) as caught:
            scene.judge(conn)
        conn.rollback()
    return caught.value.code


def test_every_change_of_the_stored_log_is_seen(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(20)
    ways = [*CLUMSY, *THOROUGH]
    seen = Counter(
        (change in THOROUGH, seen_by(scene, change, dice))
        for change in (ways[number % len(ways)] for number in range(ON_EACH_ENGINE))
    )
    with scene.engine.connect() as conn:
        scene.judge(conn)  # and taken back they are all gone: none was seen because of another
    assert sum(seen.values()) == ON_EACH_ENGINE >= 1_000
    assert {code for thorough, code in seen if not thorough} <= {"log_broken"}
    assert {code for thorough, code in seen if thorough} == {"log_rolled_back", "log_forked"}
    with capsys.disabled():
        print(f"\n{scene.engine.dialect.name}: {ON_EACH_ENGINE:,} changes of the stored log, all seen: {dict(seen)}")


def forged(honest: MemoryLog, held: int, dice: random.Random) -> MemoryLog:
    """A log that an operator with the key has changed somewhere before the checkpoint that somebody holds."""
    entries, place = list(honest.entries), dice.randrange(held - 1)
    other = entry(place, view=f"other{dice.randrange(10**6)}")
    way = dice.choice(("edit", "cut", "insert", "swap", "fork", "roll back"))
    if way == "edit":
        entries[place] = other
    elif way == "cut":
        del entries[place : place + dice.randrange(1, 5)]
    elif way == "insert":
        entries.insert(place, other)
    elif way == "swap":
        entries[place], entries[place + 1] = entries[place + 1], entries[place]
    elif way == "fork":
        entries[place:] = [entry(number, view="other") for number in range(place, len(entries) + dice.randrange(20))]
    else:
        del entries[dice.randrange(held) :]
    return MemoryLog(entries)


def test_every_change_by_the_operator_himself_is_seen_by_who_holds_a_checkpoint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dice, honest, seen = random.Random(21), log_of(60), Counter[str]()
    for _ in range(OF_BUNDLES):
        held = dice.randrange(2, 61)
        log = forged(honest, held, dice)
        numbers = dice.sample(range(len(log.entries)), min(3, len(log.entries)))
        olds = [held] if held <= len(log.entries) else []
        for bundle in (log.bundle(), log.person(sorted(numbers), olds=olds)):
            verify_bundle(io.BytesIO(bundle))  # it is whole in itself
            with pytest.raises(NotVerified) as caught:
                verify_bundle(io.BytesIO(bundle), Trust(remembered=(honest.note(held),)))
            seen[caught.value.code] += 1
    with capsys.disabled():
        print(f"\n{sum(seen.values()):,} bundles of changed logs, all refused: {dict(seen)}")
    assert seen.keys() == {"history_forked", "history_cut"}


def test_every_change_by_somebody_without_the_key_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines cut, doubled, swapped and edited, with everything made anew but the signatures."""
    dice, bundle = random.Random(22), log_of(40).bundle(olds=[10])
    for _ in range(OF_BUNDLES):
        lines = bundle.splitlines(keepends=True)
        one, two = sorted(dice.sample(range(len(lines)), 2))
        way = dice.choice(("cut", "double", "swap", "edit", "truncate"))
        if way == "cut":
            del lines[one]
        elif way == "double":
            lines.insert(one, lines[one])
        elif way == "swap":
            lines[one], lines[two] = lines[two], lines[one]
        elif way == "edit":
            at = dice.randrange(len(lines[one]))
            lines[one] = lines[one][:at] + bytes([dice.randrange(256)]) + lines[one][at:]
        else:
            del lines[two:]
        with pytest.raises((NotVerified, NoteError)):
            verify_bundle(io.BytesIO(b"".join(lines)))
    with capsys.disabled():
        print(f"\n{OF_BUNDLES:,} changed bundles, all refused")
