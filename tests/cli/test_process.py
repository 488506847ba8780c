"""`cdp` as a process: quick to explain itself, and orderly when it is stopped."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("alembic", "cryptography", "orjson", "psycopg", "pyarrow", "pydantic", "rich", "sqlalchemy", "yaml")
STOPPED = """
import os, signal, sys
from pathlib import Path
from cdp.cli import main
from cdp.cli.output import destination

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background is started without it

def invoke(arguments):
    with destination(Path("answer.json")) as sink:
        sink.write(b"half")
        sink.flush()
        os.kill(os.getpid(), signal.{signal})
        sink.write(b"more")

main._invoke = invoke
main.main()
"""

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def python(*arguments, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **options,
    )


@only_sqlite
@pytest.mark.parametrize("argument", ["--help", "read --help", "import --help", "--version", "frob"])
def test_what_needs_no_store_loads_nothing_heavy(folder, argument):
    program = (
        "import sys; from cdp.cli.main import run; run(sys.argv[1:]);"
        f"print(*({HEAVY} & sys.modules.keys()), file=sys.stderr)"
    ).replace(str(HEAVY), "{" + ", ".join(map(repr, HEAVY)) + "}")
    done = python("-c", program, *argument.split())
    assert done.stderr.splitlines()[-1] == ""


@pytest.mark.parametrize(
    ("signal", "code", "said"), [("SIGTERM", 143, ""), ("SIGHUP", 129, ""), ("SIGINT", 130, "cdp: interrupted\n")]
)
def test_stopped_while_it_writes_it_leaves_nothing(tmp_path, signal, code, said):
    done = python("-c", STOPPED.format(signal=signal), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)
    assert list(tmp_path.iterdir()) == []


@only_sqlite
def test_the_installed_command_answers(cdp, people):
    command = Path(sys.executable).with_name("cdp")
    done = subprocess.run(
        [command, "read", "care_desk", "--as", "agent", "--format", "ndjson"], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 12)


@only_sqlite
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_a_sign_gets_another_and_programs_get_utf8(people, encoding, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    table = python("-m", "cdp.cli.main", "read", "care_desk", "--as", "agent")
    assert (table.returncode, table.stderr) == (0, "")
    assert "? full_name" in table.stdout
    assert python("-m", "cdp.cli.main", "read", "care_desk", "--as", "agent", "--format", "csv").returncode == 0


def on_a_terminal(*arguments, columns=200):
    """What a command shows on a terminal, and its exit code."""
    master, slave = pty.openpty()
    os.set_blocking(master, True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cdp.cli.main", *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux says so when the last process has let go of the terminal
            break
        shown += piece
        if not piece:
            break
    os.close(master)
    return process.wait(), shown.decode().replace("\r\n", "\n")


@only_sqlite
def test_on_a_narrow_terminal_a_row_is_a_list(people):
    wide = on_a_terminal("read", "care_desk", "--as", "agent", "--limit", "1")
    narrow = on_a_terminal("read", "care_desk", "--as", "agent", "--limit", "1", columns=60)
    assert (wide[0], narrow[0]) == (0, 0)
    assert "row 1" not in wide[1]
    assert "row 1" in narrow[1]
    assert any(line.startswith("customer_id") and line.split()[-1] in people for line in narrow[1].splitlines())


@only_sqlite
def test_on_a_terminal_long_work_shows_a_bar(people):
    code, shown = on_a_terminal("log", "verify")
    assert code == 0
    assert "entries verified" in shown
    assert "100%" in shown


@only_sqlite
@pytest.mark.parametrize("format_", ["arrow", "parquet"])
def test_bytes_do_not_go_to_a_terminal(people, format_):
    code, shown = on_a_terminal("read", "care_desk", "--as", "agent", "--format", format_)
    assert (code, shown) == (2, f"cdp: --format: {format_} is not for the screen\n     give `--output FILE`\n")
