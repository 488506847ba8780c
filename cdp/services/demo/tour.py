"""The demo, step by step: a store of synthetic customers, its releases, an opt-out and its taking back.

Design section 8, `make demo`. Each step uses the same services as everybody else; what is there already is kept.
"""

from dataclasses import dataclass
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.catalogue.model import load_catalogue
from cdp.errors import NotFound, Refused
from cdp.services.demo.files import CATALOGUE, POLICY, STATEMENT
from cdp.services.demo.fill import Progress, fill
from cdp.services.demo.people import SHOWN, make_people
from cdp.services.opt_out import allow, refuse
from cdp.services.publish import initialise
from cdp.services.read import read_view
from cdp.services.read_known import read_known
from cdp.services.releases import Release, build_release, list_releases, newest_release
from cdp.services.statements.known import statement_in_force
from cdp.services.statements.publish import publish_statement
from cdp.terms import THIRD_PARTY_DISCLOSURE, Kind
from views.policy import load_policy
from views.request import ViewRequest
from views.statement.document import load_statement

CUSTOMERS: Final = 300
WHO: Final = f"email:{SHOWN[0]}"
REFUSES: Final = THIRD_PARTY_DISCLOSURE

_DESKS: Final = ("care_desk", "order_desk", "complaint_desk")
_SAID: Final = "by telephone: please do not pass my data on"
_TAKEN_BACK: Final = "by telephone: the demo may begin anew"


@dataclass(frozen=True)
class Stock:
    """What the store holds: rows by entity, and the newest release of each anonymized view."""

    made: bool
    rows: dict[str, int]
    releases: list[Release]


def stock(platform: Platform, number: int, *, principal: Principal, progress: Progress) -> Stock:
    """Bring the files into force, write the customers, and build the releases, each unless it was done before.

    Raises:
        ModuleNotFoundError: when Faker is not installed.
        Refused: `demo_spent`: somebody whom the demo shows has been erased.
    """
    if not platform.force().catalogue_version:
        initialise(platform, load_catalogue(CATALOGUE), load_policy(POLICY), principal=principal)
    platform.in_force(fresh=True)
    if statement_in_force(platform) is None:
        publish_statement(platform, load_statement(STATEMENT), principal=principal)
    known = [_is_known(platform, email, principal) for email in SHOWN]
    made = not any(known)
    if made:
        fill(platform, make_people(number), principal=principal, progress=progress)
    elif not all(known):
        hint = f"remove the folder {platform.settings.home} and run it again"
        raise Refused("demo_spent", "somebody whom the demo shows has been erased, and stays so", hint=hint)
    releases = [_release(platform, name, principal) for name in _views(platform, Kind.ANONYMIZED)]
    return Stock(made, dict(_count(platform, name, principal) for name in _DESKS), releases)


def begin_anew(platform: Platform, *, principal: Principal) -> bool:
    """Take back what an earlier demo had refused in the customer's name; return whether there was anything."""
    if REFUSES not in read_known(platform, WHO, principal).refused:
        return False
    allow(platform, WHO, REFUSES, principal=principal, word=_TAKEN_BACK)
    return True


def opt_out(platform: Platform, *, principal: Principal) -> None:
    """Record that the first of the shown customers refuses disclosure to third parties."""
    refuse(platform, WHO, REFUSES, principal=principal, word=_SAID)


def _is_known(platform: Platform, email: str, principal: Principal) -> bool:
    try:
        read_known(platform, f"email:{email}", principal)
    except NotFound:
        return False
    return True


def _views(platform: Platform, kind: Kind) -> list[str]:
    return [name for name, view in platform.in_force().policy.views.items() if view.kind is kind]


def _release(platform: Platform, view: str, principal: Principal) -> Release:
    in_force = platform.in_force()
    newest = newest_release(platform, in_force, in_force.policy.views[view])
    if newest is None:
        return build_release(platform, view, principal=principal)
    return next(release for release in list_releases(platform, view) if release.release == newest)


def _count(platform: Platform, view: str, principal: Principal) -> tuple[str, int]:
    """Count the rows of an entity as daily work sees them, by reading one column that says nothing about anybody."""
    found = platform.in_force().policy.views[view]
    request = ViewRequest(view, found.roles[0], select=(f"{found.entity}_id",))
    answer = read_view(platform, request, principal=Principal(principal.name, found.roles[0]))
    return found.entity, sum(len(chunk) for chunk in answer.chunks)
