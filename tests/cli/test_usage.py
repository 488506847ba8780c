"""What is wrong with a command line is said in our words, never in those of the command line."""

import click
import pytest

from cdp.cli.main import group

CANARY = "canary-7f3a@example.org"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{CANARY}", "cdp: there is no such command\n     `cdp --help` explains it"),
        (f"--{CANARY}", "cdp: there is no such option\n     `cdp --help` explains it"),
        (f"release {CANARY}", "cdp: release: there is no such command\n     `cdp release --help` explains it"),
        ("release bild", "cdp: release: there is no such command\n     did you mean `build`?"),
        (f"read v --as r --{CANARY}", "cdp: read: there is no such option\n     `cdp read --help` explains it"),
        ("read v --as r --lmit 3", "cdp: read: there is no such option\n     did you mean `--limit`?"),
        (f"read v --as r -x{CANARY}", "cdp: read: there is no such option\n     `cdp read --help` explains it"),
        (f"read v --as r {CANARY}", "cdp: read: there are more arguments than the command takes"),
        (f"read {CANARY}", "cdp: read: `--as` is missing"),
        ("read --as r", "cdp: read: VIEW is missing"),
        (f"read {CANARY} --as", "cdp: read: `--as` needs a value"),
        (f"read v --as r --explain={CANARY}", "cdp: read: `--explain` takes no value"),
        (f"read v --as r --limit {CANARY}", "cdp: read: `--limit` takes a whole number from 0"),
        ("read v --as r --limit -1", "cdp: read: `--limit` takes a whole number from 0"),
        (f"read v --as r --format {CANARY}", "cdp: read: `--format` takes one of table, json, ndjson, csv, arrow"),
        (f"import f --format {CANARY}", "cdp: import: `--format` takes one of csv, ndjson"),
        (f"opt-out {CANARY}", "cdp: opt-out: OPT_OUT is missing"),
        (f"log verify {CANARY}", "cdp: log verify: there are more arguments than the command takes"),
    ],
)
def test_a_wrong_line(cdp, line, said):
    done = cdp(*line.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == 2
    assert CANARY not in done.err


@pytest.mark.parametrize("arguments", [(), ("release",), ("keys",)])
def test_without_a_command_the_help_is_shown(cdp, arguments):
    done = cdp(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: ")


@pytest.mark.parametrize(("argument", "said"), [("a\udcffb", "this is not UTF-8 text"), ("a\0b", "a NUL is no text")])
@pytest.mark.parametrize("place", range(3))
def test_an_argument_is_text(cdp, argument, said, place):
    arguments = ["read", "view", "--as"]
    arguments[place] = argument
    done = cdp(*arguments)
    assert (done.code, done.out, done.err) == (2, "", f"cdp: argument {place + 1}: {said}\n")


def every_command(command, path=("cdp",)):
    yield " ".join(path), command
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, (*path, name))


EVERY = dict(every_command(group))


@pytest.mark.parametrize("path", EVERY)
def test_every_command_explains_itself(cdp, path):
    done = cdp(*path.split()[1:], "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Usage: {path}" in done.out
    assert "\\b" not in done.out
    assert EVERY[path].help, path
    for param in EVERY[path].params:
        assert isinstance(param, click.Argument) or param.help, (path, param.name)


def test_the_version(cdp):
    done = cdp("--version")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("cdp 0.")
