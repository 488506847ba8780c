"""Going on with a catalogue that was proposed and decided in the console: the server writes the rows anew."""

from typing import Final

from sqlalchemy import select

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.services.model import Applied, apply_model
from cdp.store.platform import CATALOGUE_VERSION

STAFF: Final = "staff:"
"""How the principals of people who work in the console begin."""


def go_on_applying(platform: Platform, *, principal: Principal) -> Applied | None:
    """Do what is left of applying a catalogue that was proposed; None where there is nothing of the kind.

    What somebody applies on the command line is left to him: he sees there how far it is.
    """
    version = platform.force().applying
    if version is None:
        return None
    ((author,),) = platform.door.lookup(
        select(CATALOGUE_VERSION.c.author).where(CATALOGUE_VERSION.c.version == version)
    )
    if not author.startswith(STAFF):
        return None
    return apply_model(platform, platform.catalogue(version), principal=principal, allow_destructive=True)
