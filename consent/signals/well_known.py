"""`/.well-known/gpc.json`: that Global Privacy Control is honoured here, and since which date that says so.

W3C draft of April 2026, "GPC Support Resource".
"""

from typing import Final

SINCE: Final = "2026-11-26"
"""The day on which what this product does with the signal last changed. Change it together with `consent.signals`."""


def gpc_resource() -> dict[str, object]:
    """Return the content."""
    return {"gpc": True, "lastUpdate": SINCE}
