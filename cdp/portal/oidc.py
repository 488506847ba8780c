"""In through an organisation's own provider: what customers are told when it ends elsewhere."""

from typing import Final

from cdp.pages.language import translations
from cdp.pages.oidc import Journeys
from cdp.portal.parts import PORTAL
from cdp.services.oidc.customers import open_told


def _said(language: str) -> dict[str, tuple[str, str]]:
    words = translations(language).gettext
    return {
        "oidc_unavailable": (
            words("The sign-in service does not answer"),
            words("It is not ours, and we cannot help it. Try again later, or get in by a link that we send you."),
        ),
        "oidc_refused": (
            words("The sign-in service has not let you in"),
            words("It may have taken too long, or you have stopped it. Begin again, or get in by a link."),
        ),
        "oidc_nobody": (
            words("We do not know you by this account"),
            words("It names no address that is verified there and that we know. Get in by a link that we send you."),
        ),
    }


JOURNEYS: Final = Journeys(PORTAL, open_told, _said)
