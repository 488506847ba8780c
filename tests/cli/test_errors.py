"""One error table for this edge: every error has its exit code, and one sentence, and nothing of what it was about."""

import importlib
import pkgutil

import click
import pytest

import audit
import cdp
import consent
import migrations
import views
from cdp.cli.errors import EXIT_CODES, guarded
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several, Unavailable

CANARY = "canary-7f3a"


def every_class_below(root):
    for child in root.__subclasses__():
        yield child
        yield from every_class_below(child)


def every_error():
    """Every class of errors in the product."""
    for package in (audit, cdp, consent, migrations, views):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(("migrations.env", "migrations.keys.", "migrations.platform.")):
                importlib.import_module(module.name)
    return {each for each in every_class_below(CdpError) if each.__module__.split(".")[0] != "tests"}


def test_every_error_has_a_row():
    assert every_error() == set(EXIT_CODES)


def raising(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("c", "it is wrong"), 2),
        (Refused("c", "it is wrong"), 3),
        (NotFound("c", "it is wrong"), 4),
        (Unavailable("c", "it is wrong"), 1),
    ],
)
def test_an_error_is_one_sentence_and_its_code(error, code, capfd):
    assert guarded(raising(error)) == code
    assert capfd.readouterr() == ("", "cdp: it is wrong\n")


def test_path_and_hint_are_said(capfd):
    guarded(raising(BadInput("c", "it is wrong", path="catalogue.yaml:3 entities", hint="mend it")))
    assert capfd.readouterr().err == "cdp: catalogue.yaml:3 entities: it is wrong\n     mend it\n"


def test_each_of_several_faults_is_said(capfd):
    faults = [BadInput("c", "one", path="a:1"), NotFound("c", "two", path="a:2", hint="mend it")]
    assert guarded(raising(Several("c", "two faults", faults))) == 2
    assert capfd.readouterr().err == "cdp: a:1: one\ncdp: a:2: two\n     mend it\n"


def test_an_error_cannot_steer_the_terminal(capfd):
    guarded(raising(NotFound("c", "no file", path="\x1b[2J\u202etxt\n\udcff名.csv")))
    assert capfd.readouterr().err == "cdp: �[2J�txt↵�名.csv: no file\n"


def test_the_unexpected_has_a_code_and_no_traceback(capfd):
    assert guarded(raising(KeyError(CANARY))) == 1
    said = capfd.readouterr().err
    assert said.startswith("cdp: internal error (code KeyError at tests/cli/test_errors.py:")
    assert "CDP_DEBUG=1" in said
    assert len(said.splitlines()) == 2
    assert CANARY not in said
    assert "Traceback" not in said


def test_cdp_debug_shows_the_traceback(capfd, monkeypatch):
    monkeypatch.setenv("CDP_DEBUG", "1")
    assert guarded(raising(KeyError(CANARY))) == 1
    said = capfd.readouterr().err
    assert "Traceback" in said
    assert CANARY in said


def test_what_the_operating_system_says_is_a_sentence_without_names(capfd):
    assert guarded(raising(PermissionError(13, "x", CANARY))) == 1
    assert capfd.readouterr().err == "cdp: a file could not be read or written: permission denied\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_is_130(error, capfd):
    assert guarded(raising(error)) == 130
    assert capfd.readouterr().err == "cdp: interrupted\n"


def test_an_exit_code_is_kept(capfd):
    assert guarded(raising(click.exceptions.Exit(1))) == 1
    assert guarded(lambda: None) == 0
    assert capfd.readouterr() == ("", "")
