"""What a release of an anonymized view is: which rows it is built from, and when it still fits the policy."""

import hashlib
from dataclasses import dataclass

from cdp.catalogue.field import Titled
from cdp.catalogue.model import Catalogue
from cdp.terms import Sensitivity
from views.compile import compile_build, view_columns
from views.plan import Column, Plan
from views.policy import Policy, View

DEFAULT_DIVERSITY = 2


@dataclass(frozen=True)
class ReleasePlan:
    """How a release is built: the reading, its columns, and what groups must satisfy."""

    plan: Plan
    columns: tuple[Column, ...]
    quasi: tuple[int, ...]
    sensitive: tuple[int, ...]
    k: int
    diversity: int
    digest: str


def plan_release(catalogue: Catalogue, policy: Policy, view: View) -> ReleasePlan:
    """Return how to build a release of an anonymized view now."""
    columns = view_columns(catalogue, policy, view)
    fields = catalogue.entities[view.entity].fields
    quasi = tuple(index for index, each in enumerate(columns) if fields[each.name].quasi_identifier)
    sensitive = tuple(
        index for index, each in enumerate(columns) if fields[each.name].sensitivity is Sensitivity.SENSITIVE
    )
    return ReleasePlan(
        compile_build(catalogue, policy, view), columns, quasi, sensitive,
        view.k or 2, view.diversity or DEFAULT_DIVERSITY, release_digest(catalogue, policy, view),
    )  # fmt: skip


def release_digest(catalogue: Catalogue, policy: Policy, view: View) -> str:
    """Return what a release was decided by; a release with another digest is not read any more."""
    fields = catalogue.entities[view.entity].fields
    columns = view_columns(catalogue, policy, view)
    parts = [_body(view), _body(policy.purposes[view.purpose])]
    parts += [f"{each.name}|{each.decision}|{_body(fields[each.name])}" for each in columns]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _body(thing: Titled) -> str:
    """Return what something decides by; what it is called decides nothing."""
    return thing.model_dump_json(exclude={"title", "description"})
