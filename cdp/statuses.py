"""The one table error → status of everything that speaks HTTP: the interface for programs, the portal, the console.

What an error says is its own; nothing here looks at its sentence. A class of errors has a row in `STATUS`; a code
that says something more exact than its class has one in `CODES` besides. A test demands a row for every class, and that
every code of `CODES` is raised somewhere.
"""

from typing import Final

from cdp.errors import BadInput, CdpError, NotFound, Refused, Several, Unauthenticated, Unavailable

STATUS: Final[dict[type[CdpError], int]] = {
    BadInput: 400,
    NotFound: 404,
    Refused: 403,
    Several: 400,
    Unauthenticated: 401,
    Unavailable: 503,
}
"""One row for every class of error."""

CODES: Final[dict[str, int]] = {
    "bad_body": 422,
    "bad_scope": 403,
    "beyond_rows": 416,
    "bad_values": 422,
    "body_too_slow": 408,
    "spool_full": 429,
    "head_too_large": 431,
    "idempotency_mismatch": 422,
    "in_flight": 409,
    "internal": 500,
    "method_not_allowed": 405,
    "regulation_begun": 409,
    "row_changed": 412,
    "not_acceptable": 406,
    "not_single": 406,
    "too_large": 413,
    "too_many_requests": 429,
    "version_missing": 428,
}
"""Codes whose status is not their class's."""


def status_of(error: CdpError) -> int:
    """Return the status of an error; a class without a row is a fault of ours, and says so."""
    return CODES.get(error.code) or STATUS.get(type(error), 500)
