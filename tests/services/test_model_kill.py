"""`kill -9` at every step of a change of the catalogue, and at every step of going on: the end is always the same."""

import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from tests.postgres import Server
from tests.services.changing_store import Place


def test_killed_anywhere_it_ends_as_if_it_had_not_been(
    place: Place, engine_name: str, request: pytest.FixtureRequest
) -> None:
    arguments = [str(place.home.parent), place.database_url]
    if engine_name == "postgresql":
        server: Server = request.getfixturevalue("postgres_server")
        arguments.append(json.dumps(asdict(server)))
    command = [sys.executable, "-m", "tests.services.model_fuse", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    # Begin, some batches, shrink, two things done to the files, in force: each before and after.
    assert int(found.stdout) >= 2 * 8
