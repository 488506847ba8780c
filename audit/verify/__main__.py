"""`python -m audit.verify BUNDLE`: what a bundle proves, in words. Exit codes: 0 it holds, 1 it does not, 2 usage."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from audit.bundle import NotVerified, checkpoint_in
from audit.cosignature import WitnessKey
from audit.note import NoteError, VerifierKey
from audit.verify.check import Report, Trust, verify_bundle

_ABOUT = "Check a bundle of a log: the whole log, a part of it, or one person's entries."
_CHECKPOINT = "a checkpoint that you hold from before, or an earlier bundle: the log must have grown out of it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one bundle and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m audit.verify", description=_ABOUT)
    parser.add_argument("bundle", type=Path, help="the file that `cdp log export` wrote")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], metavar="OLD", help=_CHECKPOINT)
    parser.add_argument("--key", metavar="VKEY", help="the verifier key of the log, as you know it")
    parser.add_argument(
        "--witness", action="append", default=[], metavar="KEY", help="a witness that must have seen it"
    )
    parser.add_argument("--quorum", type=int, metavar="N", help="how many of the witnesses; all by default")
    given = parser.parse_args(arguments)
    try:
        trust = Trust(
            VerifierKey.parse(given.key) if given.key else None,
            tuple(_note(path) for path in given.checkpoint),
            tuple(WitnessKey.parse(each) for each in given.witness),
            given.quorum,
        )
        with given.bundle.open("rb") as file:
            report = verify_bundle(file, trust)
    except (NotVerified, NoteError) as error:
        return _fail(error)
    except OSError as error:
        _say(sys.stderr, f"the file cannot be read: {error.strerror}")
        return 2
    _show(report)
    return 0


def _note(path: Path) -> bytes:
    with path.open("rb") as file:
        return checkpoint_in(file)


def _show(report: Report) -> None:
    lines = [f"✓ {step}" for step in report.steps] + [f"! {finding}" for finding in report.findings]
    limits = [f"  {limit}" for limit in report.limits]
    _say(sys.stdout, *lines, "not checked here:", *limits, "the bundle holds")


def _fail(error: NotVerified | NoteError) -> int:
    notes = error.evidence if isinstance(error, NotVerified) else ()
    evidence = [line for note in notes for line in ("--- signed by the log:", note.decode(errors="replace").rstrip())]
    _say(sys.stderr, f"✗ {error} ({error.code})", *evidence, "the bundle does not hold")
    return 1


def _say(where: TextIO, *lines: str) -> None:
    """Print lines; what a stranger's file says must not steer the terminal."""
    shown = "".join(f"{line}\n" for line in lines)
    where.write("".join(each if each.isprintable() or each == "\n" else "�" for each in shown))


if __name__ == "__main__":
    sys.exit(main())
