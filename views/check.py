"""What is wrong, or odd, about a policy over a catalogue.

Design section 4. A fault makes the policy unfit to publish; a finding is something its author surely did not mean.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cdp.catalogue.document import Document, nearest
from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import BadInput, CdpError, Several
from cdp.terms import Kind, Sensitivity, Shape
from views.decide import NEEDS_PERMISSION, RULES, decide, decided, is_weaker
from views.policy import Policy, Purpose, View

Where = Callable[[tuple[str | int, ...]], str]


@dataclass(frozen=True)
class Finding:
    """One oddity: where it is and what it means."""

    code: str
    path: str
    message: str


def check_policy(catalogue: Catalogue, policy: Policy, document: Document | None = None) -> list[Finding]:
    """Judge a policy against a catalogue.

    Args:
        document: the file the policy was read from, for lines; without it paths name keys only.

    Returns:
        The findings; empty when there is nothing odd.

    Raises:
        Several: the faults, when there are any.
    """
    where: Where = document.where if document else lambda loc: ".".join(map(str, loc))
    faults = list(_faults(catalogue, policy, where))
    if faults:
        raise Several("invalid_policy", f"the policy has {len(faults)} fault(s)", faults)
    return list(_findings(catalogue, policy, where))


def _faults(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[CdpError]:
    for name, purpose in policy.purposes.items():
        for opt_out in purpose.subject_to:
            if opt_out not in catalogue.opt_outs:
                yield _unknown("opt-out", opt_out, catalogue.opt_outs, where(("purposes", name, "subject_to")))
    for name, view in policy.views.items():
        loc = ("views", name)
        for role in view.roles:
            if role not in policy.roles:
                yield _unknown("role", role, policy.roles, where((*loc, "roles")))
        if view.purpose not in policy.purposes:
            yield _unknown("purpose", view.purpose, policy.purposes, where((*loc, "purpose")))
        elif view.entity not in catalogue.entities:
            yield _unknown("entity", view.entity, catalogue.entities, where((*loc, "entity")))
        else:
            entity, purpose = catalogue.entities[view.entity], policy.purposes[view.purpose]
            yield from _view_faults(entity, view, purpose, lambda key, loc=loc: where((*loc, key)))


def _view_faults(entity: Entity, view: View, purpose: Purpose, where: Callable[[str], str]) -> Iterator[CdpError]:
    for key, names in (("fields", view.fields or ()), ("clear", view.clear), ("shapes", tuple(view.shapes))):
        for name in names:
            if name not in entity.fields:
                yield _unknown("field", name, entity.fields, where(key))
            elif key != "fields" and view.fields is not None and name not in view.fields:
                yield BadInput("not_a_column", f"`{name}` is not among the view's `fields`", path=where(key))
    if view.kind is Kind.FULL and purpose.subject_to:
        yield BadInput(
            "full_view_purpose", "a full view serves only purposes that are subject to nothing", path=where("purpose")
        )
    for field in (entity.fields[name] for name in view.fields or entity.fields if name in entity.fields):
        listed = view.fields is not None
        if listed and (view.kind, field.sensitivity) not in RULES:
            yield BadInput(
                "identifying_column",
                f"`{field.name}` is identifying and may not be a column of this kind",
                path=where("fields"),
            )
        if (
            listed
            and field.sensitivity is Sensitivity.SENSITIVE
            and view.kind in NEEDS_PERMISSION
            and not purpose.allows_sensitive
        ):
            yield BadInput(
                "sensitive_column",
                f"`{field.name}` is sensitive and the purpose does not say `allows_sensitive`",
                path=where("fields"),
            )
        if field.name in view.clear and field.sensitivity is Sensitivity.SENSITIVE:
            yield BadInput(
                "sensitive_clear", f"`{field.name}` is sensitive and may not be `clear`", path=where("clear")
            )
        yield from _shape_faults(field.name, entity, view, purpose, where)
    if not decided(entity, view, purpose):
        yield BadInput("no_columns", "the view has no column", path=where("fields"))


def _shape_faults(
    name: str, entity: Entity, view: View, purpose: Purpose, where: Callable[[str], str]
) -> Iterator[CdpError]:
    asked = view.weaker(name)
    if asked == "kind":
        return
    field = entity.fields[name]
    allowed = decide(field, view.model_copy(update={"shapes": {}}), purpose).shape
    if not is_weaker(asked, allowed):
        yield BadInput(
            "stronger_shape",
            f"`{name}` may not be {asked} here: the kind allows {allowed or 'nothing'}",
            path=where("shapes"),
        )
    elif isinstance(asked, Shape) and not field.has(asked):
        yield BadInput("no_such_shape", f"`{name}` has no {asked} shape", path=where("shapes"))


def _findings(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[Finding]:
    for role in policy.roles:
        if not any(role in view.roles for view in policy.views.values()):
            yield Finding("idle_role", where(("roles",)), f"no view is for the role `{role}`")
    for name in policy.purposes:
        if not any(view.purpose == name for view in policy.views.values()):
            yield Finding("idle_purpose", where(("purposes", name)), f"no view serves the purpose `{name}`")
    for name, view in policy.views.items():
        entity, purpose = catalogue.entities[view.entity], policy.purposes[view.purpose]
        if view.kind is Kind.ANONYMIZED and not any(
            entity.fields[decision.name].quasi_identifier for decision in decided(entity, view, purpose)
        ):
            yield Finding(
                "no_quasi_identifier",
                where(("views", name)),
                "no column is a `quasi_identifier`, so `k` bounds nothing but the whole",
            )
        if view.fields is None:
            continue
        for decision in decided(entity, view, purpose):
            if decision.shape is None and view.shapes.get(decision.name) != "hidden":
                message = f"`{decision.name}` is listed and can never be returned: {decision.reason}"
                yield Finding("never_returned", where(("views", name, "fields")), message)


def _unknown(what: str, name: str, known: object, path: str) -> CdpError:
    names = [str(each) for each in known] if isinstance(known, (tuple, dict, list)) else []
    return BadInput(
        f"unknown_{what.replace('-', '_')}",
        f"`{name}` is no {what} of this catalogue or policy",
        path=path,
        hint=nearest(name, names),
    )
