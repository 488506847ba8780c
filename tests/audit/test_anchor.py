"""The checkpoint outside the database: rollback and fork are seen when the store is opened, and it only moves on."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from audit.checkpoint import parse_checkpoint
from audit.entries import Entry
from audit.note import parse_note
from cdp.bootstrap import Platform, open_platform
from cdp.config import Settings
from cdp.errors import CdpError, Unavailable
from cdp.services.verify_log import verify_log
from tests import samples


def append(platform: Platform, count: int, role: str = "tester") -> None:
    """Append entries, whatever they say."""
    versions = platform.in_force().versions
    for _ in range(count):
        platform.door.note(Entry("refusal", "read", samples.Principal("os:tester", role), versions))


def checkpoint_size(home: Path) -> int:
    """For how many entries the file signs."""
    return parse_checkpoint(parse_note((home / "checkpoint").read_bytes())[0]).size


@pytest.fixture
def made(tmp_path: Path, database_url: str, keys_url: str) -> Settings:
    """A store with some entries, closed."""
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with samples.store(settings.home, database_url, keys_url) as platform:
        append(platform, 20)
    return settings


def test_the_file_follows_the_log(made: Settings) -> None:
    before = checkpoint_size(made.home)
    with open_platform(made) as platform:
        append(platform, 300)
        assert checkpoint_size(made.home) == before
        verified = verify_log(platform)
    assert checkpoint_size(made.home) == verified.entries == before + 300
    assert (made.home / "checkpoint").stat().st_mode & 0o777 == 0o600
    with open_platform(made):
        pass


def forget(url: str, keep: int) -> None:
    """Cut the log to its first entries so well that it verifies by itself: head and all."""
    from audit.merkle import Frontier

    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM cdp_log_entry WHERE number >= :keep"), {"keep": keep})
        conn.execute(text("DELETE FROM cdp_log_checkpoint"))
        leaves = [bytes(row[0]) for row in conn.execute(text("SELECT leaf FROM cdp_log_entry ORDER BY number"))]
        edge = Frontier().append(leaves).encode()
        conn.execute(text("UPDATE cdp_log_head SET frontier = :edge"), {"edge": edge})
    engine.dispose()


def test_a_log_cut_short_is_not_opened(made: Settings, database_url: str) -> None:
    forget(database_url, 10)
    with pytest.raises(Unavailable) as caught, open_platform(made):
        pass
    assert caught.value.code == "log_rolled_back"


def test_a_log_cut_while_open_is_not_signed_for(made: Settings, database_url: str) -> None:
    before = checkpoint_size(made.home)
    with pytest.raises(Unavailable) as caught, open_platform(made):
        forget(database_url, 10)
    assert caught.value.code == "log_rolled_back"
    assert checkpoint_size(made.home) == before


def test_another_history_is_not_opened(made: Settings, database_url: str, tmp_path: Path) -> None:
    """Cut, then filled up again with entries that say something else: it verifies by itself, but is another log."""
    forget(database_url, 10)
    kept = tmp_path / "kept"
    shutil.move(made.home / "checkpoint", kept)
    with open_platform(made) as platform:
        append(platform, 40, role="somebody_else")
        verify_log(platform)
    shutil.move(kept, made.home / "checkpoint")
    with pytest.raises(Unavailable) as caught, open_platform(made):
        pass
    assert caught.value.code == "log_forked"


@pytest.mark.parametrize("damage", ["odd", "flipped", "another name"])
def test_a_damaged_checkpoint_is_no_checkpoint(made: Settings, damage: str) -> None:
    file = made.home / "checkpoint"
    note = file.read_bytes()
    signature = note.rindex(b" ") + 20
    flipped = note[:signature] + (b"A" if note[signature : signature + 1] != b"A" else b"B") + note[signature + 1 :]
    file.write_bytes({"odd": b"odd", "flipped": flipped, "another name": note.replace(b"/log", b"/other")}[damage])
    with pytest.raises(Unavailable) as caught, open_platform(made):
        pass
    assert caught.value.code == "checkpoint_unreadable"


def test_another_public_url_keeps_the_log(made: Settings) -> None:
    moved = made.model_copy(update={"origin": "https://data.example.org"})
    with open_platform(moved) as platform:
        append(platform, 1)
    assert (made.home / "checkpoint").read_bytes().startswith(b"data.example.org/log\n")
    with open_platform(made):
        pass


def test_a_head_that_is_not_that_of_the_entries_is_not_opened(made: Settings, database_url: str) -> None:
    """The entries are all there; the head, which the next entry would grow from, is another tree's."""
    from audit.merkle import Frontier, leaf_hash

    size = checkpoint_size(made.home)
    edge = Frontier().append(leaf_hash(b"%d" % number) for number in range(size + 3)).encode()
    engine = create_engine(database_url)
    with engine.begin() as conn:
        conn.execute(text("UPDATE cdp_log_head SET frontier = :edge"), {"edge": edge})
    engine.dispose()
    with pytest.raises(Unavailable) as caught, open_platform(made):
        pass
    assert caught.value.code == "log_forked"


def test_what_is_outside_is_in_the_database_too(made: Settings, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as conn:
        notes = conn.execute(text("SELECT note FROM cdp_log_checkpoint ORDER BY size")).scalars().all()
    engine.dispose()
    assert bytes(notes[-1]) == (made.home / "checkpoint").read_bytes()
    assert len(notes) <= 2  # of one minute only the last is kept


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_folder_keeps_the_last_one_of_each_day(made: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    moved = made.model_copy(update={"checkpoints": f"{folder}/"})
    with open_platform(moved) as platform:
        append(platform, 3)
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "checkpoint"
    assert [name[:11] for name in names[1:]] == ["checkpoint-"] * (len(names) - 1)
    assert (folder / "checkpoint").read_bytes() == (folder / names[-1]).read_bytes()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        {"checkpoints": "ftp://x/y"}, {"checkpoints": "http://example.org/y"}, {"witnesses": "nobody"},
        {"witnesses": "a+b+c https://w"},
    ],
)  # fmt: skip
def test_a_setting_that_names_no_place_is_refused(made: Settings, change: dict[str, str]) -> None:
    with pytest.raises(CdpError) as caught, open_platform(made.model_copy(update=change)):
        pass
    assert caught.value.code == "bad_setting"
