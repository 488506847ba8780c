"""Where an answer goes: stdout holds nothing but data; a file is there whole, private, or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cdp.cli.output import destination
from cdp.errors import BadInput, Unavailable

AGENT = ("read", "care_desk", "--as", "agent", "--select", "full_name")


def test_a_file_is_whole_and_private(cdp, people, folder):
    out = folder / "people.csv"
    done = cdp(*AGENT, "--output", out)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert out.read_bytes().count(b"\r\n") == 13
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["catalogue.yaml", "people.csv", "policy.yaml"]


def test_the_ending_of_the_name_says_the_format_unless_the_option_does(cdp, people, folder):
    assert cdp(*AGENT, "--output", "people.parquet").code == 0
    assert pq.read_table(folder / "people.parquet").num_rows == 12
    assert cdp(*AGENT, "--output", "people.data", "--format", "ndjson").code == 0
    assert (folder / "people.data").read_bytes().count(b"\n") == 12


def test_a_table_goes_to_the_screen_and_to_no_file(cdp, people, folder):
    done = cdp(*AGENT, "--output", "people.txt")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cdp: --format: a table is for the screen")
    assert not (folder / "people.txt").exists()


@pytest.mark.parametrize("options", [("--format", "csv"), ("--output", "plan.json")])
def test_a_plan_is_shown_as_table_or_json(cdp, people, options):
    assert cdp(*AGENT, "--explain", *options).code == 2


def test_a_read_that_fails_leaves_nothing_and_what_was_there(cdp, people, folder):
    (folder / "people.json").write_text("before")
    assert cdp(*AGENT, "--where", "religion=eq.x", "--output", "people.json").code == 2
    assert cdp("read", "care_desk", "--as", "analyst", "--output", "people.json").code == 3
    assert (folder / "people.json").read_text() == "before"
    assert sorted(path.name for path in folder.iterdir()) == ["catalogue.yaml", "people.json", "policy.yaml"]


@pytest.mark.parametrize("error", [OSError(28, "no space"), KeyboardInterrupt(), RuntimeError()])
def test_whatever_happens_while_writing_nothing_is_left(tmp_path, error):
    path = tmp_path / "a.json"

    def write():
        with destination(path) as sink:
            sink.write(b"half")
            raise error

    with pytest.raises((Unavailable, KeyboardInterrupt, RuntimeError)) as caught:
        write()
    assert list(tmp_path.iterdir()) == []
    if isinstance(error, OSError):
        assert caught.value.message == "the file could not be written: no space left on device"


@pytest.mark.parametrize("name", ["missing/a.json", "folder.json", "pipe.json"])
def test_what_cannot_be_a_file_is_refused_before_anything_is_read(cdp, people, folder, name):
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    before = len(cdp("log", "verify").out)
    done = cdp(*AGENT, "--output", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"cdp: {name}: ")
    assert len(cdp("log", "verify").out) == before
    assert stat.S_ISFIFO((folder / "pipe.json").stat().st_mode)


def test_a_device_is_not_replaced_by_a_file():
    with pytest.raises(BadInput), destination(Path(os.devnull)):
        pass
    assert not stat.S_ISREG(Path(os.devnull).stat().st_mode)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
class TestAsAProcess:
    def command(self, *arguments):
        return [sys.executable, "-m", "cdp.cli.main", *map(str, arguments)]

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        process = subprocess.Popen(
            self.command(*AGENT, "--format", "csv"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        )
        process.stdout.close()
        error = process.stderr.read()
        process.stderr.close()
        assert (process.wait(), error) == (141, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
    @pytest.mark.parametrize("format_", ["csv", "table", "arrow"])
    def test_a_full_disk_behind_stdout_is_one_sentence(self, format_):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                self.command(*AGENT, "--format", format_),
                stdout=full,
                stderr=subprocess.PIPE,
                env=environment(),
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr == b"cdp: a file could not be read or written: no space left on device\n"


def environment():
    """The process runs in the test's folder, and still finds the packages."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
