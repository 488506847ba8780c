"""Signing while a process runs: it follows the log, says what keeps it from it, and one of several does it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from audit.anchor import Anchor
from audit.checkpoint import parse_checkpoint
from audit.entries import Entry
from audit.exchange import ExchangeError, exchange, split_url
from audit.keeper import LogKeeper
from audit.note import parse_note
from audit.outside import FileOutside
from audit.signing import Signing
from cdp.bootstrap import Platform, keeper_of, open_platform
from cdp.config import Settings
from cdp.errors import Unavailable
from cdp.services.log_public import read_checkpoint
from tests import samples

PERIOD = 0.005


@pytest.fixture
def made(tmp_path: Path, database_url: str, keys_url: str) -> Settings:
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with samples.store(settings.home, database_url, keys_url):
        return settings


def note_one(platform: Platform) -> int:
    """Append an entry; return how large the log is then."""
    return platform.door.note(Entry("refusal", "read", samples.TESTER, None)) + 1


def size_of(note: bytes | None) -> int:
    return parse_checkpoint(parse_note(note)[0]).size if note else 0


def until(holds: Callable[[], bool]) -> None:
    """Wait for what a thread brings about; the test hangs if it never does."""
    while not holds():
        threading.Event().wait(PERIOD)


def test_new_entries_are_signed_for_while_it_runs(made: Settings) -> None:
    with open_platform(made) as platform, platform.keeper.running(period=PERIOD):
        for _ in range(3):
            size = note_one(platform)
            until(lambda: size_of(read_checkpoint(platform)) == size)  # noqa: B023
            until(lambda: size_of((made.home / "checkpoint").read_bytes()) == size)  # noqa: B023


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_place_that_fails_is_said_and_tried_again(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading goes on; the database has the checkpoint; when the place is back, it has it, too."""
    write = FileOutside.write

    def fail(_self: FileOutside, _note: bytes) -> None:
        raise OSError(28, "no space")

    with open_platform(made) as platform, platform.keeper.running(period=PERIOD):
        monkeypatch.setattr(FileOutside, "write", fail)
        size = note_one(platform)
        until(lambda: platform.keeper.state.fault == "checkpoint_unwritable")
        assert platform.keeper.state.since
        assert size_of(read_checkpoint(platform)) == size
        note_one(platform)  # nothing is stopped by it
        monkeypatch.setattr(FileOutside, "write", write)
        until(lambda: platform.keeper.state.fault == "" and platform.keeper.state.signed_at != "")
    assert size_of((made.home / "checkpoint").read_bytes()) == size + 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_command_whose_checkpoint_is_not_written_says_so(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: FileOutside, _note: bytes) -> None:
        raise OSError(28, "no space")

    def command() -> None:
        with open_platform(made) as platform:
            note_one(platform)
            monkeypatch.setattr(FileOutside, "write", fail)

    with pytest.raises(Unavailable) as caught:
        command()
    assert caught.value.code == "checkpoint_unwritable"


def test_of_two_one_signs_and_the_other_takes_over(tmp_path: Path) -> None:
    counts = [0, 0]

    def count(which: int) -> Callable[[], None]:
        def sign() -> None:
            counts[which] += 1

        return sign

    first, second = (Signing(count(which), None, tmp_path, period=PERIOD) for which in range(2))
    first.start()
    until(lambda: counts[0] > 0)
    second.start()
    until(lambda: counts[0] > 5)
    assert counts[1] == 0
    assert not second.state.leads
    first.stop()
    until(lambda: counts[1] > 0)
    second.stop()


class Place(BaseHTTPRequestHandler):
    """A place for one note, which refuses who is behind."""

    kept: bytes | None = None
    tag = 0
    broken = False
    asked: list[str]

    def do_GET(self) -> None:
        cls = type(self)
        self._answer(500 if cls.broken else 200 if cls.kept else 404, cls.kept or b"")

    def do_PUT(self) -> None:
        cls = type(self)
        body = self.rfile.read(int(self.headers["content-length"]))
        match = self.headers["if-match"]
        if cls.broken or (match and match != f'"{cls.tag}"'):
            self._answer(412, b"")
            return
        cls.asked.append(str(self.headers["authorization"]))
        cls.kept, cls.tag = body, cls.tag + 1
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", f'"{type(self).tag}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def place() -> Iterator[tuple[type[Place], str]]:
    handler = type("Fresh", (Place,), {"asked": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(PERIOD,))
        thread.start()
        yield handler, f"http://me:p%40ss@127.0.0.1:{server.server_port}/log"
        server.shutdown()
        thread.join()


def test_checkpoints_are_kept_at_a_url(made: Settings, place: tuple[type[Place], str]) -> None:
    handler, url = place
    far = made.model_copy(update={"checkpoints": url})
    with open_platform(far) as platform:
        size = note_one(platform)
    assert size_of(handler.kept) == size
    assert set(handler.asked) == {"Basic bWU6cEBzcw=="}
    with open_platform(made) as platform:  # another machine, which does not look there, goes on
        note_one(platform)
    with open_platform(far):
        pass
    assert size_of(handler.kept) == size + 1
    handler.broken = True
    with pytest.raises(Unavailable) as caught, open_platform(far):
        pass
    assert caught.value.code == "checkpoint_unreadable"
    assert "p%40ss" not in str(caught.value)
    assert "p@ss" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://x/", "https://", "file:///etc/passwd", "https://a b/", "http://127.0.0.1:x/", ""],
)
def test_other_urls_are_not_talked_to(url: str) -> None:
    with pytest.raises(ExchangeError):
        split_url(url)


def test_no_answer_is_an_error_of_ours() -> None:
    with pytest.raises(ExchangeError):
        exchange("GET", "http://127.0.0.1:1/", wait=0.5)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_same_tree_is_signed_once(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    with open_platform(made) as platform:
        note_one(platform)
        platform.keeper.sign()
        monkeypatch.setattr(Anchor, "_write", lambda _self, note: written.append(note))
        other: LogKeeper = keeper_of(made, platform.vault, platform._database)
        for keeper in (platform.keeper, other):
            keeper.sign()
    assert written == []
