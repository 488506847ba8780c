"""The entry of what an app was refused before its request became one for a view."""

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.services.apps.known import App


def note_refusal(platform: Platform, app: App, error: CdpError, *, act: str = "read", view: str = "") -> None:
    """Record a refusal; a view is named only if there is one of that name (an entry never holds what was entered)."""
    in_force = platform.in_force()
    facts = {"view": view if view in in_force.policy.views else "", "code": error.code, "app": app.client_id}
    platform.door.note(Entry("refusal", act, app.principal, in_force.versions, facts))
