"""What is wrong, or odd, about a policy over a catalogue.

Design section 4. A fault makes the policy unfit to publish; a finding is something its author surely did not mean.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cdp.catalogue.document import Document, nearest
from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import BadInput, CdpError, Several
from cdp.terms import CUSTOMER, OWN_ROLE, Kind, Sensitivity, Shape, Type
from views.decide import NEEDS_PERMISSION, RULES, decide, decided, is_weaker
from views.policy import LegalBasis, Policy, Purpose, View
from views.titles import of_catalogue, of_policy, untitled

NEEDS_OPT_OUT: Final = frozenset({LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST})
"""Consent can be withdrawn (GDPR Art. 7(3)) and legitimate interest objected to (Art. 21(1)); a contract, a legal
obligation and vital interests end with their ground, not with her refusal."""

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


def check_catalogue(catalogue: Catalogue, document: Document | None = None) -> list[Finding]:
    """Return what is odd about a catalogue that is sound by itself: titles that some have and others lack."""
    where: Where = document.where if document else lambda loc: ".".join(map(str, loc))
    return [Finding("no_title", *said) for said in untitled(of_catalogue(catalogue), where)]


def _faults(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[CdpError]:
    yield from _regime_faults(catalogue, policy, where)
    for name, purpose in policy.purposes.items():
        if not purpose.subject_to and purpose.legal_basis in NEEDS_OPT_OUT and _reads_people(policy, name):
            hint = "name the opt-out that stops it in `subject_to`, or read it through an anonymized view only"
            message = f"a purpose that reads personal data by {purpose.legal_basis} must be subject to an opt-out"
            yield BadInput("opt_out_needed", message, path=where(("purposes", name, "subject_to")), hint=hint)
        for opt_out in purpose.subject_to:
            if opt_out not in catalogue.opt_outs:
                yield _unknown("opt-out", opt_out, catalogue.opt_outs, where(("purposes", name, "subject_to")))
    for name, view in policy.views.items():
        loc = ("views", name)
        for role in view.roles:
            if role not in policy.roles:
                yield _unknown("role", role, policy.roles, where((*loc, "roles")))
        yield from _break_glass_faults(policy, view, where)
        if view.purpose not in policy.purposes:
            yield _unknown("purpose", view.purpose, policy.purposes, where((*loc, "purpose")))
        elif view.entity not in catalogue.entities:
            yield _unknown("entity", view.entity, catalogue.entities, where((*loc, "entity")))
        else:
            entity, purpose = catalogue.entities[view.entity], policy.purposes[view.purpose]
            yield from _view_faults(entity, view, purpose, where)


def _break_glass_faults(policy: Policy, view: View, where: Where) -> Iterator[CdpError]:
    path = where(("views", view.name, "break_glass"))
    for role in view.break_glass:
        if role not in policy.roles:
            yield _unknown("role", role, policy.roles, path)
        elif role in view.roles or role == OWN_ROLE:
            message = (
                f"`{role}` may not ask for it: who reads the view anyway needs no grant, and customers ask for none"
            )
            yield BadInput("break_glass_role", message, path=path, hint="name a role of staff that the view is not for")


def _reads_people(policy: Policy, purpose: str) -> bool:
    """Return whether data about single people is read for a purpose: every view but an anonymized one has it."""
    return any(view.purpose == purpose and view.kind is not Kind.ANONYMIZED for view in policy.views.values())


def _regime_faults(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[CdpError]:
    by, path = policy.regime.by, where(("regime", "by"))
    fields = catalogue.entities[CUSTOMER].fields
    if by is None:
        return
    if by not in fields:
        yield _unknown("field", by, fields, path)
    elif fields[by].sealed or fields[by].type not in (Type.TEXT, Type.CHOICE):
        hint = "give the field `sensitivity: personal`, or `none`, and no `at_rest: sealed`"
        message = f"`{by}` chooses a regime, so it is a text or choice that the store keeps in the clear"
        yield BadInput("regime_field", message, path=path, hint=hint)


def _view_faults(entity: Entity, view: View, purpose: Purpose, where: Where) -> Iterator[CdpError]:
    loc = ("views", view.name)
    for key, names in (
        ("fields", view.fields or ()), ("clear", view.clear), ("shapes", tuple(view.shapes)), ("write", view.write)
    ):  # fmt: skip
        for name in names:
            if name not in entity.fields:
                yield _unknown("field", name, entity.fields, where((*loc, key)))
            elif key != "fields" and view.fields is not None and name not in view.fields:
                yield BadInput("not_a_column", f"`{name}` is not among the view's `fields`", path=where((*loc, key)))
    if view.kind is Kind.FULL and purpose.subject_to:
        message = "a full view serves only purposes that are subject to nothing"
        yield BadInput("full_view_purpose", message, path=where((*loc, "purpose")))
    for name in view.fields or entity.fields:
        if name in entity.fields:
            for key, code, message in _field_faults(entity.fields[name], view, purpose):
                yield BadInput(code, f"`{name}` {message}", path=where((*loc, key)))
    if not decided(entity, view, purpose):
        yield BadInput("no_columns", "the view has no column", path=where((*loc, "fields")))


def _field_faults(field: Field, view: View, purpose: Purpose) -> Iterator[tuple[str, str, str]]:
    """Yield key of the view, code and message."""
    sensitive = field.sensitivity is Sensitivity.SENSITIVE
    if view.fields is not None:
        if (view.kind, field.sensitivity) not in RULES:
            yield "fields", "identifying_column", "is identifying and may not be a column of this kind"
        if sensitive and view.kind in NEEDS_PERMISSION and not purpose.allows_sensitive:
            yield "fields", "sensitive_column", "is sensitive and the purpose does not say `allows_sensitive`"
    if sensitive and field.name in view.clear:
        yield "clear", "sensitive_clear", "is sensitive and may not be `clear`"
    decision = decide(field, view, purpose)
    if field.name in view.write and (decision.shape is not Shape.CLEAR or decision.unless):
        yield "write", "write_unseen", "may not be written: the view does not show it to everyone in the clear"
    asked = view.weaker(field.name)
    if asked == "kind":
        return
    allowed = decide(field, view.model_copy(update={"shapes": {}}), purpose).shape
    if not is_weaker(asked, allowed):
        yield "shapes", "stronger_shape", f"may not be {asked} here: the kind allows {allowed or 'nothing'}"
    elif isinstance(asked, Shape) and not field.has(asked):
        yield "shapes", "no_such_shape", f"has no {asked} shape"


def _findings(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[Finding]:
    yield from _sensitive_findings(catalogue, policy, where)
    for name, purpose in policy.purposes.items():
        task = purpose.legal_basis is LegalBasis.PUBLIC_TASK
        if task and not purpose.subject_to and _reads_people(policy, name):
            message = "people may object to a public task (GDPR Art. 21(1)), and no opt-out stops this purpose"
            yield Finding("no_objection", where(("purposes", name, "subject_to")), message)
    for role in policy.roles:
        if not any(role in (*view.roles, *view.break_glass) for view in policy.views.values()):
            yield Finding("idle_role", where(("roles",)), f"no view is for the role `{role}`")
    for name in policy.purposes:
        if not any(view.purpose == name for view in policy.views.values()):
            yield Finding("idle_purpose", where(("purposes", name)), f"no view serves the purpose `{name}`")
    yield from (Finding("no_title", *said) for said in untitled(of_policy(policy), where))
    yield from _hold_findings(catalogue, policy, where)
    for view in policy.views.values():
        entity, purpose = catalogue.entities[view.entity], policy.purposes[view.purpose]
        yield from _view_findings(entity, view, purpose, where)


def _hold_findings(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[Finding]:
    served = {view.purpose for view in policy.views.values()}
    for entity in catalogue.entities.values():
        for field in entity.fields.values():
            if field.hold is not None and field.hold.purpose not in served:
                message = f"`{entity.name}.{field.name}` is held for a purpose that no view serves: nobody may read it"
                yield Finding("hold_unread", where(("purposes",)), message)


def _sensitive_findings(catalogue: Catalogue, policy: Policy, where: Where) -> Iterator[Finding]:
    for regime in policy.regime.configured:
        listed = regime.sensitive.categories if regime.sensitive else ()
        for entity in catalogue.entities.values():
            for field in entity.fields.values():
                if field.category in listed and field.sensitivity not in (
                    Sensitivity.SENSITIVE,
                    Sensitivity.IDENTIFYING,
                ):
                    message = f"`{entity.name}.{field.name}` is sensitive under {regime.name}, and not in the catalogue"
                    yield Finding("regime_sensitive", where(("regime",)), message)


def _view_findings(entity: Entity, view: View, purpose: Purpose, where: Where) -> Iterator[Finding]:
    loc, decisions = ("views", view.name), decided(entity, view, purpose)
    if view.kind is Kind.ANONYMIZED and not any(entity.fields[each.name].quasi_identifier for each in decisions):
        message = "no column is a `quasi_identifier`, so `k` bounds nothing but the whole"
        yield Finding("no_quasi_identifier", where(loc), message)
    if view.kind is Kind.FULL and "reason" not in view.needs and view.roles != (OWN_ROLE,):
        message = "a full view shows everything and does not say `needs: [reason]`"
        yield Finding("no_reason", where(loc), message)
    for each in decisions if view.fields is not None else ():
        if each.shape is None and view.shapes.get(each.name) != "hidden":
            message = f"`{each.name}` is listed and can never be returned: {each.reason}"
            yield Finding("never_returned", where((*loc, "fields")), message)


def _unknown(what: str, name: str, known: object, path: str) -> CdpError:
    names = [str(each) for each in known] if isinstance(known, (tuple, dict, list)) else []
    return BadInput(
        f"unknown_{what.replace('-', '_')}",
        f"`{name}` is no {what} of this catalogue or policy",
        path=path,
        hint=nearest(name, names),
    )
