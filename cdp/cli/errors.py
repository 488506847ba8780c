"""The table error → exit code, and how an error is said: one sentence on stderr, never a traceback, never a value.

Design section 8: 2 usage and bad input, 3 refused, 4 not found, 1 anything else; from the shell's own conventions 130
for an interrupt and 141 for a reader that has gone.
"""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Final

import click

from cdp.cli.render import note
from cdp.cli.usage import usage_fault
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several, Unauthenticated, Unavailable, place_of

EXIT_CODES: Final[dict[type[CdpError], int]] = {
    BadInput: 2,
    Several: 2,
    Unauthenticated: 3,
    Refused: 3,
    NotFound: 4,
    Unavailable: 1,
}
"""One row for every class of error."""

UNEXPECTED: Final = 1
INTERRUPTED: Final = 130
READER_GONE: Final = 141


def guarded(work: Callable[[], None]) -> int:
    """Run a command and return its exit code; whatever goes wrong has been said on stderr by then."""
    try:
        work()
    except BrokenPipeError:
        _let_go_of_stdout()
        return READER_GONE
    except (KeyboardInterrupt, click.Abort):
        note("cdp: interrupted")
        return INTERRUPTED
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- the last fence: beyond it Python would print values
        return _said(_fault(error))
    return 0


def _said(fault: CdpError) -> int:
    for each in fault.faults if isinstance(fault, Several) else (fault,):
        where = f"{each.path}: " if each.path else ""
        note(f"cdp: {where}{each.message}")
        if each.hint:
            note(f"     {each.hint}")
    return EXIT_CODES.get(type(fault), UNEXPECTED)


def _fault(error: Exception) -> CdpError:
    """Return the error as one of ours; of a stranger nothing is kept but its class and its place."""
    if isinstance(error, CdpError):
        return error
    if isinstance(error, click.ClickException):
        return usage_fault(error)
    if os.environ.get("CDP_DEBUG") == "1":
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.errno:
        _settle_stdout()
        return Unavailable("file_failed", f"a file could not be read or written: {os.strerror(error.errno).lower()}")
    hint = "please report the code; CDP_DEBUG=1 shows the traceback, which may hold customers' data"
    return Unavailable("internal", f"internal error (code {place_of(error)})", hint=hint)


def _settle_stdout() -> None:
    """Write out what was said before the fault, if that is still possible."""
    try:
        sys.stdout.flush()
    except OSError:
        _let_go_of_stdout()


def _let_go_of_stdout() -> None:
    """Send what is still buffered nowhere, or Python would complain about it once more at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
