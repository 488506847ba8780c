"""The policy: what is in force, every version of before, what waits, and the difference between any two."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console.parts import staff_page
from cdp.console.policy_said import Effects, effects_between
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.proposals.compare import compare_texts
from cdp.services.proposals.dump import to_yaml
from cdp.services.proposals.policies import PolicyDocument, text_of
from cdp.services.proposals.records import OPEN, PAGE, list_proposals
from cdp.services.proposals.versions import find_version, policy_versions
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

HERE = "/console/policy"


async def show(request: Request, staff: Staff) -> Response:
    """Show the version in force, what waits, and the versions."""
    return await run_in_threadpool(_show, request, staff)


async def version(request: Request, staff: Staff) -> Response:
    """Show a version as it was."""
    return await run_in_threadpool(_version, request, staff)


async def changes(request: Request, staff: Staff) -> Response:
    """Show what differs between two versions, and for whom."""
    return await run_in_threadpool(_changes, request, staff)


async def proposals(request: Request, staff: Staff) -> Response:
    """Show every proposal, those that are over as well."""
    return await run_in_threadpool(_proposals, request, staff)


def number_in(request: Request, name: str, default: int = 0) -> int:
    """Return a number in the address; whatever else stands there names nothing.

    Raises:
        NotFound: `not_found`.
    """
    said = request.path_params.get(name) or request.query_params.get(name) or ""
    if not said and default:
        return default
    if not (said.isascii() and said.isdigit() and 0 < len(said) <= 9):
        raise NotFound("not_found", "there is no such thing here")
    return int(said)


def proposes(staff: Staff) -> bool:
    """Return whether somebody may begin a draft."""
    return staff.account.may(Permission.POLICY_PROPOSE)


def _show(request: Request, staff: Staff) -> Response:
    platform = platform_of(request)
    below = number_in(request, "below") if "below" in request.query_params else None
    versions = policy_versions(platform, below=below)
    in_force = platform.in_force(fresh=True).policy_version
    return staff_page(
        request, staff, "policy.html", versions=versions, current=find_version(platform, in_force),
        further=versions[-1].number if len(versions) == PAGE and versions[-1].number > 1 else 0, below=below,
        waiting=list_proposals(platform, PolicyDocument.kind, OPEN), proposes=proposes(staff),
        done=request.query_params.get("done", ""),
    )  # fmt: skip


def _version(request: Request, staff: Staff) -> Response:
    platform, number = platform_of(request), number_in(request, "version")
    found = find_version(platform, number)
    return staff_page(
        request, staff, "policy_version.html", version=found, text=text_of(platform, number).splitlines(),
        current=platform.in_force(fresh=True).policy_version, proposes=proposes(staff),
    )  # fmt: skip


def _changes(request: Request, staff: Staff) -> Response:
    platform = platform_of(request)
    in_force = platform.in_force(fresh=True).policy_version
    new = find_version(platform, number_in(request, "new", in_force)).number
    old = find_version(platform, number_in(request, "old", max(new - 1, 1))).number
    before, after = platform.policy(old), platform.policy(new)
    return staff_page(
        request, staff, "policy_changes.html", old=old, new=new, current=in_force,
        pieces=compare_texts(to_yaml(before), to_yaml(after)), effects=_effects(platform, request, old, new),
    )  # fmt: skip


def _effects(platform: Platform, request: Request, old: int, new: int) -> Effects | None:
    """Return what it means for whom, where both fit the catalogue in force."""
    before, after = platform.policy(old), platform.policy(new)
    return effects_between(platform, before, after, language_of(request))


def _proposals(request: Request, staff: Staff) -> Response:
    platform = platform_of(request)
    below = number_in(request, "below") if "below" in request.query_params else None
    found = list_proposals(platform, PolicyDocument.kind, below=below)
    further = found[-1].number if len(found) == PAGE and found[-1].number > 1 else 0
    return staff_page(request, staff, "policy_proposals.html", found=found, further=further, below=below)
