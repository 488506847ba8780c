"""In through the organisation's own provider: what staff are told when it ends elsewhere."""

from typing import Final

from cdp.console.parts import CONSOLE
from cdp.pages.language import translations
from cdp.pages.oidc import Journeys
from cdp.services.staff.oidc import open_told


def _said(language: str) -> dict[str, tuple[str, str]]:
    words = translations(language).gettext
    return {
        "oidc_unavailable": (
            words("The sign-in service does not answer"), words("Try again later, or sign in in another way."),
        ),
        "oidc_refused": (
            words("The sign-in service has not let you in"),
            words("It may have taken too long, or you have stopped it. Begin again."),
        ),
        "oidc_nobody": (
            words("There is no account for you here"),
            words("It names no address that is verified there and that an account has. Ask who looks after accounts."),
        ),
    }  # fmt: skip


JOURNEYS: Final = Journeys(CONSOLE, open_told, _said)
