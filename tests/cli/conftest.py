"""A working folder with the two sample files, its store on each engine, and `cdp` as it is called there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from cdp.bootstrap import open_platform
from cdp.cli.main import run
from cdp.config import load_settings
from tests import samples


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self):
        return orjson.loads(self.raw)


Cdp = Callable[..., Done]


@pytest.fixture
def cdp(capfdbinary: pytest.CaptureFixture[bytes]) -> Cdp:
    """`cdp("read", "care_desk", …)` in this process; tests/cli/test_process.py runs it as a process of its own."""

    def call(*arguments: object) -> Done:
        capfdbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        found = capfdbinary.readouterr()
        return Done(code, found.out, found.err.decode())

    return call


@pytest.fixture
def folder(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the two files and settings that name databases which are empty or not there yet."""
    here = tmp_path / "work"
    here.mkdir()
    (here / "catalogue.yaml").write_text(samples.CATALOGUE_TEXT)
    (here / "policy.yaml").write_text(samples.POLICY_TEXT)
    monkeypatch.chdir(here)
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CDP_DATABASE_URL", database_url)
    monkeypatch.setenv("CDP_KEYS_URL", keys_url)
    monkeypatch.delenv("CDP_DEBUG", raising=False)
    return here


@pytest.fixture
def store(folder: Path, cdp: Cdp) -> Path:
    """A store with the two files in force and nobody in it."""
    assert cdp("init").code == 0
    return folder


@pytest.fixture
def people(store: Path) -> list[str]:
    """Twelve customers in it: their ids, in the order of their numbers."""
    with open_platform(load_settings()) as platform:
        made = samples.add_people(platform, 12)
    return [row.customer_id for row in made]
