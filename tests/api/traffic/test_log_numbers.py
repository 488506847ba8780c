"""How the log is signed, in the numbers and in whether a server is ready."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.outside import FileOutside
from audit.signing import Signing, SigningState
from cdp.api.traffic.metrics import FOLDER, Metrics, forget_the_dead
from cdp.api.traffic.readiness import Readiness
from cdp.bootstrap import Platform
from cdp.services.verify_log import verify_log
from tests import samples
from tests.audit.test_signing import PERIOD, note_one, until
from tests.support.faults import FAULTS, head_replaced
from tests.support.worlds import World

EMPTY = {
    dialect: f"UPDATE cdp_log_head SET frontier = {zeros}"
    for dialect, zeros in (("sqlite", "zeroblob(8)"), ("postgresql", r"'\x0000000000000000'"))
}


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        yield made


def fault(platform: Platform) -> str:
    return Readiness(platform).fault()


def test_numbers_follow_what_signing_says() -> None:
    numbers = Metrics()
    numbers.log.signing(SigningState(leads=True, signed_at="2026-11-22T10:00:00.000000+00:00"))
    numbers.log.signing(
        SigningState(fault="checkpoint_unwritable", witnesses={"w.example.org": "witness_unreachable", "v": ""})
    )
    told = numbers.text().decode()
    assert "cdp_log_signed_timestamp_seconds 1.7953416e+09\n" in told
    assert 'cdp_log_signing_fault{code="checkpoint_unwritable"} 1.0\n' in told
    assert 'cdp_log_witness_up{witness="w.example.org"} 0.0\n' in told
    assert 'cdp_log_witness_up{witness="v"} 1.0\n' in told
    assert 'cdp_log_witness_fault{code="witness_unreachable",witness="w.example.org"} 1.0\n' in told
    numbers.log.signing(SigningState(witnesses={"w.example.org": "", "v": ""}))
    told = numbers.text().decode()
    assert 'cdp_log_signing_fault{code="checkpoint_unwritable"} 0.0\n' in told
    assert 'cdp_log_witness_up{witness="w.example.org"} 1.0\n' in told
    assert 'cdp_log_witness_fault{code="witness_unreachable",witness="w.example.org"} 0.0\n' in told


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_place_outside_that_fails_shows_and_does_not_stop(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: FileOutside, _note: bytes) -> None:
        raise OSError(28, "no space")

    numbers = Metrics()
    with platform.keeper.running(period=PERIOD, tell=numbers.log.signing):
        with monkeypatch.context() as patched:
            patched.setattr(FileOutside, "write", fail)
            note_one(platform)
            until(lambda: 'signing_fault{code="checkpoint_unwritable"} 1.0' in numbers.text().decode())
            assert fault(platform) == ""
        until(lambda: 'signing_fault{code="checkpoint_unwritable"} 0.0' in numbers.text().decode())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_a_keeper_it_is_not_ready(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Signing, "_run", lambda _self: None)  # a thread that ended
    with platform.keeper.running(period=PERIOD):
        until(lambda: fault(platform) == "keeper_dead")
    assert fault(platform) == "", "nobody asked it to sign"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_keeper_that_hangs_is_none(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    with platform.keeper.running():
        monkeypatch.setattr("audit.signing.HUNG_SECONDS", 0.0)
        assert fault(platform) == "keeper_dead"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_on_another_log_than_it_signed_for_it_is_not_ready(platform: Platform) -> None:
    with platform.keeper.running(period=PERIOD):
        for _ in range(2):
            note_one(platform)
        until(lambda: platform.keeper.state.signed_at != "")
        with head_replaced(World(platform), EMPTY[platform.door.dialect]):
            until(lambda: platform.keeper.state.fault != "")
            assert fault(platform) == "log_rolled_back"
        until(lambda: fault(platform) == "")


@pytest.mark.parametrize("broken", FAULTS)
def test_when_the_log_takes_nothing_it_is_not_ready(platform: Platform, broken: str) -> None:
    before = len(World(platform).entries())
    assert fault(platform) == ""
    with FAULTS[broken](World(platform)):
        assert fault(platform) != ""
    assert fault(platform) == ""
    entries = World(platform).entries()
    assert len([each for each in entries if each["act"] != "filling"]) == before, "being asked leaves nothing there"
    verify_log(platform)


def test_the_gauges_of_who_was_killed_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    for kind in ("gauge_livesum", "gauge_livemax", "counter"):
        for pid in (os.getpid(), gone.pid):
            (tmp_path / f"{kind}_{pid}.db").touch()
    forget_the_dead(tmp_path)
    left = {each.stem for each in tmp_path.iterdir()}
    assert left == {
        f"counter_{gone.pid}",
        *(f"{kind}_{os.getpid()}" for kind in ("gauge_livesum", "gauge_livemax", "counter")),
    }
