"""Reading for an app: its own views, in its role, for its purpose.

INVARIANT: a view that is not the app's, a view that is not for its role or its purpose any more, and a view that does
not exist are one error, to the byte. Each has its entry.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import CdpError, NotFound, Refused
from cdp.services.apps.known import App, views_in
from cdp.services.apps.refusals import note_refusal
from cdp.services.embed import Asked, Child, Embedding, attach, plans_of
from cdp.services.read import Answer, Form, count_view, explain_view, plan_view, read_together, read_view
from views.plan import Plan
from views.point import is_point
from views.policy import View
from views.request import ViewRequest
from views.select import Selection

_HIDDEN: Final = ("not_permitted", "other_purpose")


def read_as(
    platform: Platform, app: App, request: ViewRequest, children: Sequence[Child] = (), *, form: Form = "rows"
) -> Answer:
    """Read a view, as `cdp.services.read.read_view`, with the rows of its children if it has any.

    Raises:
        NotFound: `unknown_view`.
    """
    join = partial(attach, platform, children=children, principal=app.principal) if children else None
    with own_view(platform, app, request.view):
        return read_view(platform, _bound(app, request), principal=app.principal, form=form, attach=join)


def read_points_as(
    platform: Platform, asked: Sequence[tuple[App, ViewRequest]], *, form: Form
) -> list[Answer | CdpError | None]:
    """Read those of several views at once that are about one person each, as `read_as`; None for what is none such.

    INVARIANT: what is refused is returned with its entry written, as `read_as` would raise it.
    """
    found: list[Answer | CdpError | None] = []
    points: dict[int, tuple[Plan, Principal]] = {}
    for app, request in asked:
        try:
            plan = plan_as(platform, app, request)
        except CdpError as error:
            found.append(error)
            continue
        if is_point(plan):
            points[len(found)] = plan, app.principal
        found.append(None)
    for place, answer in zip(points, read_together(platform, list(points.values()), form=form), strict=True):
        found[place] = answer
    return found


def children_of(
    platform: Platform, app: App, request: ViewRequest, selection: Selection, asked: Asked
) -> tuple[ViewRequest, tuple[Child, ...], dict[str, Plan]]:
    """Return a request with its selection, the children that it names among the app's views, and their plans.

    Args:
        request: in the app's role and for its purpose.
    """
    with own_view(platform, app, request.view):
        embedding = Embedding(platform.in_force(), views_of(platform, app), asked)
        request, children = embedding.of(request, selection)
        return request, children, dict(plans_of(platform, children, principal=app.principal))


def count_as(platform: Platform, app: App, request: ViewRequest) -> int:
    """Count the rows of a view, as `cdp.services.read.count_view`.

    Raises:
        NotFound: `unknown_view`.
    """
    with own_view(platform, app, request.view):
        return count_view(platform, _bound(app, request), principal=app.principal)


def plan_as(platform: Platform, app: App, request: ViewRequest) -> Plan:
    """Plan a request as though it were read, and read nothing.

    Raises:
        NotFound: `unknown_view`; else as `cdp.services.read.plan_view`.
    """
    with own_view(platform, app, request.view):
        return plan_view(platform, _bound(app, request), principal=app.principal)


def explain_as(platform: Platform, app: App, request: ViewRequest) -> Plan:
    """Plan a request, as `cdp.services.read.explain_view`.

    Raises:
        NotFound: `unknown_view`.
    """
    with own_view(platform, app, request.view):
        return explain_view(platform, _bound(app, request), principal=app.principal)


def views_of(platform: Platform, app: App) -> list[View]:
    """Return the views that an app may read now."""
    return views_in(platform.in_force().policy, app)


def _bound(app: App, request: ViewRequest) -> ViewRequest:
    if (request.role, request.purpose) == (app.role, app.purpose):
        return request
    return replace(request, role=app.role, purpose=app.purpose)


@contextmanager
def own_view(platform: Platform, app: App, view: str) -> Iterator[None]:
    """Have what is done inside with a view that is not the app's, or not any more, end as with one that is not there.

    Raises:
        NotFound: `unknown_view`.
    """
    unknown = NotFound("unknown_view", "there is no such view", path="view")
    if view not in app.views:
        note_refusal(platform, app, unknown, view=view)
        raise unknown
    try:
        yield
    except Refused as error:
        if error.code not in _HIDDEN:
            raise
        raise unknown from None
    except NotFound as error:
        if error.code == unknown.code:
            note_refusal(platform, app, unknown, view=view)
        raise
