"""Log and witness as two processes: cosignatures are asked for, published, demanded, and missed."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.cosignature import Policy, WitnessKey, cosigned
from audit.entries import Entry
from cdp.bootstrap import Platform, open_platform
from cdp.config import Settings
from cdp.errors import BadInput, Unavailable
from cdp.services.log_public import read_checkpoint
from cdp.services.verify_log import verify_log
from cdp.services.witness import make_witness, open_witness, seen_by, trust_log
from tests import samples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], tuple[WitnessKey, str, subprocess.Popen[str]]]]:
    """Start `cdp witness serve` and return the key, the URL and the process."""
    running = []

    def start(name: str) -> tuple[WitnessKey, str, subprocess.Popen[str]]:
        folder = tmp_path / name
        key = open_witness(folder).key if folder.exists() else make_witness(folder, f"{name}.example.net")
        command = [sys.executable, "-m", "cdp.cli.main", "witness", "serve", str(folder), "--port", "0"]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        running.append(process)
        for line in process.stderr:
            found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
            if found:
                return key, found[0], process
        raise AssertionError("it did not start")

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def made(tmp_path: Path, database_url: str, keys_url: str) -> Settings:
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with samples.store(settings.home, database_url, keys_url):
        return settings


def vkey(settings: Settings) -> str:
    with open_platform(settings) as platform:
        return platform.keeper.verifier.format()


def append(platform: Platform, count: int = 3) -> None:
    platform.door._log.append_many([Entry("refusal", "read", samples.TESTER, None) for _ in range(count)])


def with_witnesses(settings: Settings, *witnesses: tuple[WitnessKey, str]) -> Settings:
    return settings.model_copy(update={"witnesses": ", ".join(f"{key.format()} {url}" for key, url in witnesses)})


def test_checkpoints_are_cosigned_and_cosignatures_demanded(
    made: Settings, started: Callable[[str], tuple[WitnessKey, str, subprocess.Popen[str]]], tmp_path: Path
) -> None:
    first, second = started("first"), started("second")
    keys = (first[0], second[0])
    texts = [key.format() for key in keys]
    trust_log(tmp_path / "first", vkey(made))
    watched = with_witnesses(made, first[:2], second[:2])
    with open_platform(watched) as platform:
        append(platform)
        platform.keeper.sign()
        # The second does not know the log: its answer is 404, and nothing else is kept from its course.
        assert platform.keeper.cosign() == {"first.example.net": "", "second.example.net": "witness_refused"}
        note = read_checkpoint(platform)
        assert list(cosigned(note, keys)) == [keys[0]]
        assert (made.home / "checkpoint").read_bytes() == note
        assert "witness" in verify_log(platform, witnesses=texts, quorum=1).steps[-1]
        with pytest.raises(Unavailable) as caught:
            verify_log(platform, witnesses=texts)
        assert caught.value.code == "witnesses_missing"
        for witnesses, quorum in ((texts, 3), (texts, 0), ((), 1), (["x"], None)):
            with pytest.raises(BadInput) as bad:
                verify_log(platform, witnesses=witnesses, quorum=quorum)
            assert bad.value.code == "bad_witness"
    trust_log(tmp_path / "second", vkey(made))
    with open_platform(watched) as platform:  # it asks for what is missing when it is closed, too
        append(platform)
    with open_platform(watched) as platform:
        assert Policy(platform.keeper.verifier, keys)(read_checkpoint(platform))
        verify_log(platform, witnesses=texts)


def test_a_witness_that_was_killed_is_asked_again(
    made: Settings, started: Callable[[str], tuple[WitnessKey, str, subprocess.Popen[str]]], tmp_path: Path
) -> None:
    key, url, process = started("only")
    trust_log(tmp_path / "only", vkey(made))
    watched = with_witnesses(made, (key, url))
    with open_platform(watched) as platform:
        append(platform)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_platform(watched) as platform:
        append(platform)
        platform.keeper.sign()
        assert platform.keeper.cosign() == {"only.example.net": "witness_unreachable"}
        with pytest.raises(Unavailable):
            verify_log(platform, witnesses=[key.format()])
    again = started("only")
    with open_platform(with_witnesses(made, again[:2])) as platform:
        assert platform.keeper.cosign() == {"only.example.net": ""}
        verify_log(platform, witnesses=[key.format()])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_last_weeks_database_is_seen_by_the_witness(
    made: Settings, started: Callable[[str], tuple[WitnessKey, str, subprocess.Popen[str]]], tmp_path: Path
) -> None:
    """Database and checkpoint outside are both put back: nothing on this machine tells, the witness does."""
    key, url, _ = started("only")
    trust_log(tmp_path / "only", vkey(made))
    watched = with_witnesses(made, (key, url))
    data = Path(made.database_url.removeprefix("sqlite:///"))
    kept = (data.read_bytes(), (made.home / "checkpoint").read_bytes())
    with open_platform(watched) as platform:
        append(platform, 9)
    for path in data.parent.glob(f"{data.name}*"):
        path.unlink()
    data.touch(0o600)
    data.write_bytes(kept[0])
    (made.home / "checkpoint").write_bytes(kept[1])
    with open_platform(watched) as platform:
        append(platform, 2)
        platform.keeper.sign()
        assert platform.keeper.cosign() == {"only.example.net": "witness_ahead"}
        with pytest.raises(Unavailable) as caught:
            verify_log(platform, witnesses=[key.format()])
        assert caught.value.code == "witnesses_missing"
        append(platform, 20)  # larger by now than what the witness has seen, but another history
        platform.keeper.sign()
        assert platform.keeper.cosign() == {"only.example.net": "witness_refused"}
    assert seen_by(tmp_path / "only")[0][2] == 1  # the witness holds the two notes that prove it


def test_a_folder_holds_one_witness(tmp_path: Path) -> None:
    make_witness(tmp_path / "w", "w.example.net")
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "w").iterdir()}.items() >= {
        "key": 0o600, "witness.db": 0o600
    }.items()  # fmt: skip
    with pytest.raises(BadInput) as caught:
        make_witness(tmp_path / "w", "w.example.net")
    assert caught.value.code == "witness_exists"
    with pytest.raises(BadInput):
        make_witness(tmp_path / "v", "a b")
    with pytest.raises(BadInput):
        trust_log(tmp_path / "w", "nothing")
    (tmp_path / "w" / "key").chmod(0o644)
    with pytest.raises(Unavailable) as missing:
        open_witness(tmp_path / "w")
    assert missing.value.code == "witness_missing"
