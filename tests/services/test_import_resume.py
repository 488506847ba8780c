"""A kill at any point: what was committed stands, the next run goes on exactly there (invariant 7)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cdp.errors import Unavailable
from cdp.services.imports import batches
from tests.services.importing import bring, counts, entries, people, reasons, store, write
from tests.services.killed_import import file, of_file


def test_a_kill_at_every_side_effect(tmp_path: Path, database_url: str, keys_url: str) -> None:
    with store(tmp_path / "home", database_url, keys_url) as platform:
        result = bring(platform, file(tmp_path, 0))
        wanted = counts(result), reasons(result), of_file(people(platform), 0)
        assert wanted[0] == (5, 2, 2, 2)
    (tmp_path / "files").mkdir()
    arguments = [str(tmp_path / "home"), database_url, keys_url, str(tmp_path / "files")]
    program = [sys.executable, "-m", "tests.services.killed_import", *arguments]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    for each in found:
        assert tuple(each["counts"]) == wanted[0], each
        assert [tuple(reject) for reject in each["rejects"]] == wanted[1], each
        assert each["people"] == wanted[2], each
    # It was killed often, and after each of its commits.
    assert len(found) > 40
    assert {each["resumed_at"] for each in found if not each["already"]} == {0, 4, 8}
    assert found[-1]["already"]
    with store(tmp_path / "home", database_url, keys_url) as platform:
        assert sum(entry["created"] for entry in entries(platform)) == 5 * (len(found) + 1)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_import_that_failed_goes_on(
    tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 2)
    path = write(tmp_path / "people.csv", 'email,nickname,age\n"0@example.org","two\nlines",x\n' + people_from(1, 9))
    seen: list[tuple[int, int, int]] = []

    def stop(done: int, total: int, rows: int) -> None:
        seen.append((done, total, rows))
        if rows == 4:
            raise Unavailable("store_full", "no space")

    with store(tmp_path / "home", database_url, keys_url) as platform:
        with pytest.raises(Unavailable):
            bring(platform, path, progress=stop)
        size = path.stat().st_size
        assert seen[0] == (0, size, 0)
        assert [rows for _, _, rows in seen] == [0, 2, 4]
        stopped, seen[:] = seen[-1], []
        # A mapping makes it another import; so does another entity.
        result = bring(platform, path, mapping={"nickname": "-"})
        assert (counts(result), result.resumed_at) == ((5, 0, 3, 1), 0)
        result = bring(platform, path, progress=lambda *done: seen.append(done))
        assert (counts(result), result.resumed_at) == ((3, 5, 0, 1), 4)
        assert (seen[0], seen[-1]) == (stopped, (size, size, 9))
        assert reasons(result) == [(2, "bad_value", "age")]
        assert bring(platform, path).already


def people_from(start: int, stop: int) -> str:
    return "".join(f"{n}@example.org,N,{n}\n" for n in range(start, stop))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_again_begins_anew_and_resumes_like_any_other(
    tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 2)
    path = write(tmp_path / "people.csv", "email,nickname,age\n" + people_from(0, 6))

    def stop(_done: int, _total: int, rows: int) -> None:
        if rows == 4:
            raise Unavailable("store_full", "no space")

    with store(tmp_path / "home", database_url, keys_url) as platform:
        bring(platform, path)
        with pytest.raises(Unavailable):
            bring(platform, path, again=True, progress=stop)
        result = bring(platform, path)
        assert (counts(result), result.resumed_at, result.already) == ((0, 0, 6, 0), 4, False)
