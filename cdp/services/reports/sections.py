"""Which sections a report may have, in their order."""

from collections.abc import Callable, Sequence
from typing import Final

from cdp.errors import BadInput
from cdp.services.reports.accesses import accesses
from cdp.services.reports.disclosures import disclosures
from cdp.services.reports.figures import Section, Source
from cdp.services.reports.model import model
from cdp.services.reports.opt_outs import opt_outs
from cdp.services.reports.profile import profile
from cdp.services.reports.reach import reach
from cdp.services.reports.record import record
from cdp.services.reports.requests import requests
from cdp.services.reports.views import views

SECTIONS: Final[dict[str, Callable[[Source], Section]]] = {
    "model": model,
    "profile": profile,
    "views": views,
    "reach": reach,
    "accesses": accesses,
    "opt_outs": opt_outs,
    "requests": requests,
    "disclosures": disclosures,
    "record": record,
}


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Return the sections of these names in their order; all where none is named.

    Raises:
        BadInput: `unknown_section`.
    """
    if not set(names) <= set(SECTIONS):
        raise BadInput(
            "unknown_section", "there is no such section", path="section", hint=f"one of {', '.join(SECTIONS)}"
        )
    return tuple(name for name in SECTIONS if not names or name in names)
