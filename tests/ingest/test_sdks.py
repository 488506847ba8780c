"""The six published SDKs send into a running server, and every event arrives once.

Those for JavaScript come from the npm registry, at the versions of `sdks/package-lock.json`, into the environment that
runs the tests; once they are there, no registry is asked. They are skipped where there is no Node, and the summary says
so. Without a registry, too, but not where `CDP_TEST_REGISTRY` says that there is one, as `.ci/run` does.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import samples
from tests.ingest.serving import Served, serving, until

SDKS = Path(__file__).parent / "sdks"
EVENTS = 20
PYTHON = ("segment-python", "rudder-python")
NODE = ("analytics-node", "rudder-sdk-node", "analytics-next", "analytics-js")
NO_REGISTRY = (b"ENOTFOUND", b"ECONN", b"ETIMEDOUT", b"EAI_AGAIN")
MORE = {"analytics-next": 2}
"""How many calls a script makes besides its events; one else."""


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """A folder with the four packages: installed once into the environment, and there from then on."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("NO NODE: the four SDKs for JavaScript are NOT tested on this machine")
    lock = (SDKS / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / "sdks" / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        install(npm, folder)
    shutil.copy(SDKS / "send.mjs", folder)
    return folder


def install(npm: str, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        whole = Path(made, "whole")
        whole.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SDKS / name, whole)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=4", "--prefer-offline"]
        done = subprocess.run(command, cwd=whole, capture_output=True, check=False)
        if any(word in done.stderr for word in NO_REGISTRY) and not os.environ.get("CDP_TEST_REGISTRY"):
            pytest.skip("NO NPM REGISTRY: the four SDKs for JavaScript are NOT tested on this machine")
        assert done.returncode == 0, done.stderr.decode()
        whole.rename(folder)


def test_events_of_the_sdks_for_python_arrive_once(tmp_path: Path, database_url: str, keys_url: str) -> None:
    with serving(tmp_path / "home", database_url, keys_url) as served:
        require_once(served, {sdk: [sys.executable, str(SDKS / "send.py")] for sdk in PYTHON}, SDKS)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_events_of_the_sdks_for_javascript_arrive_once(
    node_folder: Path, tmp_path: Path, database_url: str, keys_url: str
) -> None:
    with serving(tmp_path / "home", database_url, keys_url) as served:
        require_once(served, {sdk: ["node", "send.mjs"] for sdk in NODE}, node_folder)


def require_once(served: Served, commands: dict[str, list[str]], folder: Path) -> None:
    """Have every SDK send to a source of its own, and look at what has become of it."""
    senders = [
        subprocess.Popen([*command, sdk, served.url, served.add_source(sdk), str(EVENTS)], cwd=folder)
        for sdk, command in commands.items()
    ]
    try:
        for sdk in commands:
            expected = EVENTS + MORE.get(sdk, 1)
            until(lambda sdk=sdk, most=expected: served.status(sdk).folded >= most and not served.status(sdk).waiting)
            found = served.status(sdk)
            assert (found.received, found.folded, found.duplicate) == (expected, expected, 0)
            assert (found.dropped, found.quarantined) == ({}, {})
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
    rows = samples.rows_of(served.platform, "purchases")
    assert sorted(row[4] for row in rows) == sorted(f"{sdk}-{each}" for sdk in commands for each in range(EVENTS))
    people = samples.rows_of(served.platform, "care_desk")
    assert sorted(row[1] for row in people if row[1]) == sorted(NAMES[sdk] for sdk in commands)


NAMES = {
    "segment-python": "Ann Python", "rudder-python": "Ann Python", "analytics-node": "Ann Node",
    "rudder-sdk-node": "Ann Rudder", "analytics-next": "Ann Next", "analytics-js": "Ann Js",
}  # fmt: skip
