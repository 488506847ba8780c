"""The one tree of errors: a code, a sentence, a path and what to do; never a value.

    CdpError
    ├── BadInput          the caller's file, flag or condition is wrong
    ├── Unauthenticated   who asks is not known
    ├── Refused           policy, consent or state says no
    ├── NotFound          what was named is not there, or not for this caller: the two look the same
    └── Unavailable       the store, the keys or the log cannot serve now

INVARIANT: an error never carries a stored or entered value (design, invariant 9). Which exit code or HTTP status an
error becomes is decided at each edge, not here.
"""

import traceback
from pathlib import Path
from typing import Final

_PRODUCT: Final = Path(__file__).resolve().parents[1]


class CdpError(Exception):
    """Base of every error that the platform raises on purpose.

    Args:
        code: stable snake_case name, part of the interface.
        message: one sentence in lower case without a full stop; names things, never values.
        path: where, as `catalogue.yaml:12 entities.customer.fields.email`, `where[0]` or `line 17`.
        hint: what to do about it, as one sentence.
    """

    def __init__(self, code: str, message: str, *, path: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        what = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{what}"


class BadInput(CdpError):
    """The caller's file, flag, condition or value is wrong."""


class Unauthenticated(CdpError):
    """There is no credential, or none that holds: unknown, wrong, expired and revoked look the same."""


class Refused(CdpError):
    """The policy, a person's refusal, or the state of the store says no."""


class NotFound(CdpError):
    """What was named is not there, or not for this caller."""


class Unavailable(CdpError):
    """The database, the keys or the log cannot serve this now."""


class Several(BadInput):
    """Several faults in one file, each with its own path, so that a person can mend them all at once."""

    def __init__(self, code: str, message: str, faults: list[CdpError]) -> None:
        super().__init__(code, message)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def place_of(error: BaseException) -> str:
    """Return class, file and line of an error that nobody foresaw: where to look, without what was looked at."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PRODUCT)]
    if not ours:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(ours[-1].filename).relative_to(_PRODUCT)}:{ours[-1].lineno}"
